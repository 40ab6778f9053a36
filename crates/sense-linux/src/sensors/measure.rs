//! What busy processes used: the kernel's account where it is worth reading, else what the samples say.

use super::Sensors;
use crate::entry::Entry;
use crate::hot::Hot;
use crate::procfs::Reader;
use crate::usage;
use facts::Usage;

impl Sensors {
    /// What busy processes used in this slice.
    pub(super) fn measure(&mut self) -> Vec<Usage> {
        let (hit_us, began, now) = (self.sampler.hit_us(), self.slice_began, self.now_us() / 1000);
        let mut usages = Vec::new();
        let mut busy: Vec<&mut Entry> = self.table.iter_mut().filter(|e| e.is_busy()).collect();
        // The busiest first: what is dear is done for them.
        busy.sort_by_key(|e| std::cmp::Reverse(e.samples()));
        for entry in busy {
            usages.push(measure(entry, &mut self.reader, hit_us, began, &mut self.next_huge, now));
        }
        usages.sort_by_key(|u| u.process);
        usages
    }
}

fn measure(
    entry: &mut Entry,
    reader: &mut Reader,
    hit_us: u64,
    began: (u64, u64),
    next_huge: &mut u64,
    now: u64,
) -> Usage {
    let (key, hot_threads) = (entry.key, u32::try_from(entry.threads.len()).unwrap_or(u32::MAX));
    let sampled = usage::from_samples(key, entry.user_hits, entry.kernel_hits, hit_us, hot_threads);
    if entry.ended || (entry.samples() < 2 && !entry.busy && entry.announced) {
        return sampled;
    }
    let Some(stat) = reader.stat(key.pid).filter(|s| entry.is(s)) else {
        entry.ended = true;
        return sampled;
    };
    let counters = usage::read(reader, key.pid, &stat, &entry.threads);
    let before = entry.counters.as_ref().map(|(_, c)| c);
    let mut used = match before {
        None if key.start < began.1 => {
            let levels = usage::difference(key, Some(&counters), &counters, hot_threads);
            Usage { user_ms: sampled.user_ms, system_ms: sampled.system_ms, ..levels }
        }
        _ => usage::difference(key, before, &counters, hot_threads),
    };
    let hot = entry.hot.get_or_insert_with(|| Box::new(Hot::new(&entry.mapped)));
    if !entry.known || hot.huge.0.is_none() {
        hot.read_huge(reader, key.pid, &counters.status, next_huge, now * 1000);
    }
    (used.largest, used.huge) = (hot.largest, hot.huge.0);
    entry.counters = Some((now, counters));
    used
}
