//! The capture of first bytes within a budget of packets.
//!
//! When traffic is heavier than the budget, ports whose conversations have nothing more to tell are left out by the
//! filter; if that is not enough the capture rests until the budget has grown again. Both are said in coverage.

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
const LEFT_OUT: u64 = 10_000_000;

/// The capture.
pub struct Capture {
    socket: Option<Socket>,
    /// Why it could not be opened.
    pub refused: Option<String>,
    /// Whether it ever rested or left ports out.
    pub sampled: bool,
    tokens: u64,
    refilled: u64,
    settled: HashMap<u16, u32>,
    left_out: Vec<(u16, u64)>,
    /// The conversations.
    pub talks: Talks,
}

impl Capture {
    /// Opens the capture, if `wanted`.
    pub fn open(wanted: bool) -> Self {
        let mut capture = Self {
            socket: None,
            refused: (!wanted).then(|| "not asked for".to_owned()),
            sampled: false,
            tokens: BUDGET.1,
            refilled: 0,
            settled: HashMap::new(),
            left_out: Vec::new(),
            talks: Talks::default(),
        };
        if wanted {
            capture.reopen();
        }
        capture
    }

    fn reopen(&mut self) {
        let ports: Vec<u16> = self.left_out.iter().map(|(port, _)| *port).collect();
        match Socket::open(&ports) {
            Ok(socket) => self.socket = Some(socket),
            Err(error) => self.refused = Some(explain(&error)),
        }
    }

    /// Closes the socket, or opens it again; what was learned stays.
    pub fn pause(&mut self, pause: bool) {
        if pause {
            self.socket = None;
            self.tokens = self.tokens.min(REST - 1);
        }
    }

    /// Takes in what arrived, at `now` microseconds; gives whether a conversation was recognised.
    pub fn drain(&mut self, listening: &HashSet<u16>, now: u64) {
        if self.refused.is_some() {
            return;
        }
        let grown = now.saturating_sub(self.refilled) * BUDGET.0 / 1_000_000;
        if grown > 0 {
            self.tokens = (self.tokens + grown).min(BUDGET.1);
            self.refilled = now;
        }
        if self.socket.is_none() && self.tokens >= REST {
            self.left_out.retain(|(_, until)| *until > now);
            self.reopen();
        }
        let Some(socket) = self.socket.as_mut() else { return };
        while self.tokens > 0 {
            let Some(packet) = socket.next() else { return };
            self.tokens -= 1;
            if let Some(port) = header::parse(packet).and_then(|p| self.talks.take(&p, listening)) {
                *self.settled.entry(port).or_insert(0) += 1;
            }
        }
        self.rest(now);
    }

    /// The budget is spent: leaves the busiest settled port out and closes the socket for a while.
    fn rest(&mut self, now: u64) {
        self.sampled = true;
        self.socket = None;
        let busiest = self.settled.iter().max_by_key(|(_, n)| **n).map(|(port, n)| (*port, *n));
        self.settled.clear();
        if let Some((port, packets)) = busiest
            && u64::from(packets) >= REST
            && self.left_out.len() < super::filter::LEFT_OUT
        {
            self.left_out.push((port, now.saturating_add(LEFT_OUT)));
        }
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
