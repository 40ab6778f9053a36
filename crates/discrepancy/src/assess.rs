//! From sums to differences in what is run: activity, algorithm, token, hours, prohibited work.
//!
//! A difference needs persistence (statements, time, steadiness) and strength (probability, evidence, and what the
//! evaluation bears). Must not soften or sharpen by who somebody is.

use crate::difference::{Cited, EARNS, Item, Kind, Magnitude};
use crate::reliability::Reliability;
use crate::tally::{DeviceTally, Facet, Tally};
use crate::thresholds::Thresholds;
use facts::{Activity, Weight};
use statement::WorkloadId;

/// Milliseconds of an hour.
pub(crate) const HOUR_MS: f64 = 3_600_000.0;
/// Millijoules of a kWh.
const KWH_MJ: f64 = 3.6e9;
/// Weight of "a token link was seen": none was seen falsely in 637 recordings, so that at most 0.6 % would be (95 %).
const TOKEN_BANS: f64 = 2.2;
/// Part of the statements in which foreign work must be inside of honest work to be a component of it.
const INSIDE: f64 = 0.5;
/// Part of the device's processor time in which declared work must show for its load to be mixed.
const BESIDE: f64 = 0.1;

/// A difference in what is run, before it has words and coverage.
#[derive(Clone, Debug)]
pub(crate) struct Found {
    pub kind: Kind,
    pub activity: Activity,
    pub workload: Option<(WorkloadId, String)>,
    pub from_ms: u64,
    pub to_ms: u64,
    pub declared: String,
    pub seen: String,
    pub magnitude: Magnitude,
    pub weight: Option<Weight>,
    pub cited: Cited,
    pub prohibited: bool,
    /// Known by a conversation that gives work, whatever runs.
    pub by_token: bool,
    pub sequences: (u64, u64),
}

/// The rules of one comparison.
pub(crate) struct Rules<'a> {
    pub thresholds: &'a Thresholds,
    pub reliability: &'a Reliability,
    /// Part of other work that the operator declared as tolerated.
    pub tolerance: f64,
}

impl Rules<'_> {
    /// What of a device's sums is a difference. What is part of a larger one is not said twice.
    pub fn assess(&self, device: &DeviceTally) -> Vec<Found> {
        let mut found: Vec<Found> =
            device.facets.iter().filter_map(|(facet, tally)| self.one(device, facet, tally)).collect();
        merge_hours(&mut found);
        // Mining that nobody declared earns somebody a token: one difference, told by what runs.
        let runs = |f: &Found| is_undeclared(f.kind) && !f.by_token && f.activity == Activity::Mining;
        let mining = found.iter().any(runs);
        found.retain(|f| !f.by_token || !mining);
        found
    }

    fn one(&self, device: &DeviceTally, facet: &Facet, tally: &Tally) -> Option<Found> {
        let activity = facet.activity();
        let weight = self.weight(facet, tally);
        if !self.persists(device, tally)
            || !self.strong(facet, tally, weight)
            || !self.large(device, facet, tally)
        {
            return None;
        }
        let kind = kind(device, facet, tally);
        let (declared, seen) = words(kind, facet, tally);
        let workload = tally.leading();
        Some(Found {
            kind,
            activity,
            workload,
            from_ms: tally.from_ms,
            to_ms: tally.to_ms,
            declared,
            seen,
            magnitude: magnitude(device, tally),
            weight: (!matches!(facet, Facet::Hours(_))).then(|| Weight::new(weight)),
            cited: cited(tally),
            prohibited: tally.prohibited > 0,
            by_token: matches!(facet, Facet::Token(_)),
            sequences: (
                tally.sequences.first().copied().unwrap_or(0),
                tally.sequences.last().copied().unwrap_or(0),
            ),
        })
    }

    fn persists(&self, device: &DeviceTally, tally: &Tally) -> bool {
        let t = self.thresholds;
        let steady = tally.findings as f64 >= t.least_steady * device.presence(tally) as f64;
        tally.statements >= t.least_statements && tally.seen_ms >= t.least_seen_ms && steady
    }

    fn strong(&self, facet: &Facet, tally: &Tally, weight: f64) -> bool {
        let t = self.thresholds;
        // Whatever runs out of hours is work out of hours.
        if matches!(facet, Facet::Hours(_)) {
            return true;
        }
        let probable = tally.probability() >= t.least_probability;
        let evidence = match facet {
            Facet::Token(_) => true,
            _ => tally.evidence_bans() >= t.least_evidence,
        };
        let least = if matches!(facet, Facet::Algorithm(..)) { t.least_algorithm } else { t.least_weight };
        probable && evidence && weight >= least
    }

    fn large(&self, device: &DeviceTally, facet: &Facet, tally: &Tally) -> bool {
        let t = self.thresholds;
        let share = tally.cpu_ms / device.cpu_ms.max(1.0);
        let cores = tally.cpu_ms / (tally.seen_ms as f64).max(1.0);
        match facet {
            Facet::Token(_) => true,
            Facet::Hours(_) => cores >= t.busy_cores && tally.seen_ms > t.slack_ms,
            _ if earns(facet.activity()) => cores >= t.least_cores,
            Facet::Undeclared(_) => {
                cores >= t.least_cores && share >= t.least_share && share > self.tolerance
            }
            _ => cores >= t.least_cores && share >= t.least_share,
        }
    }

    /// The smaller of what the probabilities of these statements say, what their evidence weighs, and what the
    /// evaluation bears.
    fn weight(&self, facet: &Facet, tally: &Tally) -> f64 {
        let ratio = (tally.probability() / tally.declared_probability()).log10();
        match facet {
            Facet::Token(_) => TOKEN_BANS,
            Facet::Algorithm(_, named) => self.reliability.algorithm(named, &tally.algorithms),
            Facet::Undeclared(activity) => {
                let bears = self.reliability.weight(*activity, tally.expected.iter().copied());
                // Mining that was seen to ask for work rests on that, and not on the arithmetic alone.
                let told = *activity == Activity::Mining && tally.tokens * 2 >= tally.findings;
                ratio.max(if told { TOKEN_BANS } else { ratio }).min(bears)
            }
            Facet::Hours(_) => Weight::MAX,
            // That it is this activity at all, whatever was declared.
            Facet::Prohibited(activity) => Weight::from_probability(tally.probability())
                .log10()
                .min(self.reliability.weight(*activity, [])),
        }
    }
}

impl Facet {
    /// The activity that it is about.
    pub fn activity(&self) -> Activity {
        match self {
            Self::Undeclared(a)
            | Self::Algorithm(a, _)
            | Self::Token(a)
            | Self::Hours(a)
            | Self::Prohibited(a) => *a,
        }
    }
}

/// Work out of hours is one difference, told by its largest part.
fn merge_hours(found: &mut Vec<Found>) {
    let most =
        found.iter().filter(|f| f.kind == Kind::OutOfHours).map(|f| f.magnitude.size()).fold(0.0, f64::max);
    let mut told = false;
    found.retain(|f| {
        let other = f.kind != Kind::OutOfHours;
        let keep = other || (!told && f.magnitude.size() >= most);
        told |= !other && keep;
        keep
    });
}

/// Work that may earn a token is asked about however small it is.
pub(crate) fn earns(activity: Activity) -> bool {
    matches!(activity, Activity::Mining | Activity::StorageProving)
}

fn is_undeclared(kind: Kind) -> bool {
    matches!(kind, Kind::UndeclaredActivity | Kind::ForeignComponent | Kind::MixedLoad)
}

fn kind(device: &DeviceTally, facet: &Facet, tally: &Tally) -> Kind {
    let inside = tally.inside as f64 >= INSIDE * tally.statements as f64;
    let beside = device.declared_ms >= BESIDE * device.cpu_ms.max(1.0);
    match facet {
        Facet::Algorithm(..) => Kind::WrongAlgorithm,
        Facet::Token(_) if inside => Kind::ForeignComponent,
        Facet::Token(_) => Kind::UndeclaredToken,
        Facet::Hours(_) => Kind::OutOfHours,
        Facet::Prohibited(_) => Kind::ProhibitedWork,
        Facet::Undeclared(_) if inside => Kind::ForeignComponent,
        Facet::Undeclared(activity) if beside && !earns(*activity) => Kind::MixedLoad,
        Facet::Undeclared(_) => Kind::UndeclaredActivity,
    }
}

/// What was declared and what was seen, in words of the dictionary.
fn words(kind: Kind, facet: &Facet, tally: &Tally) -> (String, String) {
    let listed = || -> String {
        let names: Vec<&str> = tally.expected.iter().map(|a| a.name()).collect();
        names.join(", ")
    };
    match facet {
        Facet::Algorithm(_, named) => (tally.algorithms.join(", "), named.clone()),
        Facet::Token(_) if kind == Kind::ForeignComponent => (listed(), EARNS.to_owned()),
        Facet::Token(_) => (String::new(), "seen".to_owned()),
        Facet::Hours(a) | Facet::Undeclared(a) | Facet::Prohibited(a) => (listed(), a.name().to_owned()),
    }
}

fn magnitude(device: &DeviceTally, tally: &Tally) -> Magnitude {
    Magnitude {
        share: (tally.cpu_ms / device.cpu_ms.max(1.0)).min(1.0),
        hours: tally.seen_ms as f64 / HOUR_MS,
        kwh: tally.mj.map(|mj| mj / KWH_MJ),
    }
}

fn cited(tally: &Tally) -> Cited {
    let mean = |(sum, n): (i64, u64)| i32::try_from(sum / i64::try_from(n.max(1)).unwrap_or(1)).unwrap_or(0);
    let item = |(kind, sums): (&facts::EvidenceKind, &(i64, u64))| Item {
        kind: *kind,
        millibans: mean(*sums),
        statements: sums.1,
    };
    let mut items: Vec<Item> = tally.evidence.iter().map(item).collect();
    items.sort_by_key(|i| (std::cmp::Reverse(i.millibans), i.kind));
    Cited { statements: tally.statements, ordinals: tally.cited(), items, tree: tally.tree.clone() }
}
