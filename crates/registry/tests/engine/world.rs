//! A small world: a store in memory, a registry over it, devices that make statements.

use ed25519_zebra::{SigningKey, VerificationKey};
use facts::{Activity, TokenState, UnitKind};
use registry::store::{Object, Store, StoreError};
use registry::{Command, Frame, Outcome, Registry, Rules, State};
use rulebook::Rulebook;
use statement::{
    Body, Clock, DeviceId, DeviceKey, Digest, Enrol, Finding, Kept, KeyId, Manifest, Name, Nonce, Operator,
    Proof, Purpose, Reading, Site, Statement, Token, VERSION, WorkloadId, sign, to_cbor,
};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, OnceLock};
use tlog::{Hash, Receipt, SignedCheckpoint, VerifierKey, leaf_hash, root_of_path};

pub const ORIGIN: &str = "registry.example/log";
pub const NOW: u64 = 1_795_000_000_000;

/// A store in memory; clones share their content.
#[derive(Clone, Default)]
pub struct Memory(pub Arc<Mutex<Content>>);

#[derive(Clone, Default)]
pub struct Content {
    pub frames: Vec<Vec<u8>>,
    pub objects: BTreeMap<String, Vec<u8>>,
    pub lock: Option<Vec<u8>>,
}

impl Memory {
    pub fn copy(&self) -> Self {
        Self(Arc::new(Mutex::new(self.0.lock().unwrap().clone())))
    }
}

fn conflict(what: &'static str) -> StoreError {
    StoreError::Conflict { what, found: String::new(), expected: String::new() }
}

impl Store for Memory {
    fn count(&self) -> Result<u64, StoreError> {
        Ok(self.0.lock().unwrap().frames.len() as u64)
    }
    fn append(&self, at: u64, frame: &[u8]) -> Result<(), StoreError> {
        let mut content = self.0.lock().unwrap();
        if content.frames.len() as u64 != at {
            return Err(conflict("spine"));
        }
        content.frames.push(frame.to_vec());
        Ok(())
    }
    fn read(&self, from: u64, bytes: usize) -> Result<Vec<Vec<u8>>, StoreError> {
        let content = self.0.lock().unwrap();
        let mut sum = 0;
        let all = content.frames.iter().skip(from as usize).enumerate();
        Ok(all
            .take_while(|(i, f)| {
                sum += f.len();
                *i == 0 || sum <= bytes
            })
            .map(|(_, f)| f.clone())
            .collect())
    }
    fn replace(&self, at: u64, frame: &[u8]) -> Result<(), StoreError> {
        let mut content = self.0.lock().unwrap();
        *content.frames.get_mut(at as usize).ok_or_else(|| conflict("frame"))? = frame.to_vec();
        Ok(())
    }
    fn put(&self, objects: &[Object]) -> Result<(), StoreError> {
        let mut content = self.0.lock().unwrap();
        content.objects.extend(objects.iter().map(|o| (o.name.clone(), o.value.clone())));
        Ok(())
    }
    fn get(&self, name: &str) -> Result<Option<Vec<u8>>, StoreError> {
        Ok(self.0.lock().unwrap().objects.get(name).cloned())
    }
    fn remove(&self, names: &[String]) -> Result<(), StoreError> {
        self.0.lock().unwrap().objects.retain(|name, _| !names.contains(name));
        Ok(())
    }
    fn list(&self, prefix: &str) -> Result<Vec<String>, StoreError> {
        Ok(self.0.lock().unwrap().objects.keys().filter(|n| n.starts_with(prefix)).cloned().collect())
    }
    fn lock(&self) -> Result<Option<Vec<u8>>, StoreError> {
        Ok(self.0.lock().unwrap().lock.clone())
    }
    fn swap(&self, old: Option<&[u8]>, new: &[u8]) -> Result<(), StoreError> {
        let mut content = self.0.lock().unwrap();
        if content.lock.as_deref() != old {
            return Err(conflict("lock"));
        }
        content.lock = Some(new.to_vec());
        Ok(())
    }
}

pub fn log_key() -> SigningKey {
    SigningKey::from([42; 32])
}

/// The rulebooks of two places, read once.
pub fn rules() -> Rules {
    static BOOKS: OnceLock<Vec<Rulebook>> = OnceLock::new();
    let books = || ["OPEN", "CN"].map(|place| rulebook::shipped(place).unwrap().0.unwrap()).to_vec();
    Rules::new(BOOKS.get_or_init(books).clone()).unwrap()
}

pub fn open<S: Store>(store: S) -> Registry<S> {
    Registry::open(store, ORIGIN, log_key(), rules()).unwrap()
}

pub fn nonces() -> impl FnMut() -> Nonce {
    let mut n = 0_u128;
    move || {
        n += 1;
        Nonce(n.to_be_bytes())
    }
}

pub fn name(text: &str) -> Name {
    text.parse().unwrap()
}

pub fn wish<S: Store>(registry: &Registry<S>, command: Command) -> (u64, Body) {
    registry.record("test", vec![command], NOW, nonces()).unwrap().remove(0).unwrap()
}

/// A registry with operator `acme`, site `hall` at `CN-SC`, and a token that lets in many devices.
pub fn settled<S: Store>(store: S) -> Registry<S> {
    let registry = open(store);
    wish(
        &registry,
        Command::Operator(Operator { id: name("acme"), version: 0, title: "Acme".into(), kind: None }),
    );
    let (id, operator, place) = (name("hall"), name("acme"), "CN-SC".to_owned());
    wish(&registry, Command::Site(Site { id, version: 0, operator, place, facts: vec![] }));
    let token = Token {
        id: name("many"),
        secret: Digest::of(b"let me in"),
        role: "enrolment".into(),
        operator: Some(name("acme")),
        sites: vec![],
        until_ms: None,
        uses: 1_000,
    };
    wish(&registry, Command::Token(token));
    registry
}

/// A device with the head of its own chain.
#[derive(Clone)]
pub struct Speaker {
    pub key: DeviceKey,
    pub device: DeviceId,
    pub sequence: u64,
    pub previous: Digest,
    pub clock: u64,
}

impl Speaker {
    pub fn new(n: u16) -> Self {
        let mut seed = [9; 32];
        seed[..2].copy_from_slice(&n.to_be_bytes());
        let key = DeviceKey::from_seed(seed);
        let (device, previous) = (key.public().device(), Digest::NONE);
        Self { key, device, sequence: 0, previous, clock: NOW - 86_400_000 }
    }

    pub fn enrol(&self) -> Command {
        let request = Enrol {
            key: self.key.public().to_bytes().to_vec(),
            site: name("hall"),
            label: "server".into(),
            at_ms: NOW,
            nonce: Nonce([3; 16]),
            token: Some("let me in".into()),
            vouch: None,
        };
        Command::Enrol(request.sign(&self.key))
    }

    pub fn enrolled<S: Store>(n: u16, registry: &Registry<S>) -> Self {
        let speaker = Self::new(n);
        wish(registry, speaker.enrol());
        speaker
    }

    pub fn payload(&self, activity: Activity) -> Statement {
        let device = self.device;
        let finding = Finding {
            workload: WorkloadId::of(device, UnitKind::Process, "work"),
            name: "work".into(),
            unit: UnitKind::Process,
            readings: vec![Reading { activity, permille: 1_000 }],
            mixture: vec![],
            algorithm: None,
            token: TokenState::NotSeen,
            cpu_ms: 59_000,
            energy_mj: None,
            evidence: vec![],
        };
        Statement {
            version: VERSION,
            device,
            sequence: self.sequence,
            previous: self.previous,
            nonce: Nonce([5; 16]),
            from_ms: self.clock,
            duration_ms: 60_000,
            coverage: vec![],
            findings: vec![finding],
            energy: None,
            clock: Clock { boot: KeyId([0; 8]), uptime_ms: self.clock, step_ms: None, skew_ms: None },
            dropped: None,
            intervals: 1,
            agent: "test".into(),
            detail: None,
        }
    }

    pub fn say(&mut self, activity: Activity) -> Vec<u8> {
        let bytes = sign(&to_cbor(&self.payload(activity)), &self.key, Purpose::Statement);
        self.sequence += 1;
        self.previous = Digest::of(&bytes);
        self.clock += 60_000;
        bytes
    }
}

/// The key that verifies the log's checkpoints.
pub fn log_verifier() -> VerifierKey {
    VerifierKey::log(ORIGIN, VerificationKey::from(&log_key()).into()).unwrap()
}

/// What an examination finds wrong, as text.
pub fn troubles(store: &impl Store) -> Vec<String> {
    let found = registry::examine(store, &log_verifier(), |_, _| true).unwrap();
    found.troubles.iter().map(|t| format!("{}: {} ({})", t.place, t.found, t.meaning)).collect()
}

/// All entries of the spine with their leaf hashes, in order.
pub fn spine(store: &impl Store) -> Vec<Kept> {
    let count = store.count().unwrap();
    let frames = (0..count).map(|at| Frame::from_cbor(&store.read(at, 1).unwrap()[0]).unwrap());
    frames.flat_map(|frame| frame.entries).collect()
}

/// The plain fold of the spine from its beginning.
pub fn fold(store: &impl Store) -> State {
    let mut state = State::default();
    for at in 0..store.count().unwrap() {
        state.fold(&Frame::from_cbor(&store.read(at, 1).unwrap()[0]).unwrap()).unwrap();
    }
    state
}

/// A state as text, to be compared; without what is not kept, and without chains if not `chained`.
pub fn told(state: &State, chained: bool) -> String {
    let device = |d: &registry::Device| {
        let chain = chained.then(|| d.chain.clone());
        format!("{} {} {} {:?} {chain:?} {}", d.site, d.label, d.grade, d.keys, d.enrolled_ms)
    };
    let devices: BTreeMap<_, _> = state.devices.iter().map(|(id, d)| (*id, device(d))).collect();
    let keys: BTreeMap<_, _> = state.keys.iter().collect();
    let (frames, next) = (state.frames, state.next);
    let rest = format!("{:?} {:?} {:?}", state.operators, state.sites, (&state.tokens, &state.authorities));
    format!("{frames} {next} {rest} {devices:#?} {keys:?}")
}

/// Follows a receipt from the bytes of an entry to the signature of the log.
pub fn verify_receipt(receipt: &str, entry: &Kept, ordinal: u64) {
    let receipt = Receipt::parse(receipt.as_bytes()).unwrap();
    assert!(!receipt.checkpoint.verify(&[log_verifier()]).unwrap().is_empty());
    let proof = Proof::from_cbor(receipt.extra.as_deref().unwrap()).unwrap();
    let manifest = Manifest::from_cbor(&proof.manifest).unwrap();
    let path: Vec<Hash> = proof.path.iter().map(|d| Hash(d.0)).collect();
    let (at, count) = (u64::from(proof.position), u64::from(manifest.count));
    let root = root_of_path(Hash(entry.leaf().0), at, count, &path).unwrap();
    assert_eq!(root.0, manifest.root.0);
    assert_eq!(manifest.first + at, ordinal);
    receipt.verify_inclusion(leaf_hash(&proof.manifest)).unwrap();
}

pub fn send<S: Store>(registry: &Registry<S>, bodies: &[&[u8]]) -> Vec<Outcome> {
    let body = bodies.concat();
    registry.admit(vec![registry.check(&body).unwrap()], NOW).unwrap().outcomes.remove(0)
}

/// Seals, and publishes what the lock promises.
pub fn seal<S: Store>(registry: &Registry<S>) {
    registry.seal().unwrap();
    let note = registry.store().lock().unwrap().unwrap();
    let head = SignedCheckpoint::parse(&note).unwrap().checkpoint().head();
    registry.publish(&note, head, registry.sealed_next()).unwrap();
}
