//! `/proc/PID/net/{tcp,tcp6,udp,udp6}`: one line for each socket of a network namespace.

use super::plain;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

/// One socket.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Line {
    /// Local end.
    pub local: SocketAddr,
    /// Remote end.
    pub remote: SocketAddr,
    /// Kernel's state: 1 established, 10 listening; a UDP socket is 1 when connected and 7 when not.
    pub state: u8,
    /// Inode of the socket; 0 once no process holds it.
    pub inode: u64,
}

/// TCP: connected. UDP: connected.
pub const ESTABLISHED: u8 = 1;
/// TCP: waiting for connections.
pub const LISTENING: u8 = 10;
/// UDP: bound, not connected.
pub const UNCONNECTED: u8 = 7;

/// Reads every line that is one.
pub fn parse(text: &[u8]) -> impl Iterator<Item = Line> + '_ {
    text.split(|b| *b == b'\n').filter_map(|line| parse_line(std::str::from_utf8(line).ok()?))
}

fn parse_line(line: &str) -> Option<Line> {
    let mut words = line.split_ascii_whitespace();
    let local = end(words.nth(1)?)?;
    let remote = end(words.next()?)?;
    let state = u8::from_str_radix(words.next()?, 16).ok()?;
    // tx:rx, timer, retransmits, user, timeout, inode.
    let inode = words.nth(5)?.parse().ok()?;
    Some(Line { local, remote, state, inode })
}

fn end(text: &str) -> Option<SocketAddr> {
    let (address, port) = text.split_once(':')?;
    let port = u16::from_str_radix(port, 16).ok()?;
    let word =
        |at: usize| Some(u32::from_str_radix(address.get(at * 8..at * 8 + 8)?, 16).ok()?.to_ne_bytes());
    let ip = match address.len() {
        8 => IpAddr::V4(Ipv4Addr::from(word(0)?)),
        32 => {
            let mut bytes = [0u8; 16];
            for (at, chunk) in bytes.chunks_exact_mut(4).enumerate() {
                chunk.copy_from_slice(&word(at)?);
            }
            IpAddr::V6(Ipv6Addr::from(bytes))
        }
        _ => return None,
    };
    Some(plain(SocketAddr::new(ip, port)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn both_families_are_read_and_mapped_addresses_become_plain() {
        let text = b"  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n   \
            0: 0100007F:1F90 0200007F:C350 01 00000000:00000000 00:00000000 00000000  1000        0 777 1 0 20\n   \
            1: 0000000000000000FFFF00000100007F:0050 00000000000000000000000000000000:0000 0A \
            00000000:00000000 00:00000000 00000000     0        0 888 1 0\n";
        let lines: Vec<Line> = parse(text).collect();
        assert_eq!(lines.len(), 2);
        assert_eq!(lines[0].local, "127.0.0.1:8080".parse().unwrap());
        assert_eq!(lines[0].remote, "127.0.0.2:50000".parse().unwrap());
        assert_eq!((lines[0].state, lines[0].inode), (ESTABLISHED, 777));
        assert_eq!(lines[1].local, "127.0.0.1:80".parse().unwrap());
        assert_eq!((lines[1].state, lines[1].inode), (LISTENING, 888));
    }

    proptest! {
        #[test]
        fn any_text_is_survived(text in "[0-9A-F: \n]{0,300}") {
            prop_assert!(parse(text.as_bytes()).count() <= text.len());
        }
    }
}
