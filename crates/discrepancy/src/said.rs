//! What the devices said, as this room needs it: statements with their place in the log.
//!
//! Plain data; the caller takes it from the registry or from the history. Must not judge.

use facts::{Activity, TokenState};
use statement::{
    Component, DeviceId, Energy, Evidence, Name, Reading, SensorCoverage, Statement, WorkloadId,
};

/// One statement of a device with its place in the log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Said {
    /// The device.
    pub device: DeviceId,
    /// The site at which the registry has it enrolled.
    pub site: Name,
    /// The ordinal of the statement in the log, which a receipt proves.
    pub ordinal: u64,
    /// Its number in the device's chain.
    pub sequence: u64,
    /// Begin by the device's clock, milliseconds since 1970.
    pub from_ms: u64,
    /// Length, milliseconds.
    pub duration_ms: u32,
    /// What could be seen.
    pub coverage: Vec<SensorCoverage>,
    /// Statements before it that the device had to give up.
    pub dropped: u64,
    /// Energy of the whole device, where known.
    pub energy: Option<Energy>,
    /// What was seen.
    pub findings: Vec<Seen>,
}

/// One workload in a statement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seen {
    /// The workload.
    pub workload: WorkloadId,
    /// Its name, which can lie.
    pub name: String,
    /// What is concluded of it, or of the part of it that leads: `undetermined` where nothing is.
    pub activity: Activity,
    /// What it may be doing, likeliest first, in thousandths.
    pub readings: Vec<Reading>,
    /// Its parts where it does several things at once.
    pub mixture: Vec<Component>,
    /// The named computation, where known.
    pub algorithm: Option<String>,
    /// Whether it earns a token.
    pub token: TokenState,
    /// What the rulebook of the site says of it, as a word, where it was judged: `prohibited`, `data-industry` …
    pub disposition: Option<String>,
    /// Processor time in the interval, milliseconds.
    pub cpu_ms: u64,
    /// Energy in the interval, millijoules, where it can be told apart.
    pub energy_mj: Option<u64>,
    /// The evidence, weightiest first.
    pub evidence: Vec<Evidence>,
    /// The process tree as text, where the device handed it out.
    pub tree: Option<String>,
}

impl Said {
    /// A statement as it was admitted; `disposition` gives what the rulebook said of each finding, where it was judged.
    #[must_use]
    pub fn of(
        statement: &Statement,
        site: Name,
        ordinal: u64,
        disposition: impl Fn(WorkloadId) -> Option<String>,
    ) -> Self {
        let seen = |f: &statement::Finding| Seen {
            workload: f.workload,
            name: f.name.clone(),
            activity: concluded(f),
            readings: f.readings.clone(),
            mixture: f.mixture.clone(),
            algorithm: f.algorithm.clone(),
            token: f.token,
            disposition: disposition(f.workload),
            cpu_ms: f.cpu_ms,
            energy_mj: f.energy_mj,
            evidence: f.evidence.clone(),
            tree: None,
        };
        Self {
            device: statement.device,
            site,
            ordinal,
            sequence: statement.sequence,
            from_ms: statement.from_ms,
            duration_ms: statement.duration_ms,
            coverage: statement.coverage.clone(),
            dropped: statement.dropped.as_ref().map_or(0, |d| d.count),
            energy: statement.energy.clone(),
            findings: statement.findings.iter().map(seen).collect(),
        }
    }

    /// The end of the interval, milliseconds since 1970.
    #[must_use]
    pub fn until_ms(&self) -> u64 {
        self.from_ms.saturating_add(u64::from(self.duration_ms))
    }
}

/// The part that leads, or the first reading. The conclusion is the mixture's: readings are what else it may be.
fn concluded(finding: &statement::Finding) -> Activity {
    let part = finding.mixture.iter().max_by_key(|c| c.share_permille).map(|c| c.activity);
    part.or_else(|| finding.readings.first().map(|r| r.activity)).unwrap_or(Activity::Undetermined)
}

impl Seen {
    /// Probability of an activity for the part that leads, 0 to 1.
    #[must_use]
    pub fn possible(&self, activity: Activity) -> f64 {
        let told = self.readings.iter().find(|r| r.activity == activity);
        told.map_or(0.0, |r| f64::from(r.permille.min(1_000)) / 1_000.0)
    }

    /// What it does by parts: activity, share of its processor time and probability, each 0 to 1.
    #[must_use]
    pub fn parts(&self) -> Vec<(Activity, f64, f64)> {
        let part = |permille: u16| f64::from(permille.min(1_000)) / 1_000.0;
        if self.mixture.is_empty() {
            return vec![(self.activity, 1.0, self.possible(self.activity))];
        }
        self.mixture.iter().map(|c| (c.activity, part(c.share_permille), part(c.permille))).collect()
    }
}
