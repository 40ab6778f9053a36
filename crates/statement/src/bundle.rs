//! A bundle: many sealed entries with their proofs in one file, read and checked piece by piece.
//!
//! The file is a CBOR sequence of byte strings. The first holds a [`Bundle`], each further one a [`Sheaf`]: one batch with all
//! its entries, where any may stand as its leaf hash alone (erased, or left out for whom it is not meant).

use crate::bytes::Digest;
use crate::cbor::{CborError, from_cbor};
use minicbor::bytes::ByteVec;
use minicbor::{Decode, Decoder, Encode, Encoder, decode, encode};

/// What the first piece begins with.
pub const BUNDLE_MAGIC: &str = "overt-bundle";
/// The version of this form.
pub const BUNDLE_VERSION: u8 = 1;
/// Most bytes of one piece.
pub const MAX_PIECE: usize = 160 << 20;

/// What a bundle is about.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct Bundle {
    /// `overt-bundle`.
    #[n(0)]
    pub magic: String,
    /// Version of this form, 1.
    #[n(1)]
    pub version: u8,
    /// The checkpoint with its signatures, as a C2SP signed note.
    #[n(2)]
    pub checkpoint: String,
    /// What it is said to hold, for people.
    #[n(3)]
    pub about: String,
    /// How many sheaves follow.
    #[n(4)]
    pub sheaves: u64,
}

/// One batch.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct Sheaf {
    /// The manifest, as it is in the log.
    #[cbor(n(0), with = "minicbor::bytes")]
    pub manifest: Vec<u8>,
    /// Its index in the log.
    #[n(1)]
    pub index: u64,
    /// Inclusion path of the manifest in the tree of the checkpoint.
    #[n(2)]
    pub path: Vec<Digest>,
    /// All entries of the batch, in order.
    #[n(3)]
    pub entries: Vec<Kept>,
}

/// An entry as it is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Kept {
    /// A statement in its envelope.
    Statement(Vec<u8>),
    /// A record.
    Record(Vec<u8>),
    /// The leaf hash of what is not kept.
    Hash(Digest),
}

impl Kept {
    /// What is kept of it: its bytes, or the hash.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        match self {
            Self::Statement(bytes) | Self::Record(bytes) => bytes,
            Self::Hash(digest) => &digest.0,
        }
    }

    /// The leaf hash of the entry.
    #[must_use]
    pub fn leaf(&self) -> Digest {
        match self {
            Self::Statement(bytes) | Self::Record(bytes) => Digest::leaf(bytes),
            Self::Hash(digest) => *digest,
        }
    }
}

impl<C> Encode<C> for Kept {
    fn encode<W: encode::Write>(&self, e: &mut Encoder<W>, _: &mut C) -> Result<(), encode::Error<W::Error>> {
        let kind = match self {
            Self::Statement(_) => 0,
            Self::Record(_) => 1,
            Self::Hash(_) => 2,
        };
        e.array(2)?.u8(kind)?.bytes(self.bytes())?.ok()
    }
}

impl<'b, C> Decode<'b, C> for Kept {
    fn decode(d: &mut Decoder<'b>, context: &mut C) -> Result<Self, decode::Error> {
        if d.array()? != Some(2) {
            return Err(decode::Error::message("an entry is an array of 2"));
        }
        match d.u8()? {
            0 => Ok(Self::Statement(ByteVec::decode(d, context)?.into())),
            1 => Ok(Self::Record(ByteVec::decode(d, context)?.into())),
            2 => Ok(Self::Hash(Digest::decode(d, context)?)),
            other => Err(decode::Error::message(format!("no kind of entry has number {other}"))),
        }
    }
}

/// Why a bundle cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BundleError {
    /// A piece in another form.
    #[error(transparent)]
    Cbor(#[from] CborError),
    /// Not a bundle, or another version.
    #[error("found '{found}' version {version}, expected '{BUNDLE_MAGIC}' version {BUNDLE_VERSION}")]
    Kind {
        /// What was found.
        found: String,
        /// Which version.
        version: u8,
    },
}

impl Bundle {
    /// A bundle about something.
    #[must_use]
    pub fn new(checkpoint: String, about: String, sheaves: u64) -> Self {
        Self { magic: BUNDLE_MAGIC.to_owned(), version: BUNDLE_VERSION, checkpoint, about, sheaves }
    }

    /// Reads the first piece.
    ///
    /// # Errors
    ///
    /// [`BundleError`].
    pub fn from_cbor(bytes: &[u8]) -> Result<Self, BundleError> {
        let bundle: Self = from_cbor(bytes, "bundle")?;
        if bundle.magic == BUNDLE_MAGIC && bundle.version == BUNDLE_VERSION {
            return Ok(bundle);
        }
        Err(BundleError::Kind { found: bundle.magic.chars().take(32).collect(), version: bundle.version })
    }
}

impl Sheaf {
    /// Reads a further piece.
    ///
    /// # Errors
    ///
    /// [`BundleError`].
    pub fn from_cbor(bytes: &[u8]) -> Result<Self, BundleError> {
        Ok(from_cbor(bytes, "sheaf")?)
    }
}
