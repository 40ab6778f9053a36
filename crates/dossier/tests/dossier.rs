//! A dossier says what its entries say, and no byte of it can change unnoticed.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

use dossier::{Checked, Entries, Gather, InPlace, Scope, build, check, policy};
use ed25519_zebra::{SigningKey, VerificationKey};
use jiff::civil::date;
use registry::{Command, Registry, Rules};
use rulebook::Rulebook;
use statement::{
    Answered, Bundle, Contested, Digest, Filed, Kept, Kind, Nonce, Outcome, Registration, Sheaf, to_cbor,
};
use std::sync::OnceLock;
use testkit::{Fleet, MemoryStore};
use tlog::VerifierKey;
use verify::Mark;

const ORIGIN: &str = "registry.example/log";
/// 2026-11-18 14:13:20 UTC.
const NOW: u64 = 1_795_011_200_000;

fn key() -> SigningKey {
    SigningKey::from([42; 32])
}

fn policy_text() -> String {
    let log = VerifierKey::log(ORIGIN, VerificationKey::from(&key()).into()).unwrap();
    format!("log {log}\nquorum none\n")
}

fn rules() -> Rules {
    static OPEN: OnceLock<Rulebook> = OnceLock::new();
    Rules::new(vec![OPEN.get_or_init(|| rulebook::shipped("OPEN").unwrap().0.unwrap()).clone()]).unwrap()
}

struct World {
    registry: Registry<MemoryStore>,
    fleet: Fleet,
}

fn record(registry: &Registry<MemoryStore>, by: &str, wish: Command) {
    registry.record(by, vec![wish], NOW, || Nonce([1; 16])).unwrap().remove(0).unwrap();
}

/// Devices that spoke for some minutes, a registration, a filing, and a finding that was contested and overturned.
fn world(devices: usize, minutes: usize) -> World {
    let registry = Registry::open(MemoryStore::default(), ORIGIN, key(), rules()).unwrap();
    let mut fleet = Fleet::new(1, devices, "OPEN", NOW - 86_400_000, NOW).unwrap();
    for wish in fleet.enrolments().collect::<Vec<_>>() {
        record(&registry, "test", wish);
    }
    for _ in 0..minutes {
        let bodies: Vec<u8> = fleet.minute().flatten().collect();
        registry.admit(vec![registry.check(&bodies).unwrap()], NOW).unwrap();
        seal(&registry);
    }
    let operator = registry.core().state.operators.keys().next().unwrap().clone();
    let site = registry.core().state.sites.keys().next().unwrap().clone();
    let registration = Registration {
        kind: Kind::Device,
        id: "rack-1".parse().unwrap(),
        version: 0,
        within: Some(site.clone()),
        from: date(2026, 1, 1),
        until: None,
        device: Some(fleet.speakers[0].device()),
        fields: vec![("device.model".into(), "<b>H200</b>".into())],
        awaits_approval: false,
    };
    record(&registry, "ann", Command::Register(vec![registration]));
    let filed = Filed {
        obligation: "open.token-report".into(),
        operator,
        site: Some(site),
        from: date(2026, 7, 1),
        to: date(2026, 9, 30),
        version: 0,
        rulebook: Digest::of(b"rulebook"),
        checked_by: "A. Person".into(),
        why: String::new(),
        document: "{\"kwh\": 12}\n".into(),
        signature: Some(include_str!("filing.sig").into()),
    };
    record(&registry, "ann", Command::File(filed));
    let id: statement::Name = "matter-1".parse().unwrap();
    let contested = Contested {
        id: id.clone(),
        device: fleet.speakers[0].device(),
        workload: None,
        first: 0,
        last: 1,
        grounds: "It was a benchmark.".into(),
        material: vec![("log.txt".into(), Digest::of(b"log"))],
        due_ms: 0,
    };
    record(&registry, "ann", Command::Contest(contested));
    let reasons = "The material shows it.".into();
    record(
        &registry,
        "bob",
        Command::Answer(Answered { id, outcome: Outcome::Overturned, reasons, for_evaluation: true }),
    );
    seal(&registry);
    World { registry, fleet }
}

fn seal(registry: &Registry<MemoryStore>) {
    while let Some(sealed) = registry.seal().unwrap() {
        registry.publish(sealed.checkpoint.note().to_string().as_bytes(), sealed.head, sealed.next).unwrap();
    }
}

fn scope(world: &World) -> Scope {
    let operator = world.registry.core().state.operators.keys().next().unwrap().to_string();
    Scope { operator, from: date(2026, 11, 1), to: date(2026, 11, 30), zone: "Asia/Shanghai".into() }
}

fn dossier(world: &World, drop: &dyn Fn(u64, &Kept) -> bool) -> Vec<u8> {
    let rules = rules();
    let published = world.registry.published();
    let mut gather = Gather::new(scope(world), &rules).unwrap();
    let mut pieces = Vec::new();
    for leaf in 0..published.head.size {
        pieces.extend(gather.narrow(world.registry.sheaf(leaf).unwrap(), drop).unwrap());
    }
    let note = String::from_utf8(published.note).unwrap();
    gather.checkpoint = note.clone();
    let head = Bundle::new(note, "dossier".into(), pieces.len() as u64);
    let mut log = piece(&to_cbor(&head));
    pieces.iter().for_each(|sheaf: &Sheaf| log.extend(piece(&to_cbor(sheaf))));
    let entries = Entries {
        from: log.as_slice(),
        bytes: log.len() as u64,
        crc: crc32fast::hash(&log),
        sha256: Digest::of(&log),
    };
    build(Vec::new(), &gather, policy_text().as_bytes(), entries, "0.1.0").unwrap().out
}

fn piece(bytes: &[u8]) -> Vec<u8> {
    to_cbor(&minicbor::bytes::ByteVec::from(bytes.to_vec()))
}

fn checked(bytes: &[u8]) -> Result<Checked, dossier::CheckError> {
    let trusted = policy(policy_text().as_bytes()).unwrap();
    check(bytes, Some(&trusted), &rules(), &mut InPlace::default())
}

/// What is wrong with a dossier; none if nothing is.
fn wrong(bytes: &[u8]) -> Option<String> {
    match checked(bytes) {
        Err(error) => Some(error.to_string()),
        Ok(checked) if checked.report.holds() => None,
        Ok(checked) => {
            let fails = checked.report.steps.into_iter().filter(|s| s.mark == Mark::Fails);
            Some(fails.map(|s| s.text).collect::<Vec<_>>().join("; "))
        }
    }
}

#[test]
fn a_dossier_holds_as_it_was_built_and_the_same_entries_give_the_same_bytes() {
    let world = world(5, 4);
    let bytes = dossier(&world, &|_, _| false);
    let checked = checked(&bytes).unwrap();
    assert!(checked.report.holds(), "{:?}", checked.report);
    assert_eq!(checked.summary.statements, 20);
    assert_eq!(dossier(&world, &|_, _| false), bytes);
}

#[test]
fn a_thousand_changed_bytes_are_a_thousand_times_noticed() {
    let bytes = dossier(&world(3, 2), &|_, _| false);
    let has_pdf = bytes.windows(9).any(|w| w == b"%PDF-1.7\n");
    assert_eq!(has_pdf, documents::AVAILABLE, "the document is among what is changed");
    let mut seed = 0x9e37_79b9_7f4a_7c15_u64;
    for _ in 0..1000 {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let at = (seed >> 24) as usize % bytes.len();
        let mut bad = bytes.clone();
        bad[at] ^= 1 << (seed % 8);
        let why = wrong(&bad).unwrap_or_else(|| panic!("byte {at} of {} was changed unnoticed", bytes.len()));
        assert!(!why.is_empty());
    }
}

#[test]
fn a_file_that_is_cut_or_goes_on_is_refused() {
    let bytes = dossier(&world(2, 1), &|_, _| false);
    for length in [0, 3, 30, 100, bytes.len() / 2, bytes.len() - 1] {
        assert!(wrong(&bytes[..length]).is_some(), "cut to {length} bytes");
    }
    assert!(wrong(&[bytes.as_slice(), b"x"].concat()).is_some(), "a byte more");
}

#[test]
fn what_was_left_out_stands_as_its_hash_and_the_rest_still_holds() {
    let world = world(4, 3);
    let left_out = world.fleet.speakers[0].device();
    let drop = |_: u64, entry: &Kept| match entry {
        Kept::Statement(bytes) => {
            let envelope = statement::Envelope::parse(bytes).unwrap();
            statement::Statement::from_cbor(envelope.payload).unwrap().device == left_out
        }
        _ => false,
    };
    let bytes = dossier(&world, &drop);
    let checked = checked(&bytes).unwrap();
    assert!(checked.report.holds(), "{:?}", checked.report);
    assert!(!checked.report.is_complete(), "what is not shown is said to be not shown");
    assert_eq!(checked.summary.statements, 9);
}

#[test]
fn another_log_is_not_believed() {
    let bytes = dossier(&world(1, 1), &|_, _| false);
    let other = VerifierKey::log(ORIGIN, VerificationKey::from(&SigningKey::from([7; 32])).into()).unwrap();
    let trusted = policy(format!("log {other}\nquorum none\n").as_bytes()).unwrap();
    let checked = check(bytes.as_slice(), Some(&trusted), &rules(), &mut InPlace::default()).unwrap();
    assert!(!checked.report.holds());
}

#[test]
fn any_zip_program_opens_it() {
    let bytes = dossier(&world(1, 1), &|_, _| false);
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("d.zip");
    std::fs::write(&path, &bytes).unwrap();
    let script = "import sys, zipfile; z = zipfile.ZipFile(sys.argv[1]); assert z.testzip() is None; print('\\n'.join(z.namelist()))";
    let out = std::process::Command::new("python3").args(["-c", script]).arg(&path).output().unwrap();
    assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
    let names = String::from_utf8(out.stdout).unwrap();
    for name in ["dossier.json", "log.overt", "summary.html", "observed.csv", "judgements.json"] {
        assert!(names.lines().any(|line| line == name), "{names}");
    }
}

#[test]
fn the_page_shows_names_as_text_and_nothing_from_outside() {
    let world = world(2, 1);
    let rules = rules();
    let mut gather = Gather::new(scope(&world), &rules).unwrap();
    for leaf in 0..world.registry.published().head.size {
        gather.narrow(world.registry.sheaf(leaf).unwrap(), &|_, _| false).unwrap();
    }
    let files = dossier::tell(&gather, "0.1.0", true);
    let page = files.iter().find(|f| f.name == "summary.html").unwrap();
    let page = String::from_utf8(page.content.clone()).unwrap();
    for never in ["<script", "http://", "https://", "<b>H200"] {
        assert!(!page.contains(never), "{never}");
    }
    assert!(page.contains("overturned") && page.contains("open.token-report"));
}
