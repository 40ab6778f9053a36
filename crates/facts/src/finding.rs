//! What is concluded, with the evidence that carries it.

use crate::{Activity, Coverage, Machine, Weight};
use serde::{Deserialize, Serialize};

/// The kind of unit a workload is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum UnitKind {
    /// A process and what it started.
    Process,
    /// A systemd service.
    Service,
    /// A container.
    Container,
    /// A Kubernetes pod.
    Pod,
    /// A Slurm job.
    Slurm,
}

impl UnitKind {
    /// The name as it stands in records and on screens.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Process => "process",
            Self::Service => "service",
            Self::Container => "container",
            Self::Pod => "pod",
            Self::Slurm => "slurm",
        }
    }
}

/// The kind of an observation that bears on a question.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum EvidenceKind {
    /// What the sampled instructions do.
    HotCode,
    /// Known tables and immediates that hot code uses.
    Constants,
    /// Bytes of real data per processor second.
    DataRate,
    /// Memory shape.
    Memory,
    /// Threads and cadence.
    Threads,
    /// Recognised conversations.
    Conversation,
    /// Names: a hint, of low weight.
    Symbols,
    /// Accelerator counters.
    Accelerator,
    /// Energy.
    Energy,
}

impl EvidenceKind {
    /// The name as it stands in records and on screens.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::HotCode => "hot-code",
            Self::Constants => "constants",
            Self::DataRate => "data-rate",
            Self::Memory => "memory",
            Self::Threads => "threads",
            Self::Conversation => "conversation",
            Self::Symbols => "symbols",
            Self::Accelerator => "accelerator",
            Self::Energy => "energy",
        }
    }
}

/// One observation that bears on the activity.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Evidence {
    /// Its kind.
    pub kind: EvidenceKind,
    /// What was seen, in words with figures.
    pub saw: String,
    /// The activity for which it speaks.
    #[serde(rename = "for")]
    pub supports: Activity,
    /// Its weight for that activity against the rest.
    pub weight: Weight,
    /// Activities against which it speaks most.
    pub against: Vec<Activity>,
}

/// Whether a link to a token was seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum TokenState {
    /// Something that earns a token was seen.
    Seen,
    /// Looked for, with a sensor that would have shown it, and not seen.
    NotSeen,
    /// It could not have been seen.
    NotObservable,
}

impl TokenState {
    /// The name as it stands in records and on screens.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Seen => "seen",
            Self::NotSeen => "not-seen",
            Self::NotObservable => "not-observable",
        }
    }
}

/// Whether the work earns a token, and why that is said. Kept apart from the activity.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TokenLink {
    /// The state.
    pub state: TokenState,
    /// The reasons.
    pub why: Vec<String>,
}

/// One part of a workload.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Share {
    /// What it does.
    pub activity: Activity,
    /// Its part of the workload's processor time, 0 to 1.
    pub share: f64,
    /// The probability of that activity for that part, 0 to 1.
    pub probability: f64,
}

/// One activity that the evidence leaves possible.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Reading {
    /// The activity.
    pub activity: Activity,
    /// Its probability after all evidence, 0 to 1.
    pub probability: f64,
}

/// What is concluded about one workload over one interval.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Finding {
    /// Its name: service, container, job, or the program that leads the tree.
    pub name: String,
    /// The kind of unit.
    pub unit: UnitKind,
    /// Its processes, busiest first.
    pub pids: Vec<u32>,
    /// The user it runs as.
    pub user: String,
    /// Processor use, in units of one core.
    pub cpu_share: f64,
    /// The leading activity, or `undetermined`.
    pub activity: Activity,
    /// The named computation, where known.
    pub algorithm: Option<String>,
    /// Probability of the leading activity, 0 to 1.
    pub probability: f64,
    /// Weight of all evidence together for the leading activity.
    pub weight: Weight,
    /// That weight in words.
    pub strength: String,
    /// The parts of the workload, largest first.
    pub mixture: Vec<Share>,
    /// Every activity with a probability of at least [`Finding::POSSIBLE`] for the part that leads the workload,
    /// likeliest first: what else it may be, above all where nothing was concluded. The probabilities sum to at
    /// most 1. The first need not be the activity concluded: training and inference stand together against the
    /// others. Empty in documents written before it was known.
    #[serde(default)]
    pub readings: Vec<Reading>,
    /// Whether it earns a token.
    pub token_link: TokenLink,
    /// What carries the conclusion, strongest first.
    pub evidence: Vec<Evidence>,
}

impl Finding {
    /// The smallest probability of an activity that is still listed among the readings.
    pub const POSSIBLE: f64 = 0.01;
}

/// The whole answer to one look.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Looked {
    /// The machine.
    pub machine: Machine,
    /// Length of the observation in seconds.
    pub interval_s: f64,
    /// What could be seen.
    pub coverage: Vec<Coverage>,
    /// One entry for each busy workload, busiest first.
    pub workloads: Vec<Finding>,
}
