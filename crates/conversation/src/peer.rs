//! Peer protocols of the Bitcoin and Monero families: what nodes say to nodes. Never work for a miner.

use crate::account::{Account, Sighting};
use crate::http::Step;
use facts::Protocol;

/// Magic numbers of networks, with chain and network name. From the chain parameters of each coin's node.
const MAGICS: [([u8; 4], &str, &str); 23] = [
    ([0xf9, 0xbe, 0xb4, 0xd9], "bitcoin", "main"),
    ([0x0b, 0x11, 0x09, 0x07], "bitcoin", "testnet3"),
    ([0x1c, 0x16, 0x3f, 0x28], "bitcoin", "testnet4"),
    ([0x0a, 0x03, 0xcf, 0x40], "bitcoin", "signet"),
    ([0xfa, 0xbf, 0xb5, 0xda], "bitcoin", "regtest"),
    ([0xfb, 0xc0, 0xb6, 0xdb], "litecoin", "main"),
    ([0xfd, 0xd2, 0xc8, 0xf1], "litecoin", "testnet4"),
    ([0xc0, 0xc0, 0xc0, 0xc0], "dogecoin", "main"),
    ([0xfc, 0xc1, 0xb7, 0xdc], "dogecoin", "testnet"),
    ([0xbf, 0x0c, 0x6b, 0xbd], "dash", "main"),
    ([0xce, 0xe2, 0xca, 0xff], "dash", "testnet"),
    ([0x24, 0xe9, 0x27, 0x64], "zcash", "main"),
    ([0xfa, 0x1a, 0xf9, 0xbf], "zcash", "testnet"),
    ([0xaa, 0xe8, 0x3f, 0x5f], "zcash", "regtest"),
    ([0xe3, 0xe1, 0xf3, 0xe8], "bitcoin-cash", "main"),
    ([0xe1, 0x47, 0x6d, 0x44], "bitcoin-gold", "main"),
    ([0xf9, 0xbe, 0xb4, 0xfe], "namecoin", "main"),
    ([0xf9, 0xbe, 0xb4, 0xd4], "groestlcoin", "main"),
    ([0x52, 0x41, 0x56, 0x4e], "ravencoin", "main"),
    ([0xfa, 0xc3, 0xb6, 0xda], "digibyte", "main"),
    ([0x63, 0x61, 0x73, 0x68], "horizen", "main"),
    ([0xf9, 0xee, 0xe4, 0x8d], "komodo", "main"),
    ([0xe3, 0xd9, 0xfe, 0xf1], "firo", "main"),
];

/// Largest payload of a peer message, bytes (Bitcoin: 32 MiB; levin: 100 MB).
const MAX_PAYLOAD: u64 = 100_000_000;

/// The eight bytes every levin message begins with.
const LEVIN: [u8; 8] = [0x01, 0x21, 0x01, 0x01, 0x01, 0x01, 0x01, 0x01];

/// Length of a levin head.
const LEVIN_HEAD: usize = 33;

/// Network identifiers of Monero's handshake, without the last byte that tells the three networks apart.
const MONERO: [u8; 15] =
    [0x12, 0x30, 0xf1, 0x71, 0x61, 0x04, 0x41, 0x61, 0x17, 0x31, 0x00, 0x82, 0x16, 0xa1, 0xa1];

/// Messages read before nothing new is expected.
const ENOUGH: u32 = 24;

/// Messages of one direction, with what is left of a payload.
#[derive(Clone, Debug, Default)]
pub(crate) struct Messages {
    skip: u64,
    read: u32,
}

impl Messages {
    /// Whether enough was read.
    pub fn enough(&self) -> bool {
        self.read >= ENOUGH
    }

    fn skipped(&mut self, bytes: &[u8]) -> Step {
        let take = usize::try_from(self.skip).unwrap_or(usize::MAX).min(bytes.len());
        self.skip -= take as u64;
        if take == 0 { Step::More } else { Step::Took(take) }
    }

    /// Reads on in the Bitcoin family's framing.
    pub fn bitcoin(&mut self, bytes: &[u8], account: &mut Account) -> Step {
        if self.skip > 0 {
            return self.skipped(bytes);
        }
        match bitcoin_begins(bytes) {
            None => Step::More,
            Some(false) => Step::Lost,
            Some(true) => {
                let (Some(magic), Some(command)) = (bytes.get(..4), command(bytes)) else {
                    return Step::Lost;
                };
                self.skip = little(bytes, 16, 4).unwrap_or(0);
                self.read += 1;
                account.hear(bitcoin(magic).method(command));
                Step::Took(24)
            }
        }
    }

    /// Reads on in levin framing. The handshake's payload is waited for: it names the network.
    pub fn levin(&mut self, bytes: &[u8], full: bool, account: &mut Account) -> Step {
        if self.skip > 0 {
            return self.skipped(bytes);
        }
        match levin_begins(bytes) {
            None => return Step::More,
            Some(false) => return Step::Lost,
            Some(true) => {}
        }
        let length = little(bytes, 8, 8).unwrap_or(0);
        let code = little(bytes, 17, 4).unwrap_or(0);
        let payload = bytes.get(LEVIN_HEAD..).unwrap_or_default();
        let wanted = if code == 1001 { length.min(4096) } else { 0 };
        if (payload.len() as u64) < wanted && !full {
            return Step::More;
        }
        self.skip = length;
        self.read += 1;
        account.hear(levin(code, payload.get(..usize::try_from(wanted).unwrap_or(0)).unwrap_or(payload)));
        Step::Took(LEVIN_HEAD)
    }
}

fn little(bytes: &[u8], at: usize, width: usize) -> Option<u64> {
    Some(bytes.get(at..at + width)?.iter().rev().fold(0_u64, |sum, byte| sum << 8 | u64::from(*byte)))
}

/// The command of a Bitcoin message: lower-case letters and digits, filled up with NUL.
fn command(bytes: &[u8]) -> Option<String> {
    let field = bytes.get(4..16)?;
    let name: Vec<u8> = field.iter().copied().take_while(|byte| *byte != 0).collect();
    let filled = field.iter().skip(name.len()).all(|byte| *byte == 0);
    let word = name.len() >= 2 && name.iter().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit());
    (filled && word).then(|| String::from_utf8_lossy(&name).into_owned())
}

fn network(magic: &[u8]) -> Option<(&'static str, &'static str)> {
    MAGICS.iter().find(|(known, _, _)| known == magic).map(|(_, chain, network)| (*chain, *network))
}

/// Whether bytes begin a message of the Bitcoin family; `None` when too few are there. An unknown magic number is
/// taken for one only with the opening `version` message.
pub(crate) fn bitcoin_begins(bytes: &[u8]) -> Option<bool> {
    let known = MAGICS.iter().any(|(magic, _, _)| magic.iter().zip(bytes).all(|(a, b)| a == b));
    let version = b"version\0\0\0\0\0".iter().zip(bytes.iter().skip(4)).all(|(a, b)| a == b);
    if !(known || version && bytes.len() > 4) {
        return Some(false);
    }
    let length = little(bytes, 16, 4)?;
    Some(bytes.len() >= 24 && command(bytes).is_some() && length <= MAX_PAYLOAD).filter(|_| bytes.len() >= 24)
}

fn bitcoin(magic: &[u8]) -> Sighting {
    match network(magic) {
        Some((chain, "main")) => {
            Sighting::new(Protocol::BitcoinPeer, format!("{chain} peer"), 2).chain(chain)
        }
        Some((chain, net)) => {
            Sighting::new(Protocol::BitcoinPeer, format!("{chain} peer, {net}"), 2).chain(chain)
        }
        None => Sighting::new(Protocol::BitcoinPeer, "bitcoin family peer, unknown network", 1),
    }
}

/// Whether bytes begin a levin message; `None` when too few are there.
pub(crate) fn levin_begins(bytes: &[u8]) -> Option<bool> {
    if !LEVIN.iter().zip(bytes).all(|(a, b)| a == b) {
        return Some(false);
    }
    let head = bytes.get(..LEVIN_HEAD)?;
    Some(little(head, 8, 8)? <= MAX_PAYLOAD && little(head, 29, 4)? == 1)
}

fn levin(code: u64, payload: &[u8]) -> Sighting {
    let said = match identifier(payload) {
        Some(Some(net)) => {
            Sighting::new(Protocol::MoneroPeer, format!("monero peer (levin), {net}"), 3).chain("monero")
        }
        Some(None) => Sighting::new(Protocol::MoneroPeer, "levin peer, network of another coin", 2),
        None => Sighting::new(Protocol::MoneroPeer, "monero family peer (levin)", 1),
    };
    said.method(levin_name(code))
}

/// The network of a handshake: `Some(None)` when one is named that is not Monero's.
fn identifier(payload: &[u8]) -> Option<Option<&'static str>> {
    // Portable storage: the name's length, the name, type 10 (text), length 16 as a variable number (16 << 2).
    const KEY: &[u8] = b"\x0anetwork_id\x0a\x40";
    let at = payload.windows(KEY.len()).position(|window| window == KEY)? + KEY.len();
    let id = payload.get(at..at + 16)?;
    if id.get(..15)? != MONERO {
        return Some(None);
    }
    Some(match id.get(15)? {
        0x10 => Some("main"),
        0x11 => Some("testnet"),
        0x12 => Some("stagenet"),
        _ => None,
    })
}

fn levin_name(code: u64) -> String {
    let name = match code {
        1001 => "handshake",
        1002 => "timed_sync",
        1003 => "ping",
        1004 => "stat_info",
        1005 => "network_state",
        1006 => "peer_id",
        1007 => "support_flags",
        2001 => "new_block",
        2002 => "new_transactions",
        2003 => "request_objects",
        2004 => "answer_objects",
        2006 => "request_chain",
        2007 => "answer_chain",
        2008 => "new_fluffy_block",
        2009 => "request_fluffy_missing",
        2010 => "txpool_complement",
        _ => return format!("levin {code}"),
    };
    name.to_owned()
}
