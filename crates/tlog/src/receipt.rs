//! Receipts: an inclusion proof with its checkpoint in one text, checked without asking anybody (tlog-proof).
//!
//! Must not read the extra data, which nobody has signed.

use crate::checkpoint::{CheckpointError, SignedCheckpoint};
use crate::hash::Hash;
use crate::key::VerifierKey;
use crate::note::MAX_NOTE;
use crate::number::decimal;
use crate::policy::{Evaluation, Policy};
use crate::proof::{MAX_PATH, MAX_SIZE, ProofError, verify_inclusion};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use std::fmt;

/// Most bytes of extra data.
pub const MAX_EXTRA: usize = 64 * 1024;
/// Most bytes of a receipt: the longest checkpoint, extra data in base64, and a proof.
pub const MAX_RECEIPT: usize = MAX_NOTE + 96 * 1024;

const HEADER: &str = "c2sp.org/tlog-proof@v1";

/// A receipt, whose parts nobody has checked yet. Written to a file, its name ends in `.tlog-proof`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Receipt {
    /// Data for the application, at most [`MAX_EXTRA`] bytes. Nobody has signed it.
    pub extra: Option<Vec<u8>>,
    /// Which leaf, counted from 0; at most 2^63 - 1.
    pub index: u64,
    /// Inclusion path, from the leaf's sibling up to the root's child; at most [`MAX_PATH`] hashes.
    pub path: Vec<Hash>,
    /// The checkpoint whose tree it is in.
    pub checkpoint: SignedCheckpoint,
}

/// Why bytes are no receipt.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ReceiptError {
    /// Longer than [`MAX_RECEIPT`].
    #[error("the receipt is longer than {MAX_RECEIPT} bytes")]
    TooLong,
    /// Not text.
    #[error("the receipt is not UTF-8")]
    Characters,
    /// Another first line.
    #[error("the first line is not {HEADER:?}")]
    Header,
    /// Extra data that cannot be read.
    #[error("the extra data is not base64 of at most {MAX_EXTRA} bytes")]
    Extra,
    /// No index.
    #[error("a line \"index N\" is missing, with N at most 2^63 - 1")]
    Index,
    /// A hash that is none, or too many of them.
    #[error("hash {0} of the proof is not the base64 of 32 bytes, or is one too many")]
    Path(usize),
    /// No empty line before the checkpoint.
    #[error("the empty line before the checkpoint is missing")]
    Cut,
    /// The checkpoint.
    #[error(transparent)]
    Checkpoint(#[from] CheckpointError),
}

impl Receipt {
    /// Reads a receipt.
    ///
    /// # Errors
    ///
    /// [`ReceiptError`] says which part is wrong.
    pub fn parse(bytes: &[u8]) -> Result<Self, ReceiptError> {
        if bytes.len() > MAX_RECEIPT {
            return Err(ReceiptError::TooLong);
        }
        let text = std::str::from_utf8(bytes).map_err(|_| ReceiptError::Characters)?;
        let rest = text.strip_prefix(HEADER).and_then(|rest| rest.strip_prefix('\n'));
        let (extra, rest) = read_extra(rest.ok_or(ReceiptError::Header)?)?;
        let (line, rest) = rest.split_once('\n').ok_or(ReceiptError::Index)?;
        let index = line.strip_prefix("index ").and_then(decimal).filter(|index| *index <= MAX_SIZE);
        let index = index.ok_or(ReceiptError::Index)?;
        let (path, checkpoint) =
            read_path(rest).map_err(|at| at.map_or(ReceiptError::Cut, ReceiptError::Path))?;
        Ok(Self { extra, index, path, checkpoint: SignedCheckpoint::parse(checkpoint.as_bytes())? })
    }

    /// Checks that `leaf` is in the tree of the checkpoint, whoever signed that.
    ///
    /// # Errors
    ///
    /// [`ProofError`] says what does not fit.
    pub fn verify_inclusion(&self, leaf: Hash) -> Result<(), ProofError> {
        let head = self.checkpoint.checkpoint().head();
        verify_inclusion(leaf, self.index, head.size, &self.path, head.root)
    }

    /// Holds checkpoint and proof against a policy: accepted only if `leaf` is in a tree that the policy believes.
    /// `known` are keys of logs that are believed besides those of the policy.
    pub fn evaluate(&self, leaf: Hash, policy: &Policy, known: &[VerifierKey]) -> Evaluation {
        let mut evaluation = policy.evaluate(&self.checkpoint, known);
        let (index, size) = (self.index, self.checkpoint.checkpoint().size);
        match self.verify_inclusion(leaf) {
            Ok(()) => evaluation.need(true, format!("it is leaf {index} of the {size} in the log")),
            Err(error) => evaluation.need(false, format!("it is not shown to be in the log: {error}")),
        }
        evaluation
    }
}

impl fmt::Display for Receipt {
    /// The bytes that [`Receipt::parse`] reads.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{HEADER}")?;
        if let Some(extra) = &self.extra {
            writeln!(f, "extra {}", STANDARD.encode(extra))?;
        }
        writeln!(f, "index {}", self.index)?;
        self.path.iter().try_for_each(|hash| writeln!(f, "{hash}"))?;
        write!(f, "\n{}", self.checkpoint)
    }
}

fn read_extra(rest: &str) -> Result<(Option<Vec<u8>>, &str), ReceiptError> {
    let Some(after) = rest.strip_prefix("extra ") else {
        return Ok((None, rest));
    };
    let (line, rest) = after.split_once('\n').ok_or(ReceiptError::Extra)?;
    let extra = STANDARD.decode(line).ok().filter(|extra| extra.len() <= MAX_EXTRA);
    Ok((Some(extra.ok_or(ReceiptError::Extra)?), rest))
}

/// Hashes, one a line, up to the empty line, and what follows it. The error is the hash that is wrong, counted from 1,
/// or none if the empty line is missing.
pub(crate) fn read_path(mut rest: &str) -> Result<(Vec<Hash>, &str), Option<usize>> {
    let mut path = Vec::new();
    loop {
        let (line, after) = rest.split_once('\n').ok_or(None)?;
        if line.is_empty() {
            return Ok((path, after));
        }
        let hash = Hash::from_base64(line).filter(|_| path.len() < MAX_PATH);
        path.push(hash.ok_or(Some(path.len() + 1))?);
        rest = after;
    }
}
