//! The hash of the tree: SHA-256 with the prefixes that keep leaves and nodes apart (RFC 9162, section 2.1.1).
//!
//! Must not know how a tree is stored.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest as _, Sha256};
use std::fmt;

/// Bytes of a hash.
pub const HASH_LENGTH: usize = 32;

/// Characters of a hash in base64 (RFC 4648, section 4, with padding).
const HASH_TEXT: usize = 44;

/// A SHA-256 hash: of a leaf, of a node, or the root of a tree.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Hash(pub [u8; HASH_LENGTH]);

impl Hash {
    /// The root of a tree without leaves: SHA-256 of nothing (RFC 9162, section 2.1.1).
    #[must_use]
    pub fn empty() -> Self {
        Self(Sha256::digest([]).into())
    }

    /// The hash that these bytes are; none if they are not 32.
    #[must_use]
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        bytes.try_into().ok().map(Self)
    }

    /// The hash of a base64 text as checkpoints and proofs carry it; none if it is anything else.
    #[must_use]
    pub fn from_base64(text: &str) -> Option<Self> {
        if text.len() != HASH_TEXT {
            return None;
        }
        Self::from_bytes(&STANDARD.decode(text).ok()?)
    }

    /// The base64 text as checkpoints and proofs carry it.
    #[must_use]
    pub fn to_base64(self) -> String {
        STANDARD.encode(self.0)
    }
}

impl fmt::Display for Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.to_base64())
    }
}

impl fmt::Debug for Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Hash({self})")
    }
}

/// The hash of a leaf: SHA-256(0x00 || entry).
#[must_use]
pub fn leaf_hash(entry: &[u8]) -> Hash {
    Hash(Sha256::new().chain_update([0]).chain_update(entry).finalize().into())
}

/// The hash of a node: SHA-256(0x01 || left || right).
#[must_use]
pub fn node_hash(left: Hash, right: Hash) -> Hash {
    Hash(Sha256::new().chain_update([1]).chain_update(left.0).chain_update(right.0).finalize().into())
}
