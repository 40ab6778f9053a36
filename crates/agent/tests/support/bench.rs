//! A device with its disk and the registry it sends to, for tests of what they promise each other.

use super::disk::FakeDisk;
use super::registry::{FakeRegistry, policy};
use super::{device, draft, key, nonce};
use agent::event::Event;
use agent::evidence::Evidence;
use agent::send::{Round, RoundError, Sender};
use agent::shared::Shared;
use agent::spool::{DEFAULT_BOUND, Spool, SpoolError};
use std::sync::Mutex;

/// A device with its disk, and the registry it sends to.
pub struct Bench {
    pub disk: FakeDisk,
    pub shared: Shared<FakeDisk>,
    pub sender: Sender<FakeDisk>,
    pub registry: FakeRegistry,
    pub events: Vec<Event>,
    pub minute: u64,
}

impl Bench {
    pub fn new(disk: FakeDisk, registry: FakeRegistry) -> Result<Self, SpoolError> {
        let (spool, damage) = Spool::open(disk.clone(), device(), DEFAULT_BOUND)?;
        let events = damage.into_iter().map(Event::Damaged).collect();
        let (evidence, _) = Evidence::open(FakeDisk::default(), 1 << 20).unwrap();
        let shared = Shared { spool: Mutex::new(spool), evidence: Mutex::new(evidence) };
        let sender = Sender::open(device(), key(), policy(), disk.clone())?;
        Ok(Self { disk, shared, sender, registry, events, minute: 0 })
    }

    pub fn fresh() -> Self {
        Self::new(FakeDisk::default(), FakeRegistry::default()).unwrap()
    }

    pub fn state(&mut self) -> Result<u64, SpoolError> {
        self.minute += 1;
        self.shared.spool().append(draft(self.minute), &key(), nonce(self.minute))
    }

    pub fn round(&mut self) -> Result<Round, RoundError> {
        let events = &mut self.events;
        self.sender.round(&self.shared, &self.registry, &mut |event| events.push(event))
    }

    /// Rounds until nothing waits.
    pub fn settle(&mut self) {
        for _ in 0..64 {
            let _ = self.round();
            if self.waiting() == 0 {
                return;
            }
        }
        panic!("{} still wait: {:?}", self.waiting(), self.events);
    }

    pub fn waiting(&self) -> usize {
        self.shared.spool().waiting(0).count()
    }
}
