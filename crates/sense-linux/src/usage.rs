//! What a process used: counters since it began, and the differences that make a slice.

use crate::procfs::Reader;
use crate::procfs::stat::Stat;
use crate::procfs::status::{self, Io, Status};
use facts::{ProcessKey, Usage};

/// Milliseconds in a clock tick (`USER_HZ` is 100).
pub const TICK_MS: u64 = 10;
/// Most threads of which context switches are read.
const THREADS: usize = 4;

/// Counters since the process began, and levels.
#[derive(Clone, Debug, Default)]
pub struct Counters {
    /// User and system time, ticks.
    pub time: (u64, u64),
    /// Faults without I/O.
    pub faults: u64,
    /// Threads now.
    pub threads: u32,
    /// Bytes moved, where readable.
    pub io: Option<Io>,
    /// Resident memory, user and switches.
    pub status: Status,
    /// Context switches of single threads.
    switches: Vec<(u32, u64, u64)>,
}

/// Reads the counters of a process whose `stat` was just read; `hot` are the threads worth a look.
pub fn read(reader: &mut Reader, pid: u32, stat: &Stat, hot: &[u32]) -> Counters {
    let status = reader.read(pid, "status").map(status::parse).unwrap_or_default();
    let io = reader.read(pid, "io").ok().and_then(status::parse_io);
    let mut switches = vec![(pid, status.waits, status.preempted)];
    for &thread in hot.iter().filter(|t| **t != pid).take(THREADS) {
        if let Ok(text) = reader.read(pid, &format!("task/{thread}/status")) {
            let status = status::parse(text);
            switches.push((thread, status.waits, status.preempted));
        }
    }
    Counters {
        time: (stat.user, stat.system),
        faults: stat.faults,
        threads: stat.threads,
        io,
        status,
        switches,
    }
}

/// The difference of two readings. Where there is no earlier one the process began in this slice.
pub fn difference(process: ProcessKey, before: Option<&Counters>, now: &Counters, hot_threads: u32) -> Usage {
    let zero = Counters::default();
    let was = before.unwrap_or(&zero);
    let io = now.io.unwrap_or_default();
    // Counters that only now became readable tell nothing of this slice.
    let io_was = if before.is_some() && was.io.is_none() { io } else { was.io.unwrap_or_default() };
    let (waits, preempted) = switched(before, now);
    Usage {
        process,
        user_ms: now.time.0.saturating_sub(was.time.0) * TICK_MS,
        system_ms: now.time.1.saturating_sub(was.time.1) * TICK_MS,
        read: io.read.saturating_sub(io_was.read),
        written: io.written.saturating_sub(io_was.written),
        disk_read: io.disk_read.saturating_sub(io_was.disk_read),
        disk_written: io.disk_written.saturating_sub(io_was.disk_written),
        calls: io.calls.saturating_sub(io_was.calls),
        faults: now.faults.saturating_sub(was.faults),
        waits,
        preempted,
        resident: now.status.resident,
        huge: None,
        largest: None,
        threads: now.threads,
        hot_threads,
    }
}

/// Switches of the threads that were read both times.
fn switched(before: Option<&Counters>, now: &Counters) -> (u64, u64) {
    now.switches.iter().fold((0, 0), |sum, (thread, waits, preempted)| {
        let was = match before {
            None => Some((0, 0)),
            Some(c) => c.switches.iter().find(|s| s.0 == *thread).map(|s| (s.1, s.2)),
        };
        let was = was.unwrap_or((*waits, *preempted));
        (sum.0 + waits.saturating_sub(was.0), sum.1 + preempted.saturating_sub(was.1))
    })
}

/// Usage told by samples alone, for a process that ended before it could be read or was hardly sampled.
pub fn from_samples(process: ProcessKey, user: u32, kernel: u32, hit_us: u64, hot_threads: u32) -> Usage {
    let mut usage = difference(process, None, &Counters::default(), hot_threads);
    usage.user_ms = u64::from(user) * hit_us / 1000;
    usage.system_ms = u64::from(kernel) * hit_us / 1000;
    usage.threads = hot_threads;
    usage
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: ProcessKey = ProcessKey { pid: 1, start: 1 };

    #[test]
    fn a_difference_never_goes_below_zero() {
        let high = Counters { time: (9, 9), faults: 9, ..Counters::default() };
        let usage = difference(KEY, Some(&high), &Counters::default(), 1);
        assert_eq!((usage.user_ms, usage.system_ms, usage.faults), (0, 0, 0));
    }

    #[test]
    fn counters_that_become_readable_do_not_count_as_this_slices_data() {
        let now = Counters { io: Some(Io { read: 5_000, ..Io::default() }), ..Counters::default() };
        assert_eq!(difference(KEY, Some(&Counters::default()), &now, 1).read, 0);
        assert_eq!(difference(KEY, None, &now, 1).read, 5_000);
    }

    #[test]
    fn switches_count_only_for_threads_read_twice() {
        let was = Counters { switches: vec![(1, 10, 20)], ..Counters::default() };
        let now = Counters { switches: vec![(1, 13, 24), (2, 900, 900)], ..Counters::default() };
        let usage = difference(KEY, Some(&was), &now, 2);
        assert_eq!((usage.waits, usage.preempted), (3, 4));
    }

    #[test]
    fn samples_stand_in_for_a_process_that_is_gone() {
        let usage = from_samples(KEY, 3, 1, 10_000, 1);
        assert_eq!((usage.user_ms, usage.system_ms), (30, 10));
    }
}
