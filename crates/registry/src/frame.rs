//! A frame of the spine: entries that were admitted together, with what was made of them.

use minicbor::bytes::ByteVec;
use minicbor::{Decode, Encode};
use statement::{CborError, Digest, Kept, from_cbor};

/// The version of this form.
pub const FRAME_VERSION: u8 = 1;
/// Most entries of one frame.
pub const MAX_ENTRIES: usize = 4_096;
/// Most bytes of the entries of one frame together.
pub const MAX_ENTRY_BYTES: usize = 8 << 20;

/// Entries admitted together.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct Frame {
    /// Version of this form, 1.
    #[n(0)]
    pub version: u8,
    /// Ordinal of the first entry.
    #[n(1)]
    pub first: u64,
    /// When they were admitted, milliseconds since 1970 by the registry's clock.
    #[n(2)]
    pub at_ms: u64,
    /// Digests of the rulebooks by which statements here were judged.
    #[n(3)]
    pub rulebooks: Vec<Digest>,
    /// The entries, in order.
    #[n(4)]
    pub entries: Vec<Kept>,
    /// What was made of each, in the same order.
    #[n(5)]
    pub verdicts: Vec<Verdict>,
}

/// What was made of one entry; empty for a record.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct Verdict {
    /// Which rulebook of the frame, counted from 1; 0 where there is none for the place.
    #[n(0)]
    pub rulebook: u8,
    /// Number of the likeliest disposition of each finding, in order.
    #[n(1)]
    pub dispositions: ByteVec,
}

impl Default for Verdict {
    fn default() -> Self {
        Self { rulebook: 0, dispositions: Vec::new().into() }
    }
}

impl Frame {
    /// A frame without entries.
    #[must_use]
    pub fn new(first: u64, at_ms: u64) -> Self {
        Self {
            version: FRAME_VERSION,
            first,
            at_ms,
            rulebooks: Vec::new(),
            entries: Vec::new(),
            verdicts: Vec::new(),
        }
    }

    /// Its one form: CBOR, and after it the SHA-256 of that, so that a frame that was damaged is never taken for one.
    #[must_use]
    pub fn to_cbor(&self) -> Vec<u8> {
        let bytes = self.entries.iter().map(|e| e.bytes().len() + 16).sum::<usize>() + 256;
        let mut out = Vec::with_capacity(bytes);
        // Writing to memory cannot fail, and no encoder here refuses a value.
        let _ = minicbor::encode(self, &mut out);
        summed(out)
    }

    /// Reads a frame from its one form.
    ///
    /// # Errors
    ///
    /// [`CborError`].
    pub fn from_cbor(bytes: &[u8]) -> Result<Self, CborError> {
        let frame: Self = from_cbor(unsummed(bytes, "frame")?, "frame")?;
        let good = frame.version == FRAME_VERSION
            && frame.entries.len() == frame.verdicts.len()
            && (1..=MAX_ENTRIES).contains(&frame.entries.len());
        if good {
            return Ok(frame);
        }
        let why = format!(
            "version {}, {} entries, {} verdicts; expected version {FRAME_VERSION} and 1 to {MAX_ENTRIES} of both",
            frame.version,
            frame.entries.len(),
            frame.verdicts.len()
        );
        Err(CborError::Shape { what: "frame", why })
    }

    /// The ordinal of the first entry, from the head of a frame whose rest is not looked at.
    pub(crate) fn first_of(bytes: &[u8]) -> Option<u64> {
        let mut decoder = minicbor::Decoder::new(bytes);
        decoder.map().ok()?;
        let version = (decoder.u8().ok()?, decoder.u8().ok()?);
        let first = (decoder.u8().ok()?, decoder.u64().ok()?);
        (version == (0, FRAME_VERSION) && first.0 == 1).then_some(first.1)
    }

    /// The leaf hashes of its entries.
    #[must_use]
    pub fn leaves(&self) -> Vec<Digest> {
        self.entries.iter().map(Kept::leaf).collect()
    }

    /// The ordinal after its last entry.
    #[must_use]
    pub fn end(&self) -> u64 {
        self.first.saturating_add(u64::try_from(self.entries.len()).unwrap_or(u64::MAX))
    }
}

/// Bytes with their SHA-256 after them.
pub fn summed(mut bytes: Vec<u8>) -> Vec<u8> {
    let sum = Digest::of(&bytes);
    bytes.extend_from_slice(&sum.0);
    bytes
}

/// What stands before the SHA-256 at the end, if it is its own.
pub fn unsummed<'a>(bytes: &'a [u8], what: &'static str) -> Result<&'a [u8], CborError> {
    let (body, sum) = bytes.split_last_chunk::<32>().unwrap_or((bytes, &[0; 32]));
    if Digest::of(body).0 == *sum {
        return Ok(body);
    }
    Err(CborError::Shape { what, why: "its SHA-256 is not the one that stands at its end".to_owned() })
}
