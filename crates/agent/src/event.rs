//! What happens while an agent runs, for whoever shows or counts it. Must not be needed for anything else.

use crate::journal::Damage;
use statement::Digest;
use std::fmt;

/// Something that happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// A statement is on the disk.
    Stated {
        /// Its number.
        sequence: u64,
        /// Its findings.
        findings: usize,
    },
    /// A statement could not be written; it is joined to the next.
    NotStated {
        /// Why.
        why: String,
    },
    /// Statements were sent, or let go of by receipt.
    Exchanged {
        /// How many were sent.
        sent: usize,
        /// How many were let go of.
        released: usize,
    },
    /// Sending failed and is tried again.
    Trouble {
        /// Why.
        why: String,
        /// After how many milliseconds.
        again_ms: u64,
    },
    /// A statement is not admitted.
    Refused {
        /// Its number.
        sequence: u64,
        /// The reason in one word.
        reason: String,
        /// What was found and expected.
        detail: String,
    },
    /// The registry has statements that this device knows nothing of: it was rolled back to an older copy.
    RolledBack {
        /// The first of them.
        first: u64,
        /// How many.
        count: u64,
    },
    /// The registry has another statement under this number.
    Foreign {
        /// The number.
        sequence: u64,
    },
    /// Statements were signed again under other numbers.
    SignedAgain {
        /// How many.
        signed: u64,
        /// How many numbers are missing before them.
        lost: u64,
    },
    /// Something on the disk is not what was written.
    Damaged(Damage),
    /// Looking has ended.
    Looked {
        /// Processor time that it took since the start, in microseconds.
        micros: u64,
    },
    /// Evidence was handed over.
    Evidence {
        /// Which.
        digest: Digest,
    },
    /// Evidence was asked for and is not to be had.
    NoEvidence {
        /// Which.
        digest: Digest,
        /// Why.
        why: String,
    },
    /// Evidence could not be kept.
    EvidenceLost {
        /// Why.
        why: String,
    },
}

impl Event {
    /// Whether somebody should look at it.
    #[must_use]
    pub const fn is_trouble(&self) -> bool {
        !matches!(
            self,
            Self::Stated { .. } | Self::Exchanged { .. } | Self::Looked { .. } | Self::Evidence { .. }
        )
    }
}

impl fmt::Display for Event {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Stated { sequence, findings } => write!(f, "statement {sequence} with {findings} findings"),
            Self::NotStated { why } => write!(f, "a statement is kept in memory: {why}"),
            Self::Exchanged { sent, released } => {
                write!(f, "{sent} statements sent, {released} proven and let go of")
            }
            Self::Looked { micros } => write!(f, "looking took {micros} µs of processor time"),
            Self::Trouble { why, again_ms } => write!(f, "{why}; again in {again_ms} ms"),
            Self::Refused { sequence, reason, detail } => {
                write!(f, "the registry does not admit statement {sequence}: {reason} ({detail})")
            }
            Self::RolledBack { first, count } => write!(
                f,
                "the registry has {count} statements from number {first} on that are not on this disk: it is an older copy"
            ),
            Self::Foreign { sequence } => {
                write!(f, "the registry has another statement under number {sequence}; ours is signed again")
            }
            Self::SignedAgain { signed, lost } => {
                write!(f, "{signed} statements signed again, {lost} numbers missing")
            }
            Self::Damaged(damage) => write!(f, "damage on the disk: {damage}"),
            Self::Evidence { digest } => write!(f, "evidence {digest} handed over"),
            Self::NoEvidence { digest, why } => write!(f, "evidence {digest} was asked for: {why}"),
            Self::EvidenceLost { why } => write!(f, "evidence could not be kept: {why}"),
        }
    }
}
