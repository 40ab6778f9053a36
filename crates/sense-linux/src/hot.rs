//! The code around hot addresses of one process: which bytes were read, where they come from.
//!
//! Executable pages only. Windows grow while samples appear at their edges and are bounded for a process and
//! for a slice; memory without a file behind it is read again while it stays hot, because compilers rewrite it.

mod handed;
mod mappings;

use crate::memory::Memory;
use crate::procfs::Reader;
use crate::procfs::maps::Mapping;
use std::collections::{BTreeMap, HashMap, HashSet};

/// Bytes read before a hot address.
const BEFORE: u64 = 384;
/// Bytes read after a hot address.
const AFTER: u64 = 1_024;
/// A sample this near to the edge of a window extends it, bytes.
const EDGE: u64 = 64;
/// Most bytes of code kept for a process.
const PROCESS_LIMIT: usize = 96 * 1024;
/// Past this many bytes only addresses sampled more than once are read.
const PICKY: usize = 32 * 1024;
/// Most pages that are remembered as unreadable.
const MISSED: usize = 1_024;

/// Most hot addresses remembered for one window.
const HOT: usize = 256;

/// What may still be spent in this slice.
#[derive(Clone, Copy, Debug)]
pub struct Allowance {
    /// Bytes of code.
    pub bytes: usize,
    /// Readings of mappings.
    pub maps: u32,
}

impl Allowance {
    /// For one slice.
    pub const SLICE: Self = Self { bytes: 1024 * 1024, maps: 64 };
}

/// Bytes that were read.
#[derive(Clone, Debug)]
pub struct Window {
    /// The bytes.
    pub bytes: Vec<u8>,
    /// Whether no file stands behind them, or they may be written.
    pub volatile: bool,
    /// Whether they were not handed out yet.
    pub fresh: bool,
    /// Addresses in it that were sampled, at most [`HOT`].
    pub hot: Vec<u64>,
    /// Whether there are hot addresses that were not analysed yet.
    pub news: bool,
    /// How often it was analysed.
    pub analysed: u8,
}

/// The hot code of one process.
#[derive(Debug, Default)]
pub struct Hot {
    /// Known mappings, by address.
    mappings: Vec<Mapping>,
    /// Whether `maps` was read to its end within the bounds.
    pub whole: bool,
    /// Earliest time of the next look at the mappings, microseconds.
    next_maps: u64,
    /// Windows by first address.
    pub windows: BTreeMap<u64, Window>,
    total: usize,
    missed: HashSet<u64>,
    announced: HashSet<(u64, u64)>,
    /// Addresses of tables already looked at, with the names of what stands there.
    pub tables: HashMap<u64, Vec<String>>,
    /// Constants already found, by name, with the instructions that use them.
    pub found: HashMap<String, Vec<u64>>,
    /// Addresses already named, or that have no name.
    pub named: HashSet<u64>,
    /// Earliest time of the next look for names, microseconds, and how long to wait after it.
    pub next_names: (u64, u64),
    /// Whether the bound on code was reached.
    pub full: bool,
    /// Whether memory could not be read though the process lives.
    pub refused: bool,
    /// Whether some mappings were left out.
    pub cut: bool,
    /// Largest private anonymous mapping, bytes.
    pub largest: Option<u64>,
    /// Anonymous huge pages, bytes, and the earliest time to read them again, microseconds.
    pub huge: (Option<u64>, u64),
    /// The process's memory, kept open while it is hot.
    pub memory: Option<Memory>,
}

impl Hot {
    /// Hot code of a process of which side-band records told these mappings.
    pub fn new(mapped: &[Mapping]) -> Self {
        let mut mappings = mapped.to_vec();
        mappings.sort_by_key(|m| m.start);
        Self { mappings, ..Self::default() }
    }

    /// First address of the window that holds `address`.
    pub fn start_of(&self, address: u64) -> Option<u64> {
        self.window(address).map(|w| w.0)
    }

    /// Notes in each window which of its places were sampled.
    pub fn mark(&mut self, hits: &HashMap<u64, u32>) {
        for address in hits.keys() {
            let Some(window) = self.start_of(*address).and_then(|s| self.windows.get_mut(&s)) else {
                continue;
            };
            if window.hot.len() < HOT && !window.hot.contains(address) {
                window.hot.push(*address);
                window.news = true;
            }
        }
    }

    /// Whether the code around `address` was read.
    #[cfg(test)]
    pub fn covers(&self, address: u64) -> bool {
        self.window(address).is_some()
    }

    fn window(&self, address: u64) -> Option<(u64, u64)> {
        let (start, window) = self.windows.range(..=address).next_back()?;
        let end = start + u64::try_from(window.bytes.len()).ok()?;
        (address < end).then_some((*start, end))
    }

    /// Whether something is still to be read for `address`, sampled `count` times.
    fn wants(&self, address: u64, count: u32) -> bool {
        if self.missed.contains(&(address >> 12)) || self.total >= PROCESS_LIMIT {
            return false;
        }
        if self.total > PICKY && count < 2 {
            return false;
        }
        let Some((start, end)) = self.window(address) else { return true };
        let Some(mapping) = self.mapping(address) else { return false };
        (address - start < EDGE && start > mapping.start) || (end - address < EDGE && end < mapping.end)
    }

    /// Reads what the samples of this slice ask for, hottest first. `now` in microseconds.
    pub fn look(
        &mut self,
        hits: &HashMap<u64, u32>,
        memory: &mut Memory,
        reader: &mut Reader,
        allowance: &mut Allowance,
        now: u64,
    ) {
        let mut wanted: Vec<(u32, u64)> =
            hits.iter().filter(|(a, n)| **a != 0 && self.wants(**a, **n)).map(|(a, n)| (*n, *a)).collect();
        wanted.sort_unstable_by(|a, b| b.cmp(a));
        for (count, address) in wanted {
            if allowance.bytes == 0 || !self.wants(address, count) {
                self.full |= self.total >= PROCESS_LIMIT;
                continue;
            }
            if self.mapping(address).is_none() {
                self.read_mappings(memory.pid(), reader, allowance, now);
            }
            self.read_around(address, memory, allowance);
        }
    }

    fn read_around(&mut self, address: u64, memory: &mut Memory, allowance: &mut Allowance) {
        let Some(mapping) = self.mapping(address).filter(|m| m.executable).cloned() else {
            return;
        };
        let (mut start, mut end) = (address.saturating_sub(BEFORE) & !63, (address + AFTER) & !63);
        // Windows that overlap or touch become one.
        let joined: Vec<u64> = self.joined(start, end);
        if let (Some(first), Some((_, last))) = (joined.last(), joined.first().and_then(|f| self.window(*f)))
        {
            (start, end) = (start.min(*first), end.max(last));
        }
        (start, end) = (start.max(mapping.start), end.min(mapping.end));
        let length = usize::try_from(end.saturating_sub(start)).unwrap_or(0);
        if let Some(bytes) = memory.code(start, length, &mapping) {
            for old in joined {
                self.total -= self.windows.remove(&old).map_or(0, |w| w.bytes.len());
            }
            self.total += bytes.len();
            allowance.bytes = allowance.bytes.saturating_sub(bytes.len());
            let volatile = !mapping.is_file() || mapping.writable;
            self.windows.insert(
                start,
                Window { bytes, volatile, fresh: true, hot: Vec::new(), news: false, analysed: 0 },
            );
        } else {
            self.refused |= memory.refused();
            if self.missed.len() < MISSED {
                self.missed.insert(address >> 12);
            }
        }
    }

    /// First addresses of the windows that overlap or touch a range, last first.
    fn joined(&self, start: u64, end: u64) -> Vec<u64> {
        let below = self.windows.range(..=end).rev();
        let length = |w: &Window| u64::try_from(w.bytes.len()).unwrap_or(u64::MAX);
        below.take_while(|(s, w)| s.saturating_add(length(w)) >= start).map(|(s, _)| *s).collect()
    }

    /// Reads hot volatile windows again and marks those that changed.
    pub fn reread(&mut self, hits: &HashMap<u64, u32>, memory: &mut Memory, allowance: &mut Allowance) {
        let hot: HashSet<u64> = hits.keys().filter_map(|a| self.window(*a)).map(|w| w.0).collect();
        let mappings = &self.mappings;
        for (start, window) in &mut self.windows {
            if !window.volatile
                || window.fresh
                || !hot.contains(start)
                || allowance.bytes < window.bytes.len()
            {
                continue;
            }
            let after = mappings.partition_point(|m| m.start <= *start);
            let Some(mapping) = after.checked_sub(1).and_then(|at| mappings.get(at)) else { continue };
            if let Some(bytes) = memory.code(*start, window.bytes.len(), mapping)
                && bytes.len() == window.bytes.len()
                && bytes != window.bytes
            {
                allowance.bytes -= bytes.len();
                window.bytes = bytes;
                window.fresh = true;
                window.hot.clear();
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use facts::ProcessKey;

    fn own() -> (Hot, Memory, Reader) {
        let mut reader = Reader::new("/proc");
        let mut hot = Hot::default();
        let mut allowance = Allowance::SLICE;
        hot.read_mappings(std::process::id(), &mut reader, &mut allowance, 1);
        (hot, Memory::new(std::process::id()), reader)
    }

    fn look(hot: &mut Hot, memory: &mut Memory, reader: &mut Reader, addresses: &[u64]) {
        let hits = addresses.iter().map(|a| (*a, 5)).collect();
        let mut allowance = Allowance::SLICE;
        hot.look(&hits, memory, reader, &mut allowance, 2);
    }

    fn here() -> u64 {
        Hot::look as *const () as usize as u64
    }

    #[test]
    fn code_around_an_address_is_read_once_and_is_what_stands_there() {
        let (mut hot, mut memory, mut reader) = own();
        look(&mut hot, &mut memory, &mut reader, &[here()]);
        assert!(hot.covers(here()));
        let code = hot.new_code(ProcessKey { pid: 1, start: 1 });
        assert_eq!(code.len(), 1);
        assert!(code[0].address <= here() - BEFORE + 64 && code[0].bytes.len() > 1_000);
        assert!(hot.new_code(ProcessKey { pid: 1, start: 1 }).is_empty());
    }

    #[test]
    fn windows_that_touch_become_one() {
        let (mut hot, mut memory, mut reader) = own();
        let at = here();
        look(&mut hot, &mut memory, &mut reader, &[at]);
        look(&mut hot, &mut memory, &mut reader, &[at + AFTER - 70]);
        assert_eq!(hot.windows.len(), 1, "{:x?}", hot.windows.keys());
        look(&mut hot, &mut memory, &mut reader, &[at - BEFORE]);
        assert_eq!(hot.windows.len(), 1);
        let total: usize = hot.windows.values().map(|w| w.bytes.len()).sum();
        assert_eq!(total, hot.total);
    }

    #[test]
    fn data_is_never_read_as_code() {
        let (mut hot, mut memory, mut reader) = own();
        let data = Box::new([0u8; 64]);
        look(&mut hot, &mut memory, &mut reader, &[data.as_ptr() as usize as u64, 0x10, u64::MAX - 5]);
        assert!(hot.windows.is_empty());
    }
}
