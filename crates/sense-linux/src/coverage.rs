//! What could be seen and what not, in words.

use crate::perf::Reach;
use facts::{Coverage, Sensor, State};

/// What the sensors met so far.
#[derive(Clone, Debug)]
pub struct Seen {
    /// How far sampling reaches.
    pub reach: Reach,
    /// Whether memory of a live process could not be read.
    pub refused_memory: bool,
    /// Whether the bound on code of a process was reached.
    pub full_code: bool,
    /// Whether the bound on processes was reached.
    pub full_table: bool,
}

/// One line for each sensor.
pub fn lines(seen: &Seen) -> Vec<Coverage> {
    vec![hot_code(seen), accelerator(), energy()]
}

fn line(sensor: Sensor, state: State, why: impl Into<String>) -> Coverage {
    Coverage { sensor, state, why: why.into() }
}

fn hot_code(seen: &Seen) -> Coverage {
    let (state, mut why) = match &seen.reach {
        Reach::Machine { kernel: true } => (State::Full, String::new()),
        Reach::Machine { kernel: false } => (State::Full, "time in the kernel is not sampled".into()),
        Reach::Own { why } => (State::Partial, format!("only own processes: {why}")),
        Reach::Nothing { why } => (State::None, why.clone()),
    };
    if seen.refused_memory {
        why.push_str("code of some processes could not be read; CAP_SYS_PTRACE would allow it");
    }
    if seen.full_code {
        why.push_str("; of some processes only the hottest 96 KiB of code were read");
    }
    line(Sensor::HotCode, state, why)
}

fn accelerator() -> Coverage {
    line(Sensor::Accelerator, State::None, "no accelerator is read yet")
}

fn energy() -> Coverage {
    line(Sensor::Energy, State::None, "no meter is read yet")
}
