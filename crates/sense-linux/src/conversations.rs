//! Joins sockets and captured conversations into what a slice says of each process's talks.

use crate::net::Pair;
use crate::net::capture::Capture;
use crate::net::filter::SINGLED_OUT;
use crate::net::sockets::{Held, Sockets};
use crate::net::talks::Talk;
use crate::procfs::Reader;
use facts::{Conversation, Endpoint, ProcessKey};
use std::collections::{HashMap, HashSet};

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
    /// Where among too many suspects to begin.
    turn: usize,
}

impl Conversations {
    /// Opens the capture if `wanted`.
    pub fn open(wanted: bool) -> Self {
        Self {
            sockets: Sockets::default(),
            capture: Capture::open(wanted),
            told: HashSet::new(),
            next_wide: 0,
            turn: 0,
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

    /// Names the connections of `busy` processes, the busiest first, that are not known and that they opened
    /// themselves: who serves others is not told what to work on by them.
    pub fn suspect(&mut self, busy: &[ProcessKey]) {
        let rank: HashMap<ProcessKey, usize> = busy.iter().enumerate().map(|(at, key)| (*key, at)).collect();
        let sockets = &self.sockets;
        let unknown = sockets.iter().filter(|(pair, held)| {
            !sockets.listening.contains(&held.local.port()) && self.capture.talks.open(pair)
        });
        let mut ports: Vec<(usize, u16)> =
            unknown.filter_map(|(_, held)| Some((*rank.get(&held.process)?, held.local.port()))).collect();
        ports.sort_unstable();
        ports.dedup_by_key(|(_, port)| *port);
        // More than can be singled out take turns.
        self.turn = self.turn.wrapping_add(SINGLED_OUT);
        let first = self.turn.checked_rem(ports.len()).filter(|_| ports.len() > SINGLED_OUT);
        ports.rotate_left(first.unwrap_or(0));
        self.capture.suspect(ports.into_iter().map(|(_, port)| port).collect());
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

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::{Read as _, Write as _};
    use std::net::{TcpListener, TcpStream};
    use std::sync::Arc;
    use std::sync::atomic::{AtomicBool, Ordering};
    use std::time::{Duration, Instant};
    use testkit::{Dialect, Server};

    const SHARE: &[u8] =
        b"{\"id\":4,\"method\":\"mining.submit\",\"params\":[\"w\",\"1\",\"00000000\",\"5f5e1000\",\"0a0b0c0d\"]}\n";

    /// A stream over loopback, as fast as it goes, until the flag falls.
    fn loud(on: &Arc<AtomicBool>) {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let mut client = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
        let (mut server, _) = listener.accept().unwrap();
        let (sends, reads) = (Arc::clone(on), Arc::clone(on));
        std::thread::spawn(move || {
            let chunk = vec![0xa5; 1 << 16];
            while sends.load(Ordering::Relaxed) && client.write_all(&chunk).is_ok() {}
        });
        std::thread::spawn(move || {
            let mut chunk = vec![0; 1 << 16];
            while reads.load(Ordering::Relaxed) && server.read(&mut chunk).is_ok_and(|n| n > 0) {}
        });
    }

    /// The miner says nothing before the streams have used the budget up, so that the login is missed too.
    #[test]
    fn a_miner_beside_loud_streams_is_heard() {
        let mut conversations = Conversations::open(true);
        if let Some(why) = &conversations.capture.refused {
            eprintln!("skipped: {why}");
            return;
        }
        let pool = Server::start(Dialect::Bitcoin, 0).unwrap();
        let mut miner = TcpStream::connect(pool.address()).unwrap();
        let from = miner.local_addr().unwrap();
        let on = Arc::new(AtomicBool::new(true));
        (0..3).for_each(|_| loud(&on));
        let own = [ProcessKey { pid: std::process::id(), start: 1 }];
        let (mut reader, begin) = (Reader::new("/proc"), Instant::now());
        let (mut said, mut heard) = (0, false);
        while !heard && said < 20 && begin.elapsed() < Duration::from_secs(20) {
            if conversations.capture.singles_out(from.port()) {
                miner.write_all(SHARE).unwrap();
                said += 1;
            }
            std::thread::sleep(Duration::from_millis(100));
            let now = u64::try_from(begin.elapsed().as_micros()).unwrap();
            conversations.drain(now);
            conversations.refresh(&own, &mut reader, now);
            conversations.suspect(&own);
            let told = conversations.slice();
            let asks = |c: &Conversation| c.recognised.as_ref().is_some_and(|r| r.protocol.gives_work());
            heard = told.iter().any(|c| c.local == from && asks(c));
        }
        on.store(false, Ordering::Relaxed);
        assert!(heard, "not heard within {:?}; it spoke {said} times", begin.elapsed());
    }
}
