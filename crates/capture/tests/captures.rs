//! Captures made here by hand, in every format that is read, and what becomes of damaged ones.
#![allow(clippy::expect_used, clippy::panic)] // What the tests share may fail as the tests do.

use capture::{Capture, CaptureError, Limits, read};
use facts::Protocol;
use proptest::prelude::*;

const SYN: u8 = 0x02;
const ACK: u8 = 0x10;

const SUBSCRIBE: &[u8] = b"{\"id\":1,\"method\":\"mining.subscribe\",\"params\":[\"cgminer/4.9\"]}\n";
const DIFFICULTY: &[u8] = b"{\"id\":null,\"method\":\"mining.set_difficulty\",\"params\":[4096]}\n";

/// One TCP segment between client 10.0.0.1:40000 and server 10.0.0.2:3333, as an IPv4 packet.
fn packet(out: bool, sequence: u32, flags: u8, payload: &[u8]) -> Vec<u8> {
    let (client, server) = ([10, 0, 0, 1], [10, 0, 0, 2]);
    let (source, target) = if out { (client, server) } else { (server, client) };
    let ports: [u16; 2] = if out { [40_000, 3333] } else { [3333, 40_000] };
    let total = (40 + payload.len()) as u16;
    let mut bytes = vec![0x45, 0];
    bytes.extend(total.to_be_bytes());
    bytes.extend([0, 0, 0x40, 0, 64, 6, 0, 0]);
    bytes.extend(source.iter().chain(&target));
    bytes.extend(ports.iter().flat_map(|port| port.to_be_bytes()));
    bytes.extend(sequence.to_be_bytes());
    bytes.extend([0, 0, 0, 0, 0x50, flags, 0xff, 0xff, 0, 0, 0, 0]);
    bytes.extend(payload);
    bytes
}

fn ethernet(packet: &[u8]) -> Vec<u8> {
    [&[2; 12][..], &[0x08, 0x00], packet].concat()
}

fn pcap(link: u32, packets: &[Vec<u8>]) -> Vec<u8> {
    pcap_with(0xa1b2_c3d4, u32::to_le_bytes, link, packets)
}

fn pcap_with(magic: u32, order: fn(u32) -> [u8; 4], link: u32, packets: &[Vec<u8>]) -> Vec<u8> {
    let version = if order(1) == [1, 0, 0, 0] { [2, 0, 4, 0] } else { [0, 2, 0, 4] };
    let mut file = [&order(magic)[..], &version, &[0; 8], &order(65_535), &order(link)].concat();
    for (index, packet) in packets.iter().enumerate() {
        let length = order(packet.len() as u32);
        file.extend([order(1_700_000_000), order(index as u32 + 5), length, length].concat());
        file.extend(packet);
    }
    file
}

fn pcapng(packets: &[Vec<u8>]) -> Vec<u8> {
    let block = |kind: u32, body: Vec<u8>| -> Vec<u8> {
        let padded = body.len().div_ceil(4) * 4;
        let length = (padded as u32 + 12).to_le_bytes();
        let fill = vec![0; padded - body.len()];
        [&kind.to_le_bytes()[..], &length, &body, &fill, &length].concat()
    };
    let section = [&0x1a2b_3c4d_u32.to_le_bytes()[..], &[1, 0, 0, 0], &[0xff; 8]].concat();
    // Nanoseconds: option 9 (time resolution) of one byte, value 9.
    let interface = [&[101, 0, 0, 0][..], &[0; 4], &[9, 0, 1, 0, 9, 0, 0, 0], &[0; 4]].concat();
    let mut file = [block(0x0a0d_0d0a, section), block(1, interface)].concat();
    for packet in packets {
        let length = (packet.len() as u32).to_le_bytes();
        let time = 1_700_000_000_000_000_123_u64;
        let (high, low) = ((time >> 32) as u32, time as u32);
        let head = [[0; 4], high.to_le_bytes(), low.to_le_bytes(), length, length].concat();
        file.extend(block(6, [head, packet.clone()].concat()));
    }
    file
}

fn talk() -> Vec<Vec<u8>> {
    vec![
        packet(true, 99, SYN, b""),
        packet(false, 499, SYN | ACK, b""),
        packet(true, 100, ACK, SUBSCRIBE),
        packet(false, 500, ACK, DIFFICULTY),
    ]
}

fn capture(file: &[u8]) -> Capture {
    read(file, Limits::default()).expect("a capture")
}

fn is_talk(capture: &Capture) {
    let [flow] = capture.flows.as_slice() else { panic!("one conversation, not {}", capture.flows.len()) };
    let seen = flow.recognised.as_ref().expect("recognised");
    assert_eq!(seen.protocol, Protocol::StratumV1);
    assert_eq!(seen.methods, ["mining.subscribe", "mining.set_difficulty"]);
    assert_eq!((flow.packets, flow.decided_packet, flow.opening_seen), (4, Some(3), true));
    assert_eq!((flow.client.port(), flow.server.port()), (40_000, 3333));
    assert_eq!(
        (flow.bytes_to_server, flow.bytes_to_client),
        (SUBSCRIBE.len() as u64, DIFFICULTY.len() as u64)
    );
}

#[test]
fn every_link_type_carries_the_same_conversation() {
    let wrap = |head: &[u8]| talk().iter().map(|packet| [head, packet].concat()).collect::<Vec<_>>();
    let tagged = [&[2; 12][..], &[0x81, 0x00, 0x00, 0x07, 0x08, 0x00]].concat();
    let cooked = [&[0; 14][..], &[0x08, 0x00]].concat();
    let cooked2 = [&[0x08, 0x00][..], &[0; 18]].concat();
    for (link, packets) in [
        (1, talk().iter().map(|packet| ethernet(packet)).collect()),
        (1, wrap(&tagged)),
        (101, talk()),
        (113, wrap(&cooked)),
        (276, wrap(&cooked2)),
        (0, wrap(&[2, 0, 0, 0])),
    ] {
        is_talk(&capture(&pcap(link, &packets)));
    }
}

#[test]
fn ipv6_is_read_behind_its_extension_heads() {
    let segment = talk()[2].split_off(20);
    let length = (segment.len() as u16 + 8).to_be_bytes();
    let head =
        [&[0x60, 0, 0, 0][..], &length, &[0, 64], &[1; 16], &[2; 16], &[6, 0, 0, 0, 0, 0, 0, 0]].concat();
    let capture = capture(&pcap(101, &[[head, segment].concat()]));
    assert_eq!(capture.flows[0].recognised.as_ref().map(|seen| seen.protocol), Some(Protocol::StratumV1));
    assert!(capture.flows[0].client.is_ipv6());
}

#[test]
fn either_byte_order_and_either_clock_is_read() {
    for magic in [0xa1b2_c3d4, 0xa1b2_3c4d] {
        for order in [u32::to_le_bytes, u32::to_be_bytes] {
            let capture = capture(&pcap_with(magic, order, 101, &talk()));
            is_talk(&capture);
            let unit = if magic == 0xa1b2_c3d4 { 1000 } else { 1 };
            assert_eq!(capture.flows[0].first_ns, 1_700_000_000_000_000_000 + 5 * unit);
        }
    }
}

#[test]
fn pcapng_is_read_with_its_own_clock() {
    let capture = capture(&pcapng(&talk()));
    is_talk(&capture);
    assert_eq!(capture.flows[0].first_ns, 1_700_000_000_000_000_123);
}

#[test]
fn repeated_and_early_segments_are_put_in_order() {
    let (head, tail) = SUBSCRIBE.split_at(20);
    let early = packet(true, 120, ACK, tail);
    let packets = vec![
        talk()[0].clone(),
        early.clone(),
        packet(true, 100, ACK, head),
        packet(true, 100, ACK, head),
        early,
    ];
    let capture = capture(&pcap(101, &packets));
    let seen = capture.flows[0].recognised.as_ref().expect("recognised");
    assert_eq!(seen.methods, ["mining.subscribe"]);
    assert_eq!(capture.flows[0].decided_packet, Some(2));
}

#[test]
fn a_lost_segment_does_not_hide_what_follows() {
    let packets = vec![talk()[0].clone(), packet(true, 5000, ACK, SUBSCRIBE)];
    let capture = capture(&pcap(101, &packets));
    assert_eq!(capture.flows[0].recognised.as_ref().map(|seen| seen.protocol), Some(Protocol::StratumV1));
}

#[test]
fn a_conversation_joined_in_the_middle_has_the_low_port_as_its_server() {
    let capture = capture(&pcap(101, &[packet(false, 77, ACK, DIFFICULTY)]));
    let flow = &capture.flows[0];
    assert_eq!(
        (flow.server.port(), flow.opening_seen, flow.bytes_to_client),
        (3333, false, DIFFICULTY.len() as u64)
    );
}

#[test]
fn a_new_opening_between_the_same_ends_is_a_new_conversation() {
    let mut packets = talk();
    packets.push(packet(true, 90_000, SYN, b""));
    assert_eq!(capture(&pcap(101, &packets)).flows.len(), 2);
}

#[test]
fn fragments_and_foreign_packets_are_counted() {
    let mut fragment = talk()[2].clone();
    fragment[6] = 0x20;
    let arp = [&[2; 12][..], &[0x08, 0x06], &[0; 28]].concat();
    let capture = capture(&pcap(1, &[ethernet(&fragment), arp]));
    let reasons: Vec<_> =
        capture.skipped.iter().map(|skipped| (skipped.reason.as_str(), skipped.count)).collect();
    assert_eq!(reasons, [("fragment of an IP packet", 1), ("not IP", 1)]);
    assert_eq!((capture.packets, capture.flows.len()), (2, 0));
}

#[test]
fn conversations_beyond_the_limit_are_counted_not_kept() {
    let mut other = talk()[2].clone();
    other[15] = 77;
    let file = pcap(101, &[talk()[2].clone(), other]);
    let capture = read(&file[..], Limits { flows: 1 }).expect("a capture");
    assert_eq!((capture.flows.len(), capture.skipped[0].count), (1, 1));
}

#[test]
fn a_file_cut_anywhere_gives_what_was_read_and_says_so() {
    let packets: Vec<_> = talk().iter().map(|packet| ethernet(packet)).collect();
    for whole in [pcap(1, &packets), pcapng(&talk())] {
        assert!(!capture(&whole).truncated);
        let cut = capture(&whole[..whole.len() - 3]);
        assert!(cut.truncated);
        assert_eq!((cut.packets, cut.flows.len()), (3, 1));
    }
}

#[test]
fn what_is_no_capture_is_refused_with_what_was_found() {
    let error = read(&b"PK\x03\x04 a zip"[..], Limits::default()).expect_err("no capture");
    assert!(error.to_string().contains("starts with 50 4b 03 04, expected pcap"), "{error}");
    let error = read(&b""[..], Limits::default()).expect_err("no capture");
    assert!(error.to_string().contains("starts with nothing"), "{error}");
}

#[test]
fn an_input_that_fails_is_an_error_that_keeps_the_cause() {
    struct Failing;
    impl std::io::Read for Failing {
        fn read(&mut self, _: &mut [u8]) -> std::io::Result<usize> {
            Err(std::io::Error::other("disk on fire"))
        }
    }
    let file = pcap(101, &talk());
    for kept in [0, 10, file.len() / 2, file.len()] {
        let input = std::io::Read::chain(&file[..kept], Failing);
        let error = read(input, Limits::default()).expect_err("fails");
        assert!(
            matches!(&error, CaptureError::Read(cause) if cause.to_string() == "disk on fire"),
            "{error}"
        );
    }
}

proptest! {
    #[test]
    fn arbitrary_bytes_break_nothing(bytes in proptest::collection::vec(any::<u8>(), 0..600), link in 0..300_u32) {
        let capture = capture::read_arbitrary(&pcap(link, &[bytes]));
        prop_assert!(capture.is_some_and(|capture| capture.packets == 1));
    }

    #[test]
    fn a_damaged_file_breaks_nothing(at in any::<prop::sample::Index>(), byte in any::<u8>(), ng in any::<bool>()) {
        let mut file = if ng { pcapng(&talk()) } else { pcap(101, &talk()) };
        let place = at.index(file.len());
        file[place] = byte;
        let packets = capture::read_arbitrary(&file).map_or(0, |capture| capture.packets);
        prop_assert!(packets <= 4);
    }
}
