//! What a registry is asked and answers, apart from how it is reached: paths, headers, documents, and the trait that clients
//! and relays share.
//!
//! Must not open a connection.

use crate::spool::Position;
use serde::{Deserialize, Serialize};
use statement::{DeviceId, Digest};
use std::time::Duration;
use tlog::Tile;

/// Most statements of one body.
pub const MAX_STATEMENTS: usize = 4_096;
/// Most bytes of one body of statements.
pub const MAX_BODY: usize = 4 << 20;
/// Most receipts of one answer.
pub const MAX_RECEIPTS: u64 = 256;
/// Most bytes of an answer that is a document.
pub const MAX_ANSWER: u64 = 2 << 20;
/// Media type of one envelope.
pub const COSE: &str = "application/cose";
/// Media type of a sequence of them (RFC 8742).
pub const CBOR_SEQ: &str = "application/cbor-seq";
/// Header with the last checkpoint that this client has seen, a signed note in base64: a registry that was rolled back learns
/// of it from its own signature, and stops.
pub const SEEN: &str = "overt-checkpoint";
/// Most bytes of a checkpoint that goes into a header: the log's own signature and some twenty cosignatures.
pub const MAX_SEEN: usize = 4 << 10;

/// Where to ask.
pub mod path {
    use super::{DeviceId, Digest, Tile};

    /// Enrolment.
    pub const DEVICES: &str = "/api/v1/devices";
    /// Statements.
    pub const STATEMENTS: &str = "/api/v1/statements";

    /// Another key for a device.
    #[must_use]
    pub fn keys(device: DeviceId) -> String {
        format!("{DEVICES}/{device}/keys")
    }

    /// Where a device's chain stands.
    #[must_use]
    pub fn position(device: DeviceId) -> String {
        format!("{DEVICES}/{device}/position")
    }

    /// The receipt of a statement.
    #[must_use]
    pub fn receipt(device: DeviceId, sequence: u64) -> String {
        format!("{DEVICES}/{device}/receipts/{sequence}")
    }

    /// The receipts of `count` numbers from `from` on.
    #[must_use]
    pub fn receipts(device: DeviceId, from: u64, count: u64) -> String {
        format!("{DEVICES}/{device}/receipts?from={from}&count={count}")
    }

    /// A piece of evidence.
    #[must_use]
    pub fn evidence(digest: Digest) -> String {
        format!("/api/v1/evidence/{digest}")
    }

    /// A tile of the log (tlog-tiles).
    #[must_use]
    pub fn tile(tile: Tile) -> String {
        format!("/{tile}")
    }
}

/// The answer to an enrolment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Enrolled {
    /// The device, in hexadecimal.
    pub device: String,
    /// Who answers for it.
    pub operator: String,
    /// Where it stands.
    pub site: String,
    /// Ordinal of the record.
    pub ordinal: u64,
}

/// Where a device's chain stands, as a document.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PositionAnswer {
    /// Number of the next statement.
    pub next: u64,
    /// Digest of the last, in hexadecimal.
    pub digest: String,
}

impl PositionAnswer {
    /// The position, if the digest is one.
    #[must_use]
    pub fn position(&self) -> Option<Position> {
        Some(Position { next: self.next, digest: self.digest.parse().ok()? })
    }
}

/// Statements of a body that became entries, one after the other.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Accepted {
    /// Place of the first in the body.
    pub index: usize,
    /// How many.
    pub count: usize,
    /// Ordinal of the first.
    pub first: u64,
}

/// Statements of a body that were there already.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Duplicates {
    /// Place of the first in the body.
    pub index: usize,
    /// How many.
    pub count: usize,
}

/// A statement of a body that is not admitted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RefusedStatement {
    /// Its place in the body.
    pub index: usize,
    /// The reason in one word.
    pub reason: String,
    /// What was found and what was expected.
    #[serde(default)]
    pub detail: String,
}

/// What became of a body. Being accepted is no proof: only a receipt is.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Answer {
    /// What became entries.
    pub accepted: Vec<Accepted>,
    /// What was there already.
    pub duplicates: Vec<Duplicates>,
    /// What is not admitted.
    pub refused: Vec<RefusedStatement>,
    /// Digests of evidence that somebody asks for, in hexadecimal.
    pub wanted: Vec<String>,
}

/// Why a registry did not do what it was asked.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Trouble {
    /// It could not be reached, or its answer was lost: it may have done it.
    #[error("the registry cannot be reached: {0}")]
    Unreachable(String),
    /// It wants to be asked later.
    #[error("the registry asks to wait {} s{}{why}", after.as_secs(), if why.is_empty() { "" } else { ": " })]
    Later {
        /// How long.
        after: Duration,
        /// What it says.
        why: String,
    },
    /// It says no.
    #[error("the registry refuses with status {status}: {detail}")]
    Refused {
        /// HTTP status.
        status: u16,
        /// What it says.
        detail: String,
    },
    /// It says something else than agreed.
    #[error("the registry's answer makes no sense: {0}")]
    Answer(String),
}

/// A registry, or a relay on the way to one.
pub trait Registry {
    /// Asks to be enrolled.
    ///
    /// # Errors
    ///
    /// [`Trouble`].
    fn enrol(&self, request: &[u8]) -> Result<Enrolled, Trouble>;

    /// Asks for another key.
    ///
    /// # Errors
    ///
    /// [`Trouble`].
    fn replace_key(&self, device: DeviceId, request: &[u8]) -> Result<(), Trouble>;

    /// Asks where the chain of a device stands.
    ///
    /// # Errors
    ///
    /// [`Trouble`].
    fn position(&self, device: DeviceId) -> Result<Position, Trouble>;

    /// Hands over statements; `seen` is the last checkpoint that was seen, as a signed note.
    ///
    /// # Errors
    ///
    /// [`Trouble`].
    fn statements(&self, body: &[u8], seen: Option<&str>) -> Result<Answer, Trouble>;

    /// Asks for a receipt; none until the statement is sealed.
    ///
    /// # Errors
    ///
    /// [`Trouble`].
    fn receipt(&self, device: DeviceId, sequence: u64) -> Result<Option<Vec<u8>>, Trouble>;

    /// Asks for the receipts of `count` numbers from `from` on, at most [`MAX_RECEIPTS`]; gives those that there are, in order.
    ///
    /// # Errors
    ///
    /// [`Trouble`], if it comes before the first receipt.
    fn receipts(&self, device: DeviceId, from: u64, count: u64) -> Result<Vec<(u64, Vec<u8>)>, Trouble> {
        let mut all = Vec::new();
        for sequence in (from..).zip(0..count).map(|(sequence, _)| sequence) {
            match self.receipt(device, sequence) {
                Ok(Some(receipt)) => all.push((sequence, receipt)),
                Ok(None) => break,
                Err(trouble) if all.is_empty() => return Err(trouble),
                Err(_) => break,
            }
        }
        Ok(all)
    }

    /// Hands over a piece of evidence.
    ///
    /// # Errors
    ///
    /// [`Trouble`].
    fn evidence(&self, digest: Digest, piece: &[u8]) -> Result<(), Trouble>;

    /// A tile of the log; none if there is none.
    ///
    /// # Errors
    ///
    /// [`Trouble`].
    fn tile(&self, tile: Tile) -> Result<Option<Vec<u8>>, Trouble>;

    /// How far this clock was from the registry's at last contact, milliseconds, ahead positive.
    fn skew_ms(&self) -> Option<i64>;
}
