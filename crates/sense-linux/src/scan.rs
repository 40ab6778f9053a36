//! Finding busy processes without machine-wide sampling: by their processor time in `/proc`.

use crate::procfs::Reader;
use crate::table::Table;
use std::collections::HashSet;
use std::time::Instant;

/// Most processes that are scanned.
const PROCESSES: usize = 8_192;
/// Shortest time between two scans, microseconds, and how many times its own cost to wait.
const WAIT: (u64, u64) = (400_000, 200);
/// Processor ticks between two scans from which on a process is busy: 1 % of a core in a second.
const BUSY: u64 = 1;
/// Most processes of which threads are followed.
const FOLLOWED: usize = 16;
/// Most threads of one process that are followed.
const THREADS: usize = 16;

/// The scan and when it may run again.
#[derive(Debug, Default)]
pub struct Scan {
    next: u64,
    /// Whether there were more processes than are scanned.
    pub cut: bool,
}

impl Scan {
    /// Scans if it is time, at `now` microseconds; gives the numbers of busy processes, busiest first.
    pub fn run(&mut self, table: &mut Table, reader: &mut Reader, now: u64) -> Option<Vec<u32>> {
        if now < self.next {
            return None;
        }
        let begin = Instant::now();
        let pids = reader.list(PROCESSES).unwrap_or_default();
        self.cut |= pids.len() >= PROCESSES;
        let mut busy: Vec<(u64, u32)> = Vec::new();
        if pids.len() < PROCESSES {
            let here: HashSet<u32> = pids.iter().copied().collect();
            table.iter_mut().filter(|e| !here.contains(&e.key.pid)).for_each(|e| e.ended = true);
        }
        for pid in pids {
            let Some(stat) = reader.stat(pid) else { continue };
            let Some(entry) = table.met(pid, &stat) else { continue };
            let ticks = stat.user + stat.system;
            let used = entry.scanned.map_or(0, |was| ticks.saturating_sub(was));
            entry.scanned = Some(ticks);
            if used >= BUSY {
                entry.busy = true;
                busy.push((used, pid));
            }
        }
        busy.sort_unstable_by(|a, b| b.cmp(a));
        let cost = u64::try_from(begin.elapsed().as_micros()).unwrap_or(u64::MAX);
        self.next = now.saturating_add(cost.saturating_mul(WAIT.1).max(WAIT.0));
        Some(busy.into_iter().map(|(_, pid)| pid).collect())
    }
}

/// Threads of the busiest processes, to be followed one by one.
pub fn threads(busy: &[u32]) -> Vec<u32> {
    let own = std::process::id();
    let tasks = busy.iter().filter(|p| **p != own).take(FOLLOWED).filter_map(|pid| {
        let entries = std::fs::read_dir(format!("/proc/{pid}/task")).ok()?;
        Some(entries.flatten().filter_map(|e| e.file_name().to_str()?.parse().ok()).take(THREADS))
    });
    tasks.flatten().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_process_that_computes_is_found_between_two_scans() {
        let (mut scan, mut table, mut reader) = (Scan::default(), Table::default(), Reader::new("/proc"));
        assert_eq!(scan.run(&mut table, &mut reader, 0), Some(Vec::new()));
        let begin = Instant::now();
        while begin.elapsed().as_millis() < 200 {
            std::hint::black_box((0..10_000u64).fold(0, |a, b| a ^ b.wrapping_mul(3)));
        }
        let busy = scan.run(&mut table, &mut reader, u64::MAX / 2).unwrap();
        assert!(busy.contains(&std::process::id()), "{busy:?}");
        assert_eq!(scan.run(&mut table, &mut reader, u64::MAX / 2), None, "not again at once");
    }
}
