//! IP, TCP and UDP headers of captured packets.

use super::plain;
use facts::Transport;
use std::net::{IpAddr, SocketAddr};

/// What matters of one packet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Packet<'a> {
    /// Transport.
    pub transport: Transport,
    /// Sender.
    pub from: SocketAddr,
    /// Receiver.
    pub to: SocketAddr,
    /// TCP sequence number of the first payload byte.
    pub sequence: u32,
    /// TCP: opens a connection, and whether it answers such.
    pub opens: bool,
    /// TCP: acknowledges.
    pub answers: bool,
    /// Payload as far as it was captured.
    pub payload: &'a [u8],
    /// Payload that the packet carried, bytes.
    pub length: usize,
}

/// Reads a packet that begins at its IP header.
pub fn parse(bytes: &[u8]) -> Option<Packet<'_>> {
    let (protocol, from, to, rest, length) = match bytes.first()? >> 4 {
        4 => {
            let header = usize::from(bytes.first()? & 15) * 4;
            let total = usize::from(u16_at(bytes, 2)?);
            if header < 20 || u16_at(bytes, 6)? & 0x1fff != 0 {
                return None;
            }
            let address = |at: usize| Some(IpAddr::from(*bytes.get(at..)?.first_chunk::<4>()?));
            let rest = bytes.get(header..)?;
            (*bytes.get(9)?, address(12)?, address(16)?, rest, total.saturating_sub(header))
        }
        6 => {
            let address = |at: usize| Some(IpAddr::from(*bytes.get(at..)?.first_chunk::<16>()?));
            let rest = bytes.get(40..)?;
            (*bytes.get(6)?, address(8)?, address(24)?, rest, usize::from(u16_at(bytes, 4)?))
        }
        _ => return None,
    };
    // Segments handed on before they are cut have no length; then what was captured counts.
    let length = if length == 0 { rest.len() } else { length };
    let from = plain(SocketAddr::new(from, u16_at(rest, 0)?));
    let to = plain(SocketAddr::new(to, u16_at(rest, 2)?));
    let head = match protocol {
        6 => usize::from(*rest.get(12)? >> 4) * 4,
        17 => 8,
        _ => return None,
    };
    let (tcp, flags) = (protocol == 6, if protocol == 6 { *rest.get(13)? } else { 0 });
    let payload = rest.get(head..)?;
    let length = length.saturating_sub(head);
    Some(Packet {
        transport: if tcp { Transport::Tcp } else { Transport::Udp },
        from,
        to,
        sequence: if tcp { u32::from_be_bytes(*rest.get(4..)?.first_chunk()?) } else { 0 },
        opens: flags & 2 != 0,
        answers: flags & 16 != 0,
        payload: payload.get(..length.min(payload.len()))?,
        length,
    })
}

fn u16_at(bytes: &[u8], at: usize) -> Option<u16> {
    Some(u16::from_be_bytes(*bytes.get(at..)?.first_chunk()?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn packet(payload: &[u8], flags: u8) -> Vec<u8> {
        let total = u16::try_from(40 + payload.len()).unwrap().to_be_bytes();
        let mut bytes = vec![0x45, 0, total[0], total[1], 0, 0, 0, 0, 64, 6, 0, 0, 10, 0, 0, 1, 10, 0, 0, 2];
        bytes.extend([0x1f, 0x90, 0, 80, 0, 0, 0, 9, 0, 0, 0, 0, 0x50, flags, 0, 0, 0, 0, 0, 0]);
        bytes.extend(payload);
        bytes
    }

    #[test]
    fn padding_behind_a_packet_is_no_payload() {
        let mut bytes = packet(b"hello", 0x18);
        bytes.extend([0; 6]);
        let packet = parse(&bytes).unwrap();
        assert_eq!((packet.payload, packet.length, packet.sequence), (&b"hello"[..], 5, 9));
        assert_eq!(packet.from, "10.0.0.1:8080".parse().unwrap());
        assert!(packet.answers && !packet.opens);
    }

    #[test]
    fn a_later_fragment_is_no_packet() {
        let mut bytes = packet(b"hello", 0x18);
        bytes[7] = 3;
        assert_eq!(parse(&bytes), None);
    }

    proptest! {
        #[test]
        fn any_bytes_are_survived(bytes in proptest::collection::vec(any::<u8>(), 0..120)) {
            if let Some(packet) = parse(&bytes) {
                prop_assert!(packet.payload.len() <= bytes.len());
            }
        }
    }
}
