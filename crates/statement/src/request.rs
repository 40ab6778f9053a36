//! What a device asks of a registry: to be enrolled, and to have its key replaced.

use crate::bytes::{DeviceId, KeyId, Nonce};
use crate::cbor::{CborError, from_cbor, to_cbor};
use crate::envelope::{Envelope, EnvelopeError, Purpose, sign};
use crate::key::{DeviceKey, Key, KeyError};
use crate::name::Name;
use crate::vouch::Vouch;
use minicbor::{Decode, Encode};

/// Most bytes of a label or token.
pub const MAX_LABEL: usize = 128;

/// A device asks to be enrolled; signed with the key that it asks for, which proves that it has it.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct Enrol {
    /// The public key.
    #[cbor(n(0), with = "minicbor::bytes")]
    pub key: Vec<u8>,
    /// The site where the device stands.
    #[n(1)]
    pub site: Name,
    /// What people call the device.
    #[n(2)]
    pub label: String,
    /// When it asked, milliseconds since 1970.
    #[n(3)]
    pub at_ms: u64,
    /// Random.
    #[n(4)]
    pub nonce: Nonce,
    /// The one-time token, if that is what lets it in.
    #[n(5)]
    pub token: Option<String>,
    /// The word of an authority or TPM, if that is.
    #[n(6)]
    pub vouch: Option<Vouch>,
}

/// A device replaces its key; signed with the old one.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct Rotate {
    /// The device.
    #[n(0)]
    pub device: DeviceId,
    /// The new public key.
    #[cbor(n(1), with = "minicbor::bytes")]
    pub key: Vec<u8>,
    /// When it asked, milliseconds since 1970.
    #[n(2)]
    pub at_ms: u64,
    /// The new key's signature over device, key and time: it is there and belongs to the same device.
    #[cbor(n(3), with = "minicbor::bytes")]
    pub proof: Vec<u8>,
}

/// Why a request is refused before anybody is asked.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RequestError {
    /// No envelope.
    #[error(transparent)]
    Envelope(#[from] EnvelopeError),
    /// No request in its one form.
    #[error(transparent)]
    Cbor(#[from] CborError),
    /// A key that may not sign.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// The signature does not hold.
    #[error("the signature over the request does not hold for the key that it names")]
    Signature,
    /// Text that is too long or cannot be shown.
    #[error("label or token of {found} bytes, expected at most {MAX_LABEL} without control characters")]
    Text {
        /// Length that was found.
        found: usize,
    },
}

impl Enrol {
    /// What an authority or TPM signs: that this key is that of a device with this label at this site.
    #[must_use]
    pub fn vouched(key: &[u8], site: &Name, label: &str) -> Vec<u8> {
        to_cbor(&("overt/vouch/1", minicbor::bytes::ByteVec::from(key.to_vec()), site, label))
    }

    /// The signed request.
    #[must_use]
    pub fn sign(&self, key: &DeviceKey) -> Vec<u8> {
        sign(&to_cbor(self), key, Purpose::Enrol)
    }

    /// Reads a signed request and checks that the device has the key it asks for.
    ///
    /// # Errors
    ///
    /// [`RequestError`].
    pub fn open(bytes: &[u8]) -> Result<(Self, Key), RequestError> {
        let envelope = Envelope::parse(bytes)?;
        let request: Self = from_cbor(envelope.payload, "request for enrolment")?;
        let key = Key::from_bytes(&request.key)?;
        for text in std::iter::once(&request.label).chain(&request.token) {
            if text.len() > MAX_LABEL || text.chars().any(char::is_control) {
                return Err(RequestError::Text { found: text.len() });
            }
        }
        if envelope.verify(&key, Purpose::Enrol) { Ok((request, key)) } else { Err(RequestError::Signature) }
    }
}

impl Rotate {
    /// A request to replace `old` by `new`.
    #[must_use]
    pub fn new(device: DeviceId, new: &DeviceKey, at_ms: u64) -> Self {
        let key = new.public().to_bytes().to_vec();
        let proof = new.sign(&Self::proven(device, &key, at_ms)).to_vec();
        Self { device, key, at_ms, proof }
    }

    fn proven(device: DeviceId, key: &[u8], at_ms: u64) -> Vec<u8> {
        to_cbor(&("overt/rotate-proof/1", device, minicbor::bytes::ByteVec::from(key.to_vec()), at_ms))
    }

    /// The signed request.
    #[must_use]
    pub fn sign(&self, old: &DeviceKey) -> Vec<u8> {
        sign(&to_cbor(self), old, Purpose::Rotate)
    }

    /// The key that a signed request asks for, before anything of it is checked; none if it cannot be a key.
    ///
    /// # Errors
    ///
    /// [`RequestError`].
    pub fn key(bytes: &[u8]) -> Result<Option<KeyId>, RequestError> {
        let request: Self = from_cbor(Envelope::parse(bytes)?.payload, "request for another key")?;
        Ok(Key::from_bytes(&request.key).ok().map(|key| key.id()))
    }

    /// Reads a signed request; `old` finds the device's present key. Checks both signatures.
    ///
    /// # Errors
    ///
    /// [`RequestError`].
    pub fn open(
        bytes: &[u8],
        old: impl FnOnce(DeviceId) -> Option<Key>,
    ) -> Result<(Self, Key), RequestError> {
        let envelope = Envelope::parse(bytes)?;
        let request: Self = from_cbor(envelope.payload, "request for another key")?;
        let new = Key::from_bytes(&request.key)?;
        let proof = request.proof.as_slice().try_into().map_err(|_| RequestError::Signature)?;
        let proven = new.verify(&Self::proven(request.device, &request.key, request.at_ms), proof);
        let signed = old(request.device).is_some_and(|old| envelope.verify(&old, Purpose::Rotate));
        if proven && signed { Ok((request, new)) } else { Err(RequestError::Signature) }
    }
}
