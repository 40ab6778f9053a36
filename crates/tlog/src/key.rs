//! Keys that notes are checked with, and their text form `name+key ID+base64` (signed-note, tlog-cosignature).
//!
//! Two kinds can be checked here, both Ed25519; the ML-DSA-44 kind is known by sight and never counts as checked. Weak
//! keys are refused, since anybody can sign for them. Must not hold a secret.

use crate::cosignature;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ed25519_zebra::{Signature, VerificationKey};
use sha2::{Digest as _, Sha256};
use std::fmt;
use std::str::FromStr;

/// Longest name of a key, bytes: what a cosigned message can hold (tlog-cosignature, `cosigner_name<1..2^8-1>`).
pub const MAX_NAME: usize = 255;
/// Bytes of an ML-DSA-44 public key (FIPS 204).
const ML_DSA_44_KEY: usize = 1312;
/// Longest text of a key: name, two signs, eight digits, and the base64 of the longest public key with its type byte.
const MAX_KEY_TEXT: usize = MAX_NAME + 10 + 1752;

/// What a key is for, and how it signs (signed-note, "Signature types").
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum KeyKind {
    /// Ed25519 over the text of the note: how a log signs its checkpoints. Type 0x01.
    Log,
    /// Ed25519 over text and time: how a witness cosigns them. Type 0x04.
    Cosigner,
    /// ML-DSA-44 over what the checkpoint says and a time. Type 0x06. Cannot be checked here.
    MlDsa44,
}

impl KeyKind {
    /// The byte that stands for it in keys and key IDs.
    #[must_use]
    pub fn byte(self) -> u8 {
        match self {
            Self::Log => 0x01,
            Self::Cosigner => 0x04,
            Self::MlDsa44 => 0x06,
        }
    }
}

/// What a key has to say of a signature.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// It is one, over the text.
    Signed,
    /// It is one, over the text and this time: seconds since 1970-01-01T00:00:00Z.
    Cosigned(u64),
    /// It may be one: signatures of this kind cannot be checked here. Counts as none.
    Unchecked,
    /// It is none.
    Bad,
}

/// A key that signatures are checked with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VerifierKey {
    name: String,
    id: u32,
    public: Public,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Public {
    Log(VerificationKey),
    Cosigner(VerificationKey),
    MlDsa44(Box<[u8]>),
}

/// Why a key is none.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    /// A name that notes cannot carry.
    #[error(
        "{0:?} is no name of a key: it needs 1 to {MAX_NAME} bytes without space, plus or control character"
    )]
    Name(String),
    /// A text that is not `name+key ID+base64`.
    #[error("this is no verifier key, expected name, plus, eight hexadecimal digits, plus, base64")]
    Form,
    /// A kind that means nothing here.
    #[error("a key of signature type 0x{0:02x} is not known here, expected 0x01, 0x04 or 0x06")]
    Kind(u8),
    /// A public key of another length, or that is no point of the curve.
    #[error("the public key of {0:?} is none of its signature type")]
    Public(String),
    /// A point of small order, for which anybody can sign.
    #[error("the public key of {0:?} is weak: anybody can sign for it")]
    Weak(String),
    /// A key ID that is not the one of name and key.
    #[error("the key ID of {name:?} is {found:08x}, name and key have {expected:08x}")]
    Id {
        /// Name of the key.
        name: String,
        /// The one written.
        found: u32,
        /// The one computed.
        expected: u32,
    },
}

impl VerifierKey {
    /// The key of a log, type 0x01.
    ///
    /// # Errors
    ///
    /// [`KeyError`] if the name cannot stand in a note or the key is weak.
    pub fn log(name: &str, key: [u8; 32]) -> Result<Self, KeyError> {
        Self::of(name, KeyKind::Log, &key)
    }

    /// The key of a witness, type 0x04.
    ///
    /// # Errors
    ///
    /// [`KeyError`] if the name cannot stand in a note or the key is weak.
    pub fn cosigner(name: &str, key: [u8; 32]) -> Result<Self, KeyError> {
        Self::of(name, KeyKind::Cosigner, &key)
    }

    /// A key from its kind and bytes.
    ///
    /// # Errors
    ///
    /// [`KeyError`] if the name cannot stand in a note, or the bytes are no key or a weak one.
    pub fn of(name: &str, kind: KeyKind, public: &[u8]) -> Result<Self, KeyError> {
        check_name(name)?;
        let id = key_id(name, kind.byte(), public);
        let public = match kind {
            KeyKind::Log => Public::Log(point(name, public)?),
            KeyKind::Cosigner => Public::Cosigner(point(name, public)?),
            KeyKind::MlDsa44 if public.len() == ML_DSA_44_KEY => Public::MlDsa44(public.into()),
            KeyKind::MlDsa44 => return Err(KeyError::Public(name.to_owned())),
        };
        Ok(Self { name: name.to_owned(), id, public })
    }

    /// Its name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Its ID: with the name it says which key a signature is of. Too short to identify a key by itself.
    #[must_use]
    pub fn id(&self) -> u32 {
        self.id
    }

    /// Its kind.
    #[must_use]
    pub fn kind(&self) -> KeyKind {
        match self.public {
            Public::Log(_) => KeyKind::Log,
            Public::Cosigner(_) => KeyKind::Cosigner,
            Public::MlDsa44(_) => KeyKind::MlDsa44,
        }
    }

    /// The public key itself, 32 or 1,312 bytes.
    #[must_use]
    pub fn public(&self) -> &[u8] {
        match &self.public {
            Public::Log(point) | Public::Cosigner(point) => point.as_ref(),
            Public::MlDsa44(bytes) => bytes,
        }
    }

    /// What it has to say of the bytes of a signature over this text.
    #[must_use]
    pub fn check(&self, text: &str, signature: &[u8]) -> Standing {
        match &self.public {
            Public::MlDsa44(_) => Standing::Unchecked,
            Public::Cosigner(point) => cosignature::check(point, text, signature),
            Public::Log(point) => match Signature::from_slice(signature) {
                Ok(signature) if point.verify(&signature, text.as_bytes()).is_ok() => Standing::Signed,
                _ => Standing::Bad,
            },
        }
    }
}

impl fmt::Display for VerifierKey {
    /// The text form that [`VerifierKey::from_str`] reads.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let encoded = STANDARD.encode([&[self.kind().byte()], self.public()].concat());
        write!(f, "{}+{:08x}+{encoded}", self.name, self.id)
    }
}

impl FromStr for VerifierKey {
    type Err = KeyError;

    fn from_str(text: &str) -> Result<Self, KeyError> {
        let (name, rest) =
            text.split_once('+').filter(|_| text.len() <= MAX_KEY_TEXT).ok_or(KeyError::Form)?;
        let (id, encoded) = rest.split_once('+').ok_or(KeyError::Form)?;
        let digits = id.len() == 8 && id.bytes().all(|b| b.is_ascii_hexdigit());
        let found = u32::from_str_radix(id, 16).ok().filter(|_| digits).ok_or(KeyError::Form)?;
        let bytes = STANDARD.decode(encoded).map_err(|_| KeyError::Form)?;
        let (byte, public) = bytes.split_first().ok_or(KeyError::Form)?;
        let kinds = [KeyKind::Log, KeyKind::Cosigner, KeyKind::MlDsa44];
        let kind = kinds.into_iter().find(|kind| kind.byte() == *byte).ok_or(KeyError::Kind(*byte))?;
        let key = Self::of(name, kind, public)?;
        if key.id == found {
            return Ok(key);
        }
        Err(KeyError::Id { name: key.name, found, expected: key.id })
    }
}

/// Refuses a name that a note cannot carry (signed-note, "Format").
pub(crate) fn check_name(name: &str) -> Result<(), KeyError> {
    let bad = |c: char| c.is_whitespace() || c == '+' || c < ' ';
    if name.is_empty() || name.len() > MAX_NAME || name.contains(bad) {
        return Err(KeyError::Name(name.chars().take(MAX_NAME).collect()));
    }
    Ok(())
}

/// SHA-256(name || 0x0A || type || public key), the first four bytes (signed-note, "Signatures").
pub(crate) fn key_id(name: &str, kind: u8, public: &[u8]) -> u32 {
    let hash = Sha256::new().chain_update(name).chain_update([b'\n', kind]).chain_update(public).finalize();
    hash.first_chunk::<4>().map_or(0, |first| u32::from_be_bytes(*first))
}

fn point(name: &str, public: &[u8]) -> Result<VerificationKey, KeyError> {
    let point = VerificationKey::try_from(public).map_err(|_| KeyError::Public(name.to_owned()))?;
    // With the identity for R and 0 for s, what is checked (ZIP 215) is that eight times the key is the identity:
    // true for the points of small order, and for others with a probability of 2^-252.
    let mut identity = [0; 32];
    identity[0] = 1;
    match point.verify(&Signature::from_components(identity, [0; 32]), b"") {
        Ok(()) => Err(KeyError::Weak(name.to_owned())),
        Err(_) => Ok(point),
    }
}
