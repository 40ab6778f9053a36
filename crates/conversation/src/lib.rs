//! First bytes of a conversation in; protocol, dialect, chain, algorithm and methods out.
//!
//! Content decides, never a port, an address or a name. The crate keeps at most [`KEPT_BYTES`] of each direction,
//! reads hostile input, and must do no I/O, read no clock and keep nothing of what it read beyond the names that the
//! protocols define.

mod account;
mod asking;
mod devp2p;
mod ethereum;
mod http;
mod json;
mod keccak;
mod libp2p;
mod monero;
mod opening;
mod peer;
mod proxy;
mod recogniser;
mod rpc;
mod service;
mod shape;
mod speech;
mod stratum;
mod stratum_v2;
mod stream;
mod tls;
mod websocket;

pub use asking::asks_for_work;
pub use recogniser::{KEPT_BYTES, MAX_BYTES, MAX_SEGMENTS, Recogniser};

use facts::{Direction, Transport};

/// Reads arbitrary bytes as a conversation; for fuzzing.
///
/// The first byte's lowest bit chooses the transport. Then come segments: one byte whose highest bit chooses the
/// direction, whose second highest marks a gap before it, and whose other six bits say how many times eight bytes follow.
pub fn read_arbitrary(bytes: &[u8]) -> Recogniser {
    let (first, mut rest) = bytes.split_first().unwrap_or((&0, &[]));
    let mut recogniser = Recogniser::new(if first & 1 == 0 { Transport::Tcp } else { Transport::Udp });
    while let Some((head, tail)) = rest.split_first() {
        let direction = if head & 0x80 == 0 { Direction::ToServer } else { Direction::ToClient };
        if head & 0x40 != 0 {
            recogniser.gap(direction);
        }
        let length = (usize::from(head & 0x3f) * 8).min(tail.len());
        recogniser.feed(direction, tail.get(..length).unwrap_or_default());
        rest = tail.get(length..).unwrap_or_default();
    }
    recogniser
}
