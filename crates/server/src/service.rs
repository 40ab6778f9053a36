//! The registry at work: threads that admit, seal, publish and project, around one [`registry::Registry`].
//!
//! One thread admits: it takes as many waiting bodies as fit in a frame and makes them durable with one write, so that the
//! cost of durability is shared when many come at once. One seals every second, asks witnesses, publishes. One writes what was
//! admitted into the history, which can be written again from the spine at any time. Must not know HTTP.

mod admitting;
mod projecting;
mod sealing;
mod start;
mod watching;

pub use admitting::{Answer, SubmitError};
pub use projecting::rows;
pub use start::{Config, StartError};
pub use watching::{Standing, WitnessStanding};

use access::Role as _;
use admitting::Job;
use registry::store::StoreError;
use registry::{Admitted, AdmitError, Checked, Command, Frame, Recorded, Registry};
use statement::Nonce;
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
    jobs: SyncSender<Job>,
    threads: Mutex<Vec<JoinHandle<()>>>,
}

/// What the threads share.
pub(crate) struct Inner {
    pub(crate) registry: Registry<EmbeddedStore>,
    pub(crate) facts: Facts,
    pub(crate) config: Config,
    pub(crate) stop: AtomicBool,
    pub(crate) watching: watching::Watching,
}
