//! The loop that ties it together: one thread senses and states, one sends.
//!
//! Everything that must outlive a power cut is on the disk at every moment, so that stopping is only a matter of closing the
//! running interval. Nobody waits by asking again and again. Must not decide what is stated or when something may be let go of.

use crate::api::Registry;
use crate::backoff::Backoff;
use crate::disk::{Disk, Folder};
use crate::event::Event;
use crate::evidence::Evidence;
use crate::key::{KeyFileError, Keys};
use crate::lock::Lock;
use crate::looker::Watch;
use crate::send::{RoundError, Sender};
use crate::shared::Shared;
use crate::spent;
use crate::spool::{Spool, SpoolError};
use crate::stating::Stating;
use facts::Looked;
use std::io;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender as Channel};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

/// Longest time that anybody sleeps before looking whether to stop.
const NAP: Duration = Duration::from_millis(500);
/// Longest time that a stop waits for a request that is under way; what it would have done is done at the next start.
const LAST_WAIT: Duration = Duration::from_millis(1_200);
/// Wait between rounds while a receipt is still to come.
const SEALING: Duration = Duration::from_secs(2);

/// How an agent runs.
#[derive(Clone, Debug)]
pub struct Config {
    /// Where keys, statements and evidence lie.
    pub folder: PathBuf,
    /// Length of an interval.
    pub interval: Duration,
    /// How many intervals are summed up in one statement: 1, or 60 for one an hour. What is summed up is in memory until then.
    pub intervals: u16,
    /// Which log is believed, as a C2SP tlog-policy.
    pub policy: tlog::Policy,
    /// Most bytes of statements on the disk.
    pub spool_bound: u64,
    /// Most bytes of evidence on the disk.
    pub evidence_bound: u64,
    /// Version of the program.
    pub version: String,
}

/// Why an agent cannot run.
#[derive(Debug, thiserror::Error)]
pub enum AgentError {
    /// No key.
    #[error(transparent)]
    Key(#[from] KeyFileError),
    /// No spool.
    #[error(transparent)]
    Spool(#[from] SpoolError),
    /// No disk.
    #[error("the agent's folder cannot be used: {0}")]
    Disk(#[from] io::Error),
    /// Nothing can be observed.
    #[error(transparent)]
    Sensors(#[from] crate::OpenError),
    /// A replaced key whose fate the registry does not tell.
    #[error("the replacement of the key is not finished: {0}")]
    Replacing(crate::api::Trouble),
}

/// What looks.
pub trait Sense {
    /// How long to wait before the next look.
    fn rest(&self) -> Duration;
    /// Looks; gives what was found when a slice was closed.
    fn look(&mut self) -> Option<Looked>;
    /// Whether there will never be anything to see any more: so it is with a recording that was played.
    fn is_over(&self) -> bool {
        false
    }
}

impl Sense for Watch {
    fn rest(&self) -> Duration {
        Watch::rest(self)
    }

    fn look(&mut self) -> Option<Looked> {
        self.tick()
    }
}

/// The agent.
#[derive(Debug)]
pub struct Agent;

impl Agent {
    /// Looks, states and sends until `stop`, and then stops within two seconds with the running interval on the disk.
    /// Without a registry statements are only kept.
    ///
    /// # Errors
    ///
    /// [`AgentError`] if it cannot begin.
    pub fn run<R: Registry + Send + 'static>(
        config: &Config,
        registry: Option<R>,
        stop: &AtomicBool,
        report: impl FnMut(Event),
    ) -> Result<(), AgentError> {
        Self::run_with(config, Watch::open()?, registry, stop, report)
    }

    /// The same with other senses. When they are over, the agent ends by itself once all that it stated is proven.
    ///
    /// # Errors
    ///
    /// [`AgentError`].
    pub fn run_with<S: Sense, R: Registry + Send + 'static>(
        config: &Config,
        sense: S,
        registry: Option<R>,
        stop: &AtomicBool,
        mut report: impl FnMut(Event),
    ) -> Result<(), AgentError> {
        let keys = Keys::open(&config.folder.join("keys"))?;
        let _lock = Lock::take(&config.folder)?;
        let (device, key) = (keys.device(), keys.key().clone());
        let disk = |name| Folder::open(&config.folder.join(name));
        let (spool, damage) = Spool::open(disk("spool")?, device, config.spool_bound)?;
        let (evidence, more) = Evidence::open(disk("evidence")?, config.evidence_bound)?;
        damage.into_iter().chain(more).for_each(|damage| report(Event::Damaged(damage)));
        let shared = Arc::new(Shared { spool: Mutex::new(spool), evidence: Mutex::new(evidence) });
        let (tell, told) = mpsc::channel();
        let (wake, woken) = mpsc::channel();
        let sends = registry.is_some();
        let skew = Arc::new(AtomicU64::new(NO_SKEW));
        if let Some(registry) = registry {
            let sender = Sender::open(device, key.clone(), config.policy.clone(), disk("log")?)?;
            let seed = u64::from_le_bytes(crate::key::nonce()?.0.first_chunk().copied().unwrap_or_default());
            let outbox =
                Outbox { sender, registry, shared: Arc::clone(&shared), skew: Arc::clone(&skew), seed };
            std::thread::Builder::new().name("send".to_owned()).spawn(move || outbox.run(&woken, &tell))?;
        } else {
            drop((woken, tell));
        }
        let stating = Stating::new(&shared, key, config);
        sense_until(stop, sense, stating, &told, &wake, &skew, &mut report);
        while sends && !stop.load(Ordering::Relaxed) && shared.spool().waiting(0).next().is_some() {
            hear_until(Instant::now() + NAP, &told, &mut report);
        }
        drop(wake);
        last_words(&told, &mut report);
        Ok(())
    }
}

/// Stands for an unknown skew.
const NO_SKEW: u64 = u64::MAX;

/// The thread that senses and states, which is the caller's.
fn sense_until<S: Sense, D: Disk>(
    stop: &AtomicBool,
    mut sense: S,
    mut stating: Stating<'_, D>,
    told: &Receiver<Event>,
    wake: &Channel<()>,
    skew: &AtomicU64,
    report: &mut impl FnMut(Event),
) {
    let mut looking = Duration::ZERO;
    while !stop.load(Ordering::Relaxed) && !sense.is_over() {
        let before = spent::by_this_thread();
        let looked = sense.look();
        looking += spent::by_this_thread().saturating_sub(before);
        if let Some(looked) = looked {
            let skew = skew.load(Ordering::Relaxed);
            let skew = (skew != NO_SKEW).then(|| skew.cast_signed());
            if stating.absorb(looked, skew, report) {
                // Nobody listens where nothing is sent.
                let _ = wake.send(());
            }
        }
        let until = Instant::now() + sense.rest().clamp(Duration::from_millis(10), NAP);
        hear_until(until, told, report);
    }
    stating.close(report);
    report(Event::Looked { micros: u64::try_from(looking.as_micros()).unwrap_or(u64::MAX) });
    let _ = wake.send(());
}

/// Passes on what the sending thread tells until a moment.
fn hear_until(until: Instant, told: &Receiver<Event>, report: &mut impl FnMut(Event)) {
    loop {
        let left = until.saturating_duration_since(Instant::now());
        match told.recv_timeout(left) {
            Ok(event) => report(event),
            Err(RecvTimeoutError::Timeout) => return,
            Err(RecvTimeoutError::Disconnected) => return std::thread::sleep(left),
        }
    }
}

/// Waits for the sending thread to end, but not for long.
fn last_words(told: &Receiver<Event>, report: &mut impl FnMut(Event)) {
    let until = Instant::now() + LAST_WAIT;
    while let Ok(event) = told.recv_timeout(until.saturating_duration_since(Instant::now())) {
        report(event);
    }
}

/// The thread that sends.
struct Outbox<D, R> {
    sender: Sender<D>,
    registry: R,
    shared: Arc<Shared<D>>,
    skew: Arc<AtomicU64>,
    seed: u64,
}

impl<D: Disk, R: Registry> Outbox<D, R> {
    /// Does rounds until nobody wakes it any more.
    fn run(mut self, woken: &Receiver<()>, tell: &Channel<Event>) {
        let mut backoff = Backoff::new(self.seed);
        let mut report = |event| {
            // Nobody listens any more when the agent is being stopped.
            let _ = tell.send(event);
        };
        loop {
            let result = self.sender.round(&self.shared, &self.registry, &mut report);
            if let Some(skew) = self.registry.skew_ms() {
                self.skew.store(skew.cast_unsigned(), Ordering::Relaxed);
            }
            let wait = match result {
                Ok(round) => {
                    if round.sent + round.released > 0 {
                        report(Event::Exchanged { sent: round.sent, released: round.released });
                        backoff.reset();
                    }
                    round.waiting.then(|| backoff.wait(SEALING))
                }
                Err(error) => {
                    let wait = backoff.wait(asked(&error));
                    let again_ms = u64::try_from(wait.as_millis()).unwrap_or(u64::MAX);
                    report(Event::Trouble { why: error.to_string(), again_ms });
                    Some(wait)
                }
            };
            if !rest(wait, woken) {
                return;
            }
        }
    }
}

/// How long the registry asked to wait.
fn asked(error: &RoundError) -> Duration {
    match error {
        RoundError::Registry(crate::api::Trouble::Later { after, .. }) => *after,
        _ => Duration::ZERO,
    }
}

/// Sleeps for a time, or until there is something new where none is given. `false` when all is over.
fn rest(wait: Option<Duration>, woken: &Receiver<()>) -> bool {
    let Some(wait) = wait else { return woken.recv().is_ok() };
    let until = Instant::now() + wait;
    loop {
        match woken.recv_timeout(until.saturating_duration_since(Instant::now())) {
            // More to send does not end a wait: the registry asked for it, or does not answer.
            Ok(()) => {}
            Err(RecvTimeoutError::Timeout) => return true,
            Err(RecvTimeoutError::Disconnected) => return false,
        }
    }
}
