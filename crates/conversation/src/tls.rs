//! TLS: the server's name and the application protocols that a `ClientHello` asks for in clear.

use crate::account::Sighting;
use facts::Protocol;

/// Bytes of handshake messages that are gathered: post-quantum key shares take more than one segment.
const MAX_HELLO: usize = 4096;

/// What the start of a stream says.
#[derive(Debug)]
pub(crate) enum Tls {
    /// More bytes are needed.
    More,
    /// It is no TLS.
    No,
    /// It is; this is what it said.
    Yes(Sighting),
}

/// Reads the start of a stream, from the opening or from a record boundary in the middle.
pub(crate) fn read(bytes: &[u8]) -> Tls {
    let head = [bytes.first(), bytes.get(1), bytes.get(2), bytes.get(3), bytes.get(4)];
    let fits = |index: usize, allowed: fn(u8) -> bool| {
        head.get(index).copied().flatten().is_none_or(|b| allowed(*b))
    };
    let shape = fits(0, |b| (0x14..=0x17).contains(&b))
        && fits(1, |b| b == 3)
        && fits(2, |b| b <= 4)
        && fits(3, |b| b <= 0x41);
    match (shape, head) {
        (false, _) => Tls::No,
        (true, [Some(kind), _, _, Some(high), Some(low)]) => {
            let length = usize::from(*high) << 8 | usize::from(*low);
            record(bytes, *kind, length)
        }
        _ => Tls::More,
    }
}

fn record(bytes: &[u8], kind: u8, length: usize) -> Tls {
    let seen = |what: &'static str| Tls::Yes(Sighting::new(Protocol::Tls, what, 1));
    match (kind, length) {
        (_, 0) => Tls::No,
        (0x16, _) => handshake(bytes),
        (0x14, 1) | (0x15, 2 | 18..=64) => seen("tls, opening not seen"),
        (0x17, 17..) => seen("tls, opening not seen"),
        _ => Tls::No,
    }
}

/// Gathers the handshake message over its records.
fn handshake(bytes: &[u8]) -> Tls {
    let mut message = Vec::new();
    let mut rest = bytes;
    while let Some(head) = rest.get(..5).filter(|head| head.first() == Some(&0x16)) {
        let length = head.iter().skip(3).fold(0, |sum, byte| sum << 8 | usize::from(*byte));
        let body = rest.get(5..).unwrap_or_default();
        message.extend(body.iter().take(length));
        rest = body.get(length..).unwrap_or_default();
    }
    match message.first() {
        None => Tls::More,
        Some(1) => hello(&message),
        Some(2) => Tls::Yes(Sighting::new(Protocol::Tls, "tls", 1).method("server_hello")),
        Some(0 | 4..=24) => Tls::Yes(Sighting::new(Protocol::Tls, "tls, opening not seen", 1)),
        Some(_) => Tls::No,
    }
}

fn hello(message: &[u8]) -> Tls {
    let Some(length) = message.get(1..4).map(number) else { return Tls::More };
    let body = message.get(4..).unwrap_or_default();
    if body.len() < length.min(MAX_HELLO) {
        return Tls::More;
    }
    let body = body.get(..length.min(body.len())).unwrap_or_default();
    let mut said = Sighting::new(Protocol::Tls, "tls", 2).method("client_hello");
    if let Some(extensions) = extensions(body) {
        said.host = server_name(extensions);
        if let Some(alpn) = applications(extensions) {
            said.dialect = format!("tls, asks for {alpn}").into();
        }
    }
    Tls::Yes(said)
}

fn number(bytes: &[u8]) -> usize {
    bytes.iter().fold(0, |sum, byte| sum << 8 | usize::from(*byte))
}

/// Splits off a vector whose length stands before it in `width` bytes.
fn vector(bytes: &[u8], width: usize) -> Option<(&[u8], &[u8])> {
    let length = number(bytes.get(..width)?);
    let rest = bytes.get(width..)?;
    Some((rest.get(..length.min(rest.len()))?, rest.get(length.min(rest.len())..)?))
}

fn extensions(body: &[u8]) -> Option<&[u8]> {
    let (_, rest) = vector(body.get(34..)?, 1)?;
    let (_, rest) = vector(rest, 2)?;
    let (_, rest) = vector(rest, 1)?;
    Some(vector(rest, 2)?.0)
}

fn extension(mut list: &[u8], kind: usize) -> Option<&[u8]> {
    loop {
        let this = number(list.get(..2)?);
        let (value, rest) = vector(list.get(2..)?, 2)?;
        if this == kind {
            return Some(value);
        }
        list = rest;
    }
}

fn server_name(extensions: &[u8]) -> Option<String> {
    let (list, _) = vector(extension(extensions, 0)?, 2)?;
    let (name, _) = vector(list.get(1..)?, 2)?;
    let clean = name.iter().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b'_'));
    (clean && name.len() <= 255 && list.first() == Some(&0))
        .then(|| String::from_utf8_lossy(name).into_owned())
}

fn applications(extensions: &[u8]) -> Option<String> {
    let (mut list, _) = vector(extension(extensions, 16)?, 2)?;
    let mut names = Vec::new();
    while let Some((name, rest)) = vector(list, 1).filter(|(name, _)| !name.is_empty() && names.len() < 4) {
        let clean = name.len() <= 16 && name.iter().all(u8::is_ascii_graphic);
        if clean {
            names.push(String::from_utf8_lossy(name).into_owned());
        }
        list = rest;
    }
    Some(names.join(", ")).filter(|names| !names.is_empty())
}
