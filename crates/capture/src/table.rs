//! The conversations of a capture while it is read: which packet belongs to which, and what each has said.

use crate::flow::{Flow, Limits, Skipped};
use crate::order::{Next, Order};
use crate::packet::{Reason, Segment};
use conversation::Recogniser;
use core::net::SocketAddr;
use facts::{Direction, Transport};
use std::collections::{BTreeMap, HashMap, VecDeque};

/// Conversations whose content is followed at the same time; the one followed longest makes room.
const MAX_FOLLOWED: usize = 2048;

/// Bytes held back for order in all conversations together.
const MAX_HELD: usize = 16 * 1024 * 1024;

/// Ports from here on are handed out to clients (RFC 6335).
const EPHEMERAL: u16 = 32_768;

const TOO_MANY: Reason = "further conversation than the limit";
const MADE_ROOM: Reason = "conversation no longer followed, to bound memory (conversations, not packets)";

/// Both ends of a conversation, in one order for both directions.
type Key = (Transport, SocketAddr, SocketAddr);

/// What is followed of a conversation until it is known.
#[derive(Debug)]
struct Followed {
    recogniser: Recogniser,
    to_server: Order,
    to_client: Order,
}

#[derive(Debug)]
struct Entry {
    flow: Flow,
    followed: Option<Box<Followed>>,
    /// Sequence number of the opening that was seen.
    opening: Option<u32>,
}

/// All conversations.
#[derive(Debug)]
pub(crate) struct Table {
    limits: Limits,
    index: HashMap<Key, usize>,
    entries: Vec<Entry>,
    followed: VecDeque<usize>,
    held: usize,
    skipped: BTreeMap<Reason, u64>,
}

impl Table {
    pub fn new(limits: Limits) -> Self {
        Self {
            limits,
            index: HashMap::new(),
            entries: Vec::new(),
            followed: VecDeque::new(),
            held: 0,
            skipped: BTreeMap::new(),
        }
    }

    /// Counts a packet that was passed over.
    pub fn skip(&mut self, reason: Reason) {
        *self.skipped.entry(reason).or_default() += 1;
    }

    /// Takes one packet in.
    pub fn take(&mut self, segment: &Segment<'_>, number: u64, time_ns: u64) {
        let Some(at) = self.place(segment, time_ns) else {
            self.skip(TOO_MANY);
            return;
        };
        let Some(entry) = self.entries.get_mut(at) else { return };
        let before = entry.held();
        entry.take(segment, number, time_ns);
        self.held = (self.held + entry.held()).saturating_sub(before);
        while self.held > MAX_HELD || self.followed.len() > MAX_FOLLOWED {
            self.make_room();
        }
    }

    /// The conversation that a packet belongs to; a new one where it opens or continues none.
    fn place(&mut self, segment: &Segment<'_>, time_ns: u64) -> Option<usize> {
        let (low, high) = (segment.source.min(segment.target), segment.source.max(segment.target));
        let key = (segment.transport, low, high);
        let opens = segment.syn && !segment.ack;
        if let Some(at) = self.index.get(&key).copied() {
            let entry = self.entries.get(at)?;
            let again = opens && entry.flow.packets > 0 && entry.opening != Some(segment.sequence);
            if !again {
                return Some(at);
            }
        }
        if self.entries.len() >= self.limits.flows {
            return None;
        }
        let at = self.entries.len();
        self.entries.push(Entry::new(segment, time_ns));
        self.index.insert(key, at);
        self.followed.push_back(at);
        Some(at)
    }

    /// Stops following the conversation that was followed longest.
    fn make_room(&mut self) {
        let Some(entry) = self.followed.pop_front().and_then(|at| self.entries.get_mut(at)) else {
            self.held = 0;
            return;
        };
        self.held = self.held.saturating_sub(entry.held());
        if entry.followed.is_some() {
            entry.finish();
            self.skip(MADE_ROOM);
        }
    }

    /// Ends all conversations.
    pub fn finish(mut self) -> (Vec<Flow>, Vec<Skipped>) {
        self.entries.iter_mut().for_each(Entry::finish);
        let skipped =
            self.skipped.into_iter().map(|(reason, count)| Skipped { reason: reason.to_owned(), count });
        (self.entries.into_iter().map(|entry| entry.flow).collect(), skipped.collect())
    }
}

impl Entry {
    fn new(segment: &Segment<'_>, time_ns: u64) -> Self {
        let (client, server) = ends(segment);
        let flow = Flow {
            transport: segment.transport,
            client,
            server,
            opening_seen: segment.syn,
            packets: 0,
            bytes_to_server: 0,
            bytes_to_client: 0,
            first_ns: time_ns,
            last_ns: time_ns,
            recognised: None,
            decided_packet: None,
        };
        let recogniser = Recogniser::new(segment.transport);
        let followed = Followed { recogniser, to_server: Order::default(), to_client: Order::default() };
        let opening = (segment.syn && !segment.ack).then_some(segment.sequence);
        Self { flow, followed: Some(Box::new(followed)), opening }
    }

    fn held(&self) -> usize {
        self.followed.as_ref().map_or(0, |followed| followed.to_server.held() + followed.to_client.held())
    }

    fn take(&mut self, segment: &Segment<'_>, number: u64, time_ns: u64) {
        let to_server = segment.source == self.flow.client;
        let direction = if to_server { Direction::ToServer } else { Direction::ToClient };
        self.flow.packets += 1;
        self.flow.first_ns = self.flow.first_ns.min(time_ns);
        self.flow.last_ns = self.flow.last_ns.max(time_ns);
        let count = if to_server { &mut self.flow.bytes_to_server } else { &mut self.flow.bytes_to_client };
        *count = count.saturating_add(segment.length as u64);
        let Some(followed) = self.followed.as_mut() else { return };
        let order = if to_server { &mut followed.to_server } else { &mut followed.to_client };
        let next = match segment.transport {
            Transport::Udp => vec![Next::Bytes(segment.payload.to_vec(), number)],
            Transport::Tcp => {
                if segment.syn {
                    order.open(segment.sequence);
                }
                let first = segment.sequence.wrapping_add(u32::from(segment.syn));
                order.take(first, segment.payload, segment.length, number)
            }
        };
        self.say(direction, next);
        if segment.reset || self.followed.as_ref().is_some_and(|followed| followed.recogniser.finished()) {
            self.finish();
        }
    }

    /// Gives bytes in order to the recogniser, and notes the packet that decides.
    fn say(&mut self, direction: Direction, next: Vec<Next>) {
        let Some(followed) = self.followed.as_mut() else { return };
        for step in next {
            let packet = match step {
                Next::Gap => {
                    followed.recogniser.gap(direction);
                    continue;
                }
                Next::Bytes(bytes, packet) => {
                    followed.recogniser.feed(direction, &bytes);
                    packet
                }
            };
            let known = |seen: &facts::Recognised| (seen.protocol, seen.decided_at);
            let now = followed.recogniser.recognised();
            if now.map(known) != self.flow.recognised.as_ref().map(known) {
                self.flow.decided_packet = now.map(|_| packet);
            }
            self.flow.recognised = now.cloned();
        }
    }

    /// Reads what was held back and stops following.
    fn finish(&mut self) {
        for direction in [Direction::ToServer, Direction::ToClient] {
            let Some(followed) = self.followed.as_mut() else { return };
            let rest = match direction {
                Direction::ToServer => followed.to_server.finish(),
                Direction::ToClient => followed.to_client.finish(),
            };
            self.say(direction, rest);
        }
        self.followed = None;
    }
}

/// Client and server. Without the opening, ports tell who probably called whom; never what is spoken.
fn ends(segment: &Segment<'_>) -> (SocketAddr, SocketAddr) {
    let (source, target) = (segment.source, segment.target);
    let answered = segment.syn && segment.ack;
    let likely = !segment.syn && source.port() < EPHEMERAL && target.port() >= EPHEMERAL;
    if answered || likely { (target, source) } else { (source, target) }
}
