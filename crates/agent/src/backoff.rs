//! How long to wait before trying again: twice as long each time, with jitter, so that many devices do not come at once.
//!
//! Pure: the seed is an argument. Must not sleep.

use std::time::Duration;

/// The first wait, before jitter.
pub const FIRST: Duration = Duration::from_secs(1);
/// The longest wait, before jitter.
pub const LONGEST: Duration = Duration::from_secs(300);

/// Waits that grow.
#[derive(Clone, Debug)]
pub struct Backoff {
    next: Duration,
    random: u64,
}

impl Backoff {
    /// Waits whose jitter comes from this seed.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        Self { next: FIRST, random: seed }
    }

    /// It went well: begin anew.
    pub fn reset(&mut self) {
        self.next = FIRST;
    }

    /// How long to wait now: between half and the whole of a time that doubles up to [`LONGEST`], and never less than `least`.
    pub fn wait(&mut self, least: Duration) -> Duration {
        let whole = self.next;
        self.next = (self.next * 2).min(LONGEST);
        self.jitter(whole).max(self.jitter_over(least))
    }

    fn jitter(&mut self, whole: Duration) -> Duration {
        whole / 2 + (whole / 2).mul_f64(self.part())
    }

    /// A wait that was asked for, with up to a tenth on top.
    fn jitter_over(&mut self, least: Duration) -> Duration {
        least + (least / 10).mul_f64(self.part())
    }

    /// A number from 0 to 1 (SplitMix64, Steele, Lea and Flood 2014).
    fn part(&mut self) -> f64 {
        self.random = self.random.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.random;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        let upper = u32::try_from((z ^ (z >> 31)) >> 32).unwrap_or(u32::MAX);
        f64::from(upper) / f64::from(u32::MAX)
    }
}
