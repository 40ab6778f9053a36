//! The sensors of one machine, opened together and read slice by slice.

mod hand_out;
mod intake;
mod introduce;
mod measure;

use crate::conversations::Conversations;
use crate::coverage;
use crate::hot::{Allowance, Hot};
use crate::machine;
use crate::memory::Memory;
use crate::names::Names;
use crate::perf::{Record, Sampler};
use crate::procfs::{Reader, users};
use crate::scan::Scan;
use crate::table::Table;
use facts::{Machine, Privilege, ProcessKey, Slice};
use std::collections::HashMap;
use std::time::Instant;

/// Most processes whose code is looked at in one drain.
const LOOKED: usize = 32;
/// Sockets of processes whose finding stands are looked at in every such slice.
const RARELY: u64 = 16;
/// Slices without anything to decide after which the capture rests.
const REST: u32 = 10;
/// Slices without a sample after which a process's code is forgotten.
const PATIENCE: u64 = 60;

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
