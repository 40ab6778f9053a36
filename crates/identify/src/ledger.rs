//! What is known so far: slices are absorbed into tables that grouping and judging read.
//!
//! Bounded: the oldest moments leave when the window is full, and what belonged to ended processes leaves
//! with the last moment that mentions them.

use core::net::SocketAddr;
use facts::{
    Code, ConstantUse, Conversation, Coverage, Hit, Image, Process, ProcessKey, Slice, Symbol, Usage,
};
use std::collections::{BTreeMap, BTreeSet, VecDeque};

/// Conversations kept for one process; more are counted only in bytes.
const MAX_CONVERSATIONS: usize = 256;

/// What one slice said of use; the part of a slice that ages.
#[derive(Clone, Debug)]
pub(crate) struct Moment {
    pub from_ms: u64,
    pub to_ms: u64,
    pub hit_us: u64,
    pub usage: Vec<Usage>,
    pub hits: Vec<Hit>,
}

/// What is known of one process apart from its use.
#[derive(Clone, Debug, Default)]
pub(crate) struct Known {
    pub process: Option<Process>,
    pub images: Vec<Image>,
    pub code: BTreeMap<u64, Vec<u8>>,
    pub constants: BTreeSet<(String, u64)>,
    pub symbols: BTreeMap<u64, String>,
    pub conversations: BTreeMap<(SocketAddr, SocketAddr), Conversation>,
    pub first_ms: u64,
    pub ended_ms: Option<u64>,
}

/// Everything absorbed and still inside the window.
#[derive(Clone, Debug, Default)]
pub(crate) struct Ledger {
    pub known: BTreeMap<ProcessKey, Known>,
    pub moments: VecDeque<Moment>,
    pub coverage: Vec<Coverage>,
}

impl Ledger {
    /// Takes in one slice and forgets what is older than `window_ms`, if given.
    pub fn absorb(&mut self, slice: &Slice, window_ms: Option<u64>) {
        self.learn(slice);
        self.moments.push_back(Moment {
            from_ms: slice.from_ms,
            to_ms: slice.to_ms,
            hit_us: slice.hit_us,
            usage: slice.usage.clone(),
            hits: slice.hits.clone(),
        });
        if !slice.coverage.is_empty() {
            self.coverage.clone_from(&slice.coverage);
        }
        if let Some(window) = window_ms {
            self.forget(slice.to_ms.saturating_sub(window));
        }
    }

    fn learn(&mut self, slice: &Slice) {
        for process in &slice.processes {
            let known = self.entry(process.key, slice.from_ms);
            known.process = Some(process.clone());
        }
        for image in &slice.images {
            let known = self.entry(image.process, slice.from_ms);
            known.images.retain(|old| old.end <= image.start || image.end <= old.start);
            known.images.push(image.clone());
        }
        for Code { process, address, bytes } in &slice.code {
            let code = &mut self.entry(*process, slice.from_ms).code;
            let end = address.saturating_add(bytes.len() as u64);
            code.retain(|start, old| start.saturating_add(old.len() as u64) <= *address || end <= *start);
            code.insert(*address, bytes.clone());
        }
        for ConstantUse { process, code, name, .. } in &slice.constants {
            self.entry(*process, slice.from_ms).constants.insert((name.clone(), *code));
        }
        for Symbol { process, address, name } in &slice.symbols {
            self.entry(*process, slice.from_ms).symbols.insert(*address, name.clone());
        }
        for conversation in &slice.conversations {
            self.entry(conversation.process, slice.from_ms).talk(conversation);
        }
        for key in &slice.ended {
            self.entry(*key, slice.from_ms).ended_ms = Some(slice.to_ms);
        }
    }

    fn entry(&mut self, key: ProcessKey, at_ms: u64) -> &mut Known {
        self.known.entry(key).or_insert_with(|| Known { first_ms: at_ms, ..Known::default() })
    }

    fn forget(&mut self, before_ms: u64) {
        while self.moments.front().is_some_and(|m| m.to_ms <= before_ms) {
            self.moments.pop_front();
        }
        self.known.retain(|_, known| known.ended_ms.is_none_or(|at| at > before_ms));
    }

    /// The span of the window, milliseconds: begin and end.
    pub fn span(&self) -> (u64, u64) {
        let from = self.moments.front().map_or(0, |m| m.from_ms);
        (from, self.moments.back().map_or(from, |m| m.to_ms))
    }
}

impl Known {
    fn talk(&mut self, seen: &Conversation) {
        let full = self.conversations.len() >= MAX_CONVERSATIONS;
        match self.conversations.get_mut(&(seen.local, seen.remote)) {
            Some(old) => {
                old.sent = old.sent.saturating_add(seen.sent);
                old.received = old.received.saturating_add(seen.received);
                old.endpoint = seen.endpoint;
                if seen.recognised.is_some() {
                    old.recognised.clone_from(&seen.recognised);
                }
            }
            None if full && seen.recognised.is_none() => {}
            None if full => {
                // A recognised conversation matters more than a silent one.
                let silent = self.conversations.iter().find(|(_, c)| c.recognised.is_none()).map(|(k, _)| *k);
                if let Some(key) = silent {
                    self.conversations.remove(&key);
                    self.conversations.insert((seen.local, seen.remote), seen.clone());
                }
            }
            None => {
                self.conversations.insert((seen.local, seen.remote), seen.clone());
            }
        }
    }

    /// The file name of the executable, or the short name of the process.
    pub fn program(&self) -> &str {
        let process = self.process.as_ref();
        let exe = process.and_then(|p| p.exe.as_deref()).map(base).filter(|name| !name.is_empty());
        exe.or_else(|| process.map(|p| p.name.as_str())).unwrap_or("unknown")
    }
}

/// The last part of a path, without the kernel's note on deleted files.
pub(crate) fn base(path: &str) -> &str {
    let path = path.strip_suffix(" (deleted)").unwrap_or(path);
    path.rsplit('/').next().unwrap_or(path)
}
