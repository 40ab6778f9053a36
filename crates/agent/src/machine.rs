//! Reads the machine's clocks and boot id. Must not reason about them: that is `clock`.

use crate::clock::{Moment, boot};
use rustix::time::{ClockId, clock_gettime};
use statement::KeyId;

/// Where Linux tells the id of this start (random(4)).
const BOOT_ID: &str = "/proc/sys/kernel/random/boot_id";

/// The clocks of this machine.
#[derive(Clone, Copy, Debug)]
pub struct Machine {
    boot: KeyId,
}

impl Machine {
    /// Reads the boot id; where there is none, every start looks like the same one.
    #[must_use]
    pub fn new() -> Self {
        Self { boot: boot(&std::fs::read_to_string(BOOT_ID).unwrap_or_default()) }
    }

    /// Both clocks now.
    #[must_use]
    pub fn now(&self) -> Moment {
        Moment { boot: self.boot, uptime_ms: read(ClockId::Boottime), wall_ms: wall_ms() }
    }
}

impl Default for Machine {
    fn default() -> Self {
        Self::new()
    }
}

/// Milliseconds since 1970.
#[must_use]
pub fn wall_ms() -> u64 {
    read(ClockId::Realtime)
}

fn read(clock: ClockId) -> u64 {
    let time = clock_gettime(clock);
    // A clock before 1970 counts as 1970.
    let seconds = u64::try_from(time.tv_sec).unwrap_or(0);
    let nanoseconds = u64::try_from(time.tv_nsec).unwrap_or(0);
    seconds.saturating_mul(1_000).saturating_add(nanoseconds / 1_000_000)
}
