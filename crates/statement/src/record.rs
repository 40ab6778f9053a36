//! Records: what a registry itself writes into its log, by whom and when. Versions follow one another, none is overwritten.

use crate::bytes::{DeviceId, Digest, KeyId, Nonce};
use crate::cbor::{CborError, from_cbor};
use crate::contest::{Answered, Contested};
use crate::name::Name;
use crate::registration::{Approval, Filed, Registration};
use crate::vouch::{Vouch, Voucher};
use minicbor::{Decode, Encode};

/// The version of this form.
pub const RECORD_VERSION: u8 = 1;

/// One record.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct Record {
    /// Version of this form, 1.
    #[n(0)]
    pub version: u8,
    /// Random, so that nothing can be guessed from the hash.
    #[n(1)]
    pub nonce: Nonce,
    /// When, milliseconds since 1970 by the registry's clock.
    #[n(2)]
    pub at_ms: u64,
    /// Who: the label of a token, or `registry`.
    #[n(3)]
    pub by: String,
    /// What.
    #[n(4)]
    pub body: Body,
}

/// What a record says.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub enum Body {
    /// A version of an operator.
    #[n(0)]
    Operator(#[n(0)] Operator),
    /// A version of a site.
    #[n(1)]
    Site(#[n(0)] Site),
    /// A device was enrolled.
    #[n(2)]
    Enrolled(#[n(0)] Enrolled),
    /// A device has another key.
    #[n(3)]
    Rotated(#[n(0)] Rotated),
    /// A key, or a device with all its keys, no longer counts.
    #[n(4)]
    Revoked(#[n(0)] Revoked),
    /// A token was given out.
    #[n(5)]
    Token(#[n(0)] Token),
    /// A token no longer counts.
    #[n(6)]
    TokenEnded(#[n(0)] Name),
    /// A key may vouch for devices of an operator.
    #[n(7)]
    Authority(#[n(0)] Authority),
    /// It no longer may.
    #[n(8)]
    AuthorityEnded(#[n(0)] KeyId),
    /// Entries were erased.
    #[n(9)]
    Erased(#[n(0)] Erased),
    /// Versions of registrations, recorded together.
    #[n(10)]
    Registered(#[n(0)] Vec<Registration>),
    /// A second person's word for one of them.
    #[n(11)]
    Approved(#[n(0)] Approval),
    /// A filing as it was checked and signed.
    #[n(12)]
    Filed(#[n(0)] Filed),
    /// A finding is contested.
    #[n(13)]
    Contested(#[n(0)] Contested),
    /// An answer to that.
    #[n(14)]
    Answered(#[n(0)] Answered),
}

/// Who answers for sites and devices.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct Operator {
    /// Its name here.
    #[n(0)]
    pub id: Name,
    /// Version, from 1.
    #[n(1)]
    pub version: u32,
    /// Its name for people.
    #[n(2)]
    pub title: String,
    /// Its kind by the rulebook's vocabulary, where known.
    #[n(3)]
    pub kind: Option<String>,
}

/// Where devices stand and what was declared of it.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct Site {
    /// Its name here.
    #[n(0)]
    pub id: Name,
    /// Version, from 1.
    #[n(1)]
    pub version: u32,
    /// Who answers for it.
    #[n(2)]
    pub operator: Name,
    /// Code of the place, for instance `CN-SC`.
    #[n(3)]
    pub place: String,
    /// Declared facts by the rulebook's vocabulary, as text, by name.
    #[n(4)]
    pub facts: Vec<(String, String)>,
}

/// A device with its first key.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct Enrolled {
    /// The device.
    #[n(0)]
    pub device: DeviceId,
    /// Its public key.
    #[cbor(n(1), with = "minicbor::bytes")]
    pub key: Vec<u8>,
    /// The site where it stands.
    #[n(2)]
    pub site: Name,
    /// What people call it.
    #[n(3)]
    pub label: String,
    /// Name of the token that let it in, if one did.
    #[n(4)]
    pub token: Option<Name>,
    /// The word that let it in, if one did.
    #[n(5)]
    pub vouch: Option<Vouch>,
}

/// Another key for a device.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct Rotated {
    /// The device.
    #[n(0)]
    pub device: DeviceId,
    /// The new public key.
    #[cbor(n(1), with = "minicbor::bytes")]
    pub key: Vec<u8>,
    /// The signed request.
    #[cbor(n(2), with = "minicbor::bytes")]
    pub request: Vec<u8>,
}

/// A key that no longer counts.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct Revoked {
    /// The device.
    #[n(0)]
    pub device: DeviceId,
    /// Which key; all of them where left out.
    #[n(1)]
    pub key: Option<KeyId>,
    /// Why.
    #[n(2)]
    pub why: String,
}

/// A token, without its secret.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct Token {
    /// Its name.
    #[n(0)]
    pub id: Name,
    /// SHA-256 of its secret.
    #[n(1)]
    pub secret: Digest,
    /// The role that it gives: `operator`, `inspector`, `reader`, `administrator`, or `enrolment` for a one-time token.
    #[n(2)]
    pub role: String,
    /// The operator that it is bound to, if any.
    #[n(3)]
    pub operator: Option<Name>,
    /// The sites that it is bound to; none means all of what the role and operator allow.
    #[n(4)]
    pub sites: Vec<Name>,
    /// When it ends, milliseconds since 1970.
    #[n(5)]
    pub until_ms: Option<u64>,
    /// How many devices it may still let in (one-time tokens: 1).
    #[n(6)]
    pub uses: u32,
}

/// A key that may vouch.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct Authority {
    /// The key.
    #[n(0)]
    pub key: Voucher,
    /// For devices of which operator.
    #[n(1)]
    pub operator: Name,
    /// What it is: `authority`, or `tpm` for a key that lives in one device's TPM.
    #[n(2)]
    pub kind: String,
    /// What people call it.
    #[n(3)]
    pub label: String,
}

/// Entries whose content is gone; their hashes stay.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct Erased {
    /// The first ordinal.
    #[n(0)]
    pub first: u64,
    /// How many.
    #[n(1)]
    pub count: u64,
    /// Why: the request or the rule.
    #[n(2)]
    pub why: String,
}

impl Record {
    /// Reads a record from its one form.
    ///
    /// # Errors
    ///
    /// [`CborError`].
    pub fn from_cbor(bytes: &[u8]) -> Result<Self, CborError> {
        let record: Self = from_cbor(bytes, "record")?;
        if record.version == RECORD_VERSION {
            return Ok(record);
        }
        let why = format!("version {}, expected {RECORD_VERSION}", record.version);
        Err(CborError::Shape { what: "record", why })
    }
}
