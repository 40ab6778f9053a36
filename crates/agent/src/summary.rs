//! From what each slice shows to one statement an interval, and from many statements to one.
//!
//! Pure: times, clocks and the device are arguments. The chain (number, previous, nonce) is left empty: `spool` closes it.
//! Must not judge, keep or send.

use crate::words::clean;
use crate::work::Work;
use facts::{Activity, Coverage, Looked, Sensor, State, TokenState, UnitKind};
use statement::{
    Clock, DeviceId, Digest, Energy, Finding, MAX_DURATION_MS, MAX_FINDINGS, MIN_DURATION_MS, Nonce,
    SensorCoverage, Statement, VERSION, WorkloadId,
};
use std::collections::BTreeMap;

/// The name under which what is too much to tell apart is summed up.
pub const OTHER_WORK: &str = "(other work)";
/// Workloads that are told apart within an interval; more go into [`OTHER_WORK`] at once.
pub const MOST_WORKLOADS: usize = 4_096;
/// Last moment that a statement can begin, milliseconds since 1970: the year 9999.
const LAST_MS: u64 = 253_402_300_799_000;

/// What is known about an interval besides what was seen in it.
#[derive(Clone, Debug)]
pub struct About {
    /// Its begin by the device's clock, milliseconds since 1970.
    pub from_ms: u64,
    /// Its length by a clock that does not step, milliseconds.
    pub duration_ms: u64,
    /// What is known about the device's clock.
    pub clock: Clock,
    /// Energy of the whole device, where known.
    pub energy: Option<Energy>,
    /// Version of the program.
    pub agent: String,
    /// Digest of the bulky evidence.
    pub detail: Option<Digest>,
}

/// Slices gathered into one interval.
#[derive(Clone, Debug)]
pub struct Interval {
    device: DeviceId,
    works: Works,
    coverage: BTreeMap<Sensor, (State, String)>,
}

impl Interval {
    /// An interval of a device in which nothing was seen yet.
    #[must_use]
    pub fn new(device: DeviceId) -> Self {
        Self { device, works: Works::new(device), coverage: BTreeMap::new() }
    }

    /// Takes in a closed slice of `elapsed_ms` milliseconds.
    pub fn absorb(&mut self, looked: &Looked, elapsed_ms: u32) {
        for finding in &looked.workloads {
            let id = WorkloadId::of(self.device, finding.unit, &finding.name);
            self.works.add(id, Work::of_slice(finding, elapsed_ms));
        }
        for Coverage { sensor, state, why } in &looked.coverage {
            cover(&mut self.coverage, *sensor, *state, why);
        }
    }

    /// What is to be said of it.
    #[must_use]
    pub fn statement(&self, about: About) -> Statement {
        Statement {
            version: VERSION,
            device: self.device,
            sequence: 0,
            previous: Digest::NONE,
            nonce: Nonce([0; 16]),
            from_ms: about.from_ms.min(LAST_MS),
            duration_ms: duration(about.duration_ms),
            coverage: covered(&self.coverage),
            findings: self.works.findings(),
            energy: about.energy,
            clock: about.clock,
            dropped: None,
            intervals: 1,
            agent: clean(&about.agent),
            detail: about.detail,
        }
    }
}

/// One statement that says what several said, oldest first; none of none.
///
/// Statements of one device that follow each other without a gap are meant. `intervals` is the sum of theirs.
#[must_use]
pub fn consolidate(statements: &[Statement]) -> Option<Statement> {
    let (first, last) = (statements.first()?, statements.last()?);
    if statements.len() == 1 {
        return Some(first.clone());
    }
    let mut works = Works::new(first.device);
    let mut coverage = BTreeMap::new();
    for statement in statements {
        for finding in &statement.findings {
            works.add(finding.workload, Work::of_finding(finding, statement.duration_ms));
        }
        for SensorCoverage { sensor, state, why } in &statement.coverage {
            cover(&mut coverage, *sensor, *state, why.as_deref().unwrap_or_default());
        }
    }
    let steps: Vec<i64> = statements.iter().filter_map(|s| s.clock.step_ms).collect();
    let step_ms = (!steps.is_empty()).then(|| steps.iter().fold(0, |a: i64, b| a.saturating_add(*b)));
    let skew_ms = statements.iter().rev().find_map(|s| s.clock.skew_ms);
    Some(Statement {
        duration_ms: duration(statements.iter().map(|s| u64::from(s.duration_ms)).sum()),
        coverage: covered(&coverage),
        findings: works.findings(),
        energy: energy(statements),
        clock: Clock { step_ms, skew_ms, ..last.clock.clone() },
        dropped: statements.iter().find_map(|s| s.dropped.clone()),
        intervals: statements.iter().fold(0, |sum: u16, s| sum.saturating_add(s.intervals)),
        agent: last.agent.clone(),
        detail: first.detail.filter(|detail| statements.iter().all(|s| s.detail == Some(*detail))),
        ..first.clone()
    })
}

/// The sum, where every part is known and from the same source.
fn energy(statements: &[Statement]) -> Option<Energy> {
    let source = &statements.first()?.energy.as_ref()?.source;
    let millijoules = statements.iter().try_fold(0_u64, |sum, s| {
        let energy = s.energy.as_ref().filter(|energy| energy.source == *source)?;
        Some(sum.saturating_add(energy.millijoules))
    })?;
    Some(Energy { millijoules, source: source.clone() })
}

/// Workloads by id, and what was too much to tell apart.
#[derive(Clone, Debug)]
struct Works {
    told: BTreeMap<WorkloadId, Work>,
    other: WorkloadId,
}

impl Works {
    fn new(device: DeviceId) -> Self {
        Self { told: BTreeMap::new(), other: WorkloadId::of(device, UnitKind::Process, OTHER_WORK) }
    }

    fn add(&mut self, id: WorkloadId, work: Work) {
        if let Some(known) = self.told.get_mut(&id) {
            known.merge(work);
        } else if self.told.len() < MOST_WORKLOADS {
            self.told.insert(id, work);
        } else if let Some(other) = self.told.get_mut(&self.other) {
            other.merge(nameless(work.cpu_us()));
        } else {
            self.told.insert(self.other, nameless(work.cpu_us()));
        }
    }

    /// Busiest first; at most one less than a statement may have, and the rest in one.
    fn findings(&self) -> Vec<Finding> {
        let mut all: Vec<(&WorkloadId, &Work)> = self.told.iter().collect();
        // What is already a sum is told last, so that a further rest joins it.
        all.sort_by_key(|(id, work)| (**id == self.other, std::cmp::Reverse(work.cpu_us()), **id));
        let named = all.len().min(MAX_FINDINGS - 1);
        let (told, rest) = all.split_at_checked(named).unwrap_or((&all, &[]));
        let mut out: Vec<Finding> = told.iter().map(|(id, work)| work.finding(**id)).collect();
        if !rest.is_empty() {
            let cpu_us = rest.iter().fold(0_u64, |sum, (_, work)| sum.saturating_add(work.cpu_us()));
            out.push(nameless(cpu_us).finding(self.other));
        }
        out
    }
}

/// Work of which only the processor time is told.
fn nameless(cpu_us: u64) -> Work {
    Work::of_finding(
        &Finding {
            workload: WorkloadId([0; 8]),
            name: OTHER_WORK.to_owned(),
            unit: UnitKind::Process,
            readings: vec![statement::Reading { activity: Activity::Undetermined, permille: 1_000 }],
            mixture: Vec::new(),
            algorithm: None,
            token: TokenState::NotObservable,
            cpu_ms: 0,
            energy_mj: None,
            evidence: Vec::new(),
        },
        1,
    )
    .with_cpu_us(cpu_us)
}

/// Keeps the weakest state of a sensor; of equal ones the reason that comes first in the alphabet, whatever came first in time.
fn cover(coverage: &mut BTreeMap<Sensor, (State, String)>, sensor: Sensor, state: State, why: &str) {
    let new = (state, clean(why));
    let held = coverage.entry(sensor).or_insert_with(|| new.clone());
    let weaker = new.0 > held.0 || (new.0 == held.0 && new.1 < held.1);
    if weaker {
        *held = new;
    }
}

fn covered(coverage: &BTreeMap<Sensor, (State, String)>) -> Vec<SensorCoverage> {
    let line = |(sensor, (state, why)): (&Sensor, &(State, String))| SensorCoverage {
        sensor: *sensor,
        state: *state,
        why: Some(why.clone()).filter(|why| *state != State::Full && !why.is_empty()),
    };
    coverage.iter().map(line).collect()
}

fn duration(ms: u64) -> u32 {
    u32::try_from(ms).unwrap_or(MAX_DURATION_MS).clamp(MIN_DURATION_MS, MAX_DURATION_MS)
}
