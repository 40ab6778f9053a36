//! The sums that a component is made of: what hot code is like, and what was used.

use code::{Loop, Profile};
use facts::{ProcessKey, Usage};

/// Loops kept for explaining.
const MAX_LOOPS: usize = 16;

/// What the hot code of a component is like.
#[derive(Clone, Debug, Default)]
pub(crate) struct Hot {
    /// User-mode samples, and those that could be decoded.
    pub samples: u64,
    pub decoded: u64,
    /// Kernel-mode samples.
    pub kernel: u64,
    pub shares: Vec<f64>,
    pub addresses: f64,
    pub addresses50: f64,
    pub pages90: f64,
    pub in_loop: f64,
    pub loop_length: f64,
    pub loads: f64,
    pub stores: f64,
    pub single: f64,
    pub double: f64,
    pub half: f64,
    pub width: f64,
    pub arithmetic: f64,
    /// Shares of user samples in anonymous memory, and in memory writable and executable at once.
    pub anonymous: f64,
    pub writable: f64,
    /// Loops with the process they belong to, hottest first.
    pub loops: Vec<(ProcessKey, Loop)>,
}

/// Sums over the window.
#[derive(Clone, Debug, Default)]
pub(crate) struct Totals {
    pub user_ms: u64,
    pub system_ms: u64,
    pub read: u64,
    pub written: u64,
    pub disk_read: u64,
    pub disk_written: u64,
    pub calls: u64,
    pub faults: u64,
    pub waits: u64,
    pub preempted: u64,
    pub resident: u64,
    pub huge: u64,
    pub largest: u64,
    pub threads: u64,
    pub hot_threads: u64,
    pub processes: u64,
    pub started: u64,
    pub sent: u64,
    pub received: u64,
}

impl Totals {
    pub fn add(&mut self, usage: &Usage) {
        self.user_ms += usage.user_ms;
        self.system_ms += usage.system_ms;
        self.read += usage.read;
        self.written += usage.written;
        self.disk_read += usage.disk_read;
        self.disk_written += usage.disk_written;
        self.calls += usage.calls;
        self.faults += usage.faults;
        self.waits += usage.waits;
        self.preempted += usage.preempted;
    }
}

impl Hot {
    pub fn add(&mut self, key: ProcessKey, profile: Profile) {
        let weight = profile.samples as f64;
        self.decoded += profile.samples;
        for (sum, share) in self.shares.iter_mut().zip(profile.shares) {
            *sum += share * weight;
        }
        self.addresses += f64::from(profile.addresses);
        for (sum, value) in [
            (&mut self.addresses50, f64::from(profile.addresses50)),
            (&mut self.pages90, f64::from(profile.pages90)),
            (&mut self.in_loop, profile.in_loop),
            (&mut self.loop_length, profile.loop_length),
            (&mut self.loads, profile.load_share),
            (&mut self.stores, profile.store_share),
            (&mut self.single, profile.single),
            (&mut self.double, profile.double),
            (&mut self.half, profile.half),
            (&mut self.width, profile.width),
            (&mut self.arithmetic, profile.arithmetic),
        ] {
            *sum += value * weight;
        }
        self.loops.extend(profile.loops.into_iter().map(|l| (key, l)));
    }

    pub fn settle(&mut self) {
        let total = (self.decoded as f64).max(1.0);
        for value in self.shares.iter_mut().chain([
            &mut self.addresses50,
            &mut self.pages90,
            &mut self.in_loop,
            &mut self.loop_length,
            &mut self.loads,
            &mut self.stores,
            &mut self.single,
            &mut self.double,
            &mut self.half,
            &mut self.width,
            &mut self.arithmetic,
        ]) {
            *value /= total;
        }
        self.loops.sort_by_key(|(key, l)| (std::cmp::Reverse(l.samples), *key, l.start));
        self.loops.truncate(MAX_LOOPS);
    }
}
