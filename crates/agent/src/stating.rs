//! From slices to statements on the disk: gathers an interval, closes it in time, and keeps what cannot be written.
//!
//! Must not wait, and must not send.

use crate::clock::ClockWatch;
use crate::daemon::Config;
use crate::detail::Detail;
use crate::disk::Disk;
use crate::event::Event;
use crate::machine::Machine;
use crate::shared::Shared;
use crate::summary::{About, Interval, consolidate};
use facts::Looked;
use statement::{DeviceId, DeviceKey, MIN_DURATION_MS, Statement};
use std::time::{Duration, Instant};

/// Gathers intervals.
pub struct Stating<'a, D> {
    shared: &'a Shared<D>,
    key: DeviceKey,
    machine: Machine,
    device: DeviceId,
    interval: Duration,
    intervals: usize,
    version: String,
    watch: ClockWatch,
    /// When the last slice ended, by a clock that stands still while the machine sleeps.
    looked: Instant,
    gathered: Interval,
    detail: Detail,
    skew_ms: Option<i64>,
    /// Intervals that are not on the disk yet: to be summed up, or because writing failed.
    held: Vec<Statement>,
}

impl<'a, D: Disk> Stating<'a, D> {
    /// Begins an interval.
    #[must_use]
    pub fn new(shared: &'a Shared<D>, key: DeviceKey, config: &Config) -> Self {
        let machine = Machine::new();
        let device = shared.spool().device();
        Self {
            shared,
            key,
            machine,
            device,
            interval: config.interval,
            intervals: usize::from(config.intervals.max(1)),
            version: config.version.clone(),
            watch: ClockWatch::begin(machine.now()),
            looked: Instant::now(),
            gathered: Interval::new(device),
            detail: Detail::default(),
            skew_ms: None,
            held: Vec::new(),
        }
    }

    /// Takes in a closed slice; `true` if that made a statement.
    pub fn absorb(&mut self, looked: Looked, skew_ms: Option<i64>, report: &mut impl FnMut(Event)) -> bool {
        self.watch.observe(self.machine.now());
        self.skew_ms = skew_ms;
        let slice = std::mem::replace(&mut self.looked, Instant::now()).elapsed();
        self.gathered.absorb(&looked, u32::try_from(slice.as_millis()).unwrap_or(u32::MAX));
        self.detail.absorb(looked);
        if u128::from(self.watch.elapsed_ms()) < self.interval.as_millis() {
            return false;
        }
        self.end_interval(report);
        self.held.len() >= self.intervals && self.write(report)
    }

    /// Closes the running interval, if anything of it is worth stating, and writes what is held.
    pub fn close(&mut self, report: &mut impl FnMut(Event)) {
        self.watch.observe(self.machine.now());
        if self.watch.elapsed_ms() >= u64::from(MIN_DURATION_MS) {
            self.end_interval(report);
        }
        self.write(report);
    }

    fn end_interval(&mut self, report: &mut impl FnMut(Event)) {
        let (from_ms, duration_ms) = (self.watch.began().wall_ms, self.watch.elapsed_ms());
        let detail = std::mem::take(&mut self.detail).document(from_ms, duration_ms);
        let detail = detail.and_then(|document| match self.shared.evidence().keep(document.as_bytes()) {
            Ok(digest) => Some(digest),
            Err(error) => {
                report(Event::EvidenceLost { why: error.to_string() });
                None
            }
        });
        let clock = self.watch.state(self.skew_ms);
        let agent = self.version.clone();
        let about = About { from_ms, duration_ms, clock, energy: None, agent, detail };
        self.held.push(self.gathered.statement(about));
        self.gathered = Interval::new(self.device);
        self.watch = ClockWatch::begin(self.machine.now());
    }

    /// Writes what is held as one statement. What cannot be written is summed up and tried again with the next.
    fn write(&mut self, report: &mut impl FnMut(Event)) -> bool {
        let Some(draft) = consolidate(&self.held) else { return false };
        let findings = draft.findings.len();
        let nonce = match crate::key::nonce() {
            Ok(nonce) => nonce,
            Err(error) => return self.hold(draft, error.to_string(), report),
        };
        let appended = self.shared.spool().append(draft.clone(), &self.key, nonce);
        match appended {
            Ok(sequence) => {
                self.held.clear();
                report(Event::Stated { sequence, findings });
                true
            }
            Err(error) => self.hold(draft, error.to_string(), report),
        }
    }

    fn hold(&mut self, draft: Statement, why: String, report: &mut impl FnMut(Event)) -> bool {
        self.held = vec![draft];
        report(Event::NotStated { why });
        false
    }
}
