//! Ed25519 keys (RFC 8032) with the verification rules of ZIP-215, under which single and batch verification agree by
//! definition; keys for which that would let a signature hold for many messages are refused.

use crate::bytes::{DeviceId, Digest, KeyId};
use curve25519_dalek::edwards::CompressedEdwardsY;
use ed25519_zebra::{Signature, SigningKey, VerificationKey, VerificationKeyBytes};
use std::fmt;

/// A public key that may sign.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Key {
    bytes: [u8; 32],
    verifier: VerificationKey,
}

/// Why a public key is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    /// Not 32 bytes.
    #[error("public key of {found} bytes, expected 32")]
    Length {
        /// What was found.
        found: usize,
    },
    /// Not a point of the curve in its one encoding.
    #[error("public key is not the canonical encoding of a point on the curve")]
    Point,
    /// A point of small order, or with a part of small order: signatures would not mean one thing.
    #[error("weak public key: the point has a component of small order")]
    Weak,
}

impl Key {
    /// Checks a public key: canonical, and in the subgroup of prime order.
    ///
    /// # Errors
    ///
    /// [`KeyError`].
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, KeyError> {
        let bytes: [u8; 32] = bytes.try_into().map_err(|_| KeyError::Length { found: bytes.len() })?;
        let point = CompressedEdwardsY(bytes).decompress().ok_or(KeyError::Point)?;
        if point.compress().to_bytes() != bytes {
            return Err(KeyError::Point);
        }
        if point.is_small_order() || !point.is_torsion_free() {
            return Err(KeyError::Weak);
        }
        let verifier = VerificationKey::try_from(bytes).map_err(|_| KeyError::Point)?;
        Ok(Self { bytes, verifier })
    }

    /// A key that [`Key::from_bytes`] accepted before, read back from where it was kept.
    ///
    /// # Errors
    ///
    /// [`KeyError::Point`] if it is not even a point.
    pub fn kept(bytes: [u8; 32]) -> Result<Self, KeyError> {
        Ok(Self { bytes, verifier: VerificationKey::try_from(bytes).map_err(|_| KeyError::Point)? })
    }

    /// Its 32 bytes.
    #[must_use]
    pub fn to_bytes(&self) -> [u8; 32] {
        self.bytes
    }

    /// Its short name.
    #[must_use]
    pub fn id(&self) -> KeyId {
        KeyId(Digest::of(&self.bytes).first())
    }

    /// The device that is first enrolled with it.
    #[must_use]
    pub fn device(&self) -> DeviceId {
        DeviceId(Digest::of(&self.bytes).first())
    }

    /// Whether a signature of a message is its own.
    #[must_use]
    pub fn verify(&self, message: &[u8], signature: &[u8; 64]) -> bool {
        self.verifier.verify(&Signature::from_bytes(signature), message).is_ok()
    }

    pub(crate) fn for_batch(&self) -> VerificationKeyBytes {
        VerificationKeyBytes::from(self.bytes)
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Key({})", self.id())
    }
}

/// A secret key. Shown nowhere.
#[derive(Clone)]
pub struct DeviceKey {
    secret: SigningKey,
    public: Key,
}

impl DeviceKey {
    /// The key of a secret seed of 32 bytes, which the caller draws from the system's source of randomness.
    #[must_use]
    pub fn from_seed(seed: [u8; 32]) -> Self {
        let secret = SigningKey::from(seed);
        let verifier = VerificationKey::from(&secret);
        Self { public: Key { bytes: verifier.into(), verifier }, secret }
    }

    /// The public half.
    #[must_use]
    pub fn public(&self) -> Key {
        self.public
    }

    /// Signs a message.
    #[must_use]
    pub fn sign(&self, message: &[u8]) -> [u8; 64] {
        self.secret.sign(message).to_bytes()
    }
}

impl fmt::Debug for DeviceKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "DeviceKey({})", self.public.id())
    }
}
