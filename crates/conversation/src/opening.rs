//! What the first bytes of a direction begin: one look through every framing, in a fixed order.
//!
//! The order and each answer depend on the bytes alone, never on how they were split into segments: a framing that
//! needs more bytes is waited for before a later one is asked.

use crate::account::{Account, Sighting};
use crate::http::{self, Http};
use crate::peer::{self, Messages};
use crate::service::{self, Seen};
use crate::stream::{Framing, frames};
use crate::tls::{self, Tls};
use crate::{devp2p, json, libp2p, proxy, speech, stratum_v2};

/// What a direction was opened as.
pub(crate) enum Opened {
    /// As this framing, after this many bytes.
    As(Framing, usize),
    /// More bytes are needed.
    More,
}

/// An answer of one framing.
type Answer = Option<Option<Framing>>;

/// Bytes looked through for a message to join a conversation at when its opening was not seen.
const SYNC_WINDOW: usize = 8 * 1024;

/// Looks at the first bytes of a direction.
pub(crate) fn read(bytes: &[u8], account: &mut Account) -> Opened {
    match proxy::socks(bytes) {
        None => return Opened::More,
        Some(0) => {}
        Some(used) => return Opened::As(Framing::Opening, used),
    }
    let looks: [fn(&[u8], &mut Account) -> Answer; 13] = [
        |bytes, _| http::begins(bytes).map(|yes| yes.then_some(Framing::Http(Http::Head))),
        secure,
        |bytes, account| heard(service::ssh(bytes), account),
        |bytes, _| objects(bytes),
        |bytes, _| peer::bitcoin_begins(bytes).map(|yes| yes.then(|| Framing::Bitcoin(Messages::default()))),
        |bytes, _| peer::levin_begins(bytes).map(|yes| yes.then(|| Framing::Levin(Messages::default()))),
        |bytes, _| libp2p::begins(bytes).map(|yes| yes.then_some(Framing::Multistream)),
        |bytes, account| heard(stratum_v2::clear(bytes), account),
        |bytes, account| heard(service::postgres(bytes), account),
        |bytes, account| heard(service::redis(bytes), account),
        |bytes, _| frames(bytes),
        |bytes, account| heard(devp2p::rlpx(bytes), account),
        |bytes, account| heard(service::dns_stream(bytes), account),
    ];
    for look in looks {
        match look(bytes, account) {
            Some(Some(framing)) => return Opened::As(framing, 0),
            Some(None) => {}
            None => return Opened::More,
        }
    }
    join(bytes)
}

/// Reads what a broken start may show: an object, a head of HTTP.
pub(crate) fn partial(bytes: &[u8], account: &mut Account) {
    match bytes.first() {
        Some(b'{' | b'[') => {
            let value = json::partial(bytes);
            for sighting in value.iter().flat_map(|value| speech::hear(value, speech::Via::Plain)) {
                account.hear(sighting);
            }
        }
        _ => Http::Head.partial(bytes, account),
    }
}

fn heard(seen: Seen, account: &mut Account) -> Answer {
    let sighting: Option<Sighting> = seen?;
    Some(sighting.map(|sighting| {
        account.hear(sighting);
        Framing::Closed
    }))
}

fn secure(bytes: &[u8], account: &mut Account) -> Answer {
    match tls::read(bytes) {
        Tls::More => None,
        Tls::No => Some(None),
        Tls::Yes(sighting) => heard(Some(Some(sighting)), account),
    }
}

/// An object or a list of objects: a brace, then blanks, then a quotation mark.
fn objects(bytes: &[u8]) -> Answer {
    let mut marks = bytes.iter().filter(|byte| !byte.is_ascii_whitespace());
    let yes = match (marks.next(), marks.next(), marks.next()) {
        (Some(b'{'), Some(b'"'), _) | (Some(b'['), Some(b'{'), Some(b'"')) => true,
        (None | Some(b'{'), None, _) | (Some(b'['), None | Some(b'{'), None) => return None,
        _ => false,
    };
    Some(yes.then_some(Framing::Objects))
}

/// Joins a conversation whose start was not seen, at the first place that a message is sure to begin: the place that
/// is known with the fewest bytes, so that the answer does not change when more are there.
fn join(bytes: &[u8]) -> Opened {
    let window = bytes.get(..bytes.len().min(SYNC_WINDOW)).unwrap_or_default();
    let line = window.iter().position(|byte| *byte == b'\n');
    let object = line.filter(|end| tail(window.get(..*end).unwrap_or_default()));
    let places = [
        object.map(|end| (end + 1, end + 1, Framing::Objects)),
        levin(window).map(|at| (at + 33, at, Framing::Opening)),
        bitcoin(window).map(|at| (at + 24, at, Framing::Opening)),
        request(window).map(|(at, length)| (at + length, at, Framing::Opening)),
    ];
    match places.into_iter().flatten().min_by_key(|place| place.0) {
        Some((_, used, framing)) => Opened::As(framing, used),
        None if bytes.len() >= SYNC_WINDOW => Opened::As(Framing::Closed, bytes.len()),
        None => Opened::More,
    }
}

/// Whether a line is the tail of an object: text that closes one.
fn tail(line: &[u8]) -> bool {
    let line = line.strip_suffix(b"\r").unwrap_or(line);
    let text = line.iter().all(|byte| (0x20..0x7f).contains(byte));
    text && line.ends_with(b"}")
}

fn levin(window: &[u8]) -> Option<usize> {
    (1..window.len()).find(|at| {
        let rest = window.get(*at..).unwrap_or_default();
        rest.len() >= 33 && peer::levin_begins(rest) == Some(true)
    })
}

/// The next place where a message of the Bitcoin family begins.
pub(crate) fn bitcoin(window: &[u8]) -> Option<usize> {
    (1..window.len()).find(|at| {
        let rest = window.get(*at..).unwrap_or_default();
        rest.len() >= 24 && peer::bitcoin_begins(rest) == Some(true)
    })
}

/// A request line of HTTP after the tail of another message.
fn request(window: &[u8]) -> Option<(usize, usize)> {
    const LINES: [&[u8]; 2] = [b"POST / HTTP/1.1\r\n", b"POST /json_rpc HTTP/1.1\r\n"];
    let place = |line: &&[u8]| Some((window.windows(line.len()).position(|here| here == *line)?, line.len()));
    LINES.iter().filter_map(place).min_by_key(|(at, length)| at + length)
}
