//! Joins sockets and captured conversations into what a slice says of each process's talks.

use crate::net::Pair;
use crate::net::capture::Capture;
use crate::net::sockets::{Held, Sockets};
use crate::net::talks::Talk;
use crate::procfs::Reader;
use facts::{Conversation, Endpoint, ProcessKey};
use std::collections::HashSet;

/// Most conversations in one slice.
const MOST: usize = 1_024;
/// Most connections that are remembered as handed out.
const TOLD: usize = 16_384;
/// Shortest time between two searches among all processes, microseconds.
const WIDE: u64 = 5_000_000;
/// Most processes searched.
const PROCESSES: usize = 512;

/// Sockets and capture together.
pub struct Conversations {
    sockets: Sockets,
    /// The capture.
    pub capture: Capture,
    told: HashSet<(ProcessKey, Pair)>,
    next_wide: u64,
}

impl Conversations {
    /// Opens the capture if `wanted`.
    pub fn open(wanted: bool) -> Self {
        Self {
            sockets: Sockets::default(),
            capture: Capture::open(wanted),
            told: HashSet::new(),
            next_wide: 0,
        }
    }

    /// Takes in packets; `now` in microseconds.
    pub fn drain(&mut self, now: u64) {
        self.capture.drain(&self.sockets.listening, now);
    }

    /// Whether descriptors were refused, and whether a bound was reached.
    pub fn limits(&self) -> (bool, bool) {
        (self.sockets.refused, self.sockets.cut)
    }

    /// Reads the socket tables anew for the busy processes, where it is time for that.
    pub fn refresh(&mut self, busy: &[ProcessKey], reader: &mut Reader, now: u64) {
        if !self.sockets.due(now) {
            return;
        }
        let mut processes = busy.to_vec();
        if now >= self.next_wide && self.has_orphans() {
            self.next_wide = now.saturating_add(WIDE);
            let known: HashSet<u32> = busy.iter().map(|p| p.pid).collect();
            let others = reader.list(PROCESSES).unwrap_or_default();
            for pid in others.into_iter().filter(|p| !known.contains(p)) {
                processes.extend(reader.stat(pid).map(|s| ProcessKey { pid, start: s.start }));
            }
        }
        self.sockets.refresh(&processes, reader, now);
    }

    /// Whether a conversation that bears on a token has no process yet.
    fn has_orphans(&mut self) -> bool {
        let sockets = &self.sockets;
        self.capture.talks.iter_mut().any(|(pair, talk)| {
            let tells =
                talk.recognised().is_some_and(|r| r.protocol.gives_work() || r.protocol.follows_chain());
            tells && talk.news && sockets.holders(pair, talk.client, talk.server).is_empty()
        })
    }

    /// Conversations that are new, moved or were recognised since the last slice.
    pub fn slice(&mut self) -> Vec<Conversation> {
        let mut conversations = Vec::new();
        let mut done: HashSet<Pair> = HashSet::new();
        for (pair, talk) in self.capture.talks.iter_mut() {
            let holders = self.sockets.holders(pair, talk.client, talk.server);
            if holders.is_empty() || (!talk.news && talk.moved == (0, 0)) {
                continue;
            }
            done.insert(*pair);
            for held in holders {
                if conversations.len() < MOST {
                    conversations.push(describe(pair, &held, Some(talk), &self.sockets.listening));
                    if self.told.len() < TOLD {
                        self.told.insert((held.process, *pair));
                    }
                }
            }
            (talk.news, talk.moved) = (false, (0, 0));
        }
        for (pair, held) in self.sockets.iter() {
            if conversations.len() < MOST
                && !done.contains(pair)
                && self.told.len() < TOLD
                && self.told.insert((held.process, *pair))
            {
                conversations.push(describe(pair, held, None, &self.sockets.listening));
            }
        }
        conversations.sort_by_key(|c| (c.process, c.local, c.remote));
        conversations
    }

    /// Forgets processes that ended.
    pub fn forget(&mut self, ended: &[ProcessKey]) {
        for process in ended {
            self.sockets.forget(*process);
        }
        if !ended.is_empty() {
            let ended: HashSet<ProcessKey> = ended.iter().copied().collect();
            self.told.retain(|(process, _)| !ended.contains(process));
        }
    }
}

fn describe(pair: &Pair, held: &Held, talk: Option<&Talk>, listening: &HashSet<u16>) -> Conversation {
    let client = match talk {
        Some(talk) => talk.is_client(held.local),
        None => !listening.contains(&held.local.port()),
    };
    let (sent, received) = talk.map_or((0, 0), |t| t.moved_by(held.local));
    Conversation {
        process: held.process,
        transport: pair.transport,
        endpoint: if client { Endpoint::Client } else { Endpoint::Server },
        local: held.local,
        remote: held.remote,
        sent,
        received,
        recognised: talk.and_then(|t| t.recognised()).cloned(),
    }
}
