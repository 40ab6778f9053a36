//! What strangers say over a network, live or in a capture.

use ::capture::{Limits, read};
use ::conversation::Recogniser;
use facts::{Direction, Transport};

/// Longest name of a method that an answer may carry, bytes; the names come from strangers.
const MAX_METHOD: usize = 256;
/// Most methods that an answer may carry.
const MAX_METHODS: usize = 16;

/// Feeds a conversation whose directions, cuts and gaps the bytes themselves choose.
///
/// Read as records: one byte of control (bit 0 direction, bit 1 gap before), one byte of length, then the payload. The
/// first byte chooses the transport.
pub fn recogniser(bytes: &[u8]) {
    let Some((first, mut rest)) = bytes.split_first() else { return };
    let transport = if first & 1 == 0 { Transport::Tcp } else { Transport::Udp };
    let mut recogniser = Recogniser::new(transport);
    while let [control, length, payload @ ..] = rest {
        let direction = if control & 1 == 0 { Direction::ToServer } else { Direction::ToClient };
        if control & 2 != 0 {
            recogniser.gap(direction);
        }
        // Lengths up to 4 KiB, so that long messages are reached.
        let (piece, after) = payload.split_at((usize::from(*length) * 16).min(payload.len()));
        recogniser.feed(direction, piece);
        rest = after;
    }
    if let Some(recognised) = recogniser.recognised() {
        assert!(recognised.methods.len() <= MAX_METHODS, "{} methods", recognised.methods.len());
        assert!(recognised.methods.iter().all(|m| m.len() <= MAX_METHOD), "a method name without bound");
    }
}

fn turns(transport: u8, turns: &[(u8, &[u8])]) -> Vec<u8> {
    let mut bytes = vec![transport];
    for (control, payload) in turns {
        let sixteenths = payload.len().div_ceil(16);
        bytes.extend([*control, u8::try_from(sixteenths).unwrap_or(u8::MAX)]);
        bytes.extend_from_slice(payload);
        bytes.resize(bytes.len() + sixteenths * 16 - payload.len(), b'\n');
    }
    bytes
}

/// Openings of the protocols that are recognised.
pub fn seeds() -> Vec<Vec<u8>> {
    let subscribe = b"{\"id\":1,\"method\":\"mining.subscribe\",\"params\":[\"m/1\"]}\n";
    let subscribed = b"{\"id\":1,\"result\":[[[\"mining.notify\",\"a\"]],\"08000002\",4],\"error\":null}\n";
    let notify = b"{\"id\":null,\"method\":\"mining.notify\",\"params\":[\"b\",\"00\",\"01\",\"02\",[],\"2\",\"1d\",\"5\",true]}\n";
    let login = b"{\"id\":1,\"jsonrpc\":\"2.0\",\"method\":\"login\",\"params\":{\"login\":\"4A\",\"pass\":\"x\",\"algo\":[\"rx/0\"]}}\n";
    let work = b"POST / HTTP/1.1\r\nHost: n\r\nContent-Length: 45\r\n\r\n{\"id\":1,\"method\":\"getwork\",\"params\":[\"0000\"]}";
    let upgrade = b"GET /stratum HTTP/1.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: dGhl\r\n\r\n";
    let beacon =
        b"GET /eth/v1/validator/duties/proposer/3 HTTP/1.1\r\nHost: b\r\nAccept: application/json\r\n\r\n";
    let bitcoin = b"\xf9\xbe\xb4\xd9version\0\0\0\0\0\x56\0\0\0\x12\x34\x56\x78\x7f\x11\x01\0";
    let monero =
        b"\x01\x21\x01\x01\x01\x01\x01\x01\x20\0\0\0\0\0\0\0\x01\xe9\x03\0\0\0\0\0\0\x01\0\0\0\x01\0\0\0";
    let libp2p = b"\x13/multistream/1.0.0\n\x07/noise\n";
    let hello =
        b"\x16\x03\x01\0\x2f\x01\0\0\x2b\x03\x03aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\0\0\x02\x13\x01\x01\0\0\0";
    let framed = b"\x81\x85\x01\x02\x03\x04zpwfm";
    vec![
        turns(0, &[(0, subscribe), (1, subscribed), (1, notify)]),
        turns(0, &[(0, login), (2, login)]),
        turns(0, &[(0, work), (1, b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}")]),
        turns(0, &[(0, upgrade), (1, b"HTTP/1.1 101 Switching Protocols\r\n\r\n"), (0, framed)]),
        turns(0, &[(0, beacon)]),
        turns(0, &[(0, bitcoin), (1, bitcoin)]),
        turns(0, &[(0, monero), (1, monero)]),
        turns(0, &[(0, libp2p), (1, libp2p)]),
        turns(0, &[(0, hello)]),
        turns(0, &[(0, &[0x5a; 64]), (1, &[0xa5; 170])]),
        turns(1, &[(0, &[0x11; 126])]),
    ]
}

/// Reads a capture.
pub fn capture(bytes: &[u8]) {
    let limits = Limits { flows: 64 };
    if let Ok(capture) = read(bytes, limits) {
        assert!(capture.flows.len() <= limits.flows, "{} conversations", capture.flows.len());
        assert!(capture.packets <= bytes.len() as u64, "more packets than bytes");
    }
}

/// Ethernet, IPv4 and TCP around a payload; checksums are left zero.
fn frame(source: u16, destination: u16, sequence: u32, flags: u8, payload: &[u8]) -> Vec<u8> {
    let total = u16::try_from(40 + payload.len()).unwrap_or(u16::MAX);
    let mut frame = vec![2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2, 8, 0, 0x45, 0];
    frame.extend(total.to_be_bytes());
    frame.extend([0, 0, 0x40, 0, 64, 6, 0, 0, 10, 0, 0, 1, 10, 0, 0, 2]);
    frame.extend([source.to_be_bytes(), destination.to_be_bytes()].concat());
    frame.extend(sequence.to_be_bytes());
    frame.extend([0, 0, 0, 0, 0x50, flags, 0xff, 0xff, 0, 0, 0, 0]);
    frame.extend_from_slice(payload);
    frame
}

fn frames() -> Vec<Vec<u8>> {
    let subscribe = b"{\"id\":1,\"method\":\"mining.subscribe\",\"params\":[]}\n";
    vec![
        frame(40_000, 3333, 100, 0x02, b""),
        frame(3333, 40_000, 500, 0x12, b""),
        frame(40_000, 3333, 101, 0x18, subscribe),
        frame(40_000, 3333, 101, 0x18, subscribe),
    ]
}

/// A classic capture and a pcapng one of the same frames.
pub fn capture_seeds() -> Vec<Vec<u8>> {
    let word = |value: usize| u32::try_from(value).unwrap_or(0).to_le_bytes();
    let mut classic = b"\xd4\xc3\xb2\xa1\x02\0\x04\0\0\0\0\0\0\0\0\0\0\0\x04\0\x01\0\0\0".to_vec();
    let mut blocks = b"\x0a\x0d\x0d\x0a\x1c\0\0\0\x4d\x3c\x2b\x1a\x01\0\0\0".to_vec();
    blocks.extend([0xff; 8]);
    blocks.extend(b"\x1c\0\0\0\x01\0\0\0\x14\0\0\0\x01\0\0\0\0\0\x04\0\x14\0\0\0");
    for frame in frames() {
        classic.extend([word(1), word(0), word(frame.len()), word(frame.len())].concat());
        classic.extend_from_slice(&frame);
        let padded = frame.len().next_multiple_of(4);
        let head =
            [word(6), word(padded + 32), word(0), word(0), word(0), word(frame.len()), word(frame.len())];
        blocks.extend(head.concat());
        blocks.extend_from_slice(&frame);
        blocks.resize(blocks.len() + padded - frame.len(), 0);
        blocks.extend(word(padded + 32));
    }
    vec![classic, blocks]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_seed_captures_are_whole_and_hold_four_packets() {
        for seed in capture_seeds() {
            let capture = read(&*seed, Limits::default()).unwrap();
            assert_eq!((capture.packets, capture.truncated), (4, false));
        }
    }
}
