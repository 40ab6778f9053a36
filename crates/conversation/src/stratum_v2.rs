//! Stratum V2: the clear `SetupConnection` of a local proxy, and the shape of the Noise handshake.

use crate::account::Sighting;
use crate::service::Seen;
use facts::{Direction, Protocol};

/// Lengths of the two handshake messages: ElligatorSwift keys as specified now, plain x-only keys before.
const HANDSHAKES: [(u64, u64); 2] = [(64, 234), (32, 170)];

/// Length of the first encrypted frame's head: six bytes and an authentication tag.
const SEALED_HEAD: u64 = 22;

/// What the start of a stream says if it is a clear `SetupConnection` (message type 0, no extension).
pub(crate) fn clear(bytes: &[u8]) -> Seen {
    const HEAD: [u8; 3] = [0, 0, 0];
    if !HEAD.iter().zip(bytes).all(|(a, b)| a == b) {
        return Some(None);
    }
    let length = little(bytes.get(3..6)?);
    if !(17..=1200).contains(&length) {
        return Some(None);
    }
    Some(setup(bytes.get(6..6 + length)?))
}

fn little(bytes: &[u8]) -> usize {
    bytes.iter().rev().fold(0, |sum, byte| sum << 8 | usize::from(*byte))
}

/// Protocol, two versions, flags, host, port, and four names of the device; nothing may be left over.
fn setup(payload: &[u8]) -> Option<Sighting> {
    let title = match payload.first()? {
        0 => "setup connection in clear, mining",
        1 => "setup connection in clear, job declaration",
        2 => "setup connection in clear, template distribution",
        _ => return None,
    };
    let (least, most) = (little(payload.get(1..3)?), little(payload.get(3..5)?));
    if least < 2 || most < least || most > 255 {
        return None;
    }
    let (host, rest) = text(payload.get(9..)?)?;
    let mut rest = rest.get(2..)?;
    let mut vendor = "";
    for index in 0..4 {
        let (name, next) = text(rest)?;
        vendor = if index == 0 { name } else { vendor };
        rest = next;
    }
    let mut said = Sighting::new(Protocol::StratumV2, title, 3).method("SetupConnection");
    said.host = Some(host.to_owned()).filter(|host| !host.is_empty());
    rest.is_empty().then(|| said.agent(Some(vendor).filter(|name| !name.is_empty())))
}

fn text(bytes: &[u8]) -> Option<(&str, &[u8])> {
    let length = usize::from(*bytes.first()?);
    let name = std::str::from_utf8(bytes.get(1..=length)?).ok()?;
    Some((name, bytes.get(length + 1..)?))
}

/// Turns of a conversation from its first byte: who spoke, how many bytes before the other did.
#[derive(Clone, Debug, Default)]
pub(crate) struct Turns {
    turns: Vec<(Direction, u64)>,
    first: Vec<u8>,
}

impl Turns {
    /// Counts bytes in.
    pub fn count(&mut self, direction: Direction, bytes: &[u8]) {
        let room = self.turns.len() < 3;
        match self.turns.last_mut() {
            Some(turn) if turn.0 == direction => turn.1 += bytes.len() as u64,
            _ if room => self.turns.push((direction, bytes.len() as u64)),
            _ => return,
        }
        if self.turns.len() == 1 {
            let room = 64_usize.saturating_sub(self.first.len());
            self.first.extend(bytes.iter().take(room));
        }
    }

    /// The handshake's shape: both messages of the exact length, the first one random, and a first sealed frame.
    pub fn handshake(&self) -> Option<Sighting> {
        let [first, second, third] = self.turns.as_slice() else { return None };
        let lengths = HANDSHAKES.contains(&(first.1, second.1));
        let shape = lengths && third.1 >= SEALED_HEAD && random(&self.first);
        let said = Sighting::new(Protocol::StratumV2, "noise handshake by its shape, content sealed", 1);
        shape.then(|| said.method("noise handshake"))
    }
}

/// Whether bytes look random: few repeats, and not text.
pub(crate) fn random(bytes: &[u8]) -> bool {
    let mut seen = [false; 256];
    for byte in bytes {
        if let Some(mark) = seen.get_mut(usize::from(*byte)) {
            *mark = true;
        }
    }
    let distinct = seen.iter().filter(|mark| **mark).count();
    let text = bytes.iter().filter(|byte| byte.is_ascii_graphic() || **byte == b' ').count();
    distinct * 4 >= bytes.len().min(160) * 3 && text * 4 < bytes.len() * 3
}
