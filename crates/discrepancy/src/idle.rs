//! Declared work that never showed, where it would have been seen.
//!
//! Only an idle device proves it: while anything unexplained runs, it may be the declared work, read wrongly. Must not
//! conclude anything of time in which code was not sampled.

use crate::declared::{Declared, alike};
use crate::said::Said;
use crate::tally::background;
use crate::thresholds::Thresholds;
use facts::{Sensor, State};
use jiff::civil::DateTime;
use std::collections::BTreeMap;

/// What was seen of one declared work on one device.
#[derive(Clone, Debug, Default)]
pub(crate) struct Waiting {
    /// Time in its hours in which code was sampled.
    pub looked_ms: u64,
    /// Processor time of what may be it: the declared kind, or anything that is not explained by other declared work.
    pub possible_ms: u64,
    pub statements: u64,
    /// Statements in which it was seen, in whatever part of a workload.
    pub shown: u64,
    pub from_ms: u64,
    pub to_ms: u64,
    pub ordinals: Vec<u64>,
    pub sequences: Option<(u64, u64)>,
    pub activities: Vec<facts::Activity>,
    /// The devices that were looked at.
    pub devices: std::collections::BTreeSet<statement::DeviceId>,
}

/// Declared works by name.
pub(crate) type Works = BTreeMap<statement::Name, Waiting>;

/// Takes in a statement.
pub(crate) fn absorb(works: &mut Works, said: &Said, declared: &Declared, local: DateTime) {
    let sampled = said.coverage.iter().any(|l| l.sensor == Sensor::HotCode && l.state != State::None);
    for work in &declared.works {
        let concrete = work.activities.iter().any(|a| !background(*a));
        if !sampled || !concrete || work.schedule.as_ref().is_some_and(|s| !s.open(local)) {
            continue;
        }
        let explained = |seen: &crate::said::Seen| {
            let others = declared.works.iter().filter(|w| w.id != work.id);
            let by_other = others.flat_map(|w| &w.activities).any(|a| alike(*a, seen.activity));
            by_other && !work.activities.iter().any(|a| alike(*a, seen.activity))
        };
        let busy: u64 = said.findings.iter().filter(|f| !explained(f)).map(|f| f.cpu_ms).sum();
        let shows = |a: facts::Activity| work.activities.iter().any(|own| alike(*own, a));
        let shown = said.findings.iter().any(|f| f.parts().iter().any(|(a, ..)| shows(*a)));
        let waiting = works.entry(work.id.clone()).or_default();
        waiting.add(said, busy, &work.activities);
        waiting.shown += u64::from(shown);
    }
}

impl Waiting {
    fn add(&mut self, said: &Said, busy: u64, activities: &[facts::Activity]) {
        self.looked_ms += u64::from(said.duration_ms);
        self.possible_ms += busy;
        self.statements += 1;
        self.from_ms = if self.from_ms == 0 { said.from_ms } else { self.from_ms.min(said.from_ms) };
        self.to_ms = self.to_ms.max(said.until_ms());
        if self.ordinals.len() < crate::difference::MAX_ORDINALS {
            self.ordinals.push(said.ordinal);
        }
        let (first, _) = self.sequences.unwrap_or((said.sequence, said.sequence));
        self.sequences = Some((first, said.sequence));
        self.activities = activities.to_vec();
        self.devices.insert(said.device);
    }

    /// Whether it never showed although it was looked for long enough: each device of it was idle on the mean.
    pub fn never(&self, t: &Thresholds) -> bool {
        let cores = self.possible_ms as f64 / (self.looked_ms as f64).max(1.0);
        let shown = self.shown >= t.least_statements;
        !shown
            && self.looked_ms >= t.never_ms
            && self.statements >= t.least_statements
            && cores < t.idle_cores
    }

    /// Takes in what another device shows of the same work.
    pub fn join(&mut self, other: &Self) {
        self.looked_ms += other.looked_ms;
        self.possible_ms += other.possible_ms;
        self.statements += other.statements;
        self.shown += other.shown;
        self.from_ms = if self.from_ms == 0 { other.from_ms } else { self.from_ms.min(other.from_ms) };
        self.to_ms = self.to_ms.max(other.to_ms);
        let room = crate::difference::MAX_ORDINALS.saturating_sub(self.ordinals.len());
        self.ordinals.extend(other.ordinals.iter().take(room));
        self.sequences = if self.devices.is_empty() { other.sequences } else { None };
        self.activities.clone_from(&other.activities);
        self.devices.extend(other.devices.iter().copied());
    }
}
