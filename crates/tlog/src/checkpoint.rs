//! Checkpoints: what a log says of its tree at one size (tlog-checkpoint).
//!
//! Must not decide whose signatures are enough: that is `policy`.

use crate::edge::Head;
use crate::hash::Hash;
use crate::key::VerifierKey;
use crate::note::{MAX_TEXT, Note, NoteError, NoteSignature, Verified};
use crate::number::decimal;
use crate::proof::MAX_SIZE;
use ed25519_zebra::SigningKey;
use std::fmt;

/// Longest origin, bytes: what a cosigned message can hold (tlog-cosignature, `log_origin<1..2^8-1>`).
pub const MAX_ORIGIN: usize = 255;
/// Most extension lines.
pub const MAX_EXTENSIONS: usize = 16;

/// The text of a checkpoint.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checkpoint {
    /// Which log: its first line, 1 to [`MAX_ORIGIN`] bytes.
    pub origin: String,
    /// Leaves; at most 2^63 - 1.
    pub size: u64,
    /// Root over them.
    pub root: Hash,
    /// Further lines, kept as they are; none of them empty.
    pub extensions: Vec<String>,
}

/// Why a text is no checkpoint.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CheckpointError {
    /// Fewer than three lines, an empty line, a line too long or too many of them.
    #[error(
        "line {0} of the checkpoint is wrong: expected origin, size, root, and at most {MAX_EXTENSIONS} more"
    )]
    Line(usize),
    /// The note around it.
    #[error(transparent)]
    Note(#[from] NoteError),
}

impl Checkpoint {
    /// A checkpoint without extension lines.
    #[must_use]
    pub fn new(origin: &str, head: Head) -> Self {
        Self { origin: origin.to_owned(), size: head.size, root: head.root, extensions: Vec::new() }
    }

    /// Size and root.
    #[must_use]
    pub fn head(&self) -> Head {
        Head { size: self.size, root: self.root }
    }

    /// Reads the text of a note as a checkpoint.
    ///
    /// # Errors
    ///
    /// [`CheckpointError::Line`] with the line, counted from 1.
    pub fn from_text(text: &str) -> Result<Self, CheckpointError> {
        let body =
            text.strip_suffix('\n').filter(|_| text.len() <= MAX_TEXT).ok_or(CheckpointError::Line(1))?;
        let mut lines = body.split('\n');
        let origin = lines.next().filter(|line| !line.is_empty() && line.len() <= MAX_ORIGIN);
        let origin = origin.ok_or(CheckpointError::Line(1))?.to_owned();
        let size = lines.next().and_then(decimal).filter(|size| *size <= MAX_SIZE);
        let size = size.ok_or(CheckpointError::Line(2))?;
        let root = lines.next().and_then(Hash::from_base64).ok_or(CheckpointError::Line(3))?;
        let mut extensions = Vec::new();
        for (at, line) in lines.enumerate() {
            if line.is_empty() || at >= MAX_EXTENSIONS {
                return Err(CheckpointError::Line(at + 4));
            }
            extensions.push(line.to_owned());
        }
        Ok(Self { origin, size, root, extensions })
    }
}

impl fmt::Display for Checkpoint {
    /// The text that is signed.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}\n{}\n{}\n", self.origin, self.size, self.root)?;
        self.extensions.iter().try_for_each(|line| writeln!(f, "{line}"))
    }
}

/// A checkpoint with the signatures under it, which nobody has checked yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignedCheckpoint {
    checkpoint: Checkpoint,
    note: Note,
}

impl SignedCheckpoint {
    /// Signs a checkpoint as the log; the key's name is the origin.
    ///
    /// # Errors
    ///
    /// [`CheckpointError`] if the origin cannot be a key's name or an extension line cannot be written.
    pub fn sign(checkpoint: &Checkpoint, key: &SigningKey) -> Result<Self, CheckpointError> {
        let mut note = Note::new(checkpoint.to_string())?;
        note.sign(&checkpoint.origin, key)?;
        // What was written must read back as the same: no line of the caller's makes another checkpoint of it.
        let read = Self::of(note)?;
        if read.checkpoint == *checkpoint { Ok(read) } else { Err(CheckpointError::Line(1)) }
    }

    /// Reads a checkpoint with its signatures.
    ///
    /// # Errors
    ///
    /// [`CheckpointError`] if it is none.
    pub fn parse(bytes: &[u8]) -> Result<Self, CheckpointError> {
        Self::of(Note::parse(bytes)?)
    }

    fn of(note: Note) -> Result<Self, CheckpointError> {
        Ok(Self { checkpoint: Checkpoint::from_text(note.text())?, note })
    }

    /// What it says. Believe it only after [`SignedCheckpoint::verify`] or a policy.
    #[must_use]
    pub fn checkpoint(&self) -> &Checkpoint {
        &self.checkpoint
    }

    /// The note it is.
    #[must_use]
    pub fn note(&self) -> &Note {
        &self.note
    }

    /// Adds a cosignature.
    ///
    /// # Errors
    ///
    /// [`NoteError::TooMany`].
    pub fn add(&mut self, signature: NoteSignature) -> Result<(), NoteError> {
        self.note.add(signature)
    }

    /// The keys among these that signed it.
    ///
    /// # Errors
    ///
    /// See [`Note::verify`].
    pub fn verify<'k>(&self, keys: &'k [VerifierKey]) -> Result<Vec<Verified<'k>>, NoteError> {
        self.note.verify(keys)
    }
}

impl fmt::Display for SignedCheckpoint {
    /// The bytes that [`SignedCheckpoint::parse`] reads: the object `checkpoint`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.note.fmt(f)
    }
}
