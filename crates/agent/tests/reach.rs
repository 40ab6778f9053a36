//! Over real HTTP on loopback: enrolment, statements, receipts, evidence, keys; the whole agent; and where it refuses to go.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

mod support;

use agent::api::{Registry, Trouble};
use agent::client::{Client, Endpoint, EndpointError};
use agent::daemon::{Agent, Config, Sense};
use agent::disk::Folder;
use agent::event::Event;
use agent::evidence::{self, Evidence};
use agent::key::{KeyFileError, Keys};
use agent::rotate::replace_key;
use agent::spool::{DEFAULT_BOUND, Spool};
use facts::{
    Activity, Arch, Finding, Looked, Machine, Privilege, Reading, TokenLink, TokenState, UnitKind, Weight,
};
use statement::{Envelope, Statement};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};
use support::http::serve;
use support::registry::{FakeRegistry, Fault, policy};

fn client(registry: &FakeRegistry) -> Client {
    Client::new(&Endpoint { url: serve(registry.clone()), ..Endpoint::default() }).unwrap()
}

/// Senses that see the same miner at every look.
struct Miner;

impl Sense for Miner {
    fn rest(&self) -> Duration {
        Duration::from_millis(100)
    }

    fn look(&mut self) -> Option<Looked> {
        let machine = Machine {
            arch: Arch::X86_64,
            kernel: "6.1".to_owned(),
            cpus: 4,
            memory: 1 << 30,
            privilege: Privilege::Machine,
        };
        let workloads = vec![Finding {
            name: "xmrig".to_owned(),
            unit: UnitKind::Service,
            pids: vec![1],
            user: "root".to_owned(),
            cpu_share: 2.0,
            activity: Activity::Mining,
            algorithm: None,
            probability: 0.99,
            weight: Weight::new(3.0),
            strength: String::new(),
            mixture: vec![],
            readings: vec![Reading { activity: Activity::Mining, probability: 0.99 }],
            token_link: TokenLink { state: TokenState::Seen, why: vec![] },
            evidence: vec![],
        }];
        Some(Looked { machine, interval_s: 1.0, coverage: vec![], workloads })
    }
}

fn config(folder: &Path) -> Config {
    Config {
        folder: folder.to_owned(),
        interval: Duration::from_millis(1_000),
        intervals: 1,
        policy: policy(),
        spool_bound: DEFAULT_BOUND,
        evidence_bound: evidence::DEFAULT_BOUND,
        version: "0.1.0".to_owned(),
    }
}

#[test]
fn a_device_enrols_states_and_is_given_receipts() {
    let folder = tempfile::tempdir().unwrap();
    let registry = FakeRegistry::default();
    let keys = Keys::open(&folder.path().join("keys")).unwrap();
    let request = keys.enrolment("chengdu-1".parse().unwrap(), "desk", None, None, 1).unwrap();
    assert_eq!(client(&registry).enrol(&request).unwrap().device, keys.device().to_string());
    registry.lock().faults = vec![Fault::AnswerLost, Fault::None, Fault::AnswerLost].into();
    let (stop, mut events) = (AtomicBool::new(false), Vec::new());
    Agent::run_with(&config(folder.path()), Miner, Some(client(&registry)), &stop, |event| {
        let enough = registry.lock().admitted.len() >= 2;
        let released = matches!(event, Event::Exchanged { released, .. } if released > 0);
        stop.fetch_or(enough && released, Ordering::Relaxed);
        events.push(event);
    })
    .unwrap();
    assert!(events.iter().any(|event| matches!(event, Event::Trouble { .. })), "{events:?}");
    let sequences = registry.sequences();
    assert_eq!(sequences, (0..sequences.len() as u64).collect::<Vec<_>>());
    let first = registry.lock().admitted[0].1.clone();
    let first = Statement::from_cbor(Envelope::parse(&first).unwrap().payload).unwrap();
    assert_eq!(first.findings[0].readings[0].activity, Activity::Mining);
    assert!(first.findings[0].cpu_ms >= 1_900 && first.detail.is_some());
    let kept = Evidence::open(Folder::open(&folder.path().join("evidence")).unwrap(), 1 << 28).unwrap().0;
    let detail = kept.get(first.detail.unwrap()).unwrap().unwrap();
    assert!(String::from_utf8(detail).unwrap().contains("\"schema\": \"overt.look/1\""));
}

#[test]
fn a_stop_closes_the_interval_and_is_quick_although_nobody_answers() {
    let folder = tempfile::tempdir().unwrap();
    // Takes connections and says nothing.
    let silent = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", silent.local_addr().unwrap());
    let client = Client::new(&Endpoint { url, ..Endpoint::default() }).unwrap();
    let config = Config { interval: Duration::from_secs(3_600), ..config(folder.path()) };
    let (stop, stopped) = (AtomicBool::new(false), std::sync::Mutex::new(None));
    let mut stated = 0;
    std::thread::scope(|scope| {
        scope.spawn(|| {
            std::thread::sleep(Duration::from_millis(1_500));
            *stopped.lock().unwrap() = Some(Instant::now());
            stop.store(true, Ordering::Relaxed);
        });
        let report = |event| stated += usize::from(matches!(event, Event::Stated { .. }));
        Agent::run_with(&config, Miner, Some(client), &stop, report).unwrap();
    });
    assert_eq!(stated, 1);
    // A request waits 30 s for its answer; a stop does not.
    let waited = stopped.lock().unwrap().unwrap().elapsed();
    assert!(waited < Duration::from_secs(5), "{waited:?}");
    let device = Keys::open(&folder.path().join("keys")).unwrap().device();
    let disk = Folder::open(&folder.path().join("spool")).unwrap();
    assert_eq!(Spool::open(disk, device, DEFAULT_BOUND).unwrap().0.waiting(0).count(), 1);
}

#[test]
fn evidence_is_handed_over_where_it_is_wanted() {
    let registry = FakeRegistry::default();
    let client = client(&registry);
    let piece = b"what was seen".to_vec();
    client.evidence(statement::Digest::of(&piece), &piece).unwrap();
    assert_eq!(registry.lock().evidence, [piece]);
}

#[test]
fn a_registry_that_asks_to_wait_is_heard_and_a_refusal_is_told_in_its_words() {
    let registry = FakeRegistry::default();
    let client = client(&registry);
    registry.lock().faults = vec![Fault::Later, Fault::RequestLost].into();
    let device = support::device();
    let later = Trouble::Later { after: Duration::from_secs(1), why: String::new() };
    assert_eq!(client.position(device), Err(later));
    assert!(matches!(client.position(device), Err(Trouble::Unreachable(_))));
    assert_eq!(client.position(device).unwrap().next, 0);
    assert!(client.skew_ms().is_some(), "the Date of an answer tells the registry's clock");
    let refused = client.enrol(b"no envelope").unwrap_err().to_string();
    assert!(refused.contains("status 400: refused: no COSE_Sign1"), "{refused}");
}

#[test]
fn nothing_is_sent_in_clear_to_another_machine_unless_it_is_allowed_by_name() {
    let endpoint = |url: &str| Endpoint { url: url.to_owned(), ..Endpoint::default() };
    let refused = Client::new(&endpoint("http://registry.example:8080")).unwrap_err();
    assert_eq!(refused, EndpointError::Clear("registry.example".to_owned()));
    let clear_hosts = vec!["registry.example".to_owned()];
    assert!(Client::new(&Endpoint { clear_hosts, ..endpoint("http://registry.example:8080") }).is_ok());
    for good in ["https://registry.example", "http://127.0.0.1:1", "http://[::1]:1", "http://localhost"] {
        assert!(Client::new(&endpoint(good)).is_ok(), "{good}");
    }
    for bad in ["ftp://registry.example", "registry", ""] {
        assert!(matches!(Client::new(&endpoint(bad)), Err(EndpointError::Address(_))), "{bad}");
    }
    let roots = Some(b"no certificate".to_vec());
    assert_eq!(
        Client::new(&Endpoint { roots, ..endpoint("https://registry.example") }).unwrap_err(),
        EndpointError::Roots
    );
}

#[test]
fn a_key_that_others_can_read_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let keys = folder.path().join("keys");
    let device = Keys::open(&keys).unwrap().device();
    assert_eq!(Keys::open(&keys).unwrap().device(), device);
    let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
    let file = keys.join("device.key");
    assert_eq!((mode(&keys), mode(&file)), (0o700, 0o600));
    std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o640)).unwrap();
    assert!(matches!(Keys::open(&keys), Err(KeyFileError::Open { mode: 0o640, .. })));
    std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o600)).unwrap();
    std::fs::write(&file, "something else").unwrap();
    assert!(matches!(Keys::open(&keys), Err(KeyFileError::Form { .. })));
}

#[test]
fn a_key_is_replaced_whatever_answer_is_lost_and_wherever_it_is_cut_short() {
    for faults in [vec![], vec![Fault::RequestLost], vec![Fault::AnswerLost], vec![Fault::Later]] {
        let folder = tempfile::tempdir().unwrap();
        let mut keys = Keys::open(folder.path()).unwrap();
        let (device, old) = (keys.device(), keys.key().public());
        let registry = FakeRegistry::default();
        registry.lock().key = Some(old);
        registry.lock().faults = faults.clone().into();
        let first = replace_key(&mut keys, &registry, 1);
        assert_eq!(first.is_err(), !faults.is_empty());
        // The program ends here, and begins again.
        let mut keys = Keys::open(folder.path()).unwrap();
        assert_eq!(keys.replacing(), !faults.is_empty());
        if keys.replacing() {
            replace_key(&mut keys, &registry, 2).unwrap();
        }
        let keys = Keys::open(folder.path()).unwrap();
        assert_eq!(registry.lock().key, Some(keys.key().public()));
        assert_ne!(keys.key().public(), old);
        assert_eq!((keys.device(), keys.replacing()), (device, false));
    }
}
