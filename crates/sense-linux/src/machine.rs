//! What the machine is.

use crate::procfs::{Reader, field};
use facts::{Arch, Machine, Privilege};

/// Most processors that are counted.
const CPUS: u32 = 4_096;

/// Reads what `/proc` and `/sys` tell of the machine.
pub fn read(reader: &mut Reader, cpus: &[u32], privilege: Privilege) -> Machine {
    let kernel = reader.read_global("sys/kernel/osrelease").unwrap_or_default();
    let kernel = String::from_utf8_lossy(kernel.trim_ascii()).into_owned();
    let memory = reader.read_global("meminfo").ok().and_then(|t| field(t, b"MemTotal")).unwrap_or(0);
    let arch = match std::env::consts::ARCH {
        "x86_64" => Arch::X86_64,
        "aarch64" => Arch::Aarch64,
        _ => Arch::Other,
    };
    let cpus = u32::try_from(cpus.len()).unwrap_or(1);
    Machine { arch, kernel, cpus, memory: memory.saturating_mul(1024), privilege }
}

/// Numbers of the online processors; processor 0 alone where the kernel does not tell.
pub fn cpus() -> Vec<u32> {
    let text = std::fs::read_to_string("/sys/devices/system/cpu/online").unwrap_or_default();
    let cpus = parse_cpus(&text);
    if cpus.is_empty() { vec![0] } else { cpus }
}

/// Reads `0-3,8,10-11`.
fn parse_cpus(text: &str) -> Vec<u32> {
    let range = |part: &str| {
        let (first, last) = part.split_once('-').unwrap_or((part, part));
        Some(first.parse::<u32>().ok()?..=last.parse::<u32>().ok()?.min(CPUS))
    };
    text.trim().split(',').filter_map(range).flatten().take(CPUS as usize).collect()
}

/// Whether the observer holds a capability, by its number, according to `/proc/self/status`.
pub fn capable(reader: &mut Reader, number: u32) -> bool {
    let Ok(text) = reader.read_global("self/status") else { return false };
    let line = text.split(|b| *b == b'\n').find_map(|l| l.strip_prefix(b"CapEff:"));
    let bits = line.and_then(|l| u64::from_str_radix(std::str::from_utf8(l).ok()?.trim(), 16).ok());
    bits.is_some_and(|b| b >> number & 1 == 1)
}

/// `CAP_SYS_PTRACE`.
pub const SYS_PTRACE: u32 = 19;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn processors_are_read_from_ranges_and_bounded() {
        assert_eq!(parse_cpus("0-3,8,10-11\n"), [0, 1, 2, 3, 8, 10, 11]);
        assert_eq!(parse_cpus("nonsense"), [] as [u32; 0]);
        assert!(parse_cpus("0-4294967295").len() <= CPUS as usize);
    }

    #[test]
    fn this_machine_has_memory_and_a_kernel() {
        let machine = read(&mut Reader::new("/proc"), &cpus(), Privilege::Own);
        assert!(machine.memory > 0 && machine.cpus > 0 && machine.kernel.contains('.'));
    }
}
