//! Cuts a recording down to one run: its processes, the names of their ancestors, its peers' conversations.
//!
//! Invents nothing: what remains is what was recorded; only the tails of very flat profiles are cut, and only
//! when a recording would be too large otherwise.

use super::tree::Members;
use facts::{Hit, ImageKind, Process, ProcessKey, Slice};
use std::collections::{BTreeMap, BTreeSet};
use wire::recording::{Recording, write};

/// Conversations of helpers and load kept in a slice: enough to see both ends.
const PEERS: usize = 32;
/// Distinct hot addresses kept for a process in a slice, tried in this order until the recording is small enough.
const CUTS: [usize; 6] = [usize::MAX, 400, 200, 120, 70, 40];

/// Whose entries stay.
pub struct Kept {
    /// Session of the program.
    pub root: u32,
    /// Processes of the program.
    pub tree: Members,
    /// Processes of its helpers and its load.
    pub others: Members,
}

struct Sets {
    tree: BTreeSet<ProcessKey>,
    others: BTreeSet<ProcessKey>,
    ancestors: BTreeSet<ProcessKey>,
}

/// Keeps what belongs to the run.
pub fn trim(recording: Recording, kept: &Kept) -> Recording {
    let sets = sets(&recording, kept);
    let slices = recording.slices.into_iter().map(|slice| trimmed(slice, &sets)).collect();
    Recording { slices, ..recording }
}

fn keys(pairs: &[(u32, u64)]) -> BTreeSet<ProcessKey> {
    pairs.iter().map(|(pid, start)| ProcessKey { pid: *pid, start: *start }).collect()
}

/// Short-lived processes were perhaps not followed: session and parents find them in the recording itself.
fn sets(recording: &Recording, kept: &Kept) -> Sets {
    let mut tree = keys(&kept.tree);
    let all: BTreeMap<ProcessKey, &Process> =
        recording.slices.iter().flat_map(|s| &s.processes).map(|p| (p.key, p)).collect();
    tree.extend(all.values().filter(|p| p.session == kept.root).map(|p| p.key));
    loop {
        let pids: BTreeSet<u32> = tree.iter().map(|k| k.pid).collect();
        let children: Vec<ProcessKey> = all
            .values()
            .filter(|p| pids.contains(&p.parent) && !tree.contains(&p.key))
            .map(|p| p.key)
            .collect();
        if children.is_empty() {
            break;
        }
        tree.extend(children);
    }
    let mut ancestors = BTreeSet::new();
    let mut wanted: BTreeSet<u32> = tree.iter().filter_map(|k| all.get(k)).map(|p| p.parent).collect();
    while let Some(pid) = wanted.pop_first() {
        for p in all.values().filter(|p| p.key.pid == pid && !tree.contains(&p.key)) {
            if ancestors.insert(p.key) {
                wanted.insert(p.parent);
            }
        }
    }
    let others = keys(&kept.others).difference(&tree).copied().collect();
    Sets { tree, others, ancestors }
}

fn trimmed(mut slice: Slice, sets: &Sets) -> Slice {
    let mine = |key: &ProcessKey| sets.tree.contains(key);
    let named = |key: &ProcessKey| mine(key) || sets.ancestors.contains(key) || sets.others.contains(key);
    slice.processes.retain(|p| named(&p.key));
    slice.processes.iter_mut().filter_map(|p| p.exe.as_mut()).for_each(anonymise);
    for image in &mut slice.images {
        if let ImageKind::File { path, .. } = &mut image.kind {
            anonymise(path);
        }
    }
    slice.ended.retain(named);
    slice.usage.retain(|u| mine(&u.process));
    slice.hits.retain(|h| mine(&h.process));
    slice.images.retain(|i| mine(&i.process));
    slice.code.retain(|c| mine(&c.process));
    slice.constants.retain(|c| mine(&c.process));
    slice.symbols.retain(|s| mine(&s.process));
    let mut peers = 0;
    slice.conversations.retain(|c| {
        peers += usize::from(sets.others.contains(&c.process));
        mine(&c.process) || (sets.others.contains(&c.process) && peers <= PEERS)
    });
    slice
}

/// Folders outside the system's own say who recorded and where, which is nobody's business; names stay.
fn anonymise(path: &mut String) {
    const SYSTEM: [&str; 7] = ["/usr/", "/lib", "/bin/", "/sbin/", "/opt/", "/proc/", "/dev/"];
    if path.starts_with('/') && !SYSTEM.iter().any(|folder| path.starts_with(folder)) {
        *path = format!("/elsewhere/{}", path.rsplit('/').next().unwrap_or_default());
    }
}

/// Packs the recording into at most `most` bytes if cutting the tails of its profiles can do that.
///
/// # Errors
///
/// Those of packing.
pub fn within(recording: Recording, most: usize) -> std::io::Result<(Vec<u8>, Recording)> {
    let mut smallest = (Vec::new(), recording.clone());
    for cut in CUTS {
        let smaller = thinned(&recording, cut);
        let mut bytes = Vec::new();
        write(&mut bytes, &smaller)?;
        let enough = bytes.len() <= most;
        smallest = (bytes, smaller);
        if enough {
            break;
        }
    }
    Ok(smallest)
}

/// Keeps the `cut` hottest addresses of each process in each slice, and only code that a kept hit falls into.
fn thinned(recording: &Recording, cut: usize) -> Recording {
    let mut recording = recording.clone();
    for slice in &mut recording.slices {
        slice.hits = hottest(&slice.hits, cut);
    }
    let hot: BTreeSet<(ProcessKey, u64)> =
        recording.slices.iter().flat_map(|s| &s.hits).map(|h| (h.process, h.address)).collect();
    let hit = |key: ProcessKey, from: u64, length: u64| {
        hot.range((key, from)..(key, from.saturating_add(length))).next().is_some()
    };
    for slice in &mut recording.slices {
        slice.code.retain(|c| hit(c.process, c.address, c.bytes.len() as u64));
        slice.images.retain(|i| hit(i.process, i.start, i.end.saturating_sub(i.start)));
        slice.symbols.retain(|s| hot.contains(&(s.process, s.address)));
    }
    recording
}

/// The hottest addresses of each process; the rest is counted at the nearest of them, so that sums stay true.
fn hottest(hits: &[Hit], cut: usize) -> Vec<Hit> {
    let mut by_process: BTreeMap<ProcessKey, Vec<Hit>> = BTreeMap::new();
    for hit in hits {
        by_process.entry(hit.process).or_default().push(*hit);
    }
    let mut kept = Vec::new();
    for mut own in by_process.into_values() {
        own.sort_by_key(|h| (std::cmp::Reverse(h.count), h.address));
        let tail = own.split_off(own.len().min(cut));
        for cold in tail {
            if let Some(near) = own.iter_mut().min_by_key(|h| h.address.abs_diff(cold.address)) {
                near.count = near.count.saturating_add(cold.count);
            }
        }
        own.sort_by_key(|h| h.address);
        kept.extend(own);
    }
    kept
}

/// Processor time of each process of the run, milliseconds, the busiest first; those without any are left out.
pub fn used(recording: &Recording, kept: &Kept) -> Vec<(u32, u64)> {
    let sets = sets(recording, kept);
    let mut times: BTreeMap<u32, u64> = BTreeMap::new();
    for usage in recording.slices.iter().flat_map(|s| &s.usage).filter(|u| sets.tree.contains(&u.process)) {
        *times.entry(usage.process.pid).or_default() += usage.user_ms + usage.system_ms;
    }
    let mut used: Vec<(u32, u64)> = times.into_iter().filter(|(_, ms)| *ms > 0).collect();
    used.sort_by_key(|(pid, ms)| (std::cmp::Reverse(*ms), *pid));
    used
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(pid: u32) -> ProcessKey {
        ProcessKey { pid, start: 1 }
    }

    fn hit(pid: u32, address: u64, count: u32) -> Hit {
        Hit { process: key(pid), address, count }
    }

    fn process(pid: u32, parent: u32, session: u32) -> Process {
        Process {
            key: key(pid),
            parent,
            group: session,
            session,
            name: "x".into(),
            exe: None,
            uid: 0,
            user: None,
            cgroup: String::new(),
            arguments: None,
        }
    }

    fn recording(slice: Slice) -> Recording {
        let machine = facts::Machine {
            arch: facts::Arch::X86_64,
            kernel: "6".into(),
            cpus: 1,
            memory: 1,
            privilege: facts::Privilege::Machine,
        };
        Recording::new("1970-01-01T00:00:00Z".into(), machine, vec![slice])
    }

    #[test]
    fn a_childs_samples_stay_a_strangers_go_and_ancestors_keep_their_names() {
        let processes = vec![process(1, 0, 1), process(10, 1, 10), process(11, 10, 11), process(20, 1, 20)];
        let slice = Slice { processes, hits: vec![hit(11, 5, 1), hit(20, 5, 1)], ..Slice::default() };
        let kept = Kept { root: 10, tree: vec![(10, 1)], others: Vec::new() };
        let trimmed = trim(recording(slice), &kept);
        let slice = &trimmed.slices[0];
        assert_eq!(slice.hits, [hit(11, 5, 1)]);
        let pids: Vec<u32> = slice.processes.iter().map(|p| p.key.pid).collect();
        assert_eq!(pids, [1, 10, 11]);
    }

    #[test]
    fn cutting_a_flat_profile_keeps_its_sum() {
        let cut = hottest(&[hit(1, 100, 9), hit(1, 200, 8), hit(1, 190, 2), hit(2, 7, 1)], 2);
        assert_eq!(cut, [hit(1, 100, 9), hit(1, 200, 10), hit(2, 7, 1)]);
    }
}
