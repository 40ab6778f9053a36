//! Raw readings: what the sensors hand to identification, and what a recording keeps.

use crate::{Conversation, Coverage};
use serde::{Deserialize, Serialize};

/// Instruction set of the machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Arch {
    /// x86-64.
    #[serde(rename = "x86_64")]
    X86_64,
    /// AArch64.
    Aarch64,
    /// Anything else: hot code cannot be decoded.
    Other,
}

/// With which rights the observer looked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Privilege {
    /// Every process of the machine.
    Machine,
    /// Only the observer's own user's processes.
    Own,
}

/// The machine that was looked at.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Machine {
    /// Instruction set.
    pub arch: Arch,
    /// Kernel release, as `uname -r` says.
    pub kernel: String,
    /// Online processors.
    pub cpus: u32,
    /// Installed memory, bytes.
    pub memory: u64,
    /// Rights of the observer.
    pub privilege: Privilege,
}

/// A process that cannot be confused with a later one of the same number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct ProcessKey {
    /// Process number.
    pub pid: u32,
    /// Start time in clock ticks since boot (field 22 of `/proc/PID/stat`).
    pub start: u64,
}

/// Who a process is. Every string here can lie: it names, it never proves.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Process {
    /// Its key.
    pub key: ProcessKey,
    /// Parent process number at first sight, 0 when unknown.
    pub parent: u32,
    /// Process group.
    pub group: u32,
    /// Session.
    pub session: u32,
    /// Short name (`comm`).
    pub name: String,
    /// Path of the executable, where readable.
    pub exe: Option<String>,
    /// User number.
    pub uid: u32,
    /// User name, where it resolves.
    pub user: Option<String>,
    /// Cgroup path, the most specific one.
    pub cgroup: String,
    /// Arguments, only when asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub arguments: Option<Vec<String>>,
}

/// What a process used during a slice (differences), and how it stood at the end of it (levels).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Usage {
    /// Whose.
    pub process: ProcessKey,
    /// Processor time in user mode, milliseconds in this slice.
    pub user_ms: u64,
    /// Processor time in the kernel, milliseconds in this slice.
    pub system_ms: u64,
    /// Bytes read by system calls, in this slice (files, pipes, and sockets read with `read`).
    pub read: u64,
    /// Bytes written by system calls, in this slice.
    pub written: u64,
    /// Bytes fetched from storage, in this slice.
    pub disk_read: u64,
    /// Bytes sent to storage, in this slice.
    pub disk_written: u64,
    /// Read and write system calls, in this slice.
    pub calls: u64,
    /// Page faults without I/O, in this slice.
    pub faults: u64,
    /// Voluntary context switches, in this slice.
    pub waits: u64,
    /// Involuntary context switches, in this slice.
    pub preempted: u64,
    /// Resident memory, bytes (level).
    pub resident: u64,
    /// Anonymous huge pages and hugetlb pages, bytes (level), where readable.
    pub huge: Option<u64>,
    /// Largest private anonymous mapping, bytes (level), where readable.
    pub largest: Option<u64>,
    /// Threads (level).
    pub threads: u32,
    /// Threads that were sampled at least once in this slice.
    pub hot_threads: u32,
}

/// Program counters sampled in user mode, merged by address.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hit {
    /// Whose.
    pub process: ProcessKey,
    /// Virtual address; 0 stands for the kernel.
    pub address: u64,
    /// How often.
    pub count: u32,
}

/// Where executable bytes come from.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ImageKind {
    /// A file.
    File {
        /// Its path, as the kernel names it.
        path: String,
        /// GNU build-id in hex, where the file has one.
        build_id: Option<String>,
    },
    /// Anonymous memory: a just-in-time compiler, an unpacker, RandomX.
    Anonymous,
    /// The kernel's vdso.
    Kernel,
}

/// One executable mapping in which samples fell.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Image {
    /// Whose.
    pub process: ProcessKey,
    /// First address.
    pub start: u64,
    /// First address after it.
    pub end: u64,
    /// Offset of `start` in the file.
    pub offset: u64,
    /// Whether it is writable and executable at once.
    pub writable: bool,
    /// Where it comes from.
    pub kind: ImageKind,
}

/// Executable bytes around hot addresses.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Code {
    /// Whose.
    pub process: ProcessKey,
    /// Address of the first byte.
    pub address: u64,
    /// The bytes.
    #[serde(with = "hex_bytes")]
    pub bytes: Vec<u8>,
}

/// A known constant that hot code uses.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct ConstantUse {
    /// Whose.
    pub process: ProcessKey,
    /// Address of the instruction that refers to it.
    pub code: u64,
    /// Address of the table; 0 when the constant stands in the instruction itself.
    pub table: u64,
    /// Its name in the book of constants.
    pub name: String,
}

/// A name for a hot address.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Symbol {
    /// Whose.
    pub process: ProcessKey,
    /// The hot address.
    pub address: u64,
    /// The nearest symbol at or below it.
    pub name: String,
}

/// Everything read in one span of time. Two slices in sequence give rates; a recording is a list of slices.
///
/// `processes`, `images`, `code`, `constants` and `symbols` appear once, in the slice where they were first
/// read (or read anew because they changed); later slices refer to them.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Slice {
    /// Begin, milliseconds since the observation began (monotonic clock).
    pub from_ms: u64,
    /// End, milliseconds since the observation began.
    pub to_ms: u64,
    /// Processor time that one hit stands for, microseconds.
    pub hit_us: u64,
    /// Samples the kernel says it dropped.
    pub lost: u64,
    /// Processes first seen, or changed by `exec`.
    pub processes: Vec<Process>,
    /// Processes that ended.
    pub ended: Vec<ProcessKey>,
    /// What busy processes used.
    pub usage: Vec<Usage>,
    /// Sampled program counters.
    pub hits: Vec<Hit>,
    /// Executable mappings first seen.
    pub images: Vec<Image>,
    /// Executable bytes first read.
    pub code: Vec<Code>,
    /// Constants first found.
    pub constants: Vec<ConstantUse>,
    /// Names first found.
    pub symbols: Vec<Symbol>,
    /// Conversations that moved or were recognised.
    pub conversations: Vec<Conversation>,
    /// Coverage as it stands now; the last slice's list holds.
    pub coverage: Vec<Coverage>,
}

/// Bytes as lower-case hex: long, but it reads in any editor and compresses well.
mod hex_bytes {
    use serde::{Deserialize, Deserializer, Serializer, de::Error};

    pub fn serialize<S: Serializer>(bytes: &[u8], s: S) -> Result<S::Ok, S::Error> {
        const DIGITS: &[u8; 16] = b"0123456789abcdef";
        let digit = |n: u8| char::from(*DIGITS.get(usize::from(n & 15)).unwrap_or(&b'0'));
        s.serialize_str(&bytes.iter().flat_map(|b| [digit(b >> 4), digit(*b)]).collect::<String>())
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(d: D) -> Result<Vec<u8>, D::Error> {
        let text = String::deserialize(d)?;
        if text.len() % 2 != 0 {
            return Err(D::Error::custom(format!("odd number of hex digits: {}", text.len())));
        }
        let value = |c: &u8| char::from(*c).to_digit(16).and_then(|v| u8::try_from(v).ok());
        text.as_bytes()
            .chunks_exact(2)
            .map(|pair| match pair {
                [high, low] => value(high).zip(value(low)).map(|(h, l)| h << 4 | l),
                _ => None,
            })
            .collect::<Option<Vec<u8>>>()
            .ok_or_else(|| D::Error::custom("a character that is no hex digit"))
    }
}
