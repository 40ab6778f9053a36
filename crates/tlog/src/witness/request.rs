//! The body of `add-checkpoint`: the old size, a consistency proof, an empty line, and the checkpoint (tlog-witness).
//!
//! Must not decide anything.

use crate::checkpoint::{CheckpointError, SignedCheckpoint};
use crate::hash::Hash;
use crate::note::MAX_NOTE;
use crate::number::decimal;
use crate::receipt::read_path;
use std::fmt;

/// Most bytes of a request: the longest checkpoint, and 63 hashes after a size.
pub const MAX_REQUEST: usize = MAX_NOTE + 4 * 1024;

/// A request to cosign a checkpoint, whose parts nobody has checked yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    /// Leaves of the checkpoint that the witness has cosigned last; 0 if none, or if not known.
    pub old: u64,
    /// Consistency proof from there; empty from 0. At most 63 hashes.
    pub proof: Vec<Hash>,
    /// The checkpoint to cosign.
    pub checkpoint: SignedCheckpoint,
}

/// Why bytes are no request.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RequestError {
    /// Longer than [`MAX_REQUEST`].
    #[error("the request is longer than {MAX_REQUEST} bytes")]
    TooLong,
    /// Not text.
    #[error("the request is not UTF-8")]
    Characters,
    /// No old size.
    #[error("the first line is not \"old N\"")]
    Old,
    /// A hash that is none, or too many of them.
    #[error("hash {0} of the proof is not the base64 of 32 bytes, or is one too many")]
    Proof(usize),
    /// No empty line before the checkpoint.
    #[error("the empty line before the checkpoint is missing")]
    Cut,
    /// The checkpoint.
    #[error(transparent)]
    Checkpoint(#[from] CheckpointError),
}

impl Request {
    /// Reads the body of a request.
    ///
    /// # Errors
    ///
    /// [`RequestError`], which a witness answers with 400.
    pub fn parse(body: &[u8]) -> Result<Self, RequestError> {
        if body.len() > MAX_REQUEST {
            return Err(RequestError::TooLong);
        }
        let text = std::str::from_utf8(body).map_err(|_| RequestError::Characters)?;
        let (line, rest) = text.split_once('\n').ok_or(RequestError::Old)?;
        let old = line.strip_prefix("old ").and_then(decimal).ok_or(RequestError::Old)?;
        let (proof, rest) =
            read_path(rest).map_err(|at| at.map_or(RequestError::Cut, RequestError::Proof))?;
        Ok(Self { old, proof, checkpoint: SignedCheckpoint::parse(rest.as_bytes())? })
    }
}

impl fmt::Display for Request {
    /// The body that [`Request::parse`] reads.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "old {}", self.old)?;
        self.proof.iter().try_for_each(|hash| writeln!(f, "{hash}"))?;
        write!(f, "\n{}", self.checkpoint)
    }
}
