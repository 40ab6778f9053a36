//! Ethereum's devp2p: discovery datagrams, proved by their Keccak-256 hash, and the RLPx handshake by its shape.

use crate::account::Sighting;
use crate::keccak::keccak256;
use crate::service::Seen;
use crate::stratum_v2::random;
use facts::Protocol;

/// Names of the discovery messages (node discovery protocol version 4), from type 1.
const NAMES: [&str; 6] = ["ping", "pong", "findnode", "neighbors", "enrrequest", "enrresponse"];

/// Most bytes of a discovery datagram.
const MAX_DATAGRAM: usize = 1280;

/// Discovery version 4: hash, signature, type, RLP list. The hash is over all that follows it.
pub(crate) fn discovery(bytes: &[u8]) -> Option<Sighting> {
    if bytes.len() > MAX_DATAGRAM || *bytes.get(98)? < 0xc0 || *bytes.get(96)? > 3 {
        return None;
    }
    let name = NAMES.get(usize::from(*bytes.get(97)?).checked_sub(1)?)?;
    let proved = keccak256(bytes.get(32..)?).as_slice() == bytes.get(..32)?;
    proved.then(|| Sighting::new(Protocol::Devp2p, "discovery v4", 3).method(*name))
}

/// The RLPx `auth` message: length in two bytes, then an uncompressed public key and what is sealed to it.
pub(crate) fn rlpx(bytes: &[u8]) -> Seen {
    let size = bytes.iter().take(2).fold(0, |sum, byte| sum << 8 | usize::from(*byte));
    let shape =
        bytes.first().is_none_or(|byte| (1..=3).contains(byte)) && bytes.get(2).is_none_or(|byte| *byte == 4);
    if !shape {
        return Some(None);
    }
    if bytes.len() < 3 {
        return None;
    }
    if !(300..=800).contains(&size) {
        return Some(None);
    }
    let body = bytes.get(3..size + 2)?;
    let said = Sighting::new(Protocol::Devp2p, "rlpx handshake by its shape", 1).method("auth");
    Some(random(body).then_some(said))
}

#[cfg(test)]
mod tests {
    use super::{discovery, rlpx};
    use crate::keccak::keccak256;

    fn ping() -> Vec<u8> {
        let body = [&[7; 64][..], &[1, 1, 0xc4, 4, 1, 2, 3]].concat();
        [&keccak256(&body)[..], &body].concat()
    }

    #[test]
    fn a_discovery_ping_is_proved_by_its_hash() {
        assert_eq!(discovery(&ping()).map(|seen| seen.methods), Some(vec!["ping".to_owned()]));
    }

    #[test]
    fn a_discovery_ping_with_one_bit_changed_is_none() {
        let mut bytes = ping();
        bytes[100] ^= 1;
        assert!(discovery(&bytes).is_none());
    }

    #[test]
    fn an_rlpx_opening_must_look_random() {
        let head = [1, 0x90, 4];
        let text = [&head[..], &b"plain text goes on and on ".repeat(20)].concat();
        assert!(matches!(rlpx(&text), Some(None)));
        let random: Vec<u8> = (0..0x18f_u32).map(|at| (at.wrapping_mul(2_654_435_761) >> 24) as u8).collect();
        assert!(matches!(rlpx(&[&head[..], &random].concat()), Some(Some(_))));
    }
}
