//! libp2p: multistream-select in clear before the connection is encrypted.

use crate::account::{Account, Sighting};
use crate::http::Step;
use facts::Protocol;

const OPENING: &[u8] = b"\x13/multistream/1.0.0\n";

/// Protocols that are proposed in clear.
const PROPOSED: [&str; 8] = [
    "/multistream/1.0.0",
    "/noise",
    "/tls/1.0.0",
    "/yamux/1.0.0",
    "/mplex/6.7.0",
    "/plaintext/2.0.0",
    "/secio/1.0.0",
    "/noise/ix/1.0.0",
];

/// Whether bytes begin with the opening line; `None` when too few are there.
pub(crate) fn begins(bytes: &[u8]) -> Option<bool> {
    let same = OPENING.iter().zip(bytes).all(|(a, b)| a == b);
    if same && bytes.len() < OPENING.len() { None } else { Some(same) }
}

/// Reads one proposed protocol, or the opening line. Anything else is no longer in clear.
pub(crate) fn step(bytes: &[u8], account: &mut Account) -> Step {
    let Some(length) = bytes.first().map(|length| usize::from(*length)) else { return Step::More };
    let Some(line) = bytes.get(1..=length) else {
        return if length > 64 { Step::Lost } else { Step::More };
    };
    let name = line.strip_suffix(b"\n").unwrap_or_default();
    match PROPOSED.iter().find(|known| known.as_bytes() == name) {
        Some(name) => {
            account.hear(Sighting::new(Protocol::Libp2p, "libp2p multistream", 1).method(*name));
            Step::Took(length + 1)
        }
        None => Step::Lost,
    }
}
