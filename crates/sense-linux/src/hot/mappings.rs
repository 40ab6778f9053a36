//! The mappings of a process: where code, files and large memory lie. Read within bounds, and rarely for what it costs.

use super::{Allowance, Hot};
use crate::procfs::Reader;
use crate::procfs::maps::{self, Mapping};
use crate::procfs::status::{self, Status};
use std::io::Read as _;

/// Most bytes of `maps` that are read.
const MAPS_LIMIT: u64 = 8 * 1024 * 1024;
/// Most mappings that are kept.
pub(super) const MAPPINGS: usize = 4_096;
/// A look at the mappings is repeated only after this many times its own duration.
const PATIENCE: u64 = 400;
/// Resident memory from which on huge pages are asked for, and up to which, bytes.
const HUGE: (u64, u64) = (192 << 20, 3 << 30);
/// Huge pages are read again only after this many times their own cost.
const HUGE_PATIENCE: u64 = 4_000;

impl Hot {
    /// The mapping that holds `address`.
    pub fn mapping(&self, address: u64) -> Option<&Mapping> {
        let after = self.mappings.partition_point(|m| m.start <= address);
        self.mappings.get(after.checked_sub(1)?).filter(|m| m.holds(address))
    }

    /// The mapping that ends where `start` begins.
    pub fn before(&self, start: u64) -> Option<&Mapping> {
        self.mapping(start.checked_sub(1)?)
    }

    /// The code mapping of a file that is nearest to `address`, at most 1 GiB away.
    pub fn image_near(&self, address: u64) -> Option<&Mapping> {
        let code = self.mappings.iter().filter(|m| m.executable && m.is_file());
        code.min_by_key(|m| m.start.abs_diff(address)).filter(|m| m.start.abs_diff(address) < 1 << 30)
    }

    /// Reads `/proc/PID/maps` within the bounds, unless that was done too recently for what it costs.
    pub fn read_mappings(&mut self, pid: u32, reader: &mut Reader, allowance: &mut Allowance, now: u64) {
        if now < self.next_maps || allowance.maps == 0 {
            return;
        }
        allowance.maps -= 1;
        let begin = std::time::Instant::now();
        let mut text = Vec::with_capacity(32 * 1024);
        let whole = reader.open(pid, "maps").and_then(|f| f.take(MAPS_LIMIT).read_to_end(&mut text));
        if whole.is_ok_and(|n| n > 0) {
            self.take_mappings(&text);
        }
        let cost = u64::try_from(begin.elapsed().as_micros()).unwrap_or(u64::MAX);
        self.next_maps = now.saturating_add(cost.saturating_mul(PATIENCE).max(100_000));
    }

    fn take_mappings(&mut self, text: &[u8]) {
        self.whole = true;
        self.cut = text.len() as u64 >= MAPS_LIMIT;
        let mut largest = 0;
        let mut kept = Vec::new();
        for line in text.split(|b| *b == b'\n') {
            let Some(mapping) = maps::parse_line(line) else { continue };
            if mapping.is_private_anonymous() {
                largest = largest.max(mapping.end - mapping.start);
            }
            // Of 60,000 mappings those that can matter are kept first: code, and files.
            if mapping.executable
                || (mapping.is_file() && kept.len() < MAPPINGS / 2)
                || kept.len() < MAPPINGS / 4
            {
                if kept.len() < MAPPINGS {
                    kept.push(mapping);
                } else {
                    self.cut = true;
                }
            }
        }
        self.largest = Some(largest);
        self.mappings = kept;
    }

    /// Reads how much of the process lies in huge pages. The kernel walks all its pages for that, so it is done
    /// rarely, by what it cost: `next` is the earliest time of the next such look at any process.
    pub fn read_huge(&mut self, reader: &mut Reader, pid: u32, status: &Status, next: &mut u64, now: u64) {
        if self.huge.0.is_none() && status.resident < HUGE.0 {
            self.huge.0 = Some(status.hugetlb);
        }
        if now < self.huge.1.max(*next) || !(HUGE.0..HUGE.1).contains(&status.resident) {
            return;
        }
        let begin = std::time::Instant::now();
        let read = reader.read(pid, "smaps_rollup").ok().and_then(status::huge_pages);
        let cost = u64::try_from(begin.elapsed().as_micros()).unwrap_or(u64::MAX);
        self.huge.0 = read.map(|h| h.saturating_add(status.hugetlb));
        self.huge.1 = now.saturating_add(cost.saturating_mul(HUGE_PATIENCE).max(5_000_000));
        *next = now.saturating_add(cost.saturating_mul(HUGE_PATIENCE / 2));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sixty_thousand_mappings_are_bounded_and_code_among_them_is_kept() {
        let mut text = String::new();
        for at in 0..60_000u64 {
            text += &format!("{:x}-{:x} rw-p 0 00:00 0 \n", 0x10000 + at * 0x2000, 0x11000 + at * 0x2000);
        }
        text += "7f0000000000-7f0000001000 r-xp 0 00:00 0 \n";
        let mut hot = Hot::default();
        hot.take_mappings(text.as_bytes());
        assert!(hot.mappings.len() <= MAPPINGS);
        assert!(hot.mapping(0x7f00_0000_0010).is_some());
    }
}
