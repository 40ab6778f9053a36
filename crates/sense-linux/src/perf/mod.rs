//! Sampling of program counters with `perf_event_open(2)`, within a budget for the whole machine.
//!
//! Preferred: one software-clock event for each processor that sees every process. Without the right to that:
//! events on the observer's own user's busy processes. It only samples and tells of tasks; what the samples
//! mean is for others.

mod event;
pub mod record;

pub use record::Record;

use event::{Event, Request, Ring};
use std::collections::HashMap;
use std::io;

/// Bytes of ring for each processor; the default allowance of an unprivileged user is 516 KiB.
const RING: usize = 128 * 1024;
/// Fewest and most samples a second for the whole machine.
const RATES: (u32, u32) = (1, 2_000);
/// Most threads that are followed one by one without the right to see the whole machine.
const FOLLOWED: usize = 64;

/// How far the sampler sees.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reach {
    /// Every process; `kernel` says whether time in the kernel is sampled too.
    Machine {
        /// Whether samples in the kernel are taken.
        kernel: bool,
    },
    /// Processes of the same user, one by one.
    Own {
        /// Why not the machine.
        why: String,
    },
    /// Nothing.
    Nothing {
        /// Why.
        why: String,
    },
}

struct Cpu {
    number: u32,
    ring: Ring,
    /// The machine-wide event, or the silent one whose ring the followed threads share.
    event: Event,
}

/// The sampler.
pub struct Sampler {
    reach: Reach,
    hardware: bool,
    cpus: Vec<Cpu>,
    followed: HashMap<u32, Vec<Event>>,
    rate: u32,
    bytes: Vec<u8>,
}

impl Sampler {
    /// Opens the widest view that is allowed on processors `cpus` of a kernel of `release`.
    pub fn open(cpus: &[u32], rate: u32, release: &str) -> Self {
        let mut sampler = Self {
            reach: Reach::Nothing { why: String::new() },
            hardware: clock_is_dangerous(release),
            cpus: Vec::new(),
            followed: HashMap::new(),
            rate: rate.clamp(RATES.0, RATES.1),
            bytes: Vec::with_capacity(RING),
        };
        sampler.reach = sampler.open_widest(cpus, release);
        sampler
    }

    fn open_widest(&mut self, cpus: &[u32], release: &str) -> Reach {
        let mut refused = None;
        for kernel in [true, false] {
            let period = self.period(cpus.len());
            let request = Request {
                hardware: self.hardware,
                silent: false,
                period,
                exclude_kernel: !kernel,
                inherit: false,
                side_band: true,
            };
            match open_all(cpus, request, -1) {
                Ok(opened) => {
                    self.cpus = opened;
                    return Reach::Machine { kernel };
                }
                Err(error) => refused = Some(error),
            }
        }
        let why = refused.map(|e| explain(&e, self.hardware, release)).unwrap_or_default();
        let silent = Request {
            hardware: self.hardware,
            silent: true,
            period: 0,
            exclude_kernel: true,
            inherit: false,
            side_band: false,
        };
        if self.hardware {
            return Reach::Nothing { why };
        }
        match open_all(cpus, silent, 0) {
            Ok(opened) => {
                self.cpus = opened;
                Reach::Own { why }
            }
            Err(_) => Reach::Nothing { why },
        }
    }

    /// How far it sees.
    pub fn reach(&self) -> &Reach {
        &self.reach
    }

    /// Whether every process is sampled.
    pub fn sees_machine(&self) -> bool {
        matches!(self.reach, Reach::Machine { .. })
    }

    /// Processor time that one sample stands for, microseconds.
    pub fn hit_us(&self) -> u64 {
        let cpus = u64::try_from(self.cpus.len()).unwrap_or(1).max(1);
        cpus * 1_000_000 / u64::from(self.rate)
    }

    /// Nanoseconds of one processor between samples, or samples a second for hardware cycles.
    fn period(&self, cpus: usize) -> u64 {
        let cpus = u64::try_from(cpus).unwrap_or(1).max(1);
        if self.hardware {
            return (u64::from(self.rate) / cpus).max(1);
        }
        // A little off the round figure, so that samples drift through work that is itself periodic.
        (cpus * 1_000_000_000 / u64::from(self.rate)) * 997 / 1000 + 1
    }

    /// Sets the samples a second for the whole machine.
    pub fn set_rate(&mut self, rate: u32) {
        self.rate = rate.clamp(RATES.0, RATES.1);
        let period = self.period(self.cpus.len());
        let machine = self.sees_machine();
        let own = self.followed.values().flatten();
        for event in self.cpus.iter().filter(|_| machine).map(|c| &c.event).chain(own) {
            let _ = event.set_period(period);
        }
    }

    /// Follows the threads of busy processes of our own, where the machine is not seen. Threads that are no
    /// longer among them are let go.
    pub fn follow(&mut self, threads: &[u32]) {
        if !matches!(self.reach, Reach::Own { .. }) {
            return;
        }
        self.followed.retain(|thread, _| threads.contains(thread));
        let period = self.period(self.cpus.len());
        let request = Request {
            hardware: false,
            silent: false,
            period,
            exclude_kernel: true,
            inherit: true,
            side_band: false,
        };
        for thread in threads {
            if self.followed.len() >= FOLLOWED || self.followed.contains_key(thread) {
                continue;
            }
            let events = self.cpus.iter().filter_map(|cpu| {
                let event = request.open(i32::try_from(*thread).ok()?, cpu.number).ok()?;
                event.redirect(&cpu.event).ok()?;
                Some(event)
            });
            let events: Vec<Event> = events.collect();
            if !events.is_empty() {
                self.followed.insert(*thread, events);
            }
        }
    }

    /// Takes out what the kernel wrote since the last call, in order of time.
    pub fn drain(&mut self, records: &mut Vec<Record>) {
        records.clear();
        for cpu in &self.cpus {
            self.bytes.clear();
            cpu.ring.drain(&mut self.bytes);
            record::parse_all(&self.bytes, records);
        }
        records.sort_by_key(Record::time);
    }
}

fn open_all(cpus: &[u32], request: Request, pid: i32) -> io::Result<Vec<Cpu>> {
    let mut opened = Vec::with_capacity(cpus.len());
    for &number in cpus {
        let event = request.open(pid, number)?;
        let ring = event.ring(RING)?;
        opened.push(Cpu { number, ring, event });
    }
    Ok(opened)
}

/// Kernels 6.16 and 6.17 can hang when a software clock event is throttled or disabled in its own timer
/// (async-profiler issue 1578); which patch level mends it differs by distribution.
fn clock_is_dangerous(release: &str) -> bool {
    let mut parts = release.split(|c: char| !c.is_ascii_digit()).map(str::parse::<u32>);
    matches!((parts.next(), parts.next()), (Some(Ok(6)), Some(Ok(16 | 17))))
}

fn explain(error: &io::Error, hardware: bool, release: &str) -> String {
    if hardware {
        return format!(
            "sampling is off: Linux {release} can hang with software clock events, and hardware cycle \
             counters cannot be used here ({error}); another kernel, or root on hardware with counters, would \
             change that"
        );
    }
    match error.raw_os_error() {
        Some(libc::EACCES | libc::EPERM) => "system-wide sampling is not permitted; root, or CAP_PERFMON \
            with CAP_SYS_PTRACE, would show every process"
            .into(),
        Some(libc::ENOSYS) => "this kernel has no perf_event_open (or a seccomp filter hides it)".into(),
        Some(libc::ENOENT | libc::EOPNOTSUPP | libc::ENODEV) => {
            "this kernel has no software clock event for perf_event_open".into()
        }
        Some(libc::EMFILE | libc::ENFILE) => {
            "too few file descriptors for one event on each processor".into()
        }
        _ => format!("perf_event_open failed: {error}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_two_kernels_that_hang_are_told_by_their_release() {
        assert!(clock_is_dangerous("6.16.3-arch1-1"));
        assert!(clock_is_dangerous("6.17-rc2"));
        assert!(!clock_is_dangerous("6.18.44"));
        assert!(!clock_is_dangerous("5.16.0"));
        assert!(!clock_is_dangerous("nonsense"));
    }

    #[test]
    fn own_work_is_sampled_where_the_kernel_allows_it() {
        let mut sampler = Sampler::open(&[0], 1_000, "6.18");
        if matches!(sampler.reach(), Reach::Nothing { .. }) {
            eprintln!("skipped: {:?}", sampler.reach());
            return;
        }
        let tids: Vec<u32> = std::fs::read_dir("/proc/self/task")
            .unwrap()
            .filter_map(|t| t.ok()?.file_name().to_str()?.parse().ok())
            .collect();
        sampler.follow(&tids);
        let (mut records, mut seen) = (Vec::new(), 0);
        let begin = std::time::Instant::now();
        while begin.elapsed().as_millis() < 1_500 && seen == 0 {
            std::hint::black_box((0..100_000u64).fold(0, |a, b| a ^ b.wrapping_mul(3)));
            sampler.drain(&mut records);
            seen += records.iter().filter(|r| matches!(r, Record::Sample { .. })).count();
        }
        // The thread may have run on another processor all the time; then nothing can be said.
        if seen == 0 && std::thread::available_parallelism().unwrap().get() > 1 {
            eprintln!("skipped: never scheduled on processor 0");
            return;
        }
        assert!(seen > 0);
    }
}
