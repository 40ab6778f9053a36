//! A transparency log in the C2SP formats: Merkle tree, tiles, notes, checkpoints, cosignatures, policies, proofs.
//!
//! What each module follows:
//!
//! | module | document |
//! |---|---|
//! | `tree`, `proof` | RFC 9162, section 2.1 (the tree of RFC 6962 with SHA-256) |
//! | `tile`, `bundle`, `edge`, `stored`, `append` | <https://c2sp.org/tlog-tiles> |
//! | `key`, `note` | <https://c2sp.org/signed-note> |
//! | `checkpoint` | <https://c2sp.org/tlog-checkpoint> |
//! | `cosignature` | <https://c2sp.org/tlog-cosignature> |
//! | `policy` | <https://c2sp.org/tlog-policy> |
//! | `receipt` | <https://c2sp.org/tlog-proof> |
//! | `cose` | RFC 9942 (COSE Receipts), RFC9162_SHA256 |
//! | `witness` | <https://c2sp.org/tlog-witness> |
//!
//! Everything that is read here may come from an enemy: every reader is bounded by a named constant and refuses what it
//! does not understand with one error. The crate does no I/O, reads no clock and draws no randomness: tiles come
//! through [`Tiles`], keys and times are arguments. It must not know what a leaf means.

mod append;
mod bundle;
mod checkpoint;
mod cose;
mod cosignature;
mod edge;
mod hash;
mod key;
mod note;
mod number;
mod policy;
mod proof;
mod receipt;
mod stored;
mod tile;
mod tree;
pub mod witness;

pub use append::{Appended, append};
pub use bundle::{BundleError, MAX_ENTRY, encode_bundle, parse_bundle};
pub use checkpoint::{Checkpoint, CheckpointError, MAX_EXTENSIONS, MAX_ORIGIN, SignedCheckpoint};
pub use cose::{CoseError, CoseReceipt, MAX_COSE_RECEIPT};
pub use cosignature::cosign;
pub use edge::{Head, StoredError, Tiles};
pub use hash::{HASH_LENGTH, Hash, leaf_hash, node_hash};
pub use key::{KeyError, KeyKind, MAX_NAME, Standing, VerifierKey};
pub use note::{MAX_NOTE, MAX_SIGNATURE, MAX_SIGNATURES, MAX_TEXT, Note, NoteError, NoteSignature, Verified};
pub use policy::{
    Evaluation, Fault, MAX_POLICY, MAX_POLICY_ITEMS, Party, Policy, PolicyError, Step, Witnessed,
};
pub use proof::{MAX_PATH, MAX_SIZE, ProofError, root_of_path, verify_consistency, verify_inclusion};
pub use receipt::{MAX_EXTRA, MAX_RECEIPT, Receipt, ReceiptError};
pub use stored::StoredTree;
pub use tile::{Place, TILE_WIDTH, Tile, TileError};
pub use tree::{Tree, inclusion_path, root};

/// Where a log's current checkpoint lies, beside its tiles (tlog-tiles, "Checkpoints").
pub const CHECKPOINT_NAME: &str = "checkpoint";

/// The bytes of base64 in the alphabet of notes; none if it is not that.
#[must_use]
pub fn from_base64(text: &str) -> Option<Vec<u8>> {
    use base64::Engine as _;
    base64::engine::general_purpose::STANDARD.decode(text).ok()
}

/// Bytes in the base64 that [`from_base64`] reads.
#[must_use]
pub fn to_base64(bytes: &[u8]) -> String {
    use base64::Engine as _;
    base64::engine::general_purpose::STANDARD.encode(bytes)
}
