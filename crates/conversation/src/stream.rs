//! One direction of a conversation: bytes in, cut into messages by the framing that its start showed.

use crate::account::Account;
use crate::http::{self, Http, Step};
use crate::peer::Messages;
use crate::speech::{self, Via};
use crate::websocket::{self, Frames};
use crate::{KEPT_BYTES, json, libp2p, opening};

/// The framing of a direction.
#[derive(Clone, Debug, Default)]
pub(crate) enum Framing {
    /// Not known yet.
    #[default]
    Opening,
    /// Objects, one after another.
    Objects,
    /// HTTP/1.
    Http(Http),
    /// WebSocket frames.
    WebSocket(Frames),
    /// Messages of the Bitcoin family.
    Bitcoin(Messages),
    /// Messages of the Monero family.
    Levin(Messages),
    /// Protocols of libp2p proposed in clear.
    Multistream,
    /// Nothing more can be read here.
    Closed,
}

/// Lines that are no messages before a stream of objects is given up.
const MAX_STRAY: u32 = 8;

/// One direction.
#[derive(Clone, Debug, Default)]
pub(crate) struct Stream {
    buffer: Vec<u8>,
    framing: Framing,
    stray: u32,
}

impl Stream {
    /// Whether nothing more can be learnt from this direction.
    pub fn closed(&self) -> bool {
        match &self.framing {
            Framing::Closed => true,
            Framing::Bitcoin(messages) | Framing::Levin(messages) => messages.enough(),
            _ => false,
        }
    }

    /// Bytes that wait for the rest of their message.
    pub fn waiting(&self) -> usize {
        self.buffer.len()
    }

    /// Takes bytes in and reads what is complete.
    pub fn feed(&mut self, bytes: &[u8], account: &mut Account) {
        let mut rest = bytes;
        while !rest.is_empty() && !self.closed() {
            let room = KEPT_BYTES.saturating_sub(self.buffer.len()).min(rest.len());
            self.buffer.extend_from_slice(rest.get(..room).unwrap_or_default());
            rest = rest.get(room..).unwrap_or_default();
            self.drain(account);
        }
        if self.closed() {
            self.buffer = Vec::new();
        }
    }

    /// Bytes are missing: what is there is read as broken off, and the next bytes may begin anything.
    pub fn gap(&mut self, account: &mut Account) {
        self.partial(account);
        self.buffer.clear();
        if !matches!(self.framing, Framing::Closed | Framing::Objects) {
            self.framing = Framing::Opening;
        }
    }

    /// Reads what is there of a message that is not complete.
    pub fn partial(&self, account: &mut Account) {
        match &self.framing {
            Framing::Opening => opening::partial(&self.buffer, account),
            Framing::Objects => objects_partial(&self.buffer, account),
            Framing::Http(http) => http.partial(&self.buffer, account),
            Framing::WebSocket(frames) => frames.partial(&self.buffer, account),
            Framing::Bitcoin(_) | Framing::Levin(_) | Framing::Multistream | Framing::Closed => {}
        }
    }

    fn drain(&mut self, account: &mut Account) {
        let bytes = std::mem::take(&mut self.buffer);
        let mut used = 0;
        loop {
            let rest = bytes.get(used..).unwrap_or_default();
            let full = rest.len() >= KEPT_BYTES;
            match self.step(rest, full, account) {
                Some(count) => used += count,
                None if full => used = bytes.len(),
                None => break,
            }
            if self.closed() || (used >= bytes.len() && !matches!(self.framing, Framing::Http(_))) {
                break;
            }
        }
        self.buffer = bytes.get(used..).unwrap_or_default().to_vec();
    }

    /// One step: how many bytes were used, or nothing when more are needed.
    fn step(&mut self, bytes: &[u8], full: bool, account: &mut Account) -> Option<usize> {
        let step = match &mut self.framing {
            Framing::Opening => return self.open(bytes, full, account),
            Framing::Objects => return self.objects(bytes, full, account),
            Framing::Http(http) => http.step(bytes, full, account),
            Framing::WebSocket(frames) => frames.step(bytes, full, account),
            Framing::Bitcoin(messages) => messages.bitcoin(bytes, account),
            Framing::Levin(messages) => messages.levin(bytes, full, account),
            Framing::Multistream => libp2p::step(bytes, account),
            Framing::Closed => Step::Took(bytes.len()),
        };
        match step {
            Step::Took(count) => Some(count),
            Step::More => None,
            Step::Lost if matches!(self.framing, Framing::Bitcoin(_)) => opening::bitcoin(bytes),
            Step::Lost => {
                let http =
                    matches!(self.framing, Framing::WebSocket(_)) && http::begins(bytes) != Some(false);
                self.framing = if http { Framing::Http(Http::Head) } else { Framing::Closed };
                Some(0)
            }
            Step::Frames(count) => {
                self.framing = Framing::WebSocket(Frames::default());
                Some(count)
            }
            Step::Tunnel(count) => {
                self.framing = Framing::Opening;
                Some(count)
            }
        }
    }

    fn open(&mut self, bytes: &[u8], full: bool, account: &mut Account) -> Option<usize> {
        if bytes.is_empty() {
            return None;
        }
        match opening::read(bytes, account) {
            opening::Opened::As(framing, used) => {
                self.framing = framing;
                Some(used)
            }
            opening::Opened::More if !full => None,
            opening::Opened::More => {
                self.framing = Framing::Closed;
                Some(bytes.len())
            }
        }
    }

    fn objects(&mut self, bytes: &[u8], full: bool, account: &mut Account) -> Option<usize> {
        match json::cut(bytes) {
            json::Cut::Whole { start, end } => {
                let value = bytes.get(start..end).and_then(json::whole);
                self.stray = if value.is_some() { 0 } else { self.strayed() };
                say(value.as_ref(), account);
                Some(end)
            }
            json::Cut::Skip(count) => {
                let blank = bytes.iter().take(count).all(u8::is_ascii_whitespace);
                self.stray = if blank { self.stray } else { self.strayed() };
                Some(count)
            }
            json::Cut::Partial(start) if full => {
                say(bytes.get(start..).and_then(json::partial).as_ref(), account);
                self.framing = Framing::Opening;
                Some(bytes.len())
            }
            json::Cut::Partial(_) | json::Cut::Nothing => None,
        }
    }

    /// Counts a line that is no message; too many of them and this is no stream of objects.
    fn strayed(&mut self) -> u32 {
        if self.stray >= MAX_STRAY {
            self.framing = Framing::Closed;
        }
        self.stray + 1
    }
}

fn objects_partial(bytes: &[u8], account: &mut Account) {
    if let json::Cut::Partial(start) = json::cut(bytes) {
        say(bytes.get(start..).and_then(json::partial).as_ref(), account);
    }
}

fn say(value: Option<&serde_json::Value>, account: &mut Account) {
    for sighting in value.iter().flat_map(|value| speech::hear(value, Via::Plain)) {
        account.hear(sighting);
    }
}

/// The framing that begins with WebSocket frames, without the HTTP before them.
pub(crate) fn frames(bytes: &[u8]) -> Option<Option<Framing>> {
    websocket::begins(bytes).map(|yes| yes.then(|| Framing::WebSocket(Frames::default())))
}
