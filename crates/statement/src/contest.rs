//! The right to contest: what somebody says against a finding, and what a person with the right role answers.
//!
//! This room must not decide anything: it keeps what was said, in order.

use crate::bytes::{DeviceId, WorkloadId};
use crate::name::Name;
use minicbor::{Decode, Encode};

/// Most bytes of a statement of grounds or of an answer.
pub const MAX_GROUNDS: usize = 8 << 10;
/// Most pieces of material beside it, each named by its digest.
pub const MAX_MATERIAL: usize = 32;

/// What is contested: a finding of a device over a time.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct Contested {
    /// Name of this matter; the registry's caller gives it.
    #[n(0)]
    pub id: Name,
    /// The device.
    #[n(1)]
    pub device: DeviceId,
    /// The workload; all of the device's where left out.
    #[n(2)]
    pub workload: Option<WorkloadId>,
    /// The first statement by its number.
    #[n(3)]
    pub first: u64,
    /// The last statement by its number.
    #[n(4)]
    pub last: u64,
    /// What is said against it.
    #[n(5)]
    pub grounds: String,
    /// Material: a name and the SHA-256 of it, which the party keeps or has handed in.
    #[n(6)]
    pub material: Vec<(String, crate::bytes::Digest)>,
    /// By when an answer is due, milliseconds since 1970; the registry gives it.
    #[n(7)]
    pub due_ms: u64,
}

/// What a person answers.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct Answered {
    /// The matter.
    #[n(0)]
    pub id: Name,
    /// The outcome.
    #[n(1)]
    pub outcome: Outcome,
    /// The reasons.
    #[n(2)]
    pub reasons: String,
    /// Whether the operator agrees that the case serves to make identification better.
    #[n(3)]
    pub for_evaluation: bool,
}

/// How a matter ends, or goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Encode, Decode)]
#[cbor(index_only)]
pub enum Outcome {
    /// The finding stands.
    #[n(0)]
    Upheld,
    /// The finding was wrong.
    #[n(1)]
    Overturned,
    /// A part of it was wrong.
    #[n(2)]
    PartlyOverturned,
    /// The party took it back.
    #[n(3)]
    Withdrawn,
    /// More material is asked for; the matter stays open.
    #[n(4)]
    MoreAsked,
}

impl Outcome {
    /// Every outcome, in the order of their numbers.
    pub const ALL: [Self; 5] =
        [Self::Upheld, Self::Overturned, Self::PartlyOverturned, Self::Withdrawn, Self::MoreAsked];

    /// The outcome as a word.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Upheld => "upheld",
            Self::Overturned => "overturned",
            Self::PartlyOverturned => "partly-overturned",
            Self::Withdrawn => "withdrawn",
            Self::MoreAsked => "more-asked",
        }
    }

    /// The outcome of that word.
    #[must_use]
    pub fn named(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|outcome| outcome.word() == word)
    }

    /// Whether the matter is closed by it.
    #[must_use]
    pub const fn closes(self) -> bool {
        !matches!(self, Self::MoreAsked)
    }
}
