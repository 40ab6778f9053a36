//! What a slice says of hot code: samples, images, code, constants and symbols, the busiest processes first.

use super::Sensors;
use crate::constants;
use crate::entry::Entry;
use crate::memory::Memory;
use facts::Slice;

/// Most windows of code searched for constants in one slice.
const WINDOWS: usize = 48;
/// Samples from which on the memory of a process is kept open between slices.
const KEEP_OPEN: u64 = 20;

impl Sensors {
    /// The samples of this slice.
    pub(super) fn hand_out_hits(&mut self, slice: &mut Slice) {
        for entry in self.table.iter_mut().filter(|e| e.samples() > 0) {
            let process = entry.key;
            slice.hits.extend(entry.hits.iter().map(|(address, count)| facts::Hit {
                process,
                address: *address,
                count: *count,
            }));
        }
        slice.hits.sort_by_key(|h| (h.process, h.address));
    }

    /// Code, its images, and the names of what it uses, for what was sampled.
    pub(super) fn hand_out_code(&mut self, slice: &mut Slice) {
        let (arch, now, mut windows) = (self.machine.arch, self.now_us(), WINDOWS);
        let mut busy: Vec<&mut Entry> =
            self.table.iter_mut().filter(|e| e.user_hits > 0 && e.hot.is_some()).collect();
        busy.sort_by_key(|e| std::cmp::Reverse(e.user_hits));
        for entry in busy {
            let Some(hot) = entry.hot.as_mut() else { continue };
            let mut memory = hot.memory.take().unwrap_or_else(|| Memory::new(entry.key.pid));
            if !entry.ended && !entry.known {
                if entry.user_hits > 1 && !hot.whole {
                    hot.read_mappings(entry.key.pid, &mut self.reader, &mut self.allowance, now);
                }
                hot.reread(&entry.hits, &mut memory, &mut self.allowance);
                self.cut_mappings |= hot.cut;
            }
            slice.images.extend(hot.new_images(entry.key, &entry.hits));
            slice.code.extend(hot.new_code(entry.key));
            if !entry.known && (hot.whole || entry.ended) {
                let found = constants::find(entry.key, arch, hot, &entry.hits, &mut memory, &mut windows);
                slice.constants.extend(found);
            }
            if !entry.known && entry.ever > 1 {
                slice.symbols.extend(self.names.find(entry.key, hot, &entry.hits, now));
            }
            if !entry.ended && entry.ever > KEEP_OPEN {
                hot.memory = Some(memory);
            }
        }
    }
}
