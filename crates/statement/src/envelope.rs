//! The envelope: `COSE_Sign1` (RFC 9052, section 4.2) with Ed25519 (algorithm -19, RFC 9864), in one form only.
//!
//! Tag 18, an array of four: protected header `{1: -19, 4: key id}`, an empty unprotected header, the payload, the signature.
//! What it is signed *for* goes into the external additional data, so that a signature made for one purpose is none for another.

use crate::bytes::{Digest, KeyId};
use crate::key::{DeviceKey, Key};
use minicbor::Encoder;

/// What a signature is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// A device says what it saw.
    Statement,
    /// A device asks to be enrolled.
    Enrol,
    /// A device replaces its key.
    Rotate,
    /// A person or program of an operator asks for something.
    Request,
}

impl Purpose {
    /// The external additional data.
    #[must_use]
    pub const fn label(self) -> &'static [u8] {
        match self {
            Self::Statement => b"overt/statement/1",
            Self::Enrol => b"overt/enrol/1",
            Self::Rotate => b"overt/rotate/1",
            Self::Request => b"overt/request/1",
        }
    }
}

/// Most bytes of one envelope: what fits a log entry twice over.
pub const MAX_STATEMENT: usize = 32 * 1024;
/// Tag 18, array of 4, byte string of 13, map of 2, 1: -19, 4: byte string of 8.
const HEAD: [u8; 8] = [0xd2, 0x84, 0x4d, 0xa2, 0x01, 0x32, 0x04, 0x48];
/// Byte string of 64.
const SIGNATURE_HEAD: [u8; 2] = [0x58, 0x40];
/// The empty unprotected header.
const NO_HEADER: u8 = 0xa0;

/// An envelope that was taken apart; nothing is verified.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Envelope<'a> {
    /// The whole of it.
    pub bytes: &'a [u8],
    /// Which key is said to have signed.
    pub key: KeyId,
    /// What is signed.
    pub payload: &'a [u8],
    /// The signature.
    pub signature: [u8; 64],
}

/// Why bytes are no envelope.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EnvelopeError {
    /// It begins otherwise.
    #[error("no COSE_Sign1 with Ed25519 and a key id of 8 bytes in the protected header at byte {at}")]
    Head {
        /// Where in the body.
        at: usize,
    },
    /// The payload is longer than allowed.
    #[error("envelope at byte {at} has a payload of {found} bytes, expected at most {MAX_STATEMENT}")]
    TooLarge {
        /// Where in the body.
        at: usize,
        /// What was found.
        found: u64,
    },
    /// It ends early, or something that is no signature follows the payload.
    #[error("envelope at byte {at} is cut off or has no signature of 64 bytes")]
    Cut {
        /// Where in the body.
        at: usize,
    },
    /// Bytes are left over.
    #[error("{found} bytes follow the envelope")]
    Rest {
        /// How many.
        found: usize,
    },
    /// More envelopes than allowed.
    #[error("more than {most} envelopes")]
    TooMany {
        /// What is allowed.
        most: usize,
    },
}

impl<'a> Envelope<'a> {
    /// Takes one envelope apart.
    ///
    /// # Errors
    ///
    /// [`EnvelopeError`].
    pub fn parse(bytes: &'a [u8]) -> Result<Self, EnvelopeError> {
        let (envelope, rest) = Self::first(bytes, 0)?;
        if rest.is_empty() {
            return Ok(envelope);
        }
        Err(EnvelopeError::Rest { found: rest.len() })
    }

    fn first(bytes: &'a [u8], at: usize) -> Result<(Self, &'a [u8]), EnvelopeError> {
        let head = EnvelopeError::Head { at };
        let rest = bytes.strip_prefix(&HEAD).ok_or_else(|| head.clone())?;
        let (key, rest) = rest.split_first_chunk::<8>().ok_or_else(|| head.clone())?;
        let rest = rest.strip_prefix(&[NO_HEADER]).ok_or(head)?;
        let (length, rest) = byte_string(rest).ok_or(EnvelopeError::Cut { at })?;
        let fits = usize::try_from(length).ok().filter(|l| *l <= MAX_STATEMENT);
        let length = fits.ok_or(EnvelopeError::TooLarge { at, found: length })?;
        let (payload, rest) = rest.split_at_checked(length).ok_or(EnvelopeError::Cut { at })?;
        let rest = rest.strip_prefix(&SIGNATURE_HEAD).ok_or(EnvelopeError::Cut { at })?;
        let (signature, rest) = rest.split_first_chunk::<64>().ok_or(EnvelopeError::Cut { at })?;
        let used = bytes.len() - rest.len();
        let bytes = bytes.get(..used).unwrap_or(bytes);
        Ok((Self { bytes, key: KeyId(*key), payload, signature: *signature }, rest))
    }

    /// The digest that the next statement of the chain names.
    #[must_use]
    pub fn digest(&self) -> Digest {
        Digest::of(self.bytes)
    }

    /// What is signed: the `Sig_structure` of RFC 9052, section 4.4.
    #[must_use]
    pub fn signed(&self, purpose: Purpose) -> Vec<u8> {
        signed(self.key, self.payload, purpose)
    }

    /// Checks the signature alone.
    #[must_use]
    pub fn verify(&self, key: &Key, purpose: Purpose) -> bool {
        self.key == key.id() && key.verify(&self.signed(purpose), &self.signature)
    }
}

/// Signs a payload.
#[must_use]
pub fn sign(payload: &[u8], key: &DeviceKey, purpose: Purpose) -> Vec<u8> {
    let id = key.public().id();
    let signature = key.sign(&signed(id, payload, purpose));
    let mut out = Vec::with_capacity(payload.len() + 96);
    out.extend_from_slice(&HEAD);
    out.extend_from_slice(&id.0);
    out.push(NO_HEADER);
    // Writing to memory cannot fail.
    let _ = Encoder::new(&mut out).bytes(payload);
    out.extend_from_slice(&SIGNATURE_HEAD);
    out.extend_from_slice(&signature);
    out
}

/// Takes a CBOR sequence (RFC 8742) of envelopes apart.
///
/// # Errors
///
/// [`EnvelopeError`]: the whole body is refused, since after a wrong byte nothing says where the next envelope begins.
pub fn split(body: &[u8], most: usize) -> Result<Vec<Envelope<'_>>, EnvelopeError> {
    let mut out = Vec::with_capacity(most.min(body.len() / 256 + 1));
    let mut rest = body;
    while !rest.is_empty() {
        if out.len() == most {
            return Err(EnvelopeError::TooMany { most });
        }
        let (envelope, after) = Envelope::first(rest, body.len() - rest.len())?;
        out.push(envelope);
        rest = after;
    }
    Ok(out)
}

fn signed(key: KeyId, payload: &[u8], purpose: Purpose) -> Vec<u8> {
    let mut out = Vec::with_capacity(payload.len() + 64);
    out.extend_from_slice(&[0x84, 0x6a]);
    out.extend_from_slice(b"Signature1");
    out.extend_from_slice(&HEAD[2..]);
    out.extend_from_slice(&key.0);
    let mut encoder = Encoder::new(&mut out);
    // Writing to memory cannot fail.
    let _ = encoder.bytes(purpose.label()).and_then(|e| e.bytes(payload));
    out
}

/// The length in the head of a byte string in its shortest form, and what follows.
fn byte_string(bytes: &[u8]) -> Option<(u64, &[u8])> {
    let (first, rest) = bytes.split_first()?;
    match first {
        0x40..=0x57 => Some((u64::from(first - 0x40), rest)),
        0x58 => rest.split_first_chunk::<1>().map(|(l, r)| (u64::from(l[0]), r)).filter(|(l, _)| *l >= 24),
        0x59 => rest
            .split_first_chunk::<2>()
            .map(|(l, r)| (u64::from(u16::from_be_bytes(*l)), r))
            .filter(|(l, _)| *l > 0xff),
        0x5a => rest
            .split_first_chunk::<4>()
            .map(|(l, r)| (u64::from(u32::from_be_bytes(*l)), r))
            .filter(|(l, _)| *l > 0xffff),
        _ => None,
    }
}
