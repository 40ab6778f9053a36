//! Processor time that this thread has had, as the kernel's scheduler counts it: what looking costs, told apart from all else.
//!
//! Must not decide anything: the agent says at its end what it spent, and no more.

use std::time::Duration;

/// Processor time of this thread since it began, in steps of the scheduler's clock (nanoseconds); none where the kernel does
/// not tell.
pub fn by_this_thread() -> Option<Duration> {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").ok()?;
    text.split(' ').next()?.parse().ok().map(Duration::from_nanos)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn work_is_counted() {
        let before = by_this_thread().unwrap();
        let mut sum = 0_u64;
        while by_this_thread().unwrap() < before + Duration::from_millis(2) {
            sum = sum.wrapping_add(std::hint::black_box(1));
        }
        assert!(sum > 0);
    }
}
