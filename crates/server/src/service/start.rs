//! Starting: store, registry, history, then the threads.

use super::admitting;
use super::asking::Asked;
use super::locating::Recent;
use super::projecting;
use super::sealing;
use super::watching::Watching;
use super::{Inner, Service};
use ed25519_zebra::SigningKey;
use registry::store::{Object, Store, StoreError};
use registry::{GroundError, OpenError, Registry, Rules};
use rulebook::Rulebook;
use std::path::PathBuf;
use std::sync::atomic::AtomicBool;
use std::sync::mpsc::sync_channel;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use store_parquet::Facts;
use store_sqlite::{EmbeddedStore, Options};
use tlog::Policy;

/// How a registry is started.
#[derive(Clone)]
pub struct Config {
    /// The folder of store and history.
    pub folder: PathBuf,
    /// The folder of the lock, if it has one of its own.
    pub lock_folder: Option<PathBuf>,
    /// The log's origin: a name like `registry.example/log`.
    pub origin: String,
    /// The log's key.
    pub key: SigningKey,
    /// The rulebooks in force.
    pub rulebooks: Vec<Rulebook>,
    /// Their texts by digest, kept so that judgements can be made again.
    pub sources: Vec<(String, Vec<u8>)>,
    /// The policy as it is shown to others.
    pub policy_text: String,
    /// Which witnesses are asked, and how many have to have signed before a checkpoint is published.
    pub policy: Policy,
    /// Time between sealings.
    pub cadence: Duration,
}

/// Why it does not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The store.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The registry.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// A rulebook.
    #[error(transparent)]
    Rules(#[from] GroundError),
    /// The history.
    #[error("history: {0}")]
    Facts(#[from] store_parquet::Error),
    /// A thread.
    #[error("cannot start a thread: {0}")]
    Thread(std::io::Error),
}

/// Bodies that may wait to be admitted; then whoever sends waits too.
const WAITING: usize = 64;

impl Service {
    /// Starts a registry, or begins one in an empty folder.
    ///
    /// # Errors
    ///
    /// [`StartError`].
    pub fn start(config: Config) -> Result<Self, StartError> {
        let options = Options { lock: config.lock_folder.clone(), ..Options::default() };
        let store = Arc::new(EmbeddedStore::open(&config.folder.join("store"), options)?);
        keep_sources(&store, &config.sources)?;
        let rules = Rules::new(config.rulebooks.clone())?;
        let registry = Registry::open(store, &config.origin, config.key, rules)?;
        let facts = Facts::open(&config.folder.join("history"))?;
        let stop = AtomicBool::new(false);
        let inner = Arc::new(Inner {
            registry,
            facts,
            config,
            stop,
            watching: Watching::default(),
            recent: Recent::default(),
            asked: Asked::default(),
            crowd: Mutex::default(),
        });
        let (jobs, waiting) = sync_channel(WAITING);
        let (frames, admitted) = sync_channel(WAITING);
        let mut threads = Vec::new();
        let mut spawn = |name: &str, work: Box<dyn FnOnce() + Send>| {
            std::thread::Builder::new()
                .name(name.to_owned())
                .spawn(work)
                .map(|t| threads.push(t))
                .map_err(StartError::Thread)
        };
        let shared = inner.clone();
        spawn("admit", Box::new(move || admitting::run(&shared, &waiting, &frames)))?;
        let shared = inner.clone();
        spawn("seal", Box::new(move || sealing::run(&shared)))?;
        let shared = inner.clone();
        spawn("history", Box::new(move || projecting::run(&shared, &admitted)))?;
        let shared = inner.clone();
        spawn("merge", Box::new(move || projecting::merge(&shared)))?;
        Ok(Self { inner, jobs: Mutex::new(Some(jobs)), threads: Mutex::new(threads) })
    }
}

/// Keeps the texts of rulebooks under their digests.
fn keep_sources(store: &EmbeddedStore, sources: &[(String, Vec<u8>)]) -> Result<(), StoreError> {
    let mut new = Vec::new();
    for (digest, value) in sources {
        let name = format!("rulebook/{digest}");
        if store.get(&name)?.is_none() {
            new.push(Object { name, value: value.clone() });
        }
    }
    if new.is_empty() { Ok(()) } else { store.put(&new) }
}
