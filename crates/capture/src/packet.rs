//! One packet: link, network and transport heads down to the payload. Looks at one packet only and keeps nothing.

use core::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use facts::Transport;

/// What a packet carries.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Segment<'a> {
    pub transport: Transport,
    pub source: SocketAddr,
    pub target: SocketAddr,
    pub sequence: u32,
    pub syn: bool,
    pub ack: bool,
    pub reset: bool,
    pub payload: &'a [u8],
    /// Payload bytes on the wire; more than `payload` holds when the capture cut the packet short.
    pub length: usize,
}

/// Why a packet was passed over.
pub(crate) type Reason = &'static str;

const SHORT: Reason = "cut short within a head";
const NOT_IP: Reason = "not IP";

/// Tags before the network head that are looked behind.
const MAX_TAGS: usize = 4;

/// Extension heads of IPv6 that are looked behind.
const MAX_EXTENSIONS: usize = 8;

/// Reads a packet of a link type (numbers of the tcpdump project's registry).
pub(crate) fn read(link: i32, bytes: &[u8]) -> Result<Segment<'_>, Reason> {
    match link {
        1 => ethernet(bytes.get(12..).ok_or(SHORT)?),
        0 | 108 => network(bytes.get(4..).ok_or(SHORT)?),
        12 | 14 | 101 | 228 | 229 => network(bytes),
        113 => ethernet(bytes.get(14..).ok_or(SHORT)?),
        276 => {
            let kind = word(bytes, 0).ok_or(SHORT)?;
            typed(kind, bytes.get(20..).ok_or(SHORT)?)
        }
        _ => Err("link type that is not read"),
    }
}

fn word(bytes: &[u8], at: usize) -> Option<u16> {
    Some(u16::from_be_bytes([*bytes.get(at)?, *bytes.get(at + 1)?]))
}

/// From the type field on, behind tags of virtual networks.
fn ethernet(mut bytes: &[u8]) -> Result<Segment<'_>, Reason> {
    for _ in 0..MAX_TAGS {
        let kind = word(bytes, 0).ok_or(SHORT)?;
        if !matches!(kind, 0x8100 | 0x88a8 | 0x9100) {
            return typed(kind, bytes.get(2..).ok_or(SHORT)?);
        }
        bytes = bytes.get(4..).ok_or(SHORT)?;
    }
    Err(NOT_IP)
}

fn typed(kind: u16, bytes: &[u8]) -> Result<Segment<'_>, Reason> {
    match kind {
        0x0800 | 0x86dd => network(bytes),
        0x8864 => match word(bytes, 6) {
            Some(0x0021 | 0x0057) => network(bytes.get(8..).ok_or(SHORT)?),
            _ => Err(NOT_IP),
        },
        _ => Err(NOT_IP),
    }
}

fn network(bytes: &[u8]) -> Result<Segment<'_>, Reason> {
    match bytes.first().ok_or(SHORT)? >> 4 {
        4 => version4(bytes),
        6 => version6(bytes),
        _ => Err(NOT_IP),
    }
}

fn version4(bytes: &[u8]) -> Result<Segment<'_>, Reason> {
    let head = usize::from(bytes.first().ok_or(SHORT)? & 0x0f) * 4;
    let total = usize::from(word(bytes, 2).ok_or(SHORT)?);
    if word(bytes, 6).ok_or(SHORT)? & 0x3fff != 0 {
        return Err("fragment of an IP packet");
    }
    let address = |at: usize| -> Option<IpAddr> {
        Some(Ipv4Addr::from(<[u8; 4]>::try_from(bytes.get(at..at + 4)?).ok()?).into())
    };
    let pair = (address(12).ok_or(SHORT)?, address(16).ok_or(SHORT)?);
    let kind = *bytes.get(9).ok_or(SHORT)?;
    // A total of 0 is what a host notes of packets that its network card cuts up.
    let total = if total == 0 { bytes.len() } else { total };
    let length = total.checked_sub(head).filter(|_| head >= 20).ok_or("damaged IP head")?;
    transport(kind, pair, bytes.get(head..).ok_or(SHORT)?, length)
}

fn version6(bytes: &[u8]) -> Result<Segment<'_>, Reason> {
    let address = |at: usize| -> Option<IpAddr> {
        Some(Ipv6Addr::from(<[u8; 16]>::try_from(bytes.get(at..at + 16)?).ok()?).into())
    };
    let pair = (address(8).ok_or(SHORT)?, address(24).ok_or(SHORT)?);
    let mut length = usize::from(word(bytes, 4).ok_or(SHORT)?);
    let mut kind = *bytes.get(6).ok_or(SHORT)?;
    let mut rest = bytes.get(40..).ok_or(SHORT)?;
    length = if length == 0 { rest.len() } else { length };
    for _ in 0..MAX_EXTENSIONS {
        let size = match kind {
            44 if word(rest, 2).ok_or(SHORT)? & 0xfff9 != 0 => return Err("fragment of an IP packet"),
            44 => 8,
            0 | 43 | 60 => usize::from(*rest.get(1).ok_or(SHORT)?) * 8 + 8,
            _ => return transport(kind, pair, rest, length),
        };
        kind = *rest.first().ok_or(SHORT)?;
        rest = rest.get(size..).ok_or(SHORT)?;
        length = length.checked_sub(size).ok_or("damaged IP head")?;
    }
    Err("too many IPv6 extension heads")
}

fn transport(kind: u8, pair: (IpAddr, IpAddr), bytes: &[u8], length: usize) -> Result<Segment<'_>, Reason> {
    let bytes = bytes.get(..length.min(bytes.len())).unwrap_or(bytes);
    let ports = (word(bytes, 0), word(bytes, 2));
    let (head, transport) = match kind {
        6 => (usize::from(bytes.get(12).ok_or(SHORT)? >> 4) * 4, Transport::Tcp),
        17 => (8, Transport::Udp),
        _ => return Err("neither TCP nor UDP"),
    };
    let flags = if kind == 6 { *bytes.get(13).ok_or(SHORT)? } else { 0 };
    let sequence = bytes.get(4..8).ok_or(SHORT)?.iter().fold(0, |sum, byte| sum << 8 | u32::from(*byte));
    let (Some(source), Some(target)) = ports else { return Err(SHORT) };
    let wire = length.checked_sub(head).filter(|_| head >= 8).ok_or("damaged transport head")?;
    Ok(Segment {
        transport,
        source: SocketAddr::new(pair.0, source),
        target: SocketAddr::new(pair.1, target),
        sequence,
        syn: flags & 0x02 != 0,
        ack: flags & 0x10 != 0,
        reset: flags & 0x04 != 0,
        payload: bytes.get(head..).unwrap_or_default(),
        length: wire,
    })
}
