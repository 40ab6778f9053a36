//! Measures admission on one core: bodies of 4,096 statements of 16,384 devices, checked, admitted and sealed, over a store
//! in memory; beside it, in the same run and over the same messages, the ceiling that batch verification sets.
//!
//! `cargo run --release -p registry --example admission`. Must not be taken for a test: it asserts nothing about time.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

use ed25519_zebra::{Signature, SigningKey, VerificationKey, VerificationKeyBytes, batch};
use facts::{Activity, EvidenceKind, Sensor, State, TokenState, UnitKind};
use registry::store::{Object, Store, StoreError};
use registry::{Command, MAX_STATEMENTS, Outcome, Registry, Rules};
use statement::{
    Clock, DeviceKey, Digest, Enrol, Evidence, Finding, KeyId, Nonce, Operator, Purpose, Reading,
    SensorCoverage, Signed, Site, Statement, VERSION, WorkloadId, sign, split, to_cbor, verify_batch,
};
use std::collections::BTreeMap;
use std::sync::Mutex;
use std::time::Instant;

const DEVICES: usize = 16_384;
const ROUNDS: usize = 4;
const NOW: u64 = 1_795_000_000_000;

/// Frames, objects, and the lock.
type Content = (Vec<Vec<u8>>, BTreeMap<String, Vec<u8>>, Option<Vec<u8>>);

/// A store that forgets with the process.
#[derive(Default)]
struct Memory(Mutex<Content>);

impl Store for Memory {
    fn count(&self) -> Result<u64, StoreError> {
        Ok(self.0.lock().unwrap().0.len() as u64)
    }
    fn append(&self, _: u64, frame: &[u8]) -> Result<(), StoreError> {
        self.0.lock().unwrap().0.push(frame.to_vec());
        Ok(())
    }
    fn read(&self, from: u64, _: usize) -> Result<Vec<Vec<u8>>, StoreError> {
        Ok(self.0.lock().unwrap().0.get(from as usize).cloned().into_iter().collect())
    }
    fn replace(&self, at: u64, frame: &[u8]) -> Result<(), StoreError> {
        self.0.lock().unwrap().0[at as usize] = frame.to_vec();
        Ok(())
    }
    fn put(&self, objects: &[Object]) -> Result<(), StoreError> {
        let all = objects.iter().map(|o| (o.name.clone(), o.value.clone()));
        self.0.lock().unwrap().1.extend(all);
        Ok(())
    }
    fn get(&self, name: &str) -> Result<Option<Vec<u8>>, StoreError> {
        Ok(self.0.lock().unwrap().1.get(name).cloned())
    }
    fn remove(&self, names: &[String]) -> Result<(), StoreError> {
        self.0.lock().unwrap().1.retain(|name, _| !names.contains(name));
        Ok(())
    }
    fn list(&self, prefix: &str) -> Result<Vec<String>, StoreError> {
        Ok(self.0.lock().unwrap().1.keys().filter(|n| n.starts_with(prefix)).cloned().collect())
    }
    fn lock(&self) -> Result<Option<Vec<u8>>, StoreError> {
        Ok(self.0.lock().unwrap().2.clone())
    }
    fn swap(&self, _: Option<&[u8]>, new: &[u8]) -> Result<(), StoreError> {
        self.0.lock().unwrap().2 = Some(new.to_vec());
        Ok(())
    }
}

struct Device {
    key: DeviceKey,
    previous: Digest,
}

fn device(n: usize) -> Device {
    let mut seed = [7; 32];
    seed[..8].copy_from_slice(&n.to_be_bytes());
    Device { key: DeviceKey::from_seed(seed), previous: Digest::NONE }
}

/// A statement as an office server makes it.
fn say(device: &mut Device, sequence: u64) -> Vec<u8> {
    let id = device.key.public().device();
    let activity = Activity::ALL[(id.0[0] % 15) as usize];
    let finding = Finding {
        workload: WorkloadId::of(id, UnitKind::Service, "work.service"),
        name: "work.service".into(),
        unit: UnitKind::Service,
        readings: vec![
            Reading { activity, permille: 973 },
            Reading { activity: Activity::General, permille: 21 },
        ],
        mixture: vec![],
        algorithm: None,
        token: TokenState::NotSeen,
        cpu_ms: 93_211,
        energy_mj: Some(5_123_456),
        evidence: vec![Evidence { kind: EvidenceKind::HotCode, supports: activity, millibans: 1_340 }],
    };
    let statement = Statement {
        version: VERSION,
        device: id,
        sequence,
        previous: device.previous,
        nonce: Nonce([5; 16]),
        from_ms: NOW - 86_400_000 + sequence * 60_000,
        duration_ms: 60_000,
        coverage: vec![SensorCoverage { sensor: Sensor::HotCode, state: State::Full, why: None }],
        findings: vec![finding],
        energy: None,
        clock: Clock { boot: KeyId([1; 8]), uptime_ms: 86_400_000, step_ms: None, skew_ms: Some(12) },
        dropped: None,
        intervals: 1,
        agent: "0.1.0".into(),
        detail: Some(Digest::of(b"detail")),
    };
    let bytes = sign(&to_cbor(&statement), &device.key, Purpose::Statement);
    device.previous = Digest::of(&bytes);
    bytes
}

fn settle(devices: &[Device]) -> Registry<Memory> {
    let books = ["OPEN", "CN"].map(|place| rulebook::shipped(place).unwrap().0.unwrap()).to_vec();
    let rules = Rules::new(books).unwrap();
    let registry = Registry::open(Memory::default(), "bench", SigningKey::from([1; 32]), rules).unwrap();
    let acme: statement::Name = "acme".parse().unwrap();
    let hall: statement::Name = "hall".parse().unwrap();
    let mut wishes = vec![
        Command::Operator(Operator { id: acme.clone(), version: 0, title: "Acme".into(), kind: None }),
        Command::Site(Site {
            id: hall.clone(),
            version: 0,
            operator: acme.clone(),
            place: "CN-SC".into(),
            facts: vec![],
        }),
    ];
    // Devices that enrol with one token come to a frame each; with an authority each they share frames.
    for device in devices {
        wishes.push(Command::Authority(statement::Authority {
            key: statement::Voucher::Ed25519(device.key.public().to_bytes().to_vec()),
            operator: acme.clone(),
            kind: "authority".into(),
            label: "own".into(),
        }));
    }
    for device in devices {
        let key = device.key.public().to_bytes().to_vec();
        let signature = device.key.sign(&Enrol::vouched(&key, &hall, "server")).to_vec();
        let vouch = Some(statement::Vouch { voucher: device.key.public().id(), signature });
        let (site, label, nonce) = (hall.clone(), "server".to_owned(), Nonce([3; 16]));
        let request = Enrol { key, site, label, at_ms: NOW, nonce, token: None, vouch };
        wishes.push(Command::Enrol(request.sign(&device.key)));
    }
    let mut n = 0_u128;
    let nonces = || {
        n += 1;
        Nonce(n.to_be_bytes())
    };
    let start = Instant::now();
    let answers = registry.record("bench", wishes, NOW, nonces).unwrap();
    assert!(answers.iter().all(Result::is_ok));
    println!("enrolled {} devices in {:.1} s", devices.len(), start.elapsed().as_secs_f64());
    registry
}

/// Seconds that something takes.
fn timed<T>(what: impl FnOnce() -> T) -> (f64, T) {
    let start = Instant::now();
    let answer = what();
    (start.elapsed().as_secs_f64(), answer)
}

/// Batch verification alone, of messages that are ready.
fn ceiling(body: &[u8], keys: &BTreeMap<KeyId, VerificationKeyBytes>) -> f64 {
    let envelopes = split(body, MAX_STATEMENTS).unwrap();
    let ready: Vec<_> = envelopes
        .iter()
        .map(|e| (keys[&e.key], Signature::from_bytes(&e.signature), e.signed(Purpose::Statement)))
        .collect();
    let (seconds, holds) = timed(|| {
        let mut verifier = batch::Verifier::new();
        for (key, signature, message) in &ready {
            verifier.queue((*key, *signature, message.as_slice()));
        }
        verifier.verify(rand_seed()).is_ok()
    });
    assert!(holds);
    seconds
}

fn rand_seed() -> impl rand_chacha::rand_core::CryptoRng {
    use rand_chacha::rand_core::SeedableRng as _;
    rand_chacha::ChaCha20Rng::from_seed([9; 32])
}

fn main() {
    let mut devices: Vec<Device> = (0..DEVICES).map(device).collect();
    let registry = settle(&devices);
    let keys: BTreeMap<KeyId, VerificationKeyBytes> = devices
        .iter()
        .map(|d| {
            (
                d.key.public().id(),
                VerificationKeyBytes::from(VerificationKey::try_from(d.key.public().to_bytes()).unwrap()),
            )
        })
        .collect();
    let mut bodies = Vec::new();
    for round in 0..ROUNDS {
        for group in devices.chunks_mut(MAX_STATEMENTS) {
            bodies.push(group.iter_mut().flat_map(|d| say(d, round as u64)).collect::<Vec<u8>>());
        }
    }
    let count = (DEVICES * ROUNDS) as f64;
    let bytes: usize = bodies.iter().map(Vec::len).sum();
    let frames = registry.store().0.lock().unwrap().0.len();
    let (mut verified, mut checked, mut admitted) = (0.0, 0.0, 0.0);
    for body in &bodies {
        verified += ceiling(body, &keys);
        let (seconds, opened) = timed(|| registry.check(body).unwrap());
        checked += seconds;
        let (seconds, outcome) = timed(|| registry.admit(vec![opened], NOW).unwrap());
        admitted += seconds;
        assert!(outcome.outcomes[0].iter().all(|o| matches!(o, Outcome::Accepted(_))));
    }
    let kept: usize = registry.store().0.lock().unwrap().0[frames..].iter().map(Vec::len).sum();
    let (sealed, head) = timed(|| registry.seal().unwrap().unwrap());
    let rate = |seconds: f64| format!("{:8.0}/s {:6.2} us", count / seconds, seconds / count * 1e6);
    println!(
        "{count} statements of {:.0} bytes, {:.1} bytes each in a frame",
        bytes as f64 / count,
        kept as f64 / count
    );
    println!("ed25519 batch alone   {}", rate(verified));
    println!("check                 {}", rate(checked));
    println!("admit                 {}", rate(admitted));
    println!(
        "check and admit       {}   {:.2} of the ceiling",
        rate(checked + admitted),
        verified / (checked + admitted)
    );
    println!("seal                  {}   {} leaves", rate(sealed), head.head.size);
    forgeries(&bodies[0], &keys, &devices);
    proofs(&registry, &head);
}

/// What forged signatures among good ones cost.
fn forgeries(body: &[u8], keys: &BTreeMap<KeyId, VerificationKeyBytes>, devices: &[Device]) {
    let by_id: BTreeMap<KeyId, &Device> = devices.iter().map(|d| (d.key.public().id(), d)).collect();
    let envelopes = split(body, MAX_STATEMENTS).unwrap();
    assert_eq!(envelopes.len(), MAX_STATEMENTS.min(keys.len()));
    for every in [usize::MAX, 4_096, 512, 64, 5, 1] {
        let signed = |(n, e): (usize, &statement::Envelope<'_>)| {
            let mut signature = e.signature;
            signature[40] ^= u8::from(n.is_multiple_of(every) && every != usize::MAX);
            Signed::new(&by_id[&e.key].key.public(), &e.signed(Purpose::Statement), &signature)
        };
        let all: Vec<Signed> = envelopes.iter().enumerate().map(signed).collect();
        let (seconds, forged) = timed(|| verify_batch(&all));
        println!(
            "{:5} of {} forged: {:.2} us each",
            forged.len(),
            all.len(),
            seconds / all.len() as f64 * 1e6
        );
    }
}

/// What receipts cost: of a batch that was not asked for lately, and of one that was.
fn proofs(registry: &Registry<Memory>, sealed: &registry::seal::Sealed) {
    let note = sealed.checkpoint.note().to_string();
    registry.publish(note.as_bytes(), sealed.head, sealed.next).unwrap();
    let last = sealed.next - 1;
    let (cold, ()) = timed(|| (0..16).for_each(|n| drop(registry.receipt(last - n * 4_096).unwrap())));
    let (warm, ()) = timed(|| (0..4_000).for_each(|n| drop(registry.receipt(last - n).unwrap())));
    println!(
        "a receipt             {:8.2} ms, {:.1} us of a batch asked for lately",
        cold / 16.0 * 1e3,
        warm / 4e3 * 1e6
    );
}
