//! Who vouches for a device's key: an operator's authority or a TPM, by Ed25519 or by ECDSA on P-256.

use crate::bytes::{Digest, KeyId};
use crate::key::{Key, KeyError};
use minicbor::{Decode, Encode};
use p256::ecdsa::signature::Verifier as _;
use p256::ecdsa::{Signature, VerifyingKey};

/// A public key whose word counts.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(flat)]
pub enum Voucher {
    /// Ed25519, 32 bytes.
    #[n(0)]
    Ed25519(#[cbor(n(0), with = "minicbor::bytes")] Vec<u8>),
    /// ECDSA with SHA-256 on P-256 (FIPS 186-5), the point in SEC1 form: what a TPM 2.0 can hold.
    #[n(1)]
    P256(#[cbor(n(0), with = "minicbor::bytes")] Vec<u8>),
}

/// The word of a voucher for one key.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct Vouch {
    /// Whose word.
    #[n(0)]
    pub voucher: KeyId,
    /// The signature: 64 bytes; for P-256 also in DER, as TPM tools and OpenSSL write it.
    #[cbor(n(1), with = "minicbor::bytes")]
    pub signature: Vec<u8>,
}

/// Why a voucher or its word is refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum VouchError {
    /// An Ed25519 key that may not vouch.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// Bytes that are no point of P-256.
    #[error("public key of {found} bytes is not a point on P-256 in SEC1 form")]
    Point {
        /// Length that was found.
        found: usize,
    },
    /// Another key's word.
    #[error("vouched for by key {found}, expected key {expected}")]
    Other {
        /// What was found.
        found: KeyId,
        /// What was expected.
        expected: KeyId,
    },
    /// The signature does not hold.
    #[error("the signature of key {voucher} over this request does not hold")]
    Signature {
        /// Whose signature.
        voucher: KeyId,
    },
}

impl Voucher {
    /// Its bytes.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        match self {
            Self::Ed25519(bytes) | Self::P256(bytes) => bytes,
        }
    }

    /// Its short name.
    #[must_use]
    pub fn id(&self) -> KeyId {
        KeyId(Digest::of(self.bytes()).first())
    }

    /// Checks that the key may vouch at all.
    ///
    /// # Errors
    ///
    /// [`VouchError`].
    pub fn check(&self) -> Result<(), VouchError> {
        match self {
            Self::Ed25519(bytes) => Key::from_bytes(bytes).map(|_| ()).map_err(VouchError::Key),
            Self::P256(bytes) => point(bytes).map(|_| ()),
        }
    }

    /// Checks a word of this voucher.
    ///
    /// # Errors
    ///
    /// [`VouchError`].
    pub fn verify(&self, message: &[u8], vouch: &Vouch) -> Result<(), VouchError> {
        if vouch.voucher != self.id() {
            return Err(VouchError::Other { found: vouch.voucher, expected: self.id() });
        }
        let holds = match self {
            Self::Ed25519(bytes) => {
                let key = Key::from_bytes(bytes)?;
                vouch.signature.as_slice().try_into().is_ok_and(|signature| key.verify(message, signature))
            }
            Self::P256(bytes) => {
                let signature = Signature::from_slice(&vouch.signature)
                    .or_else(|_| Signature::from_der(&vouch.signature));
                let key = point(bytes)?;
                signature.is_ok_and(|signature| key.verify(message, &signature).is_ok())
            }
        };
        if holds { Ok(()) } else { Err(VouchError::Signature { voucher: vouch.voucher }) }
    }
}

fn point(bytes: &[u8]) -> Result<VerifyingKey, VouchError> {
    VerifyingKey::from_sec1_bytes(bytes).map_err(|_| VouchError::Point { found: bytes.len() })
}
