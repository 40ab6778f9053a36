//! The capture of first bytes within a budget of packets.
//!
//! When traffic is heavier than the budget, or fills the kernel's buffer so that packets are lost, ports whose
//! conversations have nothing more to tell are left out by the filter, and for a while only *suspects* are listened
//! to: connections of busy processes that are not known yet, by their local ports. So a miner beside a loud
//! neighbour is still heard. A suspect that is itself too loud is left out in turn. All of it is said in coverage.

use super::filter::{LEFT_OUT, Ports, SINGLED_OUT};
use super::header;
use super::packet::Socket;
use super::talks::Talks;
use std::collections::{HashMap, HashSet};
use std::io;

/// Packets a second that may be read in the long run, and most that may be read at once.
const BUDGET: (u64, u64) = (400, 2_000);
/// A rest ends when this many packets may be read again.
const REST: u64 = 200;
/// How long a busy port is left out, microseconds.
const APART: u64 = 10_000_000;
/// How long only suspects are listened to, microseconds.
const NARROW: u64 = 10_000_000;
/// From so many packets in one drain on a port may be left out as too loud: a miner says a line now and then.
const LOUD: u32 = 24;
/// Packets of one conversation that are learned from in one drain; more are only counted.
const LEARNED: u32 = 64;
/// Most ports that are left out as too loud in one drain, the loudest first, and most at once.
const LOUDEST: (usize, usize) = (16, 256);

/// The capture.
pub struct Capture {
    socket: Option<Socket>,
    /// What the socket's filter passes.
    passing: Ports,
    /// Why it could not be opened.
    pub refused: Option<String>,
    /// Whether it ever rested, listened to suspects only or left ports out.
    pub sampled: bool,
    tokens: u64,
    refilled: u64,
    settled: HashMap<u16, u32>,
    left_out: Vec<(u16, u64)>,
    /// Local ports of connections that are not known yet, of busy processes.
    suspects: Vec<u16>,
    /// Until when only suspects are listened to; 0 when all are.
    narrow: u64,
    /// Packets of the last drain by port.
    heard: HashMap<u16, u32>,
    loud: HashMap<u16, u64>,
    /// The conversations.
    pub talks: Talks,
}

impl Capture {
    /// Opens the capture, if `wanted`.
    pub fn open(wanted: bool) -> Self {
        let mut capture = Self {
            socket: None,
            passing: Ports::Without(Vec::new()),
            refused: (!wanted).then(|| "not asked for".to_owned()),
            sampled: false,
            tokens: BUDGET.1,
            refilled: 0,
            settled: HashMap::new(),
            left_out: Vec::new(),
            suspects: Vec::new(),
            narrow: 0,
            heard: HashMap::new(),
            loud: HashMap::new(),
            talks: Talks::default(),
        };
        if wanted {
            capture.listen(0);
        }
        capture
    }

    /// Closes the socket, or lets it be opened again; what was learned stays.
    pub fn pause(&mut self, pause: bool) {
        if pause {
            self.socket = None;
            self.tokens = self.tokens.min(REST - 1);
        }
    }

    /// Names the local ports to listen to when there is too much to listen to all, the most suspect first.
    pub fn suspect(&mut self, ports: Vec<u16>) {
        self.suspects = ports;
    }

    /// Whether little is listened to, this port among it.
    #[cfg(test)]
    pub fn singles_out(&self, port: u16) -> bool {
        matches!(&self.passing, Ports::Only(ports) if ports.contains(&port))
    }

    /// Takes in what arrived, at `now` microseconds.
    pub fn drain(&mut self, listening: &HashSet<u16>, now: u64) {
        if self.refused.is_some() {
            return;
        }
        let grown = now.saturating_sub(self.refilled) * BUDGET.0 / 1_000_000;
        if grown > 0 {
            self.tokens = (self.tokens + grown).min(BUDGET.1);
            self.refilled = now;
        }
        if self.narrow != 0 && now >= self.narrow && self.tokens >= REST {
            self.narrow = 0;
        }
        self.listen(now);
        self.heard.clear();
        let Some(socket) = self.socket.as_mut() else { return };
        while self.tokens > 0 {
            let Some(packet) = socket.next() else { break };
            self.tokens -= 1;
            let Some(packet) = header::parse(packet) else { continue };
            let ends = [packet.from.port(), packet.to.port()].map(|port| {
                let heard = self.heard.entry(port).or_insert(0);
                *heard += 1;
                *heard
            });
            let learn = ends.iter().any(|heard| *heard <= LEARNED);
            if let Some(port) = self.talks.take(&packet, listening, learn) {
                *self.settled.entry(port).or_insert(0) += 1;
            }
        }
        let lost = socket.dropped() > 0;
        if lost || (self.tokens == 0 && !self.heard.is_empty()) {
            self.too_much(now);
        }
    }

    /// What to listen to at this time.
    fn wanted(&self, now: u64) -> Ports {
        if self.narrow == 0 {
            return Ports::Without(self.left_out.iter().map(|(port, _)| *port).collect());
        }
        let loud = |port: &u16| self.loud.get(port).is_some_and(|until| *until > now);
        Ports::Only(self.suspects.iter().copied().filter(|port| !loud(port)).take(SINGLED_OUT).collect())
    }

    /// Opens the socket or replaces its filter where something else is wanted than what passes now.
    fn listen(&mut self, now: u64) {
        if self.socket.is_none() && self.narrow == 0 {
            // A rest ends when there is something to spend.
            if self.tokens < REST {
                return;
            }
            self.left_out.retain(|(_, until)| *until > now);
        }
        let wanted = self.wanted(now);
        if self.socket.is_some() && wanted == self.passing {
            return;
        }
        // Opened anew, so that what waits in the buffer of the old one is not paid for.
        self.socket = None;
        if wanted != Ports::Only(Vec::new()) {
            match Socket::open(&wanted) {
                Ok(socket) => self.socket = Some(socket),
                Err(error) => self.refused = Some(explain(&error)),
            }
        }
        self.passing = wanted;
    }

    /// The budget is spent or packets were lost: leaves the busiest settled port out, and listens to suspects only.
    fn too_much(&mut self, now: u64) {
        self.sampled = true;
        let busiest = self.settled.iter().max_by_key(|(_, n)| **n).map(|(port, n)| (*port, *n));
        self.settled.clear();
        self.left_out.retain(|(_, until)| *until > now);
        if let Some((port, packets)) = busiest
            && u64::from(packets) >= REST
            && self.left_out.len() < LEFT_OUT
        {
            self.left_out.push((port, now.saturating_add(APART)));
        }
        self.loud.retain(|_, until| *until > now);
        let mut loudest: Vec<(u32, u16)> =
            self.heard.drain().filter(|(_, n)| *n >= LOUD).map(|(port, n)| (n, port)).collect();
        loudest.sort_unstable_by(|a, b| b.cmp(a));
        for (_, port) in loudest.into_iter().take(LOUDEST.0) {
            if self.loud.len() < LOUDEST.1 {
                self.loud.insert(port, now.saturating_add(NARROW).saturating_add(APART));
            }
        }
        self.narrow = now.saturating_add(NARROW);
        self.listen(now);
    }
}

fn explain(error: &io::Error) -> String {
    match error.raw_os_error() {
        Some(libc::EPERM | libc::EACCES) => "root or CAP_NET_RAW would show the first bytes in clear".into(),
        Some(libc::EAFNOSUPPORT) => "this kernel has no packet sockets".into(),
        _ => format!("packet socket: {error}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write as _;
    use std::net::{TcpListener, TcpStream};

    #[test]
    fn the_first_line_of_a_miner_on_loopback_is_recognised() {
        let mut capture = Capture::open(true);
        if let Some(why) = &capture.refused {
            eprintln!("skipped: {why}");
            return;
        }
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let mut client = TcpStream::connect(("127.0.0.1", port)).unwrap();
        let (_server, _) = listener.accept().unwrap();
        client
            .write_all(b"{\"id\":1,\"method\":\"mining.subscribe\",\"params\":[\"cpuminer/2.5\"]}\n")
            .unwrap();
        let mut found = None;
        for step in 1..40 {
            std::thread::sleep(std::time::Duration::from_millis(25));
            capture.drain(&HashSet::new(), step * 1_000_000);
            let talk =
                capture.talks.iter_mut().find(|(_, t)| t.server.port() == port && t.recognised().is_some());
            found = talk.map(|(_, t)| (t.recognised().unwrap().protocol, t.client, t.moved));
            if found.is_some() {
                break;
            }
        }
        let (protocol, from, moved) = found.expect("not recognised within a second");
        assert_eq!(protocol, facts::Protocol::StratumV1);
        assert_eq!(from, client.local_addr().unwrap());
        assert_eq!(moved.1, 0, "each packet counts once");
    }
}
