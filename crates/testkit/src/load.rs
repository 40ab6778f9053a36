//! Devices that speak to a registry as a device has to: what is said is kept until a receipt proves that it is in the log, and
//! sent again until then. For load, kills, and bad networks.
//!
//! The rule is written anew here and in its plainest form, so that it can be held against the agent's. Must not drop a statement
//! for any other reason.

mod enrol;
mod tally;

pub use tally::Tally;

use crate::fleet::{Fleet, Speaker};
use crate::product::Web;
use statement::Digest;
use std::collections::{BTreeSet, VecDeque};
use std::io;
use std::sync::Mutex;
use std::sync::PoisonError;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};
use tlog::{Policy, Receipt};
use verify::Keys;

/// Statements that a device keeps at most before it waits with the next.
const KEPT: usize = 8;
/// Rest after a round in which nothing could be done.
const REST: Duration = Duration::from_millis(50);

/// What a load came to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Came {
    /// Digests of all statements that were said.
    pub said: BTreeSet<Digest>,
    /// Statements whose receipts verified.
    pub proven: u64,
    /// Statements that were sent, each time counted.
    pub sent: u64,
    /// Requests that got no answer or one of failure.
    pub failed: u64,
    /// What must not happen: refusals for good, receipts that prove nothing, a log that shrank.
    pub wrong: Vec<String>,
}

/// Devices that speak.
pub struct Load {
    devices: Vec<Mutex<Device>>,
    policy: Policy,
    proven: AtomicU64,
}

struct Device {
    speaker: Speaker,
    kept: VecDeque<Vec<u8>>,
    largest: u64,
    came: Came,
}

impl Load {
    /// A fleet that is let in by an administrator's word, and speaks only [during](Self::during) something.
    ///
    /// # Errors
    ///
    /// If it is not let in.
    pub fn begin(fleet: Fleet, admin: &Web) -> io::Result<Self> {
        fleet.enrolments().try_for_each(|wish| enrol::record(admin, wish))?;
        let policy = admin.get("/policy")?.good()?;
        let policy = Policy::parse(&policy.body).map_err(io::Error::other)?;
        let device = |speaker| {
            Mutex::new(Device { speaker, kept: VecDeque::new(), largest: 0, came: Came::default() })
        };
        let devices = fleet.speakers.into_iter().map(device).collect();
        Ok(Self { devices, policy, proven: AtomicU64::new(0) })
    }

    /// Statements proven until now.
    #[must_use]
    pub fn proven(&self) -> u64 {
        self.proven.load(Ordering::Relaxed)
    }

    /// Speaks while `meanwhile` goes on, and then until every statement is proven, or until nothing was proven for `longest`.
    /// A worker speaks for its part of the devices.
    pub fn during<T>(
        &self,
        web: &Web,
        workers: usize,
        longest: Duration,
        meanwhile: impl FnOnce() -> T,
    ) -> T {
        let draining = AtomicBool::new(false);
        std::thread::scope(|scope| {
            for worker in 0..workers {
                let draining = &draining;
                scope.spawn(move || self.run(web, worker, workers, longest, draining));
            }
            // Also if `meanwhile` panics: nobody is to speak for ever.
            let _drain = Drain(&draining);
            meanwhile()
        })
    }

    fn run(&self, web: &Web, first: usize, step: usize, longest: Duration, draining: &AtomicBool) {
        let mut progress = Instant::now();
        loop {
            let draining = draining.load(Ordering::SeqCst);
            let (mut left, mut proven) = (0, 0);
            for device in self.devices.iter().skip(first).step_by(step.max(1)) {
                let mut device = device.lock().unwrap_or_else(PoisonError::into_inner);
                proven += device.round(web, &self.policy, draining);
                left += device.kept.len();
            }
            self.proven.fetch_add(proven, Ordering::Relaxed);
            if proven > 0 || !draining {
                progress = Instant::now();
            }
            if draining && (left == 0 || progress.elapsed() > longest) {
                return;
            }
            if proven == 0 {
                std::thread::sleep(REST);
            }
        }
    }

    /// What it came to.
    #[must_use]
    pub fn end(self) -> Came {
        let mut all = Came::default();
        for device in self.devices {
            let device = device.into_inner().unwrap_or_else(PoisonError::into_inner);
            let Came { said, proven, sent, failed, wrong } = device.came;
            all.said.extend(said);
            (all.proven, all.sent, all.failed) = (all.proven + proven, all.sent + sent, all.failed + failed);
            all.wrong.extend(wrong);
            if !device.kept.is_empty() {
                all.wrong.push(format!("{} statements were never proven", device.kept.len()));
            }
        }
        all
    }
}

/// Ends the speaking when it is dropped.
struct Drain<'a>(&'a AtomicBool);

impl Drop for Drain<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::SeqCst);
    }
}

impl Device {
    /// Says something, sends all that is kept, asks for receipts. Gives how many statements were proven.
    fn round(&mut self, web: &Web, policy: &Policy, draining: bool) -> u64 {
        if !draining && self.kept.len() < KEPT {
            let said = self.speaker.say();
            self.came.said.insert(Digest::of(&said));
            self.kept.push_back(said);
        }
        if self.kept.is_empty() {
            return 0;
        }
        // All of it every time: a registry has to know what it has.
        self.send(web);
        let mut proven = 0;
        while self.prove(web, policy) {
            proven += 1;
        }
        proven
    }

    fn send(&mut self, web: &Web) {
        let body: Vec<u8> = self.kept.iter().flatten().copied().collect();
        self.came.sent += u64::try_from(self.kept.len()).unwrap_or(0);
        let headers = [("content-type", "application/cbor-seq")];
        match web.ask("POST", "/api/v1/statements", &headers, &body).and_then(super::product::Answer::good) {
            Err(_) => self.came.failed += 1,
            Ok(answer) => {
                let refused = answer.json().get("refused").and_then(|r| r.as_array().cloned());
                let refused = refused.into_iter().flatten().map(|refusal| format!("refused: {refusal}"));
                self.came.wrong.extend(refused);
            }
        }
    }

    /// Asks for the receipt of the oldest, and lets go of it if that holds.
    fn prove(&mut self, web: &Web, policy: &Policy) -> bool {
        let Some(oldest) = self.kept.front() else { return false };
        let sequence = self.speaker.sequence - u64::try_from(self.kept.len()).unwrap_or(0);
        let path = format!("/api/v1/devices/{}/receipts/{sequence}", self.speaker.device());
        let receipt = match web.get(&path) {
            Ok(answer) if answer.status == 200 => answer.body,
            Ok(answer) if answer.status == 404 => return false,
            _ => {
                self.came.failed += 1;
                return false;
            }
        };
        let mut keys = Keys::default();
        keys.trust(self.speaker.key.public(), self.speaker.device());
        let report = verify::statement(oldest, &receipt, policy, &keys);
        let size = Receipt::parse(&receipt).map_or(0, |r| r.checkpoint.checkpoint().size);
        if !report.holds() || size < self.largest {
            let wrong = format!("the receipt of statement {sequence} with {size} leaves: {:?}", report.steps);
            self.came.wrong.push(wrong);
            return false;
        }
        self.largest = size;
        self.came.proven += 1;
        self.kept.pop_front();
        true
    }
}
