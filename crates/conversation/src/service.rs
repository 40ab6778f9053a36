//! Services that are no chain's: SSH, PostgreSQL, Redis, DNS. Knowing them keeps them from being taken for others.

use crate::account::Sighting;
use facts::Protocol;

/// What the start of a stream says; `None` inside when more bytes are needed.
pub(crate) type Seen = Option<Option<Sighting>>;

const NO: Seen = Some(None);

/// SSH: the identification line.
pub(crate) fn ssh(bytes: &[u8]) -> Seen {
    let shared = b"SSH-".iter().zip(bytes).all(|(a, b)| a == b);
    if !shared {
        return NO;
    }
    let Some(end) = bytes.iter().take(255).position(|byte| *byte == b'\n') else {
        return if bytes.len() > 255 { NO } else { None };
    };
    let line = String::from_utf8_lossy(bytes.get(..end).unwrap_or_default()).into_owned();
    let mut words = line.trim_end().splitn(3, '-').skip(1);
    let version = words.next().unwrap_or_default();
    if !matches!(version, "2.0" | "1.99" | "1.5") {
        return NO;
    }
    Some(Some(Sighting::new(Protocol::Ssh, format!("ssh {version}"), 1).agent(words.next())))
}

/// PostgreSQL: the startup message, or the requests for encryption that may come before it.
pub(crate) fn postgres(bytes: &[u8]) -> Seen {
    if bytes.first().is_some_and(|byte| *byte != 0) || bytes.get(1).is_some_and(|byte| *byte != 0) {
        return NO;
    }
    let head = bytes.get(..8)?;
    let length = big(head.get(..4).unwrap_or_default());
    let code = big(head.get(4..).unwrap_or_default());
    let said =
        |what: &'static str| Some(Some(Sighting::new(Protocol::Postgres, "postgresql", 1).method(what)));
    match (code, length) {
        (80_877_103, 8) => said("ssl_request"),
        (80_877_104, 8) => said("gssenc_request"),
        (80_877_102, 16) => said("cancel_request"),
        (0x0003_0000..=0x0003_0002, 13..=10_000) => match bytes.get(8..13) {
            None => None,
            Some(word) if word.iter().all(|byte| byte.is_ascii_lowercase() || matches!(byte, b'_' | 0)) => {
                said("startup")
            }
            Some(_) => NO,
        },
        _ => NO,
    }
}

fn big(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0, |sum, byte| sum << 8 | u64::from(*byte))
}

/// Redis: an array of bulk strings that begins with a command word.
pub(crate) fn redis(bytes: &[u8]) -> Seen {
    if bytes.first().is_some_and(|byte| *byte != b'*') {
        return NO;
    }
    let text = bytes.get(..bytes.len().min(64)).unwrap_or_default();
    let mut lines = text.split(|byte| *byte == b'\n').map(<[u8]>::trim_ascii_end);
    let (count, size, word) = (lines.next(), lines.next(), lines.next());
    let digits = |line: Option<&[u8]>| {
        let rest = line.and_then(|line| line.get(1..)).unwrap_or_default();
        rest.len() <= 7 && rest.iter().all(u8::is_ascii_digit)
    };
    if !digits(count)
        || size.is_some_and(|size| !size.is_empty() && size.first() != Some(&b'$'))
        || !digits(size)
    {
        return NO;
    }
    let whole = text.iter().filter(|byte| **byte == b'\n').count() >= 3;
    match word {
        Some(word) if !word.iter().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'.')) => NO,
        Some(word) if whole && !word.is_empty() => {
            let name = String::from_utf8_lossy(word).to_ascii_lowercase();
            Some(Some(Sighting::new(Protocol::Redis, "redis", 1).method(name)))
        }
        _ if text.len() == 64 => NO,
        _ => None,
    }
}

/// DNS in one datagram: a sane head and one well-formed question.
pub(crate) fn dns(bytes: &[u8]) -> Option<Sighting> {
    let (flags, counts) = (big(bytes.get(2..4)?), bytes.get(4..12)?);
    let opcode = flags >> 11 & 0x0f;
    let count = |index: usize| big(counts.get(index * 2..index * 2 + 2).unwrap_or_default());
    let answer = flags & 0x8000 != 0;
    let sane = matches!(opcode, 0 | 4 | 5) && flags & 0x0040 == 0 && (1..=4).contains(&count(0));
    let fits = if answer { count(1) <= 128 } else { count(1) <= 1 } && count(2) <= 64 && count(3) <= 64;
    if !sane || !fits {
        return None;
    }
    question(bytes.get(12..)?)?;
    Some(Sighting::new(Protocol::Dns, "dns", 1).method(if answer { "answer" } else { "query" }))
}

fn question(mut rest: &[u8]) -> Option<()> {
    for _ in 0..128 {
        let length = usize::from(*rest.first()?);
        if length == 0 {
            let kind = big(rest.get(1..3)?);
            let class = big(rest.get(3..5)?) & 0x7fff;
            return (matches!(kind, 1..=65 | 99 | 249..=257) && matches!(class, 1 | 3 | 255)).then_some(());
        }
        let label = rest.get(1..=length).filter(|_| length < 64)?;
        label.iter().all(u8::is_ascii_graphic).then_some(())?;
        rest = rest.get(length + 1..)?;
    }
    None
}

/// DNS over TCP: the same after two bytes of length.
pub(crate) fn dns_stream(bytes: &[u8]) -> Seen {
    let head = bytes.get(..2)?;
    let length = usize::try_from(big(head)).unwrap_or(usize::MAX);
    if !(17..=4096).contains(&length) {
        return NO;
    }
    let sane = bytes.get(4).is_none_or(|high| matches!(high >> 3 & 0x0f, 0 | 4 | 5))
        && bytes.get(6).is_none_or(|high| *high == 0)
        && bytes.get(7).is_none_or(|low| (1..=4).contains(low));
    if !sane {
        return NO;
    }
    bytes.get(2..2 + length).map(dns)
}
