//! One piece of invented work: a number that everything in a job follows from, and how hard it is. Plain
//! arithmetic: no clock, no randomness.

/// Most hashes that one share may be asked to cost.
pub const MAX_DIFFICULTY: u64 = 1 << 31;

/// A job.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Work {
    /// Counts jobs; every byte of the job follows from it.
    pub number: u64,
    /// Hashes that one share costs on average, from 1 to 2³¹.
    pub difficulty: u64,
}

impl Work {
    /// The name of the job.
    #[must_use]
    pub fn id(&self) -> String {
        format!("{:08x}", self.number)
    }

    /// `length` invented bytes in hex, the same for the same job and `part`.
    #[must_use]
    pub fn hex(&self, part: u64, length: usize) -> String {
        let mut state =
            self.number.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ part.wrapping_mul(0xd134_2543_de82_ef95);
        (0..length)
            .map(|_| {
                state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                format!("{:02x}", (state >> 56) as u8)
            })
            .collect()
    }

    /// The largest 256-bit hash that counts as a share, big-endian hex.
    #[must_use]
    pub fn target(&self) -> String {
        let divisor = u128::from(self.difficulty.max(1));
        let mut rest = 0_u128;
        (0..8)
            .map(|_| {
                let limb = (rest << 32) | 0xffff_ffff;
                rest = limb % divisor;
                format!("{:08x}", limb / divisor)
            })
            .collect()
    }

    /// The largest leading 32 bits of a share, as Monero pools write it: four bytes, little-endian hex.
    #[must_use]
    pub fn short_target(&self) -> String {
        let target = u64::from(u32::MAX) / self.difficulty.max(1);
        format!("{:08x}", (target.max(1) as u32).swap_bytes())
    }

    /// The same as Bitcoin pools write it: hashes in units of 2³².
    #[must_use]
    pub fn pool_difficulty(&self) -> f64 {
        self.difficulty as f64 / 4_294_967_296.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_target_is_the_hash_space_divided_by_the_difficulty() {
        let work = |difficulty| Work { number: 1, difficulty };
        assert_eq!(work(1).target(), "f".repeat(64));
        assert_eq!(work(256).target(), format!("00{}", "f".repeat(62)));
        assert_eq!(work(256).short_target(), "ffffff00");
        assert_eq!(work(1 << 31).pool_difficulty(), 0.5);
    }

    #[test]
    fn different_jobs_have_different_bytes_and_the_same_job_the_same() {
        let (one, two) = (Work { number: 1, difficulty: 9 }, Work { number: 2, difficulty: 9 });
        assert_eq!(one.hex(0, 32), one.hex(0, 32));
        assert_ne!(one.hex(0, 32), one.hex(1, 32));
        assert_ne!(one.hex(0, 32), two.hex(0, 32));
        assert_eq!(two.hex(0, 76).len(), 152);
    }
}
