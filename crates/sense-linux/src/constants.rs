//! Names of known public tables and constants that hot code uses.
//!
//! Follows what the code refers to, reads a little there, and asks the book. Only the name of a match leaves:
//! the bytes are forgotten at once. Looks at images of files (their constants and their own variables, where
//! many programs build tables), never at heaps or stacks.

use crate::hot::Hot;
use crate::memory::Memory;
use crate::procfs::maps::Mapping;
use code::Operand;
use facts::{Arch, ConstantUse, ProcessKey};
use signatures::Book;
use std::collections::HashMap;

/// Bytes read before and from a table's address on. Narrow: the read-only data of a cryptographic library is
/// dense with tables, and a neighbour's is no evidence.
const AROUND: (u64, usize) = (32, 160);
/// Most windows analysed for one process in one slice.
const WINDOWS: usize = 12;
/// Most times that a window is analysed as new places in it become hot.
const ANALYSES: u8 = 3;
/// Most tables looked at for one process.
const TABLES: usize = 1_024;
/// Most uses of one constant that are told for one process.
const USES: usize = 16;
/// Most constants named for one process.
const FOUND: usize = 256;

/// Finds constants that newly hot code of a process uses. `budget` is the number of windows that may still be
/// analysed in this slice, for all processes.
pub fn find(
    process: ProcessKey,
    arch: Arch,
    hot: &mut Hot,
    hits: &HashMap<u64, u32>,
    memory: &mut Memory,
    budget: &mut usize,
) -> Vec<ConstantUse> {
    let mut uses = Vec::new();
    let book = Book::shipped();
    for (start, _) in due(hot, hits).into_iter().take(WINDOWS) {
        if *budget == 0 {
            break;
        }
        *budget -= 1;
        let Some(window) = hot.windows.get_mut(&start) else { continue };
        window.analysed += 1;
        window.news = false;
        for reference in code::references(arch, start, &window.bytes, &window.hot) {
            let (table, names) = match reference.operand {
                Operand::Immediate(value) => {
                    (0, book.immediate(value).map(|c| c.name.clone()).into_iter().collect())
                }
                Operand::Data(address) => (address, names_at(address, hot, memory, book)),
            };
            for name in names {
                if note(hot, &name, reference.code) {
                    uses.push(ConstantUse { process, code: reference.code, table, name });
                }
            }
        }
    }
    uses
}

/// Whether the use of a constant is new and within the bounds.
fn note(hot: &mut Hot, name: &str, code: u64) -> bool {
    if hot.found.len() >= FOUND && !hot.found.contains_key(name) {
        return false;
    }
    let uses = hot.found.entry(name.to_owned()).or_default();
    let new = uses.len() < USES && !uses.contains(&code);
    if new {
        uses.push(code);
    }
    new
}

/// Windows with newly hot places, hottest first.
fn due(hot: &mut Hot, hits: &HashMap<u64, u32>) -> Vec<(u64, u32)> {
    hot.mark(hits);
    let mut heat: HashMap<u64, u32> = HashMap::new();
    for (address, count) in hits {
        if let Some(start) = hot.start_of(*address) {
            *heat.entry(start).or_insert(0) += count;
        }
    }
    let mut due: Vec<(u64, u32)> = heat
        .into_iter()
        .filter(|(start, _)| hot.windows.get(start).is_some_and(|w| w.news && w.analysed < ANALYSES))
        .collect();
    due.sort_unstable_by_key(|(start, count)| (std::cmp::Reverse(*count), *start));
    due
}

/// Names of what stands at `address`, remembered for the process.
fn names_at(address: u64, hot: &mut Hot, memory: &mut Memory, book: &Book) -> Vec<String> {
    if let Some(names) = hot.tables.get(&address) {
        return names.clone();
    }
    if hot.tables.len() >= TABLES {
        return Vec::new();
    }
    let mut bytes = [0u8; AROUND.1 + AROUND.0 as usize];
    let (read, at) = read_table(address, hot, memory, &mut bytes).unwrap_or((0, 0));
    let mut found = book.table(bytes.get(..read).unwrap_or_default());
    // Floating-point code loads its constants from memory, one at a time.
    let loaded = bytes.get(at..read).unwrap_or_default();
    let word = loaded.first_chunk().map(|b| u64::from(u32::from_le_bytes(*b)));
    let long = loaded.first_chunk().map(|b| u64::from_le_bytes(*b));
    found.extend(word.into_iter().chain(long).filter_map(|value| book.immediate(value)));
    let mut names: Vec<String> = found.into_iter().map(|c| c.name.clone()).collect();
    names.sort_unstable();
    names.dedup();
    hot.tables.insert(address, names.clone());
    names
}

/// Reads around `address`: how many bytes were read, and where among them `address` stands.
fn read_table(address: u64, hot: &Hot, memory: &mut Memory, bytes: &mut [u8]) -> Option<(usize, usize)> {
    let at = |start: u64| usize::try_from(address - start).unwrap_or(0);
    if let Some(mapping) = hot.mapping(address).filter(|m| may_match(m, hot)) {
        let start = address.saturating_sub(AROUND.0).max(mapping.start);
        let length = usize::try_from(mapping.end - start).unwrap_or(usize::MAX).min(bytes.len());
        if let Some(read) = memory.read(start, bytes.get_mut(..length)?) {
            return Some((read, at(start)));
        }
    }
    // The process is gone, or only its code mappings are known: the same bytes stand in the file.
    if hot.whole && !memory.gone() {
        return None;
    }
    let code = hot.image_near(address)?;
    let start = address.checked_sub(AROUND.0)?;
    memory.read_file(code, start, bytes).map(|read| (read, at(start)))
}

/// Whether a mapping may be looked at: private parts of a file, or what directly continues them (`.bss`), or
/// memory that can only be read.
fn may_match(mapping: &Mapping, hot: &Hot) -> bool {
    if !mapping.readable || mapping.shared {
        return false;
    }
    let continues = || hot.before(mapping.start).is_some_and(|m| m.is_file() && m.writable);
    mapping.is_file() || (mapping.path.is_empty() && (!mapping.writable || mapping.executable || continues()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::hot::Allowance;
    use crate::procfs::Reader;

    /// The first 64 bytes of the SHA-256 round constants, FIPS 180-4, section 4.2.2.
    static K: [u32; 16] = [
        0x428a_2f98,
        0x7137_4491,
        0xb5c0_fbcf,
        0xe9b5_dba5,
        0x3956_c25b,
        0x59f1_11f1,
        0x923f_82a4,
        0xab1c_5ed5,
        0xd807_aa98,
        0x1283_5b01,
        0x2431_85be,
        0x550c_7dc3,
        0x72be_5d74,
        0x80de_b1fe,
        0x9bdc_06a7,
        0xc19b_f174,
    ];

    fn read(address: u64) -> Option<Vec<u8>> {
        let (mut hot, mut memory) = (Hot::default(), Memory::new(std::process::id()));
        let mut allowance = Allowance::SLICE;
        hot.read_mappings(std::process::id(), &mut Reader::new("/proc"), &mut allowance, 1);
        let mut bytes = vec![0; 512];
        let (read, _) = read_table(address, &hot, &mut memory, &mut bytes)?;
        bytes.truncate(read);
        Some(bytes)
    }

    fn holds(bytes: &[u8]) -> bool {
        let k: Vec<u8> = K.iter().flat_map(|k| k.to_ne_bytes()).collect();
        bytes.windows(64).any(|w| w == k)
    }

    #[test]
    fn a_table_of_a_program_is_looked_at() {
        assert!(holds(&read(std::hint::black_box(&K).as_ptr() as usize as u64).unwrap()));
    }

    #[test]
    fn the_same_bytes_on_the_heap_are_not_even_looked_at() {
        let heap: Vec<u32> = K.repeat(4096);
        assert_eq!(read(heap.as_ptr() as usize as u64 + 128), None);
    }

    #[test]
    fn a_table_of_a_program_that_is_gone_is_read_from_its_file() {
        let address = std::hint::black_box(&K).as_ptr() as usize as u64;
        let mut hot = Hot::default();
        hot.read_mappings(std::process::id(), &mut Reader::new("/proc"), &mut Allowance::SLICE.clone(), 1);
        let code = hot.image_near(holds as *const () as usize as u64).unwrap();
        let mut bytes = [0; 512];
        let read = Memory::new(std::process::id()).read_file(code, address - 64, &mut bytes).unwrap();
        assert!(holds(&bytes[..read]));
    }
}
