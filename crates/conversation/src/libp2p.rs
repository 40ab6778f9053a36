//! libp2p: multistream-select in clear before the connection is encrypted.

use crate::account::Sighting;
use crate::service::Seen;
use facts::Protocol;

const OPENING: &[u8] = b"\x13/multistream/1.0.0\n";

/// Protocols that are proposed in clear.
const PROPOSED: [&str; 7] = [
    "/noise",
    "/tls/1.0.0",
    "/yamux/1.0.0",
    "/mplex/6.7.0",
    "/plaintext/2.0.0",
    "/secio/1.0.0",
    "/noise/ix/1.0.0",
];

/// What the start of a stream says, with the protocols proposed so far.
pub(crate) fn read(bytes: &[u8]) -> Seen {
    if !OPENING.iter().zip(bytes).all(|(a, b)| a == b) {
        return Some(None);
    }
    let mut rest = bytes.get(OPENING.len()..)?;
    let mut said = Sighting::new(Protocol::Libp2p, "libp2p multistream", 1).method("/multistream/1.0.0");
    while let Some((line, next)) = line(rest) {
        match PROPOSED.iter().find(|name| name.as_bytes() == line) {
            Some(name) => said = said.method(*name),
            None => break,
        }
        rest = next;
    }
    Some(Some(said))
}

fn line(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let length = usize::from(*bytes.first()?);
    let line = bytes.get(1..=length)?.strip_suffix(b"\n")?;
    Some((line, bytes.get(length + 1..)?))
}
