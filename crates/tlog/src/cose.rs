//! Receipts in COSE (RFC 9942, COSE Receipts): the inclusion proof of a receipt once more, for whoever speaks CBOR.
//!
//! The structure is RFC9162_SHA256, whose tree is that of `tree`. The payload, which is the root, is detached: a verifier has
//! to compute it from the path. There is one form: what does not come out again byte by byte when it is written is refused.
//! A COSE receipt has no place for cosignatures of witnesses, so it says less than [`crate::Receipt`].

use crate::edge::Head;
use crate::hash::{HASH_LENGTH, Hash};
use crate::key::{KeyKind, VerifierKey};
use crate::proof::{MAX_PATH, ProofError, root_of_path};
use crate::receipt::MAX_EXTRA;
use ed25519_zebra::{Signature, SigningKey, VerificationKey};
use minicbor::data::{Int, Tag};
use minicbor::decode::Error as DecodeError;
use minicbor::{Decoder, Encoder};

/// Tag of a COSE_Sign1 (RFC 9052, section 4.2).
const SIGN1: u64 = 18;
/// Header label of the algorithm, and EdDSA over Ed25519 alone as its value (RFC 9052, section 3.1; RFC 9864).
const ALG: (i64, i64) = (1, -19);
/// Header label of the key's name (RFC 9052, section 3.1).
const KID: i64 = 4;
/// Header label of the verifiable data structure, and RFC9162_SHA256 as its value (RFC 9942, section 4).
const VDS: (i64, i64) = (395, 1);
/// Header label of its proofs (RFC 9942, section 4).
const VDP: i64 = 396;
/// Among the proofs: those of inclusion (RFC 9942, section 5.2).
const INCLUSION: i64 = -1;
/// Header label, of our own, of what a receipt carries beside the proof.
const EXTRA: &str = "overt-extra";
/// Bytes of a signature.
const SIGNATURE: usize = 64;
/// Most bytes of a receipt: what it carries, the path, and headers.
pub const MAX_COSE_RECEIPT: usize = MAX_EXTRA + (MAX_PATH + 8) * (HASH_LENGTH + 8);

/// A receipt of inclusion.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CoseReceipt {
    /// ID of the log's key, as in [`VerifierKey::id`].
    pub key: u32,
    /// Leaves of the tree; not signed.
    pub size: u64,
    /// The leaf's index.
    pub index: u64,
    /// From the leaf to the root.
    pub path: Vec<Hash>,
    /// What it carries beside the proof; not signed.
    pub extra: Option<Vec<u8>>,
    /// Ed25519 over the root, in the structure of RFC 9052, section 4.4.
    pub signature: [u8; SIGNATURE],
}

/// Why a COSE receipt proves nothing.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CoseError {
    /// Not one, or not in its one form.
    #[error("the COSE receipt is malformed: {0}")]
    Form(String),
    /// Of another key.
    #[error("the receipt is signed with key {found:08x}, expected {expected:08x}, a log's Ed25519 key")]
    Key {
        /// What it says.
        found: u32,
        /// What is believed.
        expected: u32,
    },
    /// The path leads nowhere.
    #[error(transparent)]
    Proof(#[from] ProofError),
    /// The root that comes out was not signed: the leaf, the path or the signature is another.
    #[error("the log did not sign the root {root} that the path leads to")]
    Signature {
        /// The root.
        root: Hash,
    },
}

impl CoseReceipt {
    /// Signs the root of a head for a leaf in it.
    #[must_use]
    pub fn sign(
        log: &VerifierKey,
        key: &SigningKey,
        head: Head,
        index: u64,
        path: Vec<Hash>,
        extra: Option<Vec<u8>>,
    ) -> Self {
        let signature = key.sign(&to_be_signed(log.id(), head.root)).to_bytes();
        Self { key: log.id(), size: head.size, index, path, extra, signature }
    }

    /// The root that the log signed, if it is that of a tree with `leaf` in its place. The size of the tree is no part of
    /// what is signed (RFC 9942, section 5.2.1): where the path has the same turns in a tree of another size, that size holds too.
    ///
    /// # Errors
    ///
    /// [`CoseError`].
    pub fn verify(&self, leaf: Hash, log: &VerifierKey) -> Result<Hash, CoseError> {
        let key = VerificationKey::try_from(log.public()).ok().filter(|_| log.kind() == KeyKind::Log);
        let key = key.filter(|_| self.key == log.id());
        let key = key.ok_or(CoseError::Key { found: self.key, expected: log.id() })?;
        let root = root_of_path(leaf, self.index, self.size, &self.path)?;
        let signature = Signature::from_bytes(&self.signature);
        match key.verify(&signature, &to_be_signed(self.key, root)) {
            Ok(()) => Ok(root),
            Err(_) => Err(CoseError::Signature { root }),
        }
    }

    /// Writes it: a tagged COSE_Sign1 without payload.
    #[must_use]
    pub fn to_cbor(&self) -> Vec<u8> {
        let mut out = Vec::new();
        // Writing to memory cannot fail.
        let _ = self.write(&mut Encoder::new(&mut out));
        out
    }

    fn write(&self, e: &mut Encoder<&mut Vec<u8>>) -> Result<(), Unwritten> {
        e.tag(Tag::new(SIGN1))?.array(4)?.bytes(&protected(self.key))?;
        e.map(if self.extra.is_some() { 2 } else { 1 })?;
        e.i64(VDP)?.map(1)?.i64(INCLUSION)?.array(1)?.bytes(&self.inclusion())?;
        if let Some(extra) = &self.extra {
            e.str(EXTRA)?.bytes(extra)?;
        }
        e.null()?.bytes(&self.signature)?;
        Ok(())
    }

    /// The proof itself: size, index, path.
    fn inclusion(&self) -> Vec<u8> {
        let mut out = Vec::new();
        let mut e = Encoder::new(&mut out);
        let mut write = || {
            e.array(3)?.u64(self.size)?.u64(self.index)?;
            e.array(u64::try_from(self.path.len()).unwrap_or(u64::MAX))?;
            self.path.iter().try_for_each(|hash| e.bytes(&hash.0).map(|_| ()))
        };
        // Writing to memory cannot fail.
        let _: Result<(), Unwritten> = write();
        out
    }

    /// Reads one.
    ///
    /// # Errors
    ///
    /// [`CoseError::Form`].
    pub fn parse(bytes: &[u8]) -> Result<Self, CoseError> {
        if bytes.len() > MAX_COSE_RECEIPT {
            let why = format!("it has {} bytes, expected at most {MAX_COSE_RECEIPT}", bytes.len());
            return Err(CoseError::Form(why));
        }
        let read = read(&mut Decoder::new(bytes)).map_err(|e| CoseError::Form(e.to_string()))?;
        if read.to_cbor() == bytes {
            return Ok(read);
        }
        Err(CoseError::Form("it is not in the one form, or is followed by something".to_owned()))
    }
}

/// Why memory could not be written to, which does not happen.
type Unwritten = minicbor::encode::Error<std::convert::Infallible>;

fn protected(key: u32) -> Vec<u8> {
    let mut out = Vec::new();
    let mut e = Encoder::new(&mut out);
    let mut write = || {
        e.map(3)?.i64(ALG.0)?.i64(ALG.1)?.i64(KID)?.bytes(&key.to_be_bytes())?.i64(VDS.0)?.i64(VDS.1)?;
        Ok(())
    };
    // Writing to memory cannot fail.
    let _: Result<(), Unwritten> = write();
    out
}

/// The `Sig_structure` of RFC 9052, section 4.4. It begins with 0x84, a note with a letter: neither is taken for the other.
fn to_be_signed(key: u32, root: Hash) -> Vec<u8> {
    let mut out = Vec::new();
    let mut e = Encoder::new(&mut out);
    let mut write = || {
        e.array(4)?.str("Signature1")?.bytes(&protected(key))?.bytes(&[])?.bytes(&root.0)?;
        Ok(())
    };
    // Writing to memory cannot fail.
    let _: Result<(), Unwritten> = write();
    out
}

/// Reads the parts that differ between receipts; that all others are as expected shows when it is written again.
fn read(d: &mut Decoder<'_>) -> Result<CoseReceipt, DecodeError> {
    d.tag()?;
    d.array()?;
    let key = key_of(&mut Decoder::new(d.bytes()?))?;
    let entries = d.map()?;
    d.int()?;
    d.map()?;
    d.int()?;
    d.array()?;
    let (size, index, path) = proof(&mut Decoder::new(d.bytes()?))?;
    let extra = if entries == Some(2) {
        d.str()?;
        Some(d.bytes()?.to_vec())
    } else {
        None
    };
    d.null()?;
    let signature = d.bytes()?.try_into().map_err(|_| DecodeError::message("no signature of 64 bytes"))?;
    Ok(CoseReceipt { key, size, index, path, extra, signature })
}

fn key_of(d: &mut Decoder<'_>) -> Result<u32, DecodeError> {
    d.map()?;
    let _: (Int, Int, Int) = (d.int()?, d.int()?, d.int()?);
    let id = d.bytes()?.try_into().map_err(|_| DecodeError::message("no key ID of 4 bytes"))?;
    Ok(u32::from_be_bytes(id))
}

fn proof(d: &mut Decoder<'_>) -> Result<(u64, u64, Vec<Hash>), DecodeError> {
    d.array()?;
    let (size, index) = (d.u64()?, d.u64()?);
    let length = d.array()?.and_then(|n| usize::try_from(n).ok()).filter(|n| *n <= MAX_PATH);
    let length = length.ok_or_else(|| DecodeError::message("a path that is longer than any"))?;
    let hash = |_| Hash::from_bytes(d.bytes()?).ok_or_else(|| DecodeError::message("no hash of 32 bytes"));
    Ok((size, index, (0..length).map(hash).collect::<Result<_, _>>()?))
}
