//! What the service is doing, in numbers, for status pages and metrics.

use super::Inner;
use super::witnesses::unpoisoned;
use registry::Outcome;
use std::collections::BTreeMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// Counters and last events.
#[derive(Default)]
pub(crate) struct Watching {
    accepted: AtomicU64,
    duplicates: AtomicU64,
    refused: Mutex<BTreeMap<&'static str, u64>>,
    sealings: AtomicU64,
    seal_micros: AtomicU64,
    published_ms: AtomicU64,
    unwitnessed_ms: AtomicU64,
    witnesses: Mutex<BTreeMap<String, WitnessStanding>>,
    trouble: Mutex<Option<String>>,
}

/// How a witness stands.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct WitnessStanding {
    /// The size that it cosigned last.
    pub size: u64,
    /// Why it did not sign at the last attempt.
    pub trouble: Option<String>,
}

/// Statements since the start.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tallies {
    /// Admitted.
    pub accepted: u64,
    /// Sent again.
    pub duplicates: u64,
    /// Refused, by reason.
    pub refused: BTreeMap<&'static str, u64>,
}

/// What the service is doing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Standing {
    /// Statements since the start.
    pub tallies: Tallies,
    /// Entries admitted over all time.
    pub entries: u64,
    /// Of those, entries that wait to be sealed.
    pub waiting: usize,
    /// Leaves that are published.
    pub leaves: u64,
    /// Entries that the published log covers.
    pub published: u64,
    /// When it was last published, milliseconds since 1970; 0 if not since the start.
    pub published_ms: u64,
    /// Since when a checkpoint waits for witnesses; 0 if none does.
    pub unwitnessed_ms: u64,
    /// Sealings since the start.
    pub sealings: u64,
    /// Time spent in them, in microseconds.
    pub seal_micros: u64,
    /// Devices enrolled.
    pub devices: usize,
    /// Entries that the history holds.
    pub history: u64,
    /// Witnesses by name.
    pub witnesses: BTreeMap<String, WitnessStanding>,
    /// What last went wrong, and still does.
    pub trouble: Option<String>,
}

impl Watching {
    pub(crate) fn count<'a>(&self, outcomes: impl Iterator<Item = &'a Outcome>) {
        let (mut accepted, mut duplicates) = (0, 0);
        for outcome in outcomes {
            match outcome {
                Outcome::Accepted(_) => accepted += 1,
                Outcome::Duplicate => duplicates += 1,
                Outcome::Refused(refusal) => {
                    *unpoisoned(self.refused.lock()).entry(refusal.code()).or_default() += 1;
                }
            }
        }
        self.accepted.fetch_add(accepted, Ordering::Relaxed);
        self.duplicates.fetch_add(duplicates, Ordering::Relaxed);
    }

    pub(crate) fn failed(&self, why: &str) {
        *unpoisoned(self.trouble.lock()) = Some(why.to_owned());
    }

    pub(crate) fn troubled(&self) -> bool {
        unpoisoned(self.trouble.lock()).is_some()
    }

    pub(crate) fn sealed(&self, took: Duration) {
        self.sealings.fetch_add(1, Ordering::Relaxed);
        self.seal_micros.fetch_add(u64::try_from(took.as_micros()).unwrap_or(u64::MAX), Ordering::Relaxed);
    }

    pub(crate) fn published(&self, at_ms: u64) {
        self.published_ms.store(at_ms, Ordering::Relaxed);
        self.unwitnessed_ms.store(0, Ordering::Relaxed);
        *unpoisoned(self.trouble.lock()) = None;
    }

    pub(crate) fn unwitnessed(&self, at_ms: u64) {
        let _ = self.unwitnessed_ms.compare_exchange(0, at_ms, Ordering::Relaxed, Ordering::Relaxed);
    }

    pub(crate) fn witness_size(&self, name: &str) -> u64 {
        unpoisoned(self.witnesses.lock()).get(name).map_or(0, |w| w.size)
    }

    pub(crate) fn set_witness_size(&self, name: &str, size: u64) {
        unpoisoned(self.witnesses.lock()).entry(name.to_owned()).or_default().size = size;
    }

    pub(crate) fn witnessed(&self, name: &str, outcome: Result<u64, String>) {
        let mut witnesses = unpoisoned(self.witnesses.lock());
        let standing = witnesses.entry(name.to_owned()).or_default();
        match outcome {
            Ok(size) => *standing = WitnessStanding { size, trouble: None },
            Err(why) => standing.trouble = Some(why),
        }
    }
}

impl Inner {
    pub(crate) fn standing(&self) -> Standing {
        let published = self.registry.published();
        let watching = &self.watching;
        let (entries, devices) = {
            let core = self.registry.core();
            (core.state.next, core.state.devices.len())
        };
        Standing {
            tallies: Tallies {
                accepted: watching.accepted.load(Ordering::Relaxed),
                duplicates: watching.duplicates.load(Ordering::Relaxed),
                refused: unpoisoned(watching.refused.lock()).clone(),
            },
            entries,
            waiting: self.registry.waiting(),
            leaves: published.head.size,
            published: published.next,
            published_ms: watching.published_ms.load(Ordering::Relaxed),
            unwitnessed_ms: watching.unwitnessed_ms.load(Ordering::Relaxed),
            sealings: watching.sealings.load(Ordering::Relaxed),
            seal_micros: watching.seal_micros.load(Ordering::Relaxed),
            devices,
            history: self.facts.next_ordinal(),
            witnesses: unpoisoned(watching.witnesses.lock()).clone(),
            trouble: self.registry.stopped().or_else(|| unpoisoned(watching.trouble.lock()).clone()),
        }
    }
}
