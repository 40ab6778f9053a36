//! A fake registry: admits and seals in memory, with real batches, proofs and checkpoints, and fails on demand.

use agent::api::{Accepted, Answer, Duplicates, Enrolled, RefusedStatement, Registry, Trouble};
use agent::spool::Position;
use ed25519_zebra::{SigningKey, VerificationKey};
use statement::{
    DeviceId, Digest, Enrol, Envelope, MANIFEST_VERSION, Manifest, Proof, Rotate, Statement, split, to_cbor,
};
use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tlog::{
    Checkpoint, Head, Policy, Receipt, SignedCheckpoint, StoredTree, Tile, Tree, VerifierKey, leaf_hash,
};

pub const ORIGIN: &str = "log.example";

/// What goes wrong with the next question.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    None,
    RequestLost,
    AnswerLost,
    DeliveredTwice,
    Later,
}

#[derive(Debug)]
pub struct Inner {
    /// Every statement that was admitted, in order.
    pub admitted: Vec<(u64, Vec<u8>)>,
    /// Every statement that was ever seen, by number: two with one number are a fork.
    pub seen: BTreeMap<u64, Digest>,
    pub faults: VecDeque<Fault>,
    /// The checkpoint that was shown last.
    pub shown: Option<String>,
    /// Batches that are sealed: first, count, manifest.
    batches: Vec<(usize, usize, Vec<u8>)>,
    sealed: usize,
    tiles: BTreeMap<String, Vec<u8>>,
    head: Head,
    checkpoint: String,
    /// Whether what is admitted is sealed at once.
    pub seals: bool,
    /// Refuses statements of these numbers with this reason.
    pub refuses: BTreeMap<u64, &'static str>,
    pub wanted: Vec<Digest>,
    pub evidence: Vec<Vec<u8>>,
    pub key: Option<statement::Key>,
    secret: SigningKey,
    pub allow_forks: bool,
}

/// Clones are the same registry.
#[derive(Clone, Debug)]
pub struct FakeRegistry(pub Arc<Mutex<Inner>>);

impl Default for FakeRegistry {
    fn default() -> Self {
        Self(Arc::new(Mutex::new(Inner {
            admitted: vec![],
            seen: BTreeMap::new(),
            faults: VecDeque::new(),
            shown: None,
            batches: vec![],
            sealed: 0,
            tiles: BTreeMap::new(),
            head: Head::empty(),
            checkpoint: String::new(),
            seals: true,
            refuses: BTreeMap::new(),
            wanted: vec![],
            evidence: vec![],
            key: None,
            secret: SigningKey::from([9; 32]),
            allow_forks: false,
        })))
    }
}

pub fn policy() -> Policy {
    let public = VerificationKey::from(&SigningKey::from([9; 32]));
    let key = VerifierKey::log(ORIGIN, public.into()).unwrap();
    Policy::parse(format!("log {key}\nquorum none\n").as_bytes()).unwrap()
}

impl Inner {
    fn next(&self) -> Position {
        let last = self.admitted.iter().max_by_key(|(sequence, _)| *sequence);
        last.map_or(Position { next: 0, digest: Digest::NONE }, |(sequence, bytes)| Position {
            next: sequence + 1,
            digest: Digest::of(bytes),
        })
    }

    fn admit(&mut self, body: &[u8]) -> Answer {
        let mut answer = Answer::default();
        for (index, envelope) in split(body, 4_096).unwrap().iter().enumerate() {
            let statement = Statement::from_cbor(envelope.payload).unwrap();
            let (sequence, digest) = (statement.sequence, envelope.digest());
            let first = *self.seen.entry(sequence).or_insert(digest);
            assert!(self.allow_forks || first == digest, "two statements with number {sequence}");
            let position = self.next();
            let reason = match self.refuses.get(&sequence) {
                Some(reason) => Some(*reason),
                None if sequence == position.next && statement.previous != position.digest => {
                    Some("chain-broken")
                }
                None => None,
            };
            if let Some(reason) = reason {
                answer.refused.push(RefusedStatement {
                    index,
                    reason: reason.to_owned(),
                    detail: String::new(),
                });
            } else if sequence < position.next {
                answer.duplicates.push(Duplicates { index, count: 1 });
            } else {
                let first = self.admitted.len() as u64;
                answer.accepted.push(Accepted { index, count: 1, first });
                self.admitted.push((sequence, envelope.bytes.to_vec()));
            }
        }
        answer.wanted = self.wanted.drain(..).map(|digest| digest.to_string()).collect();
        if self.seals {
            self.seal();
        }
        answer
    }

    pub fn seal(&mut self) {
        let new: Vec<_> = self.admitted.iter().skip(self.sealed).map(|(_, bytes)| leaf_hash(bytes)).collect();
        if new.is_empty() {
            return;
        }
        let manifest = to_cbor(&Manifest {
            version: MANIFEST_VERSION,
            first: self.sealed as u64,
            count: u32::try_from(new.len()).unwrap(),
            root: Digest(Tree::new(new.clone()).root().0),
            from_ms: 0,
            until_ms: 0,
            statements: u32::try_from(new.len()).unwrap(),
            rulebooks: vec![],
            dispositions: vec![],
        });
        let tiles = |tile: Tile| Ok::<_, std::io::Error>(self.tiles.get(&tile.to_string()).cloned());
        let appended = tlog::append(&tiles, self.head, &[&manifest]).unwrap();
        self.batches.push((self.sealed, new.len(), manifest));
        self.sealed += new.len();
        self.head = appended.head;
        self.tiles.extend(appended.objects);
        self.checkpoint =
            SignedCheckpoint::sign(&Checkpoint::new(ORIGIN, self.head), &self.secret).unwrap().to_string();
    }

    /// Begins the log anew with other contents: a fork.
    pub fn fork(&mut self) {
        (self.sealed, self.head) = (0, Head::empty());
        self.tiles.clear();
        self.batches.clear();
        for bytes in [&b"something"[..], b"else", b"in", b"here"] {
            let tiles = |tile: Tile| Ok::<_, std::io::Error>(self.tiles.get(&tile.to_string()).cloned());
            let appended = tlog::append(&tiles, self.head, &[bytes]).unwrap();
            self.head = appended.head;
            self.tiles.extend(appended.objects);
            self.batches.push((0, 0, bytes.to_vec()));
        }
        self.seal();
    }

    /// Goes back to an empty log and seals all of it in one batch.
    pub fn roll_back(&mut self) {
        (self.sealed, self.head) = (0, Head::empty());
        self.tiles.clear();
        self.batches.clear();
        self.seal();
    }

    pub fn receipt(&self, sequence: u64) -> Option<Vec<u8>> {
        let ordinal = self.admitted.iter().position(|(number, _)| *number == sequence)?;
        let fits = |(first, count, _): &(usize, usize, Vec<u8>)| (*first..first + count).contains(&ordinal);
        let index = self.batches.iter().position(fits)?;
        let (first, count, manifest) = &self.batches[index];
        let leaves = self.admitted[*first..first + count].iter().map(|(_, bytes)| leaf_hash(bytes)).collect();
        let path = Tree::new(leaves).path(ordinal - first).unwrap();
        let proof = Proof {
            manifest: manifest.clone(),
            position: u32::try_from(ordinal - first).unwrap(),
            path: path.into_iter().map(|hash| Digest(hash.0)).collect(),
        };
        let tiles = |tile: Tile| Ok::<_, std::io::Error>(self.tiles.get(&tile.to_string()).cloned());
        let tree = StoredTree::open(&tiles, self.head).unwrap();
        let receipt = Receipt {
            extra: Some(to_cbor(&proof)),
            index: index as u64,
            path: tree.inclusion(index as u64, self.head.size).unwrap(),
            checkpoint: SignedCheckpoint::parse(self.checkpoint.as_bytes()).unwrap(),
        };
        Some(receipt.to_string().into_bytes())
    }
}

impl FakeRegistry {
    pub fn lock(&self) -> std::sync::MutexGuard<'_, Inner> {
        self.0.lock().unwrap()
    }

    pub fn sequences(&self) -> Vec<u64> {
        self.lock().admitted.iter().map(|(sequence, _)| *sequence).collect()
    }

    fn faulty<T>(&self, mut ask: impl FnMut(&mut Inner) -> T) -> Result<T, Trouble> {
        let mut inner = self.lock();
        let lost = || Trouble::Unreachable("the network was cut".to_owned());
        match inner.faults.pop_front().unwrap_or(Fault::None) {
            Fault::None => Ok(ask(&mut inner)),
            Fault::RequestLost => Err(lost()),
            Fault::AnswerLost => {
                ask(&mut inner);
                Err(lost())
            }
            Fault::DeliveredTwice => {
                ask(&mut inner);
                Ok(ask(&mut inner))
            }
            Fault::Later => Err(Trouble::Later { after: Duration::from_secs(1), why: String::new() }),
        }
    }
}

impl Registry for FakeRegistry {
    fn enrol(&self, request: &[u8]) -> Result<Enrolled, Trouble> {
        let (_, key) = Enrol::open(request).map_err(|e| refused(400, &e.to_string()))?;
        self.faulty(|inner| {
            inner.key = Some(key);
            let (operator, site) = ("operator".to_owned(), "site".to_owned());
            Enrolled { device: key.device().to_string(), operator, site, ordinal: 0 }
        })
    }

    fn replace_key(&self, _: DeviceId, request: &[u8]) -> Result<(), Trouble> {
        self.faulty(|inner| {
            let opened = Rotate::open(request, |_| inner.key);
            let (_, key) = opened.map_err(|e| refused(403, &e.to_string()))?;
            inner.key = Some(key);
            Ok(())
        })?
    }

    fn position(&self, _: DeviceId) -> Result<Position, Trouble> {
        self.faulty(|inner| inner.next())
    }

    fn statements(&self, body: &[u8], seen: Option<&str>) -> Result<Answer, Trouble> {
        self.faulty(|inner| {
            inner.shown = seen.map(str::to_owned);
            inner.admit(body)
        })
    }

    fn receipt(&self, _: DeviceId, sequence: u64) -> Result<Option<Vec<u8>>, Trouble> {
        self.faulty(|inner| inner.receipt(sequence))
    }

    fn evidence(&self, digest: Digest, piece: &[u8]) -> Result<(), Trouble> {
        assert_eq!(Digest::of(piece), digest);
        self.faulty(|inner| inner.evidence.push(piece.to_vec()))
    }

    fn tile(&self, tile: Tile) -> Result<Option<Vec<u8>>, Trouble> {
        Ok(self.lock().tiles.get(&tile.to_string()).cloned())
    }

    fn skew_ms(&self) -> Option<i64> {
        None
    }
}

fn refused(status: u16, detail: &str) -> Trouble {
    Trouble::Refused { status, detail: detail.to_owned() }
}

/// The number that an envelope names.
pub fn sequence(bytes: &[u8]) -> u64 {
    Statement::from_cbor(Envelope::parse(bytes).unwrap().payload).unwrap().sequence
}
