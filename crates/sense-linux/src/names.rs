//! Names of hot functions, from the symbol tables of the files they come from: a hint, never proof.

use crate::elf;
use crate::hot::Hot;
use crate::procfs::maps::Mapping;
use facts::{ProcessKey, Symbol};
use std::collections::HashMap;

/// Most addresses named for one process at a time.
const ADDRESSES: usize = 32;
/// Most names kept for all processes.
const KEPT: usize = 8_192;
/// Shortest wait between two looks for one process, microseconds; it doubles with each look.
const WAIT: u64 = 1_500_000;

/// Bytes of symbol tables read at most at once, and by how much that grows with each slice.
const BUDGET: (u64, u64) = (8 * 1024 * 1024, 128 * 1024);

/// A place in a file: device, inode, offset.
type Place = (u64, u64, u64);

/// Names already found, by place.
pub struct Names {
    known: HashMap<Place, Option<String>>,
    /// Bytes of symbol tables that may still be read.
    budget: u64,
}

impl Default for Names {
    fn default() -> Self {
        Self { known: HashMap::new(), budget: BUDGET.0 }
    }
}

impl Names {
    /// Lets the budget grow by a slice's share.
    pub fn next_slice(&mut self) {
        self.budget = (self.budget + BUDGET.1).min(BUDGET.0);
    }

    /// Names the hottest addresses of a process that have none yet; `now` in microseconds.
    pub fn find(
        &mut self,
        process: ProcessKey,
        hot: &mut Hot,
        hits: &HashMap<u64, u32>,
        now: u64,
    ) -> Vec<Symbol> {
        if now < hot.next_names.0 {
            return Vec::new();
        }
        let mut wanted: Vec<(u32, u64)> =
            hits.iter().filter(|(a, _)| **a != 0 && !hot.named.contains(a)).map(|(a, n)| (*n, *a)).collect();
        if wanted.is_empty() {
            return Vec::new();
        }
        let wait = hot.next_names.1.saturating_mul(2).max(WAIT);
        hot.next_names = (now.saturating_add(wait), wait);
        wanted.sort_unstable_by(|a, b| b.cmp(a));
        wanted.truncate(ADDRESSES);
        let mut by_file: HashMap<(u64, u64), (Mapping, Vec<u64>)> = HashMap::new();
        for (_, address) in wanted {
            hot.named.insert(address);
            let Some(mapping) = hot.mapping(address).filter(|m| m.is_file()) else { continue };
            let file = by_file.entry((mapping.device, mapping.inode));
            file.or_insert_with(|| (mapping.clone(), Vec::new())).1.push(address);
        }
        let mut symbols: Vec<Symbol> =
            by_file.into_values().flat_map(|(m, a)| self.name(process, hot, &m, &a)).collect();
        symbols.sort_by_key(|s| s.address);
        symbols
    }

    fn name(&mut self, process: ProcessKey, hot: &Hot, image: &Mapping, addresses: &[u64]) -> Vec<Symbol> {
        let places: Vec<(u64, Place)> = addresses
            .iter()
            .filter_map(|a| {
                let mapping = hot.mapping(*a)?;
                Some((*a, (mapping.device, mapping.inode, a - mapping.start + mapping.offset)))
            })
            .collect();
        let unknown: Vec<Place> =
            places.iter().map(|(_, p)| *p).filter(|p| !self.known.contains_key(p)).collect();
        if !unknown.is_empty() {
            if self.known.len() + unknown.len() > KEPT {
                self.known.clear();
            }
            let offsets: Vec<u64> = unknown.iter().map(|p| p.2).collect();
            let found = elf::open_mapped(process.pid, image)
                .map(|file| elf::names(&file, &offsets, &mut self.budget));
            let found = found.unwrap_or_else(|| vec![None; offsets.len()]);
            self.known.extend(unknown.into_iter().zip(found));
        }
        let named = places.into_iter().filter_map(|(address, place)| {
            let name = self.known.get(&place)?.clone()?;
            Some(Symbol { process, address, name })
        });
        named.collect()
    }
}
