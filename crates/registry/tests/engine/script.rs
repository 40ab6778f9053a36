//! One long life of a registry, acted out by clients who send again what was not acknowledged.

use crate::faulty::Faulty;
use crate::world::*;
use facts::Activity;
use registry::store::Store as _;
use registry::{AdmitError, Command, CommandError, Outcome, Registry};
use statement::{DeviceKey, Digest, Erased, Kept, Nonce, Operator, Revoked, Rotate, Site, Token};
use std::cell::Cell;
use std::collections::BTreeMap;
use std::rc::Rc;
use std::sync::OnceLock;
use std::sync::atomic::Ordering::SeqCst;
use tlog::SignedCheckpoint;

/// Tries that a client makes: more than an outage is long.
const TRIES: usize = 6;

/// What is said in the life, made once: signing takes its time.
struct Said {
    /// Enrolments.
    speakers: Vec<Speaker>,
    /// Statements of each speaker, oldest first.
    statements: Vec<Vec<Vec<u8>>>,
    /// The first speaker's request for another key, and what it says with that.
    rotation: Vec<u8>,
    later: Vec<Vec<u8>>,
}

fn said() -> &'static Said {
    static SAID: OnceLock<Said> = OnceLock::new();
    SAID.get_or_init(|| {
        let mut speakers: Vec<Speaker> = (0..4).map(Speaker::new).collect();
        let activities = [Activity::Training, Activity::Mining, Activity::Idle];
        let speak = |s: &mut Speaker| (0..6).map(|n| s.say(activities[n % 3])).collect();
        let statements = speakers.iter_mut().map(speak).collect();
        let first = &mut speakers[0];
        let new = DeviceKey::from_seed([77; 32]);
        let rotation = Rotate::new(first.key.public().device(), &new, NOW).sign(&first.key);
        let mut with_new = Speaker { key: new, ..first.clone() };
        with_new.device = first.key.public().device();
        let later = (0..3).map(|_| with_new.say(Activity::Inference)).collect();
        Said { speakers, statements, rotation, later }
    })
}

/// Nobody asks twice at the same time, and no random bytes come twice.
#[derive(Default)]
struct Clock(Cell<u64>);

impl Clock {
    fn now(&self) -> u64 {
        self.0.set(self.0.get() + 1);
        NOW + self.0.get()
    }

    fn nonce(&self) -> Nonce {
        Nonce(u128::from(self.now()).to_be_bytes())
    }
}

/// One life.
pub struct Life<'a> {
    pub store: &'a Faulty,
    pub registry: Registry<&'a Faulty>,
    /// What was acknowledged as entry number so-and-so.
    pub acknowledged: BTreeMap<u64, Vec<u8>>,
    pub sent: Vec<Vec<u8>>,
    pub erased: bool,
    crashes: bool,
    clock: Rc<Clock>,
    /// Statements of the last speaker that were sent while something else failed.
    chatter: usize,
}

fn begin(store: &Faulty) -> Registry<&Faulty> {
    for _ in 0..TRIES {
        store.dark.store(false, SeqCst);
        match Registry::open(store, ORIGIN, log_key(), rules()) {
            Ok(registry) => return registry,
            Err(error) => assert!(error.to_string().contains("made to fail"), "{error}"),
        }
    }
    panic!("does not open");
}

impl<'a> Life<'a> {
    pub fn new(store: &'a Faulty, crashes: bool) -> Self {
        let (acknowledged, sent) = (BTreeMap::new(), Vec::new());
        let (registry, clock) = (begin(store), Rc::default());
        Self { store, registry, acknowledged, sent, erased: false, crashes, clock, chatter: 0 }
    }

    /// Drops what is in memory and starts again.
    pub fn restart(&mut self) {
        self.registry = begin(self.store);
    }

    /// Does something until it is done.
    fn insist<T, E: ToString>(&mut self, act: impl Fn(&Registry<&'a Faulty>) -> Result<T, E>) -> T {
        for _ in 0..TRIES {
            match act(&self.registry) {
                Ok(done) => return done,
                Err(error) => assert!(error.to_string().contains("made to fail"), "{}", error.to_string()),
            }
            if self.crashes {
                self.restart();
            }
        }
        panic!("does not succeed");
    }

    /// Wishes something until it is recorded, or was recorded before.
    fn wish(&mut self, command: &Command) {
        let clock = Rc::clone(&self.clock);
        let answer =
            self.insist(|r| r.record("test", vec![command.clone()], clock.now(), || clock.nonce())).remove(0);
        assert!(matches!(answer, Ok(_) | Err(CommandError::Exists { .. })), "{answer:?}");
    }

    /// Sends statements until each is accepted or there.
    pub fn send(&mut self, statements: &[&Vec<u8>]) {
        let body = statements.iter().flat_map(|s| s.iter().copied()).collect::<Vec<_>>();
        let clock = Rc::clone(&self.clock);
        let outcomes = self.insist(|r| {
            let checked = r.check(&body).map_err(AdmitError::from)?;
            r.admit(vec![checked], clock.now()).map(|a| a.outcomes)
        });
        for (outcome, statement) in outcomes[0].iter().zip(statements) {
            match outcome {
                Outcome::Accepted(ordinal) => {
                    let before = self.acknowledged.insert(*ordinal, (*statement).clone());
                    assert_eq!(before, None, "entry {ordinal} was acknowledged twice");
                }
                Outcome::Duplicate => {}
                Outcome::Refused(refusal) => panic!("{refusal}"),
            }
            self.sent.push((*statement).clone());
        }
    }

    /// Seals until it is done; meanwhile more arrives.
    fn seal_only(&mut self) {
        for _ in 0..TRIES {
            match self.registry.seal() {
                Ok(_) => return,
                Err(error) => assert!(error.to_string().contains("made to fail"), "{error}"),
            }
            if self.crashes {
                self.restart();
            }
            let chatter = said().statements.last().unwrap();
            if self.acknowledged.len() > 3 {
                self.send(&[&chatter[self.chatter]]);
                self.chatter += 1;
            }
        }
        panic!("does not succeed");
    }

    /// Seals, and publishes what the lock promises, as a server does: also what a former run did not come to publish.
    pub fn seal(&mut self) {
        self.seal_only();
        let note = self.insist(|r| r.store().lock()).unwrap();
        let head = SignedCheckpoint::parse(&note).unwrap().checkpoint().head();
        self.insist(|r| r.publish(&note, head, r.sealed_next()));
    }

    fn settle(&mut self) {
        let operator = Operator { id: name("acme"), version: 0, title: "Acme".into(), kind: None };
        self.wish(&Command::Operator(operator));
        let (id, operator, place) = (name("hall"), name("acme"), "CN-SC".to_owned());
        self.wish(&Command::Site(Site { id, version: 0, operator, place, facts: vec![] }));
        let (id, secret, operator) = (name("many"), Digest::of(b"let me in"), Some(name("acme")));
        let role = "enrolment".to_owned();
        let token = Token { id, secret, role, operator, sites: vec![], until_ms: None, uses: 4 };
        self.wish(&Command::Token(token));
        said().speakers.iter().for_each(|speaker| self.wish(&speaker.enrol()));
    }

    /// The whole life, but for what follows an erasure.
    pub fn act(&mut self) {
        let Said { statements: s, rotation, later, speakers } = said();
        self.settle();
        self.send(&[&s[0][0], &s[1][0], &s[0][0], &s[2][0]]);
        self.seal();
        // A gap, and the same thing twice.
        self.send(&[&s[0][1], &s[1][2], &s[1][2]]);
        self.insist(Registry::snapshot);
        self.send(&[&s[0][1], &s[1][1]]);
        self.seal();
        self.wish(&Command::Rotate(rotation.clone()));
        self.send(&[&s[2][1], &s[2][2], &s[0][2], &s[0][3], &s[0][4], &s[0][5]]);
        self.send(&[&later[0], &s[1][4], &s[1][3]]);
        self.seal_only();
        self.send(&[&later[1]]);
        self.seal();
        self.insist(Registry::snapshot);
        let device = speakers[2].key.public().device();
        self.wish(&Command::Revoke(Revoked { device, key: None, why: "stolen".into() }));
        self.send(&[&later[2], &s[1][5]]);
        self.seal();
    }

    /// Erases some of the first statements, and the last ones, which no snapshot knows yet.
    pub fn erase(&mut self) {
        let next = self.registry.published().next;
        for (first, count) in [(8, 5), (next - 2, 2)] {
            let wish = Erased { first, count, why: "asked to".into() };
            let clock = Rc::clone(&self.clock);
            self.insist(|r| r.erase(wish.clone(), "test", clock.now(), clock.nonce()));
        }
        self.erased = true;
        self.seal();
    }

    /// What must hold of every life.
    pub fn hold(&self) {
        let memory = &self.store.memory;
        let entries = spine(memory);
        for (ordinal, bytes) in &self.acknowledged {
            let leaf = entries[usize::try_from(*ordinal).unwrap()].leaf();
            assert_eq!(leaf, Digest::leaf(bytes), "acknowledged entry {ordinal}");
        }
        for bytes in &self.sent {
            let times = entries.iter().filter(|e| e.leaf() == Digest::leaf(bytes)).count();
            assert_eq!(times, 1, "a statement is there {times} times");
        }
        let core = self.registry.core();
        assert_eq!(told(&core.state, !self.erased), told(&fold(memory), !self.erased));
        assert_eq!(core.state.devices.len(), 4);
        assert_eq!(core.state.operators[&name("acme")].len(), 1);
        assert_eq!(core.state.tokens[&name("many")].uses, 0);
        drop(core);
        assert_eq!(troubles(memory), Vec::<String>::new());
        let published = self.registry.published();
        assert_eq!(published.next, entries.len() as u64);
        for (ordinal, entry) in (0..).zip(&entries) {
            verify_receipt(&self.registry.receipt(ordinal).unwrap(), entry, ordinal);
        }
        let gone = entries.iter().any(|e| matches!(e, Kept::Hash(_)));
        assert_eq!(gone, self.erased);
    }
}
