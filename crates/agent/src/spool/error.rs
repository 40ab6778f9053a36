//! Why a spool cannot go on.

use statement::{DeviceId, Digest, MAX_STATEMENT, PayloadError};
use std::io;

/// Why the spool cannot go on.
#[derive(Debug, thiserror::Error)]
pub enum SpoolError {
    /// The disk.
    #[error("the spool cannot be read or written: {0}")]
    Disk(#[from] io::Error),
    /// A state that this version did not write.
    #[error("the state of the spool is damaged: {0}")]
    State(String),
    /// Statements of another device.
    #[error("the spool has statements of device {found}, expected device {expected}")]
    Device {
        /// What was found.
        found: DeviceId,
        /// What was expected.
        expected: DeviceId,
    },
    /// A statement that a registry would refuse.
    #[error("the statement is not one: {0}")]
    Statement(#[from] PayloadError),
    /// A statement beyond what an envelope may hold.
    #[error("a statement of {0} bytes, expected at most {MAX_STATEMENT}")]
    TooLarge(usize),
    /// A receipt for something else.
    #[error("the receipt is for {found}, but statement {sequence} is {expected}")]
    Receipt {
        /// The number.
        sequence: u64,
        /// Digest that the receipt is for.
        found: Digest,
        /// Digest of what is kept.
        expected: Digest,
    },
    /// The registry is behind what this device holds receipts for.
    #[error(
        "the registry was rolled back: it is at number {found}, but there are receipts up to number {receipted}"
    )]
    Behind {
        /// Where the registry is.
        found: u64,
        /// One more than the highest number with a receipt.
        receipted: u64,
    },
}
