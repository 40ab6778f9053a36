//! CBOR in one form only: what is read must be what would be written.

use minicbor::{Decode, Encode};

/// Bytes that are not the one deterministic encoding of a thing.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CborError {
    /// Not CBOR, or not of this shape.
    #[error("not a {what}: {why}")]
    Shape {
        /// What was expected.
        what: &'static str,
        /// What the decoder said.
        why: String,
    },
    /// Another encoding of the same thing, or something with more in it.
    #[error(
        "a {what} of {found} bytes is not in the deterministic form (RFC 8949, section 4.2.1), which has {expected} bytes"
    )]
    Form {
        /// What was expected.
        what: &'static str,
        /// Length that was found, in bytes.
        found: usize,
        /// Length of the deterministic form.
        expected: usize,
    },
}

/// The deterministic encoding.
#[must_use]
pub fn to_cbor<T: Encode<()>>(value: &T) -> Vec<u8> {
    let mut out = Vec::with_capacity(256);
    // Writing to memory cannot fail, and no encoder here refuses a value.
    let _ = minicbor::encode(value, &mut out);
    out
}

/// Reads what [`to_cbor`] wrote, and nothing else.
///
/// # Errors
///
/// [`CborError`]; `what` names the thing in it.
pub fn from_cbor<'b, T: Decode<'b, ()> + Encode<()>>(
    bytes: &'b [u8],
    what: &'static str,
) -> Result<T, CborError> {
    let value: T = minicbor::decode(bytes).map_err(|e| CborError::Shape { what, why: e.to_string() })?;
    let form = to_cbor(&value);
    if form == bytes {
        return Ok(value);
    }
    Err(CborError::Form { what, found: bytes.len(), expected: form.len() })
}
