//! What could be seen, what could not, and why.

use serde::{Deserialize, Serialize};

/// One way of looking.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Sensor {
    /// Sampled program counters and the code around them.
    HotCode,
    /// Tables and immediates that the hot code uses.
    Constants,
    /// Bytes read, written, received and sent.
    DataRate,
    /// Resident memory, huge pages, executable mappings.
    Memory,
    /// Threads and their cadence.
    Threads,
    /// Who talks to whom, and the first bytes in clear.
    Conversation,
    /// Names of functions and of mapped files.
    Symbols,
    /// Processes, their users, containers and jobs.
    Processes,
    /// GPUs and other accelerators.
    Accelerator,
    /// RAPL, accelerator power, meters.
    Energy,
}

impl Sensor {
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
            Self::Processes => "processes",
            Self::Accelerator => "accelerator",
            Self::Energy => "energy",
        }
    }
}

/// How much of its subject a sensor could see.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum State {
    /// Everything it is made for.
    Full,
    /// Some of it: `why` says what was missed.
    Partial,
    /// Nothing: `why` says what would change that.
    None,
}

/// One line of coverage: "not seen" is worth something only beside it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Coverage {
    /// Which sensor.
    pub sensor: Sensor,
    /// How much it saw.
    pub state: State,
    /// What was not seen, why, and what would change it; empty when all was seen.
    pub why: String,
}
