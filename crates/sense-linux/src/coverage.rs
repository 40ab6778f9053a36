//! What could be seen and what not, in words: "not seen" is worth something only beside it.

use crate::perf::Reach;
use facts::{Arch, Coverage, Sensor, State};

/// What the sensors met so far.
#[derive(Clone, Debug)]
pub struct Seen {
    /// How far sampling reaches.
    pub reach: Reach,
    /// Instruction set.
    pub arch: Arch,
    /// Whether memory of other users may be read.
    pub reads_all: bool,
    /// Whether memory of a live process could not be read.
    pub refused_memory: bool,
    /// Whether the bound on code of a process was reached.
    pub full_code: bool,
    /// Whether the bound on processes was reached.
    pub full_table: bool,
    /// Whether some mappings were left out.
    pub cut_mappings: bool,
    /// Samples or task records that the kernel dropped.
    pub lost: u64,
    /// Why first bytes of conversations are not seen.
    pub no_capture: Option<String>,
    /// Whether only part of the traffic could be read within the budget.
    pub sampled_capture: bool,
    /// Whether sockets of some processes could not be listed, and whether a bound on them was reached.
    pub sockets: (bool, bool),
}

/// What would let the observer read other users' processes.
const READ_ALL: &str = "root or CAP_SYS_PTRACE would show other users' processes";

/// One line for each sensor.
pub fn lines(seen: &Seen) -> Vec<Coverage> {
    vec![
        hot_code(seen),
        of_memory(Sensor::Constants, seen),
        own_only(Sensor::DataRate, seen, "bytes moved of own processes only"),
        own_only(Sensor::Memory, seen, "huge pages and mappings of own processes only"),
        line(Sensor::Threads, State::Full, &[]),
        conversation(seen),
        of_memory(Sensor::Symbols, seen),
        processes(seen),
        accelerator(),
        energy(),
    ]
}

fn line(sensor: Sensor, state: State, why: &[&str]) -> Coverage {
    let why: Vec<&str> = why.iter().copied().filter(|w| !w.is_empty()).collect();
    Coverage { sensor, state, why: why.join("; ") }
}

fn hot_code(seen: &Seen) -> Coverage {
    let (mut state, why) = match &seen.reach {
        Reach::Machine { kernel: true } => (State::Full, String::new()),
        Reach::Machine { kernel: false } => (State::Full, "time in the kernel is not sampled".into()),
        Reach::Own { why } => (State::Partial, format!("own processes only: {why}")),
        Reach::Nothing { why } => (State::None, why.clone()),
    };
    let refused = if seen.refused_memory && state != State::None {
        state = State::Partial;
        "code of some processes could not be read; root or CAP_SYS_PTRACE would allow it"
    } else {
        ""
    };
    let undecoded = if seen.arch == Arch::Other {
        state = State::Partial;
        "this instruction set is not decoded"
    } else {
        ""
    };
    let full =
        if seen.full_code { "of some processes only the hottest 96 KiB of code were read" } else { "" };
    let cut = if seen.cut_mappings { "of some processes not all mappings were read" } else { "" };
    let lost =
        if seen.lost > 0 { format!("the kernel dropped {} records", seen.lost) } else { String::new() };
    line(Sensor::HotCode, state, &[&why, refused, undecoded, full, cut, &lost])
}

/// Sensors that need sampled code and the right to read memory.
fn of_memory(sensor: Sensor, seen: &Seen) -> Coverage {
    match (&seen.reach, seen.reads_all) {
        (Reach::Nothing { .. }, _) => line(sensor, State::None, &["there is no hot code to start from"]),
        (Reach::Machine { .. }, true) => line(sensor, State::Full, &[]),
        _ => line(sensor, State::Partial, &["own processes only", READ_ALL]),
    }
}

fn own_only(sensor: Sensor, seen: &Seen, what: &str) -> Coverage {
    if seen.reads_all {
        line(sensor, State::Full, &[])
    } else {
        line(sensor, State::Partial, &[what, READ_ALL])
    }
}

fn conversation(seen: &Seen) -> Coverage {
    let first = match &seen.no_capture {
        Some(why) => format!("first bytes are not seen: {why}"),
        None => String::new(),
    };
    let sampled = if seen.sampled_capture {
        "traffic above the budget: only part of the first bytes was read"
    } else {
        ""
    };
    let refused = if seen.sockets.0 || !seen.reads_all { "sockets of own processes only" } else { "" };
    let add = if refused.is_empty() { "" } else { READ_ALL };
    let cut = if seen.sockets.1 { "not all sockets were read" } else { "" };
    let why = [first.as_str(), sampled, refused, add, cut];
    let state = if why.iter().all(|w| w.is_empty()) { State::Full } else { State::Partial };
    line(Sensor::Conversation, state, &why)
}

fn processes(seen: &Seen) -> Coverage {
    let full =
        if seen.full_table { "more than 32,768 processes at once: some were not told apart" } else { "" };
    let short = match seen.reach {
        Reach::Machine { .. } => "",
        _ => "processes that live less than a second may be missed",
    };
    let state = if full.is_empty() && short.is_empty() { State::Full } else { State::Partial };
    line(Sensor::Processes, state, &[full, short])
}

fn accelerator() -> Coverage {
    let there = ["/dev/nvidia0", "/dev/nvidiactl", "/dev/kfd", "/dev/dri/renderD128"]
        .into_iter()
        .find(|path| std::path::Path::new(path).exists());
    let why = match there {
        Some(path) => format!("{path} is there, but this version of overt does not read accelerators"),
        None => "no accelerator was found (no device node of NVIDIA, AMD or a renderer)".into(),
    };
    line(Sensor::Accelerator, State::None, &[&why])
}

fn energy() -> Coverage {
    let rapl = std::path::Path::new("/sys/class/powercap/intel-rapl:0").exists();
    let why = if rapl {
        "a power meter (powercap) is there, but this version of overt does not read energy"
    } else {
        "no meter on this machine: powercap shows none, as in most virtual machines"
    };
    line(Sensor::Energy, State::None, &[why])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(reach: Reach) -> Seen {
        Seen {
            reach,
            arch: Arch::X86_64,
            reads_all: true,
            refused_memory: false,
            full_code: false,
            full_table: false,
            cut_mappings: false,
            lost: 0,
            no_capture: None,
            sampled_capture: false,
            sockets: (false, false),
        }
    }

    #[test]
    fn every_sensor_has_a_line_and_whatever_is_not_full_says_why() {
        for reach in [
            Reach::Machine { kernel: true },
            Reach::Own { why: "x".into() },
            Reach::Nothing { why: "y".into() },
        ] {
            let lines = lines(&Seen { reads_all: false, no_capture: Some("z".into()), ..seen(reach) });
            assert_eq!(lines.len(), 10);
            assert!(lines.iter().all(|l| l.state == State::Full || !l.why.is_empty()), "{lines:?}");
        }
    }

    #[test]
    fn unread_code_is_a_gap_even_where_everything_is_sampled() {
        let lines = lines(&Seen { refused_memory: true, ..seen(Reach::Machine { kernel: true }) });
        assert_eq!(lines[0].state, State::Partial);
        assert!(lines[0].why.contains("CAP_SYS_PTRACE"));
    }
}
