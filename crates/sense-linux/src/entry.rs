//! One process as far as it matters: who it is, what was sampled of it in this slice, what was read of it before.

use crate::hot::Hot;
use crate::procfs::maps::Mapping;
use crate::procfs::stat::Stat;
use crate::usage::Counters;
use facts::ProcessKey;
use std::collections::HashMap;
use std::rc::Rc;

/// Most distinct addresses kept for one process in one slice.
const ADDRESSES: usize = 8_192;
/// Most threads of a process that are told apart in one slice.
const THREADS: usize = 1_024;

/// Who a process is, beyond its key, name and parent.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Detail {
    /// User number.
    pub uid: u32,
    /// Process group.
    pub group: u32,
    /// Session.
    pub session: u32,
    /// Cgroup path.
    pub cgroup: String,
    /// Executable.
    pub exe: Option<String>,
    /// Arguments, where asked for.
    pub arguments: Option<Vec<String>>,
}

/// One process.
#[derive(Debug)]
pub struct Entry {
    /// Its key.
    pub key: ProcessKey,
    /// Parent process number, 0 when unknown.
    pub parent: u32,
    /// Short name.
    pub name: String,
    /// Whether `/proc/PID/stat` confirmed the key.
    pub verified: bool,
    /// Whether it was handed out since it began or last executed another program.
    pub announced: bool,
    /// Whether it was ever handed out.
    pub ever_announced: bool,
    /// Whether it ended.
    pub ended: bool,
    /// Whether its finding no longer changes.
    pub known: bool,
    /// Samples in user mode of this slice, by address.
    pub hits: HashMap<u64, u32>,
    /// Samples in user mode of this slice.
    pub user_hits: u32,
    /// Samples in the kernel of this slice.
    pub kernel_hits: u32,
    /// Samples since it was first seen.
    pub ever: u64,
    /// Whether it used processor time in this slice although it could not be sampled.
    pub busy: bool,
    /// Processor ticks when it was last scanned.
    pub scanned: Option<u64>,
    /// Threads sampled in this slice.
    pub threads: Vec<u32>,
    /// Executable mappings from side-band records.
    pub mapped: Vec<Mapping>,
    /// What it had used when last read, and when that was (milliseconds).
    pub counters: Option<(u64, Counters)>,
    /// User, unit and executable, once read.
    pub detail: Option<Rc<Detail>>,
    /// Its hot code.
    pub hot: Option<Box<Hot>>,
    /// Number of the last slice in which it was sampled.
    pub last_seen: u64,
}

impl Entry {
    /// A process of which nothing was read yet.
    pub fn new(pid: u32, start: u64, parent: u32, name: String) -> Self {
        Self {
            key: ProcessKey { pid, start },
            parent,
            name,
            verified: false,
            announced: false,
            ever_announced: false,
            ended: false,
            known: false,
            hits: HashMap::new(),
            user_hits: 0,
            kernel_hits: 0,
            ever: 0,
            busy: false,
            scanned: None,
            threads: Vec::new(),
            mapped: Vec::new(),
            counters: None,
            detail: None,
            hot: None,
            last_seen: 0,
        }
    }

    /// A process as `/proc/PID/stat` tells of it.
    pub fn from_stat(pid: u32, stat: Stat) -> Self {
        let mut entry = Self::new(pid, stat.start, stat.parent, stat.name);
        entry.verified = true;
        entry
    }

    /// Whether it did anything in this slice.
    pub fn is_busy(&self) -> bool {
        self.busy || self.samples() > 0
    }

    /// Samples in this slice.
    pub fn samples(&self) -> u32 {
        self.user_hits + self.kernel_hits
    }

    /// Whether `stat` speaks of this process. The kernel's record of a start and `/proc` may differ by a tick.
    pub fn is(&self, stat: &Stat) -> bool {
        stat.start.abs_diff(self.key.start) <= 1
    }

    /// Forgets the samples of the slice that ends.
    pub fn close_slice(&mut self) {
        self.hits.clear();
        self.threads.clear();
        self.busy = false;
        self.user_hits = 0;
        self.kernel_hits = 0;
    }

    /// Counts a sample; address 0 is the kernel.
    pub fn hit(&mut self, address: u64, tid: u32) {
        self.ever += 1;
        if address == 0 {
            self.kernel_hits += 1;
        } else {
            self.user_hits += 1;
        }
        if self.hits.len() < ADDRESSES || self.hits.contains_key(&address) {
            *self.hits.entry(address).or_insert(0) += 1;
        }
        if self.threads.len() < THREADS && !self.threads.contains(&tid) {
            self.threads.push(tid);
        }
    }
}
