//! What the statements of one device show beside what was declared for their days, summed up over the period.
//!
//! Must not decide what is a difference: that is `assess`.

use crate::declared::{Declared, Work, may_be};
use crate::difference::MAX_ORDINALS;
use crate::said::{Said, Seen};
use facts::{Activity, EvidenceKind, TokenState};
use jiff::civil::DateTime;
use statement::WorkloadId;
use std::collections::{BTreeMap, BTreeSet};

/// A reading that a statement leaves out is below this.
const UNTOLD: f64 = 0.005;
/// While mining stays this probable, password recovery is not concluded: both hash what they make up. The same bound as
/// in identification.
const RIVALS: f64 = 0.12;

/// Share of a part, or probability of declared work, from which it counts as being there.
const PLAUSIBLE: f64 = 0.1;

/// What is counted apart for one device.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Facet {
    /// An activity that was not declared.
    Undeclared(Activity),
    /// A declared activity by an algorithm that was not.
    Algorithm(Activity, String),
    /// A token where none was declared.
    Token(Activity),
    /// Work while all declared work is outside of its hours.
    Hours(Activity),
    /// What the rulebook prohibits.
    Prohibited(Activity),
}

/// Sums over the statements that show one facet.
#[derive(Clone, Debug, Default)]
pub(crate) struct Tally {
    pub statements: u64,
    /// Findings, of which a statement may have several that show it.
    pub findings: u64,
    /// Findings of which it was seen that they earn a token.
    pub tokens: u64,
    pub seen_ms: u64,
    pub cpu_ms: f64,
    pub mj: Option<f64>,
    /// Probability times milliseconds.
    pub probable: f64,
    /// Probability of what was declared, times milliseconds.
    pub declared: f64,
    pub evidence: BTreeMap<EvidenceKind, (i64, u64)>,
    pub ordinals: BTreeSet<u64>,
    pub sequences: BTreeSet<u64>,
    pub from_ms: u64,
    pub to_ms: u64,
    pub tree: Option<String>,
    pub prohibited: u64,
    /// Statements in which the same workload also did what was declared.
    pub inside: u64,
    /// Processor time by workload, with its name.
    pub workloads: BTreeMap<WorkloadId, (f64, String)>,
    /// What was declared, on the last day on which it was seen.
    pub expected: BTreeSet<Activity>,
    /// Declared algorithms, where they matter.
    pub algorithms: Vec<String>,
}

/// Sums over all statements of one device.
#[derive(Clone, Debug, Default)]
pub(crate) struct DeviceTally {
    pub facets: BTreeMap<Facet, Tally>,
    /// In how many statements each workload was.
    pub present: BTreeMap<WorkloadId, u64>,
    /// Processor time of everything.
    pub cpu_ms: f64,
    /// Time that statements cover.
    pub seen_ms: u64,
    /// Processor time of what was declared.
    pub declared_ms: f64,
}

/// One part of one finding, with what is needed to count it.
struct Part<'a> {
    said: &'a Said,
    seen: &'a Seen,
    activity: Activity,
    share: f64,
    probability: f64,
    declared: f64,
    inside: bool,
    expected: BTreeSet<Activity>,
}

impl DeviceTally {
    /// Takes in a statement of a registered device, with what was declared for its day and its local begin.
    pub fn absorb(&mut self, said: &Said, declared: &Declared, local: DateTime) {
        self.seen_ms += u64::from(said.duration_ms);
        for seen in &said.findings {
            self.cpu_ms += seen.cpu_ms as f64;
            *self.present.entry(seen.workload).or_default() += 1;
            self.finding(said, seen, declared, local);
        }
    }

    fn finding(&mut self, said: &Said, seen: &Seen, declared: &Declared, local: DateTime) {
        let parts = seen.parts();
        let allowed = |a: Activity| declared.allows(&seen.name, a);
        let expected: BTreeSet<Activity> =
            declared.of(&seen.name).flat_map(|w| w.activities.iter().copied()).collect();
        let plausible = expected.iter().map(|a| seen.possible(*a)).sum::<f64>() >= PLAUSIBLE;
        let closed = closed(declared, &seen.name, local);
        for (at, (activity, share, probability)) in parts.iter().enumerate() {
            let activity = settled(seen, *activity);
            // Other work in the same job that is, or may be, what was declared.
            let inside = parts
                .iter()
                .any(|(a, share, _)| *a != activity && *share >= PLAUSIBLE && (allowed(*a) || plausible));
            let rest = 1.0 - probability;
            let told: f64 = expected.iter().map(|a| seen.possible(*a).max(UNTOLD)).sum();
            let declared_p = if at == 0 { told.min(rest.max(UNTOLD)) } else { rest.max(UNTOLD) };
            let (share, probability) = (*share, *probability);
            let part = Part {
                said,
                seen,
                activity,
                share,
                probability,
                inside,
                declared: declared_p,
                expected: expected.clone(),
            };
            if closed && activity != Activity::Idle && (allowed(activity) || background(activity)) {
                self.count(Facet::Hours(activity), &part);
            }
            if background(activity) {
                continue;
            }
            if allowed(activity) {
                self.declared_ms += seen.cpu_ms as f64 * share;
                self.algorithm(&part, declared);
            } else {
                self.count(Facet::Undeclared(activity), &part);
            }
            if seen.disposition.as_deref() == Some("prohibited") {
                self.count(Facet::Prohibited(activity), &part);
            }
        }
        self.token(said, seen, declared, &expected);
    }

    /// What is declared may still be by another algorithm. Asked of mining only: elsewhere an algorithm describes, the same
    /// work has many names, and proving of storage goes through several computations one after the other.
    fn algorithm(&mut self, part: &Part<'_>, declared: &Declared) {
        let fits = |w: &&Work| w.activities.iter().any(|a| crate::declared::alike(*a, part.activity));
        let works: Vec<&Work> = declared.of(&part.seen.name).filter(fits).collect();
        let Some(named) = part.seen.algorithm.as_deref().map(str::to_lowercase) else { return };
        let asked = part.activity == part.seen.activity && part.activity == Activity::Mining;
        let other = |w: &&Work| !w.algorithms.is_empty() && !w.algorithms.iter().any(|a| may_be(a, &named));
        if asked && works.iter().all(other) {
            let tally = self.count(Facet::Algorithm(part.activity, named), part);
            tally.algorithms = works.iter().flat_map(|w| w.algorithms.clone()).collect();
        }
    }

    /// Whether a token is earned is asked apart from what the work does.
    fn token(&mut self, said: &Said, seen: &Seen, declared: &Declared, expected: &BTreeSet<Activity>) {
        if seen.token != TokenState::Seen || declared.of(&seen.name).any(|w| w.token) {
            return;
        }
        let (own, other): (Vec<_>, Vec<_>) =
            seen.parts().into_iter().partition(|(a, ..)| declared.allows(&seen.name, *a));
        // The job does what was declared too, which earns nothing: the conversation is of the other part of it.
        let foreign = other.iter().max_by(|a, b| a.1.total_cmp(&b.1));
        let honest = own.iter().any(|(_, share, _)| *share >= PLAUSIBLE);
        let earns = own.iter().any(|(a, ..)| crate::assess::earns(*a));
        let foreign = foreign.filter(|_| honest && !earns);
        let inside = foreign.is_some();
        let (lead, share) = foreign.map_or((seen.activity, 1.0), |(a, share, _)| (*a, *share));
        let (activity, expected) = (settled(seen, lead), expected.clone());
        let part = Part { said, seen, activity, share, probability: 1.0, declared: UNTOLD, inside, expected };
        self.count(Facet::Token(activity), &part);
    }

    fn count(&mut self, facet: Facet, part: &Part<'_>) -> &mut Tally {
        let tally = self.facets.entry(facet).or_default();
        tally.add(part);
        tally
    }

    /// Statements in which the workloads of a tally were at all.
    pub fn presence(&self, tally: &Tally) -> u64 {
        tally.workloads.keys().filter_map(|id| self.present.get(id)).sum()
    }
}

impl Tally {
    fn add(&mut self, part: &Part<'_>) {
        let Part { said, seen, .. } = part;
        let ms = f64::from(said.duration_ms);
        let first = !self.sequences.contains(&said.sequence);
        if first {
            self.statements += 1;
            self.seen_ms += u64::from(said.duration_ms);
            self.inside += u64::from(part.inside);
            self.prohibited += u64::from(seen.disposition.as_deref() == Some("prohibited"));
        }
        // Several workloads of one statement weigh as their processor time does; one alone weighs by the clock.
        self.probable += part.probability * ms * if first { 1.0 } else { 0.0 };
        self.declared += part.declared * ms * if first { 1.0 } else { 0.0 };
        self.findings += 1;
        self.tokens += u64::from(seen.token == TokenState::Seen);
        self.sequences.insert(said.sequence);
        self.ordinals.insert(said.ordinal);
        let cpu = seen.cpu_ms as f64 * part.share;
        self.cpu_ms += cpu;
        if let Some(mj) = seen.energy_mj {
            *self.mj.get_or_insert(0.0) += mj as f64 * part.share;
        }
        let work = self.workloads.entry(seen.workload).or_insert_with(|| (0.0, seen.name.clone()));
        work.0 += cpu;
        self.from_ms = if self.from_ms == 0 { said.from_ms } else { self.from_ms.min(said.from_ms) };
        self.to_ms = self.to_ms.max(said.until_ms());
        self.expected.clone_from(&part.expected);
        if self.tree.is_none() {
            self.tree.clone_from(&seen.tree);
        }
        self.weigh(seen, part.activity);
    }

    /// The strongest item of each kind that speaks for the activity.
    fn weigh(&mut self, seen: &Seen, activity: Activity) {
        let mut best: BTreeMap<EvidenceKind, i32> = BTreeMap::new();
        for item in seen.evidence.iter().filter(|e| e.supports == activity) {
            let held = best.entry(item.kind).or_insert(item.millibans);
            *held = (*held).max(item.millibans);
        }
        for (kind, millibans) in best {
            let sum = self.evidence.entry(kind).or_default();
            sum.0 += i64::from(millibans);
            sum.1 += 1;
        }
    }

    /// Mean probability of the facet over the time in which it was seen.
    pub fn probability(&self) -> f64 {
        self.probable / (self.seen_ms as f64).max(1.0)
    }

    /// Mean probability of what was declared over that time.
    pub fn declared_probability(&self) -> f64 {
        (self.declared / (self.seen_ms as f64).max(1.0)).max(UNTOLD)
    }

    /// The mean weights of each kind of evidence added, names left out, in bans; kinds that few statements had count less.
    pub fn evidence_bans(&self) -> f64 {
        let counted = self.evidence.iter().filter(|(kind, _)| **kind != EvidenceKind::Symbols);
        let sum: f64 = counted.map(|(_, (sum, _))| *sum as f64).sum();
        sum / 1_000.0 / (self.statements as f64).max(1.0)
    }

    /// The workload that took most of the time.
    pub fn leading(&self) -> Option<(WorkloadId, String)> {
        let most = self.workloads.iter().max_by(|a, b| a.1.0.total_cmp(&b.1.0));
        most.map(|(id, (_, name))| (*id, name.clone()))
    }

    /// The first and the last ordinals.
    pub fn cited(&self) -> Vec<u64> {
        let half = MAX_ORDINALS / 2;
        if self.ordinals.len() <= MAX_ORDINALS {
            return self.ordinals.iter().copied().collect();
        }
        let first = self.ordinals.iter().take(half).copied();
        let mut last: Vec<u64> = self.ordinals.iter().rev().take(half).copied().collect();
        last.reverse();
        first.chain(last).collect()
    }
}

/// What a statement tells of a conclusion that was withheld: identification does not conclude password recovery while
/// mining remains probable, and a statement lists readings all the same.
fn settled(seen: &Seen, activity: Activity) -> Activity {
    let rival = activity == Activity::HashSearch && seen.possible(Activity::Mining) >= RIVALS;
    if rival { Activity::Undetermined } else { activity }
}

/// Whether all work declared for a workload of that name has ended for the day.
fn closed(declared: &Declared, name: &str, local: DateTime) -> bool {
    let mut works = declared.of(name).peekable();
    works.peek().is_some() && works.all(|w| w.schedule.as_ref().is_some_and(|s| !s.open(local)))
}

/// What is never a difference: everyday programs, nothing, and what is not decided.
pub(crate) fn background(activity: Activity) -> bool {
    matches!(activity, Activity::General | Activity::Idle | Activity::Undetermined)
}
