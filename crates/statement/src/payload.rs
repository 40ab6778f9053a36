//! The statement itself: what a device says it saw in one interval.

use crate::bytes::{DeviceId, Digest, KeyId, Nonce, WorkloadId};
use crate::cbor::{CborError, from_cbor};
use crate::code::{activities, kinds, sensors, states, tokens, units};
use facts::{Activity, EvidenceKind, Sensor, State, TokenState, UnitKind};
use minicbor::{Decode, Encode};

/// The version of this form.
pub const VERSION: u8 = 1;
/// Largest number of a statement: 2^53 - 1, exact in every JSON reader and far from the end of the counter.
pub const MAX_SEQUENCE: u64 = (1 << 53) - 1;
/// Most findings of one statement; the rest is summed up by the agent in one that says so.
pub const MAX_FINDINGS: usize = 64;
/// Most readings, components or items of evidence of one finding.
pub const MAX_PARTS: usize = 17;
/// Most bytes of a name, a reason or an algorithm.
pub const MAX_TEXT: usize = 96;
/// Shortest interval of a statement, in milliseconds.
pub const MIN_DURATION_MS: u32 = 1_000;
/// Longest interval of a statement, in milliseconds: one day.
pub const MAX_DURATION_MS: u32 = 86_400_000;

/// One signed statement, version 1.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct Statement {
    /// Version of this form, 1.
    #[n(0)]
    pub version: u8,
    /// The device that says it.
    #[n(1)]
    pub device: DeviceId,
    /// Number in the device's chain, from 0 without gaps, at most [`MAX_SEQUENCE`].
    #[n(2)]
    pub sequence: u64,
    /// Digest of the whole previous statement as sent, [`Digest::NONE`] at number 0 and nowhere else.
    #[n(3)]
    pub previous: Digest,
    /// Random, so that nothing can be guessed from the hash.
    #[n(4)]
    pub nonce: Nonce,
    /// Begin of the interval by the device's clock, milliseconds since 1970-01-01 UTC.
    #[n(5)]
    pub from_ms: u64,
    /// Length of the interval by a clock that does not step, in milliseconds.
    #[n(6)]
    pub duration_ms: u32,
    /// What could be seen in it.
    #[n(7)]
    pub coverage: Vec<SensorCoverage>,
    /// What was seen.
    #[n(8)]
    pub findings: Vec<Finding>,
    /// Energy of the whole device in the interval, where known.
    #[n(9)]
    pub energy: Option<Energy>,
    /// What is known about the device's clock.
    #[n(10)]
    pub clock: Clock,
    /// Statements that the device had to give up.
    #[n(11)]
    pub dropped: Option<Dropped>,
    /// How many intervals this one sums up.
    #[n(12)]
    pub intervals: u16,
    /// Version of the program that made it.
    #[n(13)]
    pub agent: String,
    /// Digest of the bulky evidence that stays on the device.
    #[n(14)]
    pub detail: Option<Digest>,
}

/// What one sensor could see.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct SensorCoverage {
    /// The sensor.
    #[cbor(n(0), with = "sensors")]
    pub sensor: Sensor,
    /// How much of it.
    #[cbor(n(1), with = "states")]
    pub state: State,
    /// Why not all; left out where all.
    #[n(2)]
    pub why: Option<String>,
}

/// One workload in the interval.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct Finding {
    /// The workload.
    #[n(0)]
    pub workload: WorkloadId,
    /// Its name.
    #[n(1)]
    pub name: String,
    /// What kind of unit it is.
    #[cbor(n(2), with = "units")]
    pub unit: UnitKind,
    /// What it may be doing, likeliest first.
    #[n(3)]
    pub readings: Vec<Reading>,
    /// Its parts where it does several things at once; empty where it does one.
    #[n(4)]
    pub mixture: Vec<Component>,
    /// The named computation, where known.
    #[n(5)]
    pub algorithm: Option<String>,
    /// Whether it earns a token.
    #[cbor(n(6), with = "tokens")]
    pub token: TokenState,
    /// Processor time in the interval, in milliseconds.
    #[n(7)]
    pub cpu_ms: u64,
    /// Energy in the interval, in millijoules, where it can be told apart.
    #[n(8)]
    pub energy_mj: Option<u64>,
    /// The evidence, weightiest first.
    #[n(9)]
    pub evidence: Vec<Evidence>,
}

/// One activity a workload may be doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct Reading {
    /// The activity.
    #[cbor(n(0), with = "activities")]
    pub activity: Activity,
    /// Its probability in thousandths.
    #[n(1)]
    pub permille: u16,
}

/// One part of a mixture.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct Component {
    /// The activity.
    #[cbor(n(0), with = "activities")]
    pub activity: Activity,
    /// Its share of the processor time in thousandths.
    #[n(1)]
    pub share_permille: u16,
    /// Its probability in thousandths.
    #[n(2)]
    pub permille: u16,
}

/// One item of evidence in short; what was seen in full stays on the device.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct Evidence {
    /// What kind.
    #[cbor(n(0), with = "kinds")]
    pub kind: EvidenceKind,
    /// What it speaks for.
    #[cbor(n(1), with = "activities")]
    pub supports: Activity,
    /// Its weight in thousandths of log10 of the likelihood ratio.
    #[n(2)]
    pub millibans: i32,
}

/// Energy with where it is from.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct Energy {
    /// Millijoules in the interval.
    #[n(0)]
    pub millijoules: u64,
    /// What measured it, for instance `rapl` or `meter`.
    #[n(1)]
    pub source: String,
}

/// What is known about the clock of the device.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct Clock {
    /// This start of the machine: the first bytes of a digest of its boot id.
    #[n(0)]
    pub boot: KeyId,
    /// Milliseconds since that start at the end of the interval, sleep included.
    #[n(1)]
    pub uptime_ms: u64,
    /// By how much the clock was set during the interval, in milliseconds, forward positive; left out where it was not.
    #[n(2)]
    pub step_ms: Option<i64>,
    /// How far the clock is from the registry's at last contact, in milliseconds, ahead positive.
    #[n(3)]
    pub skew_ms: Option<i64>,
}

/// Statements of the same device that no longer exist.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct Dropped {
    /// The first number.
    #[n(0)]
    pub first: u64,
    /// How many.
    #[n(1)]
    pub count: u64,
    /// Why.
    #[n(2)]
    pub why: String,
}

/// Why a payload is refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PayloadError {
    /// Not a statement in its one form.
    #[error(transparent)]
    Cbor(#[from] CborError),
    /// Another version.
    #[error("statement of version {found}, expected {VERSION}")]
    Version {
        /// What was found.
        found: u8,
    },
    /// A number or length beyond what it may be.
    #[error("{what} is {found}, expected {expected}")]
    Range {
        /// Which.
        what: &'static str,
        /// What was found.
        found: i128,
        /// What is allowed.
        expected: &'static str,
    },
    /// A chain that begins elsewhere than at number 0, or does not begin there.
    #[error(
        "statement {sequence} names {previous} as the one before, expected none at number 0 and one elsewhere"
    )]
    Begin {
        /// Its number.
        sequence: u64,
        /// What it names as the one before.
        previous: Digest,
    },
    /// Text that cannot be shown.
    #[error("{what} has a control character")]
    Text {
        /// Which.
        what: &'static str,
    },
}

impl Finding {
    /// What it does in parts: its mixture, or the whole of it as the likeliest reading; none without a reading.
    #[must_use]
    pub fn parts(&self) -> Vec<Component> {
        if !self.mixture.is_empty() {
            return self.mixture.clone();
        }
        let leading = self.readings.iter().max_by_key(|r| r.permille);
        let whole =
            |r: &Reading| Component { activity: r.activity, share_permille: 1_000, permille: r.permille };
        leading.map(whole).into_iter().collect()
    }
}

impl Statement {
    /// Reads a statement from its one form and checks that it can be true.
    ///
    /// # Errors
    ///
    /// [`PayloadError`].
    pub fn from_cbor(bytes: &[u8]) -> Result<Self, PayloadError> {
        let statement: Self = from_cbor(bytes, "statement")?;
        statement.check()?;
        Ok(statement)
    }

    /// The end of the interval, milliseconds since 1970.
    #[must_use]
    pub fn until_ms(&self) -> u64 {
        self.from_ms.saturating_add(u64::from(self.duration_ms))
    }
}
