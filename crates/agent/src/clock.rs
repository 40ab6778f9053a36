//! What the readings of two clocks say: steps of the one that people set, and how far it is from the registry's.
//!
//! Pure: readings are arguments. Must not read a clock: that is `machine`.

use statement::{Clock, Digest, KeyId};

/// A change of the clock of at least this much is a step, milliseconds; smaller ones are how clocks are kept right.
pub const STEP_MS: u64 = 1_000;

/// Both clocks at one moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Moment {
    /// This start of the machine.
    pub boot: KeyId,
    /// Milliseconds since it, sleep included (`CLOCK_BOOTTIME`).
    pub uptime_ms: u64,
    /// Milliseconds since 1970 (`CLOCK_REALTIME`).
    pub wall_ms: u64,
}

/// Watches the clock through an interval.
#[derive(Clone, Copy, Debug)]
pub struct ClockWatch {
    begin: Moment,
    last: Moment,
    /// The largest single step.
    largest: i64,
}

impl ClockWatch {
    /// Begins to watch.
    #[must_use]
    pub fn begin(now: Moment) -> Self {
        Self { begin: now, last: now, largest: 0 }
    }

    /// The moment of its begin.
    #[must_use]
    pub fn began(&self) -> Moment {
        self.begin
    }

    /// Takes in a reading within the interval.
    pub fn observe(&mut self, now: Moment) {
        let step = moved(self.last, now);
        if step.unsigned_abs() >= STEP_MS && step.unsigned_abs() >= self.largest.unsigned_abs() {
            self.largest = step;
        }
        self.last = now;
    }

    /// Milliseconds since the begin.
    #[must_use]
    pub fn elapsed_ms(&self) -> u64 {
        self.last.uptime_ms.saturating_sub(self.begin.uptime_ms)
    }

    /// What is to be said at the last reading. Where the clock was set back and forth so that nothing is left of it, the
    /// largest of the steps is told.
    #[must_use]
    pub fn state(&self, skew_ms: Option<i64>) -> Clock {
        let whole = moved(self.begin, self.last);
        let step = if whole.unsigned_abs() >= STEP_MS { whole } else { self.largest };
        Clock {
            boot: self.last.boot,
            uptime_ms: self.last.uptime_ms,
            step_ms: Some(step).filter(|step| step.unsigned_abs() >= STEP_MS),
            skew_ms,
        }
    }
}

/// How far the wall clock moved beyond the time that passed, milliseconds, forward positive. Another start of the machine
/// says nothing about it.
fn moved(from: Moment, to: Moment) -> i64 {
    if from.boot != to.boot {
        return 0;
    }
    let passed = i128::from(to.uptime_ms) - i128::from(from.uptime_ms);
    let shown = i128::from(to.wall_ms) - i128::from(from.wall_ms);
    held(shown - passed)
}

/// How far the wall clock is from the registry's, milliseconds, ahead positive: the middle of request and answer against
/// the answer's `Date`, which has whole seconds (RFC 9110, section 6.6.1) and so lies half a second back on average.
#[must_use]
pub fn skew_ms(sent_ms: u64, received_ms: u64, date_s: i64) -> i64 {
    let middle = i128::midpoint(i128::from(sent_ms), i128::from(received_ms));
    held(middle - (i128::from(date_s) * 1_000 + 500))
}

/// The short name of a start of the machine: the first bytes of the digest of its boot id.
#[must_use]
pub fn boot(id: &str) -> KeyId {
    let digest = Digest::of(id.trim().as_bytes());
    KeyId(digest.0.first_chunk().copied().unwrap_or_default())
}

fn held(ms: i128) -> i64 {
    i64::try_from(ms).unwrap_or(if ms < 0 { i64::MIN } else { i64::MAX })
}
