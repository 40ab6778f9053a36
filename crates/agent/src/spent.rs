//! Processor time that this thread has had: what looking costs, told apart from all else.
//!
//! Must not decide anything: the agent says at its end what it spent, and no more.

use rustix::time::{ClockId, clock_gettime};
use std::time::Duration;

/// Processor time of this thread since it began, in nanoseconds of the scheduler's clock.
pub fn by_this_thread() -> Duration {
    let time = clock_gettime(ClockId::ThreadCPUTime);
    let seconds = u64::try_from(time.tv_sec).unwrap_or(0);
    Duration::new(seconds, u32::try_from(time.tv_nsec).unwrap_or(0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn work_is_counted() {
        let before = by_this_thread();
        let mut sum = 0_u64;
        while by_this_thread() < before + Duration::from_millis(2) {
            sum = sum.wrapping_add(std::hint::black_box(1));
        }
        assert!(sum > 0);
    }
}
