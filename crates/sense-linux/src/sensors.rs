//! The sensors of one machine, opened together and read slice by slice.

use crate::constants;
use crate::conversations::Conversations;
use crate::coverage;
use crate::hot::{Allowance, Hot};
use crate::machine;
use crate::memory::Memory;
use crate::names::Names;
use crate::perf::{Record, Sampler};
use crate::procfs::maps::{Mapping, device};
use crate::procfs::{Reader, cgroup, status, users};
use crate::scan::{self, Scan};
use crate::table::{Detail, Entry, Table};
use crate::usage;
use facts::{Machine, Privilege, Process, ProcessKey, Slice, Usage};
use std::collections::{HashMap, HashSet};
use std::rc::Rc;
use std::time::Instant;

/// Most processes that are described in one drain, so that a storm of short ones cannot cost more.
const DESCRIBED: usize = 16;
/// Most processes whose code is looked at in one drain.
const LOOKED: usize = 32;
/// Most windows of code searched for constants in one slice.
const WINDOWS: usize = 48;
/// Sockets of processes whose finding stands are looked at in every such slice.
const RARELY: u64 = 16;
/// Samples from which on the memory of a process is kept open between slices.
const KEEP_OPEN: u64 = 20;
/// Slices without anything to decide after which the capture rests.
const REST: u32 = 10;
/// Slices without a sample after which a process's code is forgotten.
const PATIENCE: u64 = 60;
/// `PROT_READ`, `PROT_WRITE`, `PROT_EXEC`.
const PROTECTION: (u32, u32, u32) = (1, 2, 4);

/// What to look at, and how much of it.
#[derive(Clone, Copy, Debug)]
pub struct Options {
    /// Record the values of arguments; they may hold secrets.
    pub arguments: bool,
    /// Samples a second for the whole machine, 1 to 2,000.
    pub rate: u32,
    /// Read the first bytes of conversations from the network.
    pub capture: bool,
}

/// Nothing at all can be observed.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// `/proc` is not mounted or not readable.
    #[error("cannot read {path}: {source}; overt needs a mounted /proc")]
    Proc {
        /// What was tried.
        path: &'static str,
        /// What the system said.
        source: std::io::Error,
    },
}

/// Everything that is open to observe this machine.
pub struct Sensors {
    options: Options,
    machine: Machine,
    reads_all: bool,
    opened: Instant,
    reader: Reader,
    sampler: Sampler,
    table: Table,
    users: HashMap<u32, String>,
    records: Vec<Record>,
    names: Names,
    scan: Scan,
    conversations: Conversations,
    resting: u32,
    allowance: Allowance,
    slice_began: (u64, u64),
    slices: u64,
    lost: u64,
    refused_memory: bool,
    full_code: bool,
    cut_mappings: bool,
    lost_ever: u64,
    next_huge: u64,
}

impl Sensors {
    /// Opens what may be opened; what may not becomes coverage.
    ///
    /// # Errors
    /// [`OpenError`] only if nothing at all can be observed.
    pub fn open(options: Options) -> Result<Self, OpenError> {
        let mut reader = Reader::new("/proc");
        reader
            .read_global("self/stat")
            .map_err(|source| OpenError::Proc { path: "/proc/self/stat", source })?;
        let cpus = machine::cpus();
        let mut machine = machine::read(&mut reader, &cpus, Privilege::Own);
        let sampler = Sampler::open(&cpus, options.rate, &machine.kernel);
        let reads_all = machine::capable(&mut reader, machine::SYS_PTRACE);
        if sampler.sees_machine() && reads_all {
            machine.privilege = Privilege::Machine;
        }
        let mut sensors = Self {
            options,
            machine,
            reads_all,
            opened: Instant::now(),
            reader,
            sampler,
            table: Table::default(),
            users: users::read("/etc/passwd"),
            records: Vec::new(),
            names: Names::default(),
            scan: Scan::default(),
            conversations: Conversations::open(options.capture),
            resting: 0,
            allowance: Allowance::SLICE,
            slice_began: (0, 0),
            slices: 0,
            lost: 0,
            refused_memory: false,
            full_code: false,
            cut_mappings: false,
            lost_ever: 0,
            next_huge: 0,
        };
        sensors.slice_began = (0, sensors.uptime());
        Ok(sensors)
    }

    /// The machine that is looked at.
    #[must_use]
    pub fn machine(&self) -> Machine {
        self.machine.clone()
    }

    /// Sets the sampling rate, samples a second for the whole machine, 1 to 2,000.
    pub fn set_rate(&mut self, per_second: u32) {
        self.sampler.set_rate(per_second);
    }

    /// Says whether the finding on a process no longer changes, so that less is spent on it.
    pub fn known(&mut self, process: ProcessKey, known: bool) {
        if let Some(entry) = self.table.get_mut(process.pid).filter(|e| e.key == process) {
            entry.known = known;
        }
    }

    /// Empties the kernel's buffers; cheap, to be called every 50 to 1,000 ms.
    pub fn drain(&mut self) {
        let mut records = std::mem::take(&mut self.records);
        self.sampler.drain(&mut records);
        let mut touched: Vec<u32> = Vec::new();
        for record in records.drain(..) {
            self.take(record, &mut touched);
        }
        self.records = records;
        touched.sort_unstable();
        touched.dedup();
        if !self.sampler.sees_machine() {
            self.scan(&mut touched);
        }
        self.describe_new(&touched);
        self.look(&touched);
        self.conversations.drain(self.now_us());
    }

    /// Closes the current slice and opens the next.
    pub fn slice(&mut self) -> Slice {
        self.drain();
        let (from_ms, to_ms) = (self.slice_began.0, self.now_us() / 1000);
        let mut slice = Slice { from_ms, to_ms, hit_us: self.sampler.hit_us(), ..Slice::default() };
        slice.lost = std::mem::take(&mut self.lost);
        self.lost_ever = self.lost_ever.saturating_add(slice.lost);
        self.slices += 1;
        slice.usage = self.measure();
        slice.processes = self.announce();
        self.hand_out_hits(&mut slice);
        self.hand_out_code(&mut slice);
        slice.conversations = self.converse();
        slice.coverage = self.coverage();
        slice.ended = self.table.close_slice(self.slices, PATIENCE);
        self.conversations.forget(&slice.ended);
        self.allowance = Allowance::SLICE;
        self.names.next_slice();
        self.slice_began = (to_ms, self.uptime());
        slice
    }

    /// Microseconds since the observation began.
    fn now_us(&self) -> u64 {
        u64::try_from(self.opened.elapsed().as_micros()).unwrap_or(u64::MAX)
    }

    /// Clock ticks since boot.
    fn uptime(&mut self) -> u64 {
        let text = self.reader.read_global("uptime").unwrap_or_default();
        let seconds: Option<f64> =
            std::str::from_utf8(text).ok().and_then(|t| t.split(' ').next()?.parse().ok());
        // Non-negative and far below 2^53.
        seconds.map_or(0, |s| (s * 100.0) as u64)
    }

    fn take(&mut self, record: Record, touched: &mut Vec<u32>) {
        match record {
            Record::Sample { pid: 0 | u32::MAX, .. } => {}
            Record::Sample { pid, tid, address, time } => {
                if self.table.sampled(pid, tid, address, time, &mut self.reader) {
                    self.first_sample(pid);
                }
                touched.push(pid);
            }
            Record::Fork { pid, tid, parent, time } if pid == tid => self.table.forked(pid, parent, time),
            Record::Exit { pid, tid, .. } if pid == tid => self.table.exited(pid),
            Record::Comm { pid, exec: true, name, .. } => self.table.executed(pid, name),
            Record::Comm { pid, tid, name, .. } if pid == tid => self.table.renamed(pid, name),
            Record::Map(map) => {
                let mapping = Mapping {
                    start: map.start,
                    end: map.start.saturating_add(map.length),
                    offset: map.offset,
                    readable: map.protection & PROTECTION.0 != 0,
                    writable: map.protection & PROTECTION.1 != 0,
                    executable: map.protection & PROTECTION.2 != 0,
                    shared: false,
                    device: device(map.device.0.into(), map.device.1.into()),
                    inode: map.inode,
                    path: if map.inode == 0 && map.path == "//anon" { "".into() } else { map.path.into() },
                };
                self.table.mapped(map.pid, mapping);
            }
            Record::Lost(count) => self.lost = self.lost.saturating_add(count),
            Record::Fork { .. } | Record::Exit { .. } | Record::Comm { .. } => {}
        }
    }

    /// Finds busy processes by their processor time, and follows those that may be followed.
    fn scan(&mut self, touched: &mut Vec<u32>) {
        let now = self.now_us();
        let Some(busy) = self.scan.run(&mut self.table, &mut self.reader, now) else { return };
        self.sampler.follow(&scan::threads(&busy));
        for &pid in &busy {
            self.first_sample(pid);
        }
        touched.extend(busy);
    }

    /// Takes the counters of a process that becomes busy, so that the slice has something to subtract.
    fn first_sample(&mut self, pid: u32) {
        let (began, now) = (self.slice_began, self.now_us() / 1000);
        let Some(entry) = self.table.get_mut(pid) else { return };
        entry.last_seen = self.slices + 1;
        let fresh = entry.counters.as_ref().is_some_and(|(at, _)| *at >= began.0);
        let young = entry.counters.is_none() && entry.key.start >= began.1;
        if fresh || young || (entry.known && entry.counters.is_some()) {
            return;
        }
        if let Some(stat) = self.reader.stat(pid).filter(|s| entry.is(s)) {
            entry.verified = true;
            entry.counters = Some((now, usage::read(&mut self.reader, pid, &stat, &[])));
        }
    }

    /// Reads who newly sampled processes are, while they live.
    fn describe_new(&mut self, touched: &[u32]) {
        let mut described = 0;
        for &pid in touched {
            let Some(entry) = self.table.get_mut(pid) else { continue };
            if entry.detail.is_none() && !entry.ended && described < DESCRIBED {
                described += 1;
                entry.detail = describe(&mut self.reader, entry, self.options.arguments).map(Rc::new);
            }
        }
    }

    /// Reads the code of newly hot places.
    fn look(&mut self, touched: &[u32]) {
        let (now, own) = (self.now_us(), std::process::id());
        for &pid in touched.iter().filter(|p| **p != own).take(LOOKED) {
            let Some(entry) = self.table.get_mut(pid) else { continue };
            // One sample of a process whose mappings are not known is not worth reading them.
            if entry.user_hits == 0 || (entry.ever < 2 && entry.mapped.is_empty()) {
                continue;
            }
            let hot = entry.hot.get_or_insert_with(|| Box::new(Hot::new(&entry.mapped)));
            let mut memory = hot.memory.take().unwrap_or_else(|| Memory::new(pid));
            hot.look(&entry.hits, &mut memory, &mut self.reader, &mut self.allowance, now);
            hot.memory = Some(memory);
            self.refused_memory |= hot.refused;
            self.full_code |= hot.full;
        }
    }

    /// What busy processes used in this slice.
    fn measure(&mut self) -> Vec<Usage> {
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

    /// Processes to hand out: those sampled and their ancestors, unless they were before.
    fn announce(&mut self) -> Vec<Process> {
        let busy: Vec<(u32, u64)> =
            self.table.iter_mut().filter(|e| e.samples() > 0).map(|e| (e.key.pid, e.key.start)).collect();
        let mut due: HashSet<u32> = HashSet::new();
        for (pid, _) in &busy {
            due.extend(self.table.unannounced_ancestors(*pid, &mut self.reader));
        }
        let parents: HashMap<u32, Rc<Detail>> =
            self.table.iter_mut().filter_map(|e| Some((e.key.pid, e.detail.clone()?))).collect();
        let mut processes = Vec::new();
        for entry in self.table.iter_mut() {
            if entry.announced || (!entry.is_busy() && !due.contains(&entry.key.pid)) {
                continue;
            }
            if entry.detail.is_none() && !entry.ended {
                entry.detail = describe(&mut self.reader, entry, self.options.arguments).map(Rc::new);
            }
            entry.announced = true;
            entry.ever_announced = true;
            processes.push(process(entry, &parents, &self.users));
        }
        processes.sort_by_key(|p| p.key);
        processes
    }

    fn hand_out_hits(&mut self, slice: &mut Slice) {
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

    fn hand_out_code(&mut self, slice: &mut Slice) {
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

    /// Who talks to whom. Sockets of processes whose finding stands are looked at rarely; when nothing is left
    /// to decide for a while the capture rests.
    fn converse(&mut self) -> Vec<facts::Conversation> {
        let now = self.now_us();
        let (own, rarely) = (std::process::id(), self.slices.is_multiple_of(RARELY));
        let mut busy: Vec<(u32, ProcessKey)> = self
            .table
            .iter_mut()
            .filter(|e| (e.busy || e.samples() > 1) && !e.ended && e.key.pid != own && (rarely || !e.known))
            .map(|e| (e.samples(), e.key))
            .collect();
        busy.sort_by_key(|(samples, key)| (std::cmp::Reverse(*samples), *key));
        self.resting = if busy.is_empty() { self.resting.saturating_add(1) } else { 0 };
        self.conversations.capture.pause(self.resting > REST);
        let busy: Vec<ProcessKey> = busy.into_iter().map(|(_, key)| key).collect();
        if !busy.is_empty() {
            self.conversations.refresh(&busy, &mut self.reader, now);
            self.conversations.suspect(&busy);
        }
        self.conversations.slice()
    }

    fn coverage(&mut self) -> Vec<facts::Coverage> {
        let capture = &self.conversations.capture;
        coverage::lines(&coverage::Seen {
            reach: self.sampler.reach().clone(),
            arch: self.machine.arch,
            reads_all: self.reads_all,
            refused_memory: self.refused_memory,
            full_code: self.full_code,
            full_table: self.table.full || self.scan.cut,
            cut_mappings: self.cut_mappings,
            lost: self.lost_ever,
            no_capture: capture.refused.clone(),
            sampled_capture: capture.sampled,
            sockets: self.conversations.limits(),
        })
    }
}

/// Reads who a live process is; `None` when it is gone or the number belongs to another by now.
fn describe(reader: &mut Reader, entry: &mut Entry, arguments: bool) -> Option<Detail> {
    let pid = entry.key.pid;
    let stat = reader.stat(pid).filter(|s| entry.is(s))?;
    entry.verified = true;
    entry.name = stat.name;
    let uid = reader.read(pid, "status").map(status::parse).map(|s| s.uid).unwrap_or(u32::MAX);
    let cgroup = reader.read(pid, "cgroup").map(cgroup::parse).unwrap_or_else(|_| "/".into());
    let exe = reader.link(pid, "exe").ok().map(|p| p.to_string_lossy().into_owned());
    let arguments = if arguments { reader.arguments(pid) } else { None };
    Some(Detail { uid, group: stat.group, session: stat.session, cgroup, exe, arguments })
}

/// The record of a process; one that ended unread is taken to be its parent's user and unit.
fn process(entry: &Entry, known: &HashMap<u32, Rc<Detail>>, users: &HashMap<u32, String>) -> Process {
    let inherited =
        || known.get(&entry.parent).map(|d| Detail { exe: None, arguments: None, ..(**d).clone() });
    let detail = match &entry.detail {
        Some(detail) => (**detail).clone(),
        None => inherited().unwrap_or(Detail { uid: u32::MAX, cgroup: "/".into(), ..Detail::default() }),
    };
    Process {
        key: entry.key,
        parent: entry.parent,
        group: detail.group,
        session: detail.session,
        name: entry.name.clone(),
        exe: detail.exe,
        uid: detail.uid,
        user: users.get(&detail.uid).cloned(),
        cgroup: detail.cgroup,
        arguments: detail.arguments,
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
