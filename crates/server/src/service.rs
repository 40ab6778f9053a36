//! The registry at work: threads that admit, seal, publish and project, around one [`registry::Registry`].
//!
//! One thread admits: it takes as many waiting bodies as fit in a frame and makes them durable with one write, so that the
//! cost of durability is shared when many come at once. One seals every second, asks witnesses, publishes. One writes what was
//! admitted into the history, which can be written again from the spine at any time. Must not know HTTP.

mod admitting;
mod asking;
mod cose;
mod locating;
mod projecting;
mod sealing;
mod start;
mod tokens;
mod watching;
mod witnesses;

pub use admitting::{Answer, SubmitError};
pub use projecting::rows;
pub use start::{Config, StartError};
pub use tokens::RegistryTokens;
pub use watching::{Standing, Tallies, WitnessStanding};

use admitting::Job;
use registry::{AdmitError, Command, Recorded, Registry};
use statement::Nonce;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::SyncSender;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::{SystemTime, UNIX_EPOCH};
use store_parquet::Facts;
use store_sqlite::EmbeddedStore;

/// A running registry.
pub struct Service {
    inner: Arc<Inner>,
    jobs: Mutex<Option<SyncSender<Job>>>,
    threads: Mutex<Vec<JoinHandle<()>>>,
}

/// What the threads share.
pub(crate) struct Inner {
    pub(crate) registry: Registry<Arc<EmbeddedStore>>,
    pub(crate) facts: Facts,
    pub(crate) config: Config,
    pub(crate) stop: AtomicBool,
    pub(crate) watching: watching::Watching,
    pub(crate) recent: locating::Recent,
    pub(crate) asked: asking::Asked,
    /// Whose turn it is among bodies with many statements of one device.
    pub(crate) crowd: Mutex<()>,
}

impl Service {
    /// The registry, to be read.
    #[must_use]
    pub fn registry(&self) -> &Registry<Arc<EmbeddedStore>> {
        &self.inner.registry
    }

    /// The history.
    #[must_use]
    pub fn facts(&self) -> &Facts {
        &self.inner.facts
    }

    /// How it was started.
    #[must_use]
    pub fn config(&self) -> &Config {
        &self.inner.config
    }

    /// What it is doing, in numbers.
    #[must_use]
    pub fn standing(&self) -> Standing {
        self.inner.standing()
    }

    /// Records wishes; `by` is who asked.
    ///
    /// # Errors
    ///
    /// [`AdmitError`].
    pub fn record(&self, by: &str, wishes: Vec<Command>) -> Result<Vec<Recorded>, AdmitError> {
        self.inner.registry.record(by, wishes, now_ms(), nonce)
    }

    /// Copies the store, and what is public beside it, into a folder that is empty or not there. The log's key and tokens are
    /// not in it.
    ///
    /// # Errors
    ///
    /// A sentence for whoever asked.
    pub fn backup(&self, to: &Path) -> Result<(), String> {
        let wrong = |e: std::io::Error| format!("{}: {e}", to.display());
        std::fs::create_dir_all(to).map_err(wrong)?;
        if std::fs::read_dir(to).map_err(wrong)?.next().is_some() {
            return Err(format!("{} is not empty: name a folder that is empty or not there", to.display()));
        }
        self.inner.registry.store().backup(&to.join("store")).map_err(|e| e.to_string())?;
        for name in ["origin", "trust.policy"] {
            let from = self.inner.config.folder.join(name);
            if from.is_file() {
                std::fs::copy(&from, to.join(name)).map_err(|e| format!("{name}: {e}"))?;
            }
        }
        Ok(())
    }

    /// Ends cleanly: what was admitted is sealed and written into the history.
    pub fn stop(&self) {
        self.inner.stop.store(true, Ordering::SeqCst);
        // The admitting thread ends when nothing can come any more.
        drop(self.jobs.lock().unwrap_or_else(PoisonError::into_inner).take());
        let threads = std::mem::take(&mut *self.threads.lock().unwrap_or_else(PoisonError::into_inner));
        for thread in threads {
            thread.thread().unpark();
            // A thread that panicked has said so on its own.
            let _ = thread.join();
        }
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        self.stop();
    }
}

/// Milliseconds since 1970 by this machine's clock.
#[must_use]
pub fn now_ms() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
}

/// Random bytes from the system.
#[must_use]
pub fn nonce() -> Nonce {
    let mut bytes = [0; 16];
    // Without randomness a nonce of the time is still unique, and guessing needs more than the hash.
    if getrandom::fill(&mut bytes).is_err() {
        bytes = u128::from(now_ms()).to_be_bytes();
    }
    Nonce(bytes)
}
