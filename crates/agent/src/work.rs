//! One workload over several slices or statements: sums of whole numbers, so that their order changes nothing.
//!
//! Must not know how long an interval is or which workloads are told: that is `summary`.

use crate::words::clean;
use facts::{Activity, EvidenceKind, TokenState, UnitKind};
use statement::{Component, Evidence, Finding, Reading, WorkloadId};
use std::collections::BTreeMap;

/// Millionths in a whole.
const MILLION: u32 = 1_000_000;
/// Thousandths in a whole.
const WHOLE: u128 = 1_000;
/// Smallest probability or share that is told, in thousandths: that of [`facts::Finding::POSSIBLE`].
const POSSIBLE: u16 = 10;
/// Most readings that are told.
const READINGS: usize = 5;
/// Most parts of a mixture that are told.
const PARTS: usize = 8;
/// Most items of evidence that are told.
const ITEMS: usize = 6;
/// Most names of algorithms that are held against each other.
const ALGORITHMS: usize = 8;
/// More cores than this no machine has; a larger share is a fault of the reading.
const MOST_CORES: f64 = 65_536.0;

/// What was seen of one workload.
#[derive(Clone, Debug)]
pub struct Work {
    name: String,
    unit: UnitKind,
    cpu_us: u64,
    seen_ms: u64,
    energy_mj: Option<u64>,
    token: TokenState,
    /// Probability in millionths times milliseconds.
    readings: BTreeMap<Activity, u128>,
    /// Share in millionths times processor time, and that times probability in millionths.
    parts: BTreeMap<Activity, (u128, u128)>,
    algorithms: BTreeMap<String, u64>,
    /// The weightiest item of each kind, in thousandths of log10 of the likelihood ratio.
    evidence: BTreeMap<(EvidenceKind, Activity), i32>,
}

impl Work {
    /// What one slice of `elapsed_ms` milliseconds shows.
    #[must_use]
    pub fn of_slice(finding: &facts::Finding, elapsed_ms: u32) -> Self {
        let mut work = Self::empty(&finding.name, finding.unit, finding.token_link.state);
        let cores =
            if finding.cpu_share.is_finite() { finding.cpu_share.clamp(0.0, MOST_CORES) } else { 0.0 };
        work.cpu_us = whole(cores * f64::from(elapsed_ms) * 1_000.0);
        work.seen_ms = u64::from(elapsed_ms);
        for reading in &finding.readings {
            work.read(reading.activity, millionths(reading.probability));
        }
        if finding.readings.is_empty() {
            let sure = finding.activity == Activity::Undetermined;
            work.read(finding.activity, if sure { MILLION } else { millionths(finding.probability) });
        }
        for share in &finding.mixture {
            work.part(share.activity, millionths(share.share), millionths(share.probability));
        }
        if finding.mixture.is_empty() {
            work.part(finding.activity, MILLION, millionths(finding.probability));
        }
        if let Some(algorithm) = &finding.algorithm {
            work.algorithms.insert(clean(algorithm), work.seen_ms);
        }
        for item in &finding.evidence {
            #[expect(clippy::cast_possible_truncation, reason = "a weight is at most 6")]
            work.item(item.kind, item.supports, (item.weight.log10() * 1_000.0).round() as i32);
        }
        work
    }

    /// What a statement over `duration_ms` milliseconds says.
    #[must_use]
    pub fn of_finding(finding: &Finding, duration_ms: u32) -> Self {
        let mut work = Self::empty(&finding.name, finding.unit, finding.token);
        work.cpu_us = finding.cpu_ms.saturating_mul(1_000);
        work.seen_ms = u64::from(duration_ms);
        work.energy_mj = finding.energy_mj;
        for reading in &finding.readings {
            work.read(reading.activity, u32::from(reading.permille) * 1_000);
        }
        for part in &finding.mixture {
            work.part(
                part.activity,
                u32::from(part.share_permille) * 1_000,
                u32::from(part.permille) * 1_000,
            );
        }
        if let (true, Some(first)) = (finding.mixture.is_empty(), finding.readings.first()) {
            work.part(first.activity, MILLION, u32::from(first.permille) * 1_000);
        }
        if let Some(algorithm) = &finding.algorithm {
            work.algorithms.insert(algorithm.clone(), work.seen_ms);
        }
        finding.evidence.iter().for_each(|e| work.item(e.kind, e.supports, e.millibans));
        work
    }

    fn empty(name: &str, unit: UnitKind, token: TokenState) -> Self {
        Self {
            name: clean(name),
            unit,
            cpu_us: 0,
            seen_ms: 0,
            energy_mj: None,
            token,
            readings: BTreeMap::new(),
            parts: BTreeMap::new(),
            algorithms: BTreeMap::new(),
            evidence: BTreeMap::new(),
        }
    }

    fn read(&mut self, activity: Activity, probability: u32) {
        let weighted = u128::from(probability) * u128::from(self.seen_ms);
        *self.readings.entry(activity).or_default() += weighted;
    }

    fn part(&mut self, activity: Activity, share: u32, probability: u32) {
        // A workload that used nothing still has its parts in proportion.
        let weight = u128::from(share) * u128::from(self.cpu_us.max(1));
        let part = self.parts.entry(activity).or_default();
        part.0 += weight;
        part.1 += weight * u128::from(probability);
    }

    fn item(&mut self, kind: EvidenceKind, supports: Activity, millibans: i32) {
        let held = self.evidence.entry((kind, supports)).or_insert(millibans);
        *held = (*held).max_by_weight(millibans);
    }

    /// Takes in more of the same workload.
    pub fn merge(&mut self, other: Self) {
        self.cpu_us = self.cpu_us.saturating_add(other.cpu_us);
        self.seen_ms = self.seen_ms.saturating_add(other.seen_ms);
        // A sum with a part missing would be too small and look whole.
        self.energy_mj = self.energy_mj.zip(other.energy_mj).map(|(a, b)| a.saturating_add(b));
        self.token = weaker(self.token, other.token);
        for (activity, weighted) in other.readings {
            *self.readings.entry(activity).or_default() += weighted;
        }
        for (activity, (share, probability)) in other.parts {
            let part = self.parts.entry(activity).or_default();
            part.0 += share;
            part.1 += probability;
        }
        for (name, ms) in other.algorithms {
            if self.algorithms.len() < ALGORITHMS || self.algorithms.contains_key(&name) {
                *self.algorithms.entry(name).or_default() += ms;
            }
        }
        for ((kind, supports), millibans) in other.evidence {
            self.item(kind, supports, millibans);
        }
    }

    /// The same with this processor time, microseconds.
    #[must_use]
    pub fn with_cpu_us(self, cpu_us: u64) -> Self {
        Self { cpu_us, ..self }
    }

    /// Processor time, microseconds.
    #[must_use]
    pub fn cpu_us(&self) -> u64 {
        self.cpu_us
    }

    /// The workload as a statement tells it.
    #[must_use]
    pub fn finding(&self, workload: WorkloadId) -> Finding {
        let readings = self.told_readings();
        Finding {
            workload,
            name: self.name.clone(),
            unit: self.unit,
            mixture: self.told_parts(&readings),
            readings,
            algorithm: self.algorithms.iter().max_by_key(|(_, ms)| **ms).map(|(name, _)| name.clone()),
            token: self.token,
            cpu_ms: self.cpu_us.saturating_add(500) / 1_000,
            energy_mj: self.energy_mj,
            evidence: self.told_evidence(),
        }
    }

    fn told_readings(&self) -> Vec<Reading> {
        let all = self.readings.values().sum::<u128>();
        // Probabilities that sum to more than one are held to one.
        let whole = (u128::from(self.seen_ms) * u128::from(MILLION)).max(all);
        let mut out: Vec<Reading> = self
            .readings
            .iter()
            .map(|(activity, sum)| Reading { activity: *activity, permille: permille(*sum, whole) })
            .filter(|reading| reading.permille >= POSSIBLE)
            .collect();
        out.sort_by_key(|reading| (std::cmp::Reverse(reading.permille), reading.activity));
        out.truncate(READINGS);
        if out.is_empty() {
            out.push(Reading { activity: Activity::Undetermined, permille: 1_000 });
        }
        out
    }

    /// The parts; none where the likeliest reading is the whole of it. A single part is told where it is not: what was
    /// withheld stays `undetermined`, whatever the readings lean to.
    fn told_parts(&self, readings: &[Reading]) -> Vec<Component> {
        let whole = self.parts.values().map(|part| part.0).sum::<u128>();
        let component = |(activity, (share, probability)): (&Activity, &(u128, u128))| Component {
            activity: *activity,
            share_permille: permille(*share, whole),
            permille: permille(*probability, share.saturating_mul(u128::from(MILLION))),
        };
        let mut out: Vec<Component> =
            self.parts.iter().map(component).filter(|c| c.share_permille >= POSSIBLE).collect();
        out.sort_by_key(|c| (std::cmp::Reverse(c.share_permille), c.activity));
        out.truncate(PARTS);
        let plain = |part: &Component| readings.first().is_some_and(|r| r.activity == part.activity);
        if out.len() == 1 && out.iter().all(plain) { Vec::new() } else { out }
    }

    fn told_evidence(&self) -> Vec<Evidence> {
        let mut out: Vec<Evidence> = self
            .evidence
            .iter()
            .map(|((kind, supports), millibans)| Evidence {
                kind: *kind,
                supports: *supports,
                millibans: *millibans,
            })
            .collect();
        out.sort_by_key(|e| (std::cmp::Reverse(e.millibans.unsigned_abs()), e.kind, e.supports));
        out.truncate(ITEMS);
        out
    }
}

/// The weightier of two weights.
trait Weightier {
    fn max_by_weight(self, other: Self) -> Self;
}

impl Weightier for i32 {
    fn max_by_weight(self, other: Self) -> Self {
        std::cmp::max_by_key(self, other, |weight| (weight.unsigned_abs(), *weight))
    }
}

/// What two looks together say of a token: one that was seen was seen, and what could not be seen once was not ruled out.
fn weaker(a: TokenState, b: TokenState) -> TokenState {
    match (a, b) {
        (TokenState::Seen, _) | (_, TokenState::Seen) => TokenState::Seen,
        (TokenState::NotObservable, _) | (_, TokenState::NotObservable) => TokenState::NotObservable,
        (TokenState::NotSeen, TokenState::NotSeen) => TokenState::NotSeen,
    }
}

/// A part of a whole in thousandths, rounded; nothing of nothing.
fn permille(part: u128, whole: u128) -> u16 {
    let rounded = part.saturating_mul(WHOLE).saturating_add(whole / 2).checked_div(whole).unwrap_or(0);
    u16::try_from(rounded.min(WHOLE)).unwrap_or(0)
}

/// A probability or share in millionths; not-a-number counts as nothing.
fn millionths(part: f64) -> u32 {
    u32::try_from(whole(part.clamp(0.0, 1.0) * f64::from(MILLION))).unwrap_or(MILLION)
}

/// A figure that is not negative, rounded; not-a-number counts as nothing.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "the cast holds it in range")]
fn whole(figure: f64) -> u64 {
    figure.round() as u64
}
