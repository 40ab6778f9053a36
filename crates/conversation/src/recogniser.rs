//! One conversation: two directions of bytes, and the best account of what they speak.

use crate::account::Account;
use crate::stratum_v2::Turns;
use crate::stream::Stream;
use crate::{devp2p, service};
use facts::{Direction, Protocol, Recognised, Transport};

/// Bytes kept of one direction while a message is incomplete.
pub const KEPT_BYTES: usize = 16 * 1024;

/// Bytes read of one direction before the recogniser gives up learning.
pub const MAX_BYTES: u64 = 1024 * 1024;

/// Segments read of both directions together before the recogniser gives up learning.
pub const MAX_SEGMENTS: u32 = 4096;

/// Bytes waiting for the rest of their message, summed over the segments, before the recogniser gives up: who dribbles
/// an endless message byte by byte shall not cost more than this.
const MAX_EFFORT: usize = 8 * 1024 * 1024;

/// Recognises what one conversation speaks.
#[derive(Clone, Debug)]
pub struct Recogniser {
    transport: Transport,
    to_server: Stream,
    to_client: Stream,
    bytes: [u64; 2],
    segments: u32,
    effort: usize,
    turns: Turns,
    account: Account,
    decided: Option<(Protocol, Direction, u32)>,
    shown: Option<Recognised>,
}

impl Recogniser {
    /// A recogniser that has seen nothing yet.
    #[must_use]
    pub fn new(transport: Transport) -> Self {
        Self {
            transport,
            to_server: Stream::default(),
            to_client: Stream::default(),
            bytes: [0; 2],
            segments: 0,
            effort: 0,
            turns: Turns::default(),
            account: Account::default(),
            decided: None,
            shown: None,
        }
    }

    /// Reads the next bytes of one direction: a TCP segment's payload in order, or one UDP datagram.
    ///
    /// What is recognised depends on the bytes of each direction and on who speaks when, not on how the bytes are
    /// split into segments. The direction itself is no evidence: a caller that joins in the middle may guess it wrong.
    pub fn feed(&mut self, direction: Direction, bytes: &[u8]) {
        if bytes.is_empty() || self.finished() {
            return;
        }
        self.segments += 1;
        let [to_server, to_client] = &mut self.bytes;
        let count = if direction == Direction::ToServer { to_server } else { to_client };
        *count = count.saturating_add(bytes.len() as u64);
        if *count > MAX_BYTES {
            return;
        }
        match self.transport {
            Transport::Tcp => self.segment(direction, bytes),
            Transport::Udp => self.datagram(bytes),
        }
        self.effort += self.to_server.waiting() + self.to_client.waiting();
        self.show(direction);
    }

    /// Says that bytes of one direction are missing between what was fed and what follows.
    pub fn gap(&mut self, direction: Direction) {
        if self.transport == Transport::Tcp {
            let (stream, account) = self.stream(direction);
            stream.gap(account);
            self.show(direction);
        }
    }

    /// What the conversation speaks, as far as it is known now.
    #[must_use]
    pub fn recognised(&self) -> Option<&Recognised> {
        self.shown.as_ref()
    }

    /// Whether nothing more can be learnt by feeding more.
    #[must_use]
    pub fn finished(&self) -> bool {
        let spent = self.segments >= MAX_SEGMENTS
            || self.effort >= MAX_EFFORT
            || self.bytes.iter().all(|count| *count > MAX_BYTES);
        let closed = self.to_server.closed() && self.to_client.closed();
        spent || closed || self.account.complete() || self.account.protocol().is_some_and(settled)
    }

    fn stream(&mut self, direction: Direction) -> (&mut Stream, &mut Account) {
        let stream = match direction {
            Direction::ToServer => &mut self.to_server,
            Direction::ToClient => &mut self.to_client,
        };
        (stream, &mut self.account)
    }

    fn segment(&mut self, direction: Direction, bytes: &[u8]) {
        self.turns.count(direction, bytes);
        let (stream, account) = self.stream(direction);
        stream.feed(bytes, account);
        if self.account.protocol().is_none()
            && let Some(sighting) = self.turns.handshake()
        {
            self.account.hear(sighting);
        }
    }

    fn datagram(&mut self, bytes: &[u8]) {
        if let Some(sighting) = devp2p::discovery(bytes).or_else(|| service::dns(bytes)) {
            self.account.hear(sighting);
        }
    }

    /// Shows what is settled, with what incomplete messages add as long as no work for a miner is recognised.
    fn show(&mut self, direction: Direction) {
        let settled = self.account.protocol();
        let mut provisional = None;
        if !settled.is_some_and(Protocol::gives_work) {
            let mut account = self.account.clone();
            self.to_server.partial(&mut account);
            self.to_client.partial(&mut account);
            provisional = Some(account);
        }
        let account = provisional.as_ref().unwrap_or(&self.account);
        let Some(protocol) = account.protocol() else {
            (self.decided, self.shown) = (None, None);
            return;
        };
        let (_, by, at) = *self.decided.insert(self.decided.filter(|known| known.0 == protocol).unwrap_or((
            protocol,
            direction,
            self.segments,
        )));
        self.shown = account.shown(by, at);
    }
}

/// Protocols whose opening is all that can be read.
fn settled(protocol: Protocol) -> bool {
    matches!(
        protocol,
        Protocol::Tls
            | Protocol::Ssh
            | Protocol::Postgres
            | Protocol::Redis
            | Protocol::Dns
            | Protocol::StratumV2
    )
}
