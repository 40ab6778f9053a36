//! The processes of a workload that run the same program, summed up: what identification looks at.

use crate::ledger::{Known, Ledger, base};
use crate::sums::{Hot, Totals};
use code::{Chunk, Class};
use facts::{Arch, Conversation, Hit, ImageKind, ProcessKey, Usage};
use std::collections::{BTreeMap, BTreeSet};

/// A constant counts for the samples that fell this close to the instruction that uses it, bytes.
const NEAR: u64 = 2048;
/// Processes of one component that are decoded one by one; the busiest first. A build starts hundreds.
const MAX_DECODED: usize = 24;

/// One program at work inside a workload.
#[derive(Clone, Debug)]
pub(crate) struct Component {
    pub members: Vec<ProcessKey>,
    pub program: String,
    /// What its processes call themselves and are started from.
    pub names: BTreeSet<String>,
    pub seconds: f64,
    pub window_s: f64,
    pub cpus: u32,
    pub totals: Totals,
    pub hot: Hot,
    /// Share of user samples by file name of the mapping.
    pub images: BTreeMap<String, f64>,
    /// Share of user samples by symbol.
    pub symbols: BTreeMap<String, f64>,
    /// Share of user samples near each constant, by its name in the book.
    pub constants: BTreeMap<String, f64>,
    pub conversations: Vec<Conversation>,
}

/// Hits of every process in the window, by address; address 0 is the kernel.
pub(crate) type Hits = BTreeMap<ProcessKey, BTreeMap<u64, u32>>;

/// Adds up the hits of the window.
pub(crate) fn hits(ledger: &Ledger) -> Hits {
    let mut all = Hits::new();
    for Hit { process, address, count } in ledger.moments.iter().flat_map(|m| &m.hits) {
        *all.entry(*process).or_default().entry(*address).or_default() += count;
    }
    all
}

/// Processor time of each process, milliseconds: what the kernel accounts, or what the samples say where a
/// process came and went between two readings.
pub(crate) fn times(ledger: &Ledger) -> BTreeMap<ProcessKey, u64> {
    let mut accounted: BTreeMap<ProcessKey, u64> = BTreeMap::new();
    let mut sampled: BTreeMap<ProcessKey, u64> = BTreeMap::new();
    for moment in &ledger.moments {
        for usage in &moment.usage {
            *accounted.entry(usage.process).or_default() += usage.user_ms + usage.system_ms;
        }
        for hit in &moment.hits {
            *sampled.entry(hit.process).or_default() += u64::from(hit.count) * moment.hit_us;
        }
    }
    for (key, us) in sampled {
        accounted.entry(key).or_insert(us / 1000);
    }
    accounted
}

/// Splits the members of a workload by program and sums up what each part used and with whom it talks, the largest
/// first. What it executes is dear to know: [`Component::look`].
pub(crate) fn split(ledger: &Ledger, members: &[ProcessKey], cpus: u32) -> Vec<Component> {
    let mut programs: BTreeMap<String, Vec<ProcessKey>> = BTreeMap::new();
    for key in members {
        let program = ledger.known.get(key).map_or("unknown", |k| k.program()).to_owned();
        programs.entry(program).or_default().push(*key);
    }
    let mut parts: Vec<Component> = programs
        .into_iter()
        .map(|(program, members)| Component::new(ledger, program, members, cpus))
        .collect();
    parts.sort_by(|a, b| b.seconds.total_cmp(&a.seconds).then_with(|| a.program.cmp(&b.program)));
    parts
}

impl Component {
    /// Sums up the given processes as one program, all but what they execute.
    pub fn new(ledger: &Ledger, program: String, members: Vec<ProcessKey>, cpus: u32) -> Self {
        let (from, to) = ledger.span();
        let mut part = Self {
            names: names(ledger, &members),
            program,
            seconds: 0.0,
            window_s: to.saturating_sub(from).max(1) as f64 / 1000.0,
            cpus,
            totals: Totals::default(),
            hot: Hot { shares: vec![0.0; Class::COUNT], ..Hot::default() },
            images: BTreeMap::new(),
            symbols: BTreeMap::new(),
            constants: BTreeMap::new(),
            conversations: Vec::new(),
            members,
        };
        part.add_usage(ledger);
        part.add_conversations(ledger);
        part
    }

    fn add_usage(&mut self, ledger: &Ledger) {
        let mine: BTreeSet<ProcessKey> = self.members.iter().copied().collect();
        let mut accounted = BTreeSet::new();
        let mut last: BTreeMap<ProcessKey, &Usage> = BTreeMap::new();
        let mut hot: BTreeMap<ProcessKey, u32> = BTreeMap::new();
        // A process that ends between two readings leaves a last level of 0: what it once held counts too.
        let mut once = 0;
        for usage in ledger.moments.iter().flat_map(|m| &m.usage).filter(|u| mine.contains(&u.process)) {
            accounted.insert(usage.process);
            self.totals.add(usage);
            once = usage.resident.max(once);
            last.insert(usage.process, usage);
            let hot = hot.entry(usage.process).or_default();
            *hot = usage.hot_threads.max(*hot);
        }
        self.totals.resident = once.max(last.values().map(|u| u.resident).sum());
        for usage in last.values() {
            self.totals.huge += usage.huge.unwrap_or(0);
            self.totals.largest = self.totals.largest.max(usage.largest.unwrap_or(0));
            self.totals.threads += u64::from(usage.threads);
        }
        self.totals.hot_threads = hot.values().map(|n| u64::from(*n)).sum();
        self.totals.processes = mine.len() as u64;
        let from = ledger.span().0;
        let started = |key: &&ProcessKey| ledger.known.get(key).is_some_and(|k| k.first_ms > from);
        self.totals.started = mine.iter().filter(started).count() as u64;
        let sampled: u64 = ledger
            .moments
            .iter()
            .flat_map(|m| m.hits.iter().map(move |h| (h, m.hit_us)))
            .filter(|(h, _)| mine.contains(&h.process) && !accounted.contains(&h.process))
            .map(|(h, us)| u64::from(h.count) * us)
            .sum();
        let accounted_ms = self.totals.user_ms + self.totals.system_ms;
        self.seconds = accounted_ms as f64 / 1e3 + sampled as f64 / 1e6;
    }

    /// Looks at what it executes.
    pub fn look(&mut self, ledger: &Ledger, hits: &Hits, arch: Arch) {
        let mut busiest: Vec<(u64, ProcessKey)> = self
            .members
            .iter()
            .filter_map(|key| Some((hits.get(key)?.values().map(|n| u64::from(*n)).sum(), *key)))
            .collect();
        busiest.sort_by_key(|(count, key)| (std::cmp::Reverse(*count), *key));
        for (rank, (_, key)) in busiest.iter().enumerate() {
            let (Some(hits), Some(known)) = (hits.get(key), ledger.known.get(key)) else { continue };
            self.hot.kernel += u64::from(hits.get(&0).copied().unwrap_or(0));
            let user: Vec<(u64, u32)> =
                hits.iter().filter(|(a, _)| **a != 0).map(|(a, n)| (*a, *n)).collect();
            self.place(known, &user);
            if rank < MAX_DECODED {
                let chunks: Vec<Chunk<'_>> =
                    known.code.iter().map(|(address, bytes)| Chunk { address: *address, bytes }).collect();
                self.hot.add(*key, code::profile(arch, &chunks, &user));
            }
        }
        self.settle();
    }

    /// Attributes user samples to images, symbols and constants.
    fn place(&mut self, known: &Known, user: &[(u64, u32)]) {
        for (address, count) in user {
            let count = f64::from(*count);
            self.hot.samples += count as u64;
            let image = known.images.iter().find(|i| i.start <= *address && *address < i.end);
            if let Some(image) = image {
                let name = match &image.kind {
                    ImageKind::File { path, .. } => base(path),
                    ImageKind::Anonymous => "[anonymous]",
                    ImageKind::Kernel => "[vdso]",
                };
                *self.images.entry(name.to_owned()).or_default() += count;
                self.hot.anonymous += if image.kind == ImageKind::Anonymous { count } else { 0.0 };
                self.hot.writable += if image.writable { count } else { 0.0 };
            }
            if let Some(name) = known.symbols.get(address) {
                *self.symbols.entry(name.clone()).or_default() += count;
            }
            let near: BTreeSet<&str> = known
                .constants
                .iter()
                .filter(|(_, code)| code.abs_diff(*address) <= NEAR)
                .map(|(name, _)| name.as_str())
                .collect();
            for name in near {
                *self.constants.entry(name.to_owned()).or_default() += count;
            }
        }
        // A constant that hot code refers to from further away is still used: it counts a little.
        for (name, _) in &known.constants {
            self.constants.entry(name.clone()).or_insert(0.0);
        }
    }

    fn settle(&mut self) {
        let samples = (self.hot.samples as f64).max(1.0);
        for share in
            self.images.values_mut().chain(self.symbols.values_mut()).chain(self.constants.values_mut())
        {
            *share /= samples;
        }
        self.hot.anonymous /= samples;
        self.hot.writable /= samples;
        self.hot.settle();
    }

    fn add_conversations(&mut self, ledger: &Ledger) {
        for known in self.members.iter().filter_map(|key| ledger.known.get(key)) {
            for conversation in known.conversations.values() {
                self.totals.sent += conversation.sent;
                self.totals.received += conversation.received;
                self.conversations.push(conversation.clone());
            }
        }
        self.conversations.sort_by_key(|c| (c.recognised.is_none(), c.local, c.remote));
    }

    /// Processor use, in units of one core.
    pub fn cpu_share(&self) -> f64 {
        self.seconds / self.window_s
    }

    /// Share of decoded hot instructions in this class, 0 to 1.
    pub fn class(&self, class: Class) -> f64 {
        self.hot.shares.get(class.index()).copied().unwrap_or(0.0)
    }
}

/// Executables and short names of the members; they differ where one file serves under several names.
fn names(ledger: &Ledger, members: &[ProcessKey]) -> BTreeSet<String> {
    let known = members.iter().filter_map(|key| ledger.known.get(key));
    known
        .flat_map(|k| [Some(k.program().to_owned()), k.process.as_ref().map(|p| p.name.clone())])
        .flatten()
        .collect()
}
