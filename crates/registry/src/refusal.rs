//! Why a statement is not admitted: one reason each, with what was found and what was expected.

use statement::{DeviceId, Digest, KeyId, PayloadError};

/// Why a statement is not admitted.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// Not a statement, or not one that can be true.
    #[error(transparent)]
    Malformed(#[from] PayloadError),
    /// No device has this key.
    #[error("no device has key {key}; enrol it first")]
    UnknownKey {
        /// What was found.
        key: KeyId,
    },
    /// The key, or its device, was revoked, or replaced before the statement was made.
    #[error(
        "key {key} does not count for a statement that ends at {until_ms}: it ended at {ended_ms} (milliseconds since 1970)"
    )]
    EndedKey {
        /// Which key.
        key: KeyId,
        /// End of the statement's interval.
        until_ms: u64,
        /// When the key ended.
        ended_ms: u64,
    },
    /// The signature does not hold.
    #[error("the signature does not hold for key {key}")]
    Signature {
        /// Which key.
        key: KeyId,
    },
    /// Signed by one device in the name of another.
    #[error("statement of device {found} is signed by a key of device {expected}")]
    OtherDevice {
        /// What was found.
        found: DeviceId,
        /// What was expected.
        expected: DeviceId,
    },
    /// It does not follow what it says it follows.
    #[error("statement {sequence} names {found} as the one before, expected {expected}")]
    Chain {
        /// Its number.
        sequence: u64,
        /// What was found.
        found: Digest,
        /// What was expected.
        expected: Digest,
    },
    /// A second statement with a number that another has.
    #[error(
        "statement {sequence} is {found}, but {expected} was admitted under this number: the device speaks with two tongues"
    )]
    Equivocation {
        /// Its number.
        sequence: u64,
        /// What was found.
        found: Digest,
        /// What was admitted.
        expected: Digest,
    },
    /// Too many statements are missing in too many places.
    #[error(
        "statement {sequence} would open gap number {most} in the chain after statement {next}; send the missing ones first"
    )]
    Gaps {
        /// Its number.
        sequence: u64,
        /// What is allowed.
        most: usize,
        /// The next number without it.
        next: u64,
    },
    /// It is about a time that has not come.
    #[error(
        "interval ends at {until_ms}, {ahead_ms} ms ahead of this clock, expected at most {allowed_ms} ms"
    )]
    Ahead {
        /// End of its interval.
        until_ms: u64,
        /// By how much.
        ahead_ms: u64,
        /// What is allowed.
        allowed_ms: u64,
    },
    /// It is about a time long gone.
    #[error("interval ended {age_days} days ago, expected at most {allowed_days}")]
    Old {
        /// How long ago.
        age_days: u64,
        /// What is allowed.
        allowed_days: u64,
    },
    /// It covers time that the statement before covers, without saying that the clock was set.
    #[error(
        "interval begins at {from_ms}, before the end of the statement before at {until_ms}, and no clock step is stated"
    )]
    Overlap {
        /// Begin of its interval.
        from_ms: u64,
        /// End of the one before.
        until_ms: u64,
    },
    /// Too many at once.
    #[error("device has sent more than its share; try again in {after_s} s")]
    Rate {
        /// When to try again, in seconds.
        after_s: u64,
    },
}

impl Refusal {
    /// Its name for programs; never changes.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Malformed(_) => "malformed",
            Self::UnknownKey { .. } => "unknown-key",
            Self::EndedKey { .. } => "ended-key",
            Self::Signature { .. } => "bad-signature",
            Self::OtherDevice { .. } => "other-device",
            Self::Chain { .. } => "chain-broken",
            Self::Equivocation { .. } => "equivocation",
            Self::Gaps { .. } => "too-many-gaps",
            Self::Ahead { .. } => "ahead-of-clock",
            Self::Old { .. } => "too-old",
            Self::Overlap { .. } => "overlap",
            Self::Rate { .. } => "rate-limited",
        }
    }

    /// Whether the same statement may be admitted later.
    #[must_use]
    pub const fn passes(&self) -> bool {
        matches!(self, Self::Ahead { .. } | Self::Rate { .. } | Self::UnknownKey { .. } | Self::Gaps { .. })
    }
}
