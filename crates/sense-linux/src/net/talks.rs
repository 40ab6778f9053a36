//! Conversations seen on the network: direction, order of segments, and what they speak.

use super::Pair;
use super::header::Packet;
use conversation::Recogniser;
use facts::{Direction, Recognised, Transport};
use std::collections::{HashMap, HashSet};
use std::net::SocketAddr;

/// Most conversations kept at once; the least recently active goes first.
const TALKS: usize = 4_096;

/// One conversation.
#[derive(Debug)]
pub struct Talk {
    /// Who opened it.
    pub client: SocketAddr,
    /// Who was opened.
    pub server: SocketAddr,
    /// Payload bytes to the server and to the client since the last slice.
    pub moved: (u64, u64),
    /// Whether there is something new to tell.
    pub news: bool,
    /// When it was last active, by a counter of packets.
    last: u64,
    next: [Option<u32>; 2],
    /// Who asks for work, told by what it says: it outweighs who seems to have opened the connection.
    asks: Option<SocketAddr>,
    recogniser: Option<Box<Recogniser>>,
    recognised: Option<Recognised>,
}

impl Talk {
    /// What it speaks, once recognised.
    pub fn recognised(&self) -> Option<&Recognised> {
        self.recognised.as_ref()
    }

    /// Whether this end is the one that asks, or opened the connection.
    pub fn is_client(&self, end: SocketAddr) -> bool {
        self.asks.unwrap_or(self.client) == end
    }

    /// Payload bytes that this end sent and received since the last slice.
    pub fn moved_by(&self, end: SocketAddr) -> (u64, u64) {
        let (to_server, to_client) = self.moved;
        if end == self.client { (to_server, to_client) } else { (to_client, to_server) }
    }

    /// The first method of work that is new tells who asks and who gives.
    fn notice(&mut self, known: usize, packet: &Packet) {
        let Some(seen) = self.recognised.as_ref().filter(|r| self.asks.is_none() && r.protocol.gives_work())
        else {
            return;
        };
        let said = seen.methods.iter().skip(known).find_map(|method| conversation::asks_for_work(method));
        self.asks = said.map(|asks| if asks { packet.from } else { packet.to });
    }

    fn feed(&mut self, direction: Direction, packet: &Packet) {
        let known = self.recognised.as_ref().map_or(0, |r| r.methods.len());
        let Some(recogniser) = self.recogniser.as_mut() else { return };
        let mut payload = packet.payload;
        if packet.transport == Transport::Tcp {
            let [to_server, to_client] = &mut self.next;
            let next = if direction == Direction::ToServer { to_server } else { to_client };
            let length = u32::try_from(packet.length).unwrap_or(u32::MAX);
            // Half of the number space lies behind: what was seen before.
            let behind = next.map_or(0, |n| n.wrapping_sub(packet.sequence));
            if behind != 0 && behind < 1 << 31 {
                let Some(fresh) = payload.get(behind as usize..).filter(|f| !f.is_empty()) else { return };
                payload = fresh;
            } else if behind != 0 {
                recogniser.gap(direction);
            }
            *next = Some(packet.sequence.wrapping_add(length));
        }
        let mut changed = false;
        recogniser.feed(direction, payload);
        if packet.payload.len() < packet.length {
            recogniser.gap(direction);
        }
        if recogniser.recognised() != self.recognised.as_ref() {
            self.recognised = recogniser.recognised().cloned();
            self.news = true;
            changed = true;
        }
        if recogniser.finished() {
            self.recogniser = None;
        }
        if changed {
            self.notice(known, packet);
        }
    }
}

/// All of them.
#[derive(Debug, Default)]
pub struct Talks {
    talks: HashMap<Pair, Talk>,
    clock: u64,
}

impl Talks {
    /// Takes a packet in, to learn from what it says or only to count it. `listening` are ports on which someone of
    /// this machine waits. Gives the server's port if nothing more is to be learned from the conversation.
    pub fn take(&mut self, packet: &Packet, listening: &HashSet<u16>, learn: bool) -> Option<u16> {
        self.clock += 1;
        let pair = Pair::new(packet.transport, packet.from, packet.to);
        if packet.opens && !packet.answers {
            // A new connection between the same ends is a new conversation.
            self.talks.remove(&pair);
        }
        if self.talks.len() >= TALKS && !self.talks.contains_key(&pair) {
            self.make_room();
        }
        let clock = self.clock;
        let talk = self.talks.entry(pair).or_insert_with(|| begin(packet, listening));
        talk.last = clock;
        if packet.length == 0 || packet.opens {
            return None;
        }
        let direction = if packet.from == talk.client { Direction::ToServer } else { Direction::ToClient };
        let moved = match direction {
            Direction::ToServer => &mut talk.moved.0,
            Direction::ToClient => &mut talk.moved.1,
        };
        *moved = moved.saturating_add(packet.length as u64);
        talk.news |= talk.recognised.is_some();
        if learn {
            talk.feed(direction, packet);
        }
        talk.recogniser.is_none().then_some(talk.server.port())
    }

    /// Whether what two ends say to each other may still become known.
    pub fn open(&self, pair: &Pair) -> bool {
        let learning = |talk: &Talk| talk.recognised.is_none() && talk.recogniser.is_some();
        self.talks.get(pair).is_none_or(learning)
    }

    fn make_room(&mut self) {
        let mut ages: Vec<u64> = self.talks.values().map(|t| t.last).collect();
        let (_, middle, _) = ages.select_nth_unstable(TALKS / 8);
        let limit = *middle;
        self.talks.retain(|_, t| t.last > limit);
    }

    /// The conversation between two ends.
    #[cfg(test)]
    pub fn get_mut(&mut self, pair: &Pair) -> Option<&mut Talk> {
        self.talks.get_mut(pair)
    }

    /// Every conversation.
    pub fn iter_mut(&mut self) -> impl Iterator<Item = (&Pair, &mut Talk)> {
        self.talks.iter_mut()
    }
}

fn begin(packet: &Packet, listening: &HashSet<u16>) -> Talk {
    // Whoever sends the first SYN opens. Mid-stream a known listener serves; else the lower port does.
    let forward = match (packet.opens, packet.answers) {
        (true, answers) => !answers,
        (false, _) => {
            match (listening.contains(&packet.from.port()), listening.contains(&packet.to.port())) {
                (false, true) => true,
                (true, false) => false,
                _ => packet.from.port() >= packet.to.port(),
            }
        }
    };
    let (client, server) = if forward { (packet.from, packet.to) } else { (packet.to, packet.from) };
    let recogniser = Some(Box::new(Recogniser::new(packet.transport)));
    Talk {
        client,
        server,
        moved: (0, 0),
        news: false,
        last: 0,
        next: [None; 2],
        asks: None,
        recogniser,
        recognised: None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use facts::Protocol;

    fn packet(from: &str, to: &str, sequence: u32, payload: &'static [u8]) -> Packet<'static> {
        Packet {
            transport: Transport::Tcp,
            from: from.parse().unwrap(),
            to: to.parse().unwrap(),
            sequence,
            opens: false,
            answers: true,
            payload,
            length: payload.len(),
        }
    }

    const LOGIN: &[u8] =
        b"{\"id\":1,\"jsonrpc\":\"2.0\",\"method\":\"login\",\"params\":{\"login\":\"4\",\"pass\":\"x\",\"agent\":\"m/1\",\"algo\":[\"rx/0\"]}}\n";

    #[test]
    fn who_submits_asks_for_work_whatever_the_ports_say() {
        let mut talks = Talks::default();
        let (miner, pool) = ("127.0.0.1:36102", "127.0.0.1:45295");
        let submit = b"{\"id\":4,\"method\":\"mining.submit\",\"params\":[\"w\",\"1\",\"00000000\",\"5f5e1000\",\"0a0b0c0d\"]}\n";
        talks.take(&packet(miner, pool, 1, submit), &HashSet::new(), true);
        let pair = Pair::new(Transport::Tcp, miner.parse().unwrap(), pool.parse().unwrap());
        let talk = talks.get_mut(&pair).unwrap();
        assert!(talk.recognised().is_some_and(|r| r.protocol.gives_work()));
        assert!(talk.is_client(miner.parse().unwrap()) && !talk.is_client(pool.parse().unwrap()));
        assert_eq!(talk.moved_by(miner.parse().unwrap()), (submit.len() as u64, 0));
    }

    #[test]
    fn a_login_split_and_repeated_on_the_way_is_recognised_once() {
        let mut talks = Talks::default();
        let listening = HashSet::from([3333]);
        let (client, server) = ("10.0.0.1:50000", "10.0.0.2:3333");
        talks.take(&packet(client, server, 100, &LOGIN[..40]), &listening, true);
        talks.take(&packet(client, server, 100, &LOGIN[..40]), &listening, true);
        talks.take(&packet(client, server, 120, &LOGIN[20..]), &listening, true);
        let (_, talk) = talks.iter_mut().next().unwrap();
        assert_eq!(talk.recognised().map(|r| r.protocol), Some(Protocol::StratumV1));
        assert_eq!(talk.server.port(), 3333);
    }

    #[test]
    fn seen_mid_stream_the_listener_is_the_server_whatever_the_ports() {
        let mut talks = Talks::default();
        let listening = HashSet::from([60_000]);
        talks.take(&packet("10.0.0.2:60000", "10.0.0.1:1024", 1, b"x"), &listening, true);
        assert_eq!(talks.iter_mut().next().unwrap().1.server.port(), 60_000);
    }

    #[test]
    fn conversations_are_bounded_and_the_oldest_goes() {
        let mut talks = Talks::default();
        for n in 0..6_000u16 {
            let from = format!("10.0.{}.{}:50000", n / 250, n % 250);
            talks.take(&packet(&from, "10.9.9.9:80", 1, b"x"), &HashSet::new(), true);
        }
        assert!(talks.talks.len() <= TALKS);
        let last =
            Pair::new(Transport::Tcp, "10.0.23.249:50000".parse().unwrap(), "10.9.9.9:80".parse().unwrap());
        assert!(talks.get_mut(&last).is_some());
    }
}
