//! A batch manifest, which is one leaf of the log, and the proof that an entry is in its batch.
//!
//! Public. So it holds a root, counts and times of admission, and nothing of any operator, site, device or workload.

use crate::bytes::Digest;
use crate::cbor::{CborError, from_cbor};
use minicbor::{Decode, Encode};

/// The version of this form.
pub const MANIFEST_VERSION: u8 = 1;
/// Most entries of a batch.
pub const MAX_BATCH: u32 = 4_096;
/// Most hashes of a path within a batch: log2 of [`MAX_BATCH`].
pub const MAX_PATH: usize = 12;

/// One sealed batch.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct Manifest {
    /// Version of this form, 1.
    #[n(0)]
    pub version: u8,
    /// Ordinal of the first entry.
    #[n(1)]
    pub first: u64,
    /// How many entries.
    #[n(2)]
    pub count: u32,
    /// RFC 9162 root over the entries, each hashed as `SHA-256(0x00 || bytes)`.
    #[n(3)]
    pub root: Digest,
    /// When the first of them was admitted, milliseconds since 1970.
    #[n(4)]
    pub from_ms: u64,
    /// When the last was.
    #[n(5)]
    pub until_ms: u64,
    /// How many of them are statements; the others are records.
    #[n(6)]
    pub statements: u32,
    /// Digests of the rulebooks that the statements were judged by, in order.
    #[n(7)]
    pub rulebooks: Vec<Digest>,
    /// Findings by disposition, in order of the number.
    #[n(8)]
    pub dispositions: Vec<Seen>,
}

/// How many findings have a disposition.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct Seen {
    /// Number of the disposition.
    #[n(0)]
    pub disposition: u8,
    /// How many findings.
    #[n(1)]
    pub count: u32,
}

impl Manifest {
    /// Reads a manifest from its one form.
    ///
    /// # Errors
    ///
    /// [`CborError`].
    pub fn from_cbor(bytes: &[u8]) -> Result<Self, CborError> {
        let manifest: Self = from_cbor(bytes, "manifest")?;
        let fits = (1..=MAX_BATCH).contains(&manifest.count) && manifest.statements <= manifest.count;
        if manifest.version != MANIFEST_VERSION || !fits {
            let why = format!(
                "version {}, {} entries, {} statements; expected version {MANIFEST_VERSION} and 1 to {MAX_BATCH} entries",
                manifest.version, manifest.count, manifest.statements
            );
            return Err(CborError::Shape { what: "manifest", why });
        }
        Ok(manifest)
    }

    /// The ordinal after its last entry.
    #[must_use]
    pub fn end(&self) -> u64 {
        self.first.saturating_add(u64::from(self.count))
    }
}

/// That an entry is in a batch: what the `extra` line of a receipt holds.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct Proof {
    /// The manifest, as it is in the log.
    #[cbor(n(0), with = "minicbor::bytes")]
    pub manifest: Vec<u8>,
    /// Position of the entry in the batch, from 0.
    #[n(1)]
    pub position: u32,
    /// Hashes from the entry's sibling up to below the root.
    #[n(2)]
    pub path: Vec<Digest>,
}

impl Proof {
    /// Reads a proof from its one form.
    ///
    /// # Errors
    ///
    /// [`CborError`].
    pub fn from_cbor(bytes: &[u8]) -> Result<Self, CborError> {
        let proof: Self = from_cbor(bytes, "batch proof")?;
        if proof.path.len() > MAX_PATH {
            let why = format!("{} hashes, expected at most {MAX_PATH}", proof.path.len());
            return Err(CborError::Shape { what: "batch proof", why });
        }
        Ok(proof)
    }
}
