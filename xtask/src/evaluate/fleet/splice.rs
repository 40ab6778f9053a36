//! Two recordings as if they had been made on one machine at one time, and one with its eyes shut.
//!
//! Processes of the second get numbers and start times of their own; nothing of what they execute or use is changed.

use crate::evaluate::cases::Label;
use facts::{ProcessKey, Sensor, Slice, State};
use std::collections::{BTreeMap, BTreeSet};
use wire::Recording;

/// Added to the process numbers of the second recording.
const SHIFT: u32 = 10_000_000;
/// Added to its start times, so that a parent of the first recording was there before.
const LATER: u64 = 1 << 40;

/// The second recording beside the first, or started by its busiest labelled process.
pub(super) fn together(
    mut host: Recording,
    guest: Recording,
    of: &Label,
    by: &Label,
    inside: bool,
) -> Recording {
    let parent = if inside { busiest(&host, of) } else { None };
    let labelled: BTreeSet<u32> = by.pids.iter().copied().collect();
    for (at, mut slice) in guest.slices.into_iter().enumerate() {
        shift(&mut slice);
        for process in &mut slice.processes {
            let own = labelled.contains(&(process.key.pid - SHIFT));
            let outer = !labelled.contains(&process.parent.saturating_sub(SHIFT));
            if let (true, true, Some(parent)) = (own, outer, parent) {
                process.parent = parent.pid;
            }
        }
        if let Some(into) = host.slices.get_mut(at) {
            join(into, slice);
        }
    }
    host
}

/// The process of the labelled workload that used most.
fn busiest(recording: &Recording, label: &Label) -> Option<ProcessKey> {
    let mut used: BTreeMap<ProcessKey, u64> = BTreeMap::new();
    for usage in recording.slices.iter().flat_map(|s| &s.usage) {
        if label.pids.contains(&usage.process.pid) {
            *used.entry(usage.process).or_default() += usage.user_ms + usage.system_ms;
        }
    }
    used.into_iter().max_by_key(|(_, ms)| *ms).map(|(key, _)| key)
}

fn shift(slice: &mut Slice) {
    let moved = |key: &mut ProcessKey| {
        key.pid += SHIFT;
        key.start += LATER;
    };
    for process in &mut slice.processes {
        moved(&mut process.key);
        process.parent += SHIFT;
        process.group += SHIFT;
        process.session += SHIFT;
    }
    slice.ended.iter_mut().for_each(moved);
    slice.usage.iter_mut().for_each(|x| moved(&mut x.process));
    slice.hits.iter_mut().for_each(|x| moved(&mut x.process));
    slice.images.iter_mut().for_each(|x| moved(&mut x.process));
    slice.code.iter_mut().for_each(|x| moved(&mut x.process));
    slice.constants.iter_mut().for_each(|x| moved(&mut x.process));
    slice.symbols.iter_mut().for_each(|x| moved(&mut x.process));
    slice.conversations.iter_mut().for_each(|x| moved(&mut x.process));
}

fn join(into: &mut Slice, from: Slice) {
    into.processes.extend(from.processes);
    into.ended.extend(from.ended);
    into.usage.extend(from.usage);
    into.hits.extend(from.hits);
    into.images.extend(from.images);
    into.code.extend(from.code);
    into.constants.extend(from.constants);
    into.symbols.extend(from.symbols);
    into.conversations.extend(from.conversations);
}

/// The recording as it would be had the sampling of code been refused.
pub(super) fn blind(mut recording: Recording) -> Recording {
    for slice in &mut recording.slices {
        slice.hits.clear();
        slice.images.clear();
        slice.code.clear();
        slice.constants.clear();
        slice.symbols.clear();
        let gone = |s: &Sensor| matches!(s, Sensor::HotCode | Sensor::Constants | Sensor::Symbols);
        for line in slice.coverage.iter_mut().filter(|l| gone(&l.sensor)) {
            line.state = State::None;
            "sampling of code was refused: perf_event_paranoid is 3".clone_into(&mut line.why);
        }
    }
    recording
}
