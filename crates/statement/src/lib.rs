//! What is signed and what is sealed: device statements, administrative records, batch manifests, and the keys behind them.
//!
//! Bytes in, plain data out, and back: deterministic CBOR (RFC 8949, section 4.2.1) in `COSE_Sign1` envelopes (RFC 9052).
//! Everything that is read is bounded and must be in the one deterministic form, so that a thing has one hash.
//!
//! Pure: keys, nonces and times are arguments. Must not judge, admit or store: it knows what a statement is, not whether
//! anybody wants it. Small enough to run in a browser.

mod batch;
mod bundle;
mod bytes;
mod cbor;
mod check;
mod code;
mod contest;
mod envelope;
mod key;
mod manifest;
mod name;
mod payload;
pub mod person;
mod record;
mod registration;
mod request;
mod vouch;

pub use batch::{Signed, verify_batch};
pub use bundle::{BUNDLE_MAGIC, Bundle, BundleError, Kept, MAX_PIECE, Sheaf};
pub use bytes::{DeviceId, Digest, KeyId, Nonce, NotHex, WorkloadId};
pub use cbor::{CborError, from_cbor, to_cbor};
pub use code::{activity, activity_code, kind_code, sensor_code, unit_code};
pub use contest::{Answered, Contested, MAX_GROUNDS, MAX_MATERIAL, Outcome};
pub use envelope::{Envelope, EnvelopeError, MAX_STATEMENT, Purpose, sign, split};
pub use key::{DeviceKey, Key, KeyError};
pub use manifest::{MANIFEST_VERSION, MAX_BATCH, Manifest, Proof, Seen};
pub use name::{MAX_NAME, Name, NameError};
pub use payload::{
    Clock, Component, Dropped, Energy, Evidence, Finding, MAX_DURATION_MS, MAX_FINDINGS, MAX_PARTS,
    MAX_SEQUENCE, MAX_TEXT, MIN_DURATION_MS, PayloadError, Reading, SensorCoverage, Statement, VERSION,
};
pub use record::{
    Authority, Body, Enrolled, Erased, Operator, RECORD_VERSION, Record, Revoked, Rotated, Site, Token,
};
pub use registration::{Approval, Filed, Kind, MAX_FIELDS, MAX_REGISTRATIONS, MAX_VALUE, Registration};
pub use request::{Enrol, RequestError, Rotate};
pub use vouch::{Vouch, VouchError, Voucher};
