//! The processes of the machine as far as they matter: those that were sampled, and their ancestors.
//!
//! Built from the kernel's side-band records (start, exec, end) and from `/proc` where those say nothing. A
//! number that is reused never leads to the wrong process: every look is guarded by the start time.

use crate::entry::Entry;
use crate::procfs::Reader;
use crate::procfs::maps::Mapping;
use crate::procfs::stat::Stat;
use facts::ProcessKey;
use std::collections::HashMap;

/// Most processes that are kept in mind at once.
const PROCESSES: usize = 32_768;
/// Most mappings that are kept from side-band records for one process.
const MAPPINGS: usize = 64;
/// Nanoseconds in a clock tick of `/proc/PID/stat`: `USER_HZ` is 100 on every Linux that overt supports.
const TICK_NS: u64 = 10_000_000;
/// Longest ancestry that is followed.
const ANCESTRY: usize = 64;

/// All of them.
#[derive(Default)]
pub struct Table {
    entries: HashMap<u32, Entry>,
    /// Processes whose number was taken over by another within the slice.
    replaced: Vec<Entry>,
    /// Whether the bound on processes was reached.
    pub full: bool,
}

impl Table {
    /// The process that holds `pid` now, as far as known.
    pub fn get_mut(&mut self, pid: u32) -> Option<&mut Entry> {
        self.entries.get_mut(&pid)
    }

    /// Every process kept in mind, those replaced in this slice first.
    pub fn iter_mut(&mut self) -> impl Iterator<Item = &mut Entry> {
        self.replaced.iter_mut().chain(self.entries.values_mut())
    }

    fn insert(&mut self, entry: Entry) {
        if self.entries.len() >= PROCESSES && !self.entries.contains_key(&entry.key.pid) {
            self.full = true;
            self.entries.retain(|_, e| !e.ended || e.samples() > 0);
            if self.entries.len() >= PROCESSES {
                return;
            }
        }
        if let Some(mut old) = self.entries.insert(entry.key.pid, entry) {
            old.ended = true;
            if (old.samples() > 0 || old.ever_announced) && self.replaced.len() < PROCESSES {
                self.replaced.push(old);
            }
        }
    }

    /// A process was started at `time` nanoseconds since boot.
    pub fn forked(&mut self, pid: u32, parent: u32, time: u64) {
        let (name, mapped) = match self.entries.get(&parent) {
            Some(entry) => (entry.name.clone(), entry.mapped.clone()),
            None => (String::new(), Vec::new()),
        };
        let mut entry = Entry::new(pid, time / TICK_NS, parent, name);
        entry.mapped = mapped;
        self.insert(entry);
    }

    /// A process executed another program.
    pub fn executed(&mut self, pid: u32, name: String) {
        // One started before we looked and not sampled since is of no interest yet: `/proc` tells when it is.
        let Some(entry) = self.entries.get_mut(&pid) else { return };
        entry.name = name;
        entry.announced = false;
        entry.known = false;
        entry.mapped.clear();
        entry.detail = None;
        entry.hot = None;
    }

    /// A process changed its own name.
    pub fn renamed(&mut self, pid: u32, name: String) {
        if let Some(entry) = self.entries.get_mut(&pid) {
            entry.name = name;
        }
    }

    /// A process mapped executable memory.
    pub fn mapped(&mut self, pid: u32, mapping: Mapping) {
        let Some(entry) = self.entries.get_mut(&pid) else { return };
        entry.mapped.retain(|old| old.end <= mapping.start || mapping.end <= old.start);
        if entry.mapped.len() < MAPPINGS {
            entry.mapped.push(mapping);
        }
    }

    /// A process ended.
    pub fn exited(&mut self, pid: u32) {
        if let Some(entry) = self.entries.get_mut(&pid) {
            entry.ended = true;
        }
    }

    /// A program counter was sampled; gives whether it is this process's first sample of the slice.
    pub fn sampled(&mut self, pid: u32, tid: u32, address: u64, time: u64, reader: &mut Reader) -> bool {
        if !self.entries.contains_key(&pid) {
            let entry = match reader.stat(pid) {
                Some(stat) => Entry::from_stat(pid, stat),
                None => Entry::new(pid, time / TICK_NS, 0, String::new()),
            };
            self.insert(entry);
        }
        let Some(entry) = self.entries.get_mut(&pid) else { return false };
        entry.hit(address, tid);
        entry.samples() == 1
    }

    /// Makes `pid` known from `/proc`, for an ancestor or where nothing is sampled. `None` when it is gone.
    pub fn discover(&mut self, pid: u32, reader: &mut Reader) -> Option<&mut Entry> {
        if !self.entries.contains_key(&pid) {
            let stat = reader.stat(pid)?;
            self.insert(Entry::from_stat(pid, stat));
        }
        self.entries.get_mut(&pid)
    }

    /// Takes `/proc/PID/stat` in where nothing is sampled: makes the process known, or replaces one that had the
    /// number before.
    pub fn met(&mut self, pid: u32, stat: &Stat) -> Option<&mut Entry> {
        if !self.entries.get(&pid).is_some_and(|e| e.is(stat)) {
            self.insert(Entry::from_stat(pid, stat.clone()));
        }
        self.entries.get_mut(&pid)
    }

    /// Ancestors of `pid` that were not handed out yet, nearest first.
    pub fn unannounced_ancestors(&mut self, pid: u32, reader: &mut Reader) -> Vec<u32> {
        let mut found = Vec::new();
        let mut at = self.entries.get(&pid).map_or(0, |e| e.parent);
        for _ in 0..ANCESTRY {
            if at == 0 {
                break;
            }
            let Some(entry) = self.discover(at, reader) else { break };
            if !entry.announced {
                found.push(at);
            }
            at = entry.parent;
        }
        found
    }

    /// Ends the slice: gives the keys of processes that ended and were handed out, and forgets what is over.
    /// Processes not sampled for `patience` slices are let go of too; they are read anew if they come back.
    pub fn close_slice(&mut self, slice: u64, patience: u64) -> Vec<ProcessKey> {
        let mut ended: Vec<ProcessKey> =
            self.replaced.drain(..).filter(|e| e.ever_announced).map(|e| e.key).collect();
        self.entries.retain(|_, entry| {
            entry.close_slice();
            if entry.ended && entry.ever_announced {
                ended.push(entry.key);
            }
            if slice.saturating_sub(entry.last_seen) > patience {
                entry.hot = None;
            }
            !entry.ended
        });
        ended
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reader() -> Reader {
        Reader::new("/nonexistent")
    }

    #[test]
    fn a_process_that_lived_and_died_between_two_looks_keeps_name_parent_and_samples() {
        let mut table = Table::default();
        table.forked(50, 7, 123 * TICK_NS);
        table.executed(50, "sha256sum".into());
        assert!(table.sampled(50, 50, 0x1000, 0, &mut reader()));
        table.exited(50);
        let entry = table.get_mut(50).unwrap();
        assert_eq!((entry.key.start, entry.parent, entry.name.as_str()), (123, 7, "sha256sum"));
        assert_eq!((entry.samples(), entry.ended), (1, true));
    }

    #[test]
    fn a_reused_number_does_not_inherit_samples() {
        let mut table = Table::default();
        table.forked(50, 7, TICK_NS);
        table.sampled(50, 50, 0x1000, 0, &mut reader());
        table.exited(50);
        table.forked(50, 8, 9 * TICK_NS);
        assert_eq!(table.get_mut(50).unwrap().samples(), 0);
        let all: Vec<(u64, u32)> = table.iter_mut().map(|e| (e.key.start, e.samples())).collect();
        assert_eq!(all, [(1, 1), (9, 0)]);
    }

    #[test]
    fn more_processes_than_the_bound_are_refused_and_said_so() {
        let mut table = Table::default();
        for pid in 1..=u32::try_from(PROCESSES).unwrap() + 10 {
            table.forked(pid, 1, 0);
        }
        assert!(table.full);
        assert_eq!(table.iter_mut().count(), PROCESSES);
    }

    #[test]
    fn what_ended_is_told_once_and_forgotten() {
        let mut table = Table::default();
        table.forked(50, 7, TICK_NS);
        table.get_mut(50).unwrap().ever_announced = true;
        table.exited(50);
        assert_eq!(table.close_slice(1, 10), [ProcessKey { pid: 50, start: 1 }]);
        assert_eq!(table.close_slice(2, 10), []);
    }
}
