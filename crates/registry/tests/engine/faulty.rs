//! Stores that misbehave: one whose n-th call fails, with or without having taken effect, or after which the power is gone;
//! one in which somebody else is at work.

use crate::world::Memory;
use registry::store::{Object, Store, StoreError};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::SeqCst};
use std::sync::{Arc, Mutex};

/// What happens at the chosen call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// It fails and did nothing.
    Without,
    /// It fails and did everything.
    With,
    /// It fails, and of several objects every second one was written or removed.
    Half,
}

/// What happens to the calls after it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum After {
    /// So many of them fail too, and did nothing: the registry cannot look what became of the first.
    Outage(u64),
    /// All of them fail until the registry is started again: the power is gone.
    Crash,
}

pub struct Faulty {
    pub memory: Memory,
    calls: AtomicU64,
    at: u64,
    fault: Fault,
    after: After,
    /// Whether the power is gone: then every call fails.
    pub dark: AtomicBool,
}

impl Faulty {
    /// Fails at call number `at`, counted from 0.
    pub fn new(at: u64, fault: Fault, after: After) -> Self {
        let (calls, dark) = (AtomicU64::new(0), AtomicBool::new(false));
        Self { memory: Memory::default(), calls, at, fault, after, dark }
    }

    /// Whether the fault is past, or will never come.
    pub fn is_over(&self) -> bool {
        self.at == u64::MAX || self.calls() > self.at + self.outage()
    }

    /// How many calls after the chosen one fail without effect.
    fn outage(&self) -> u64 {
        if let After::Outage(calls) = self.after { calls } else { 0 }
    }

    pub fn calls(&self) -> u64 {
        self.calls.load(SeqCst)
    }

    /// Does `whole` of it, or at the chosen call what the fault leaves of it.
    fn call<T>(
        &self,
        whole: impl FnOnce() -> Result<T, StoreError>,
        half: impl FnOnce() -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        let failed = || Err(StoreError::medium("made to fail", "by this test"));
        if self.dark.load(SeqCst) {
            return failed();
        }
        let call = self.calls.fetch_add(1, SeqCst);
        if call > self.at && call - self.at <= self.outage() {
            return failed();
        }
        if call != self.at {
            return whole();
        }
        self.dark.store(self.after == After::Crash, SeqCst);
        match self.fault {
            Fault::Without => {}
            Fault::With => drop(whole()),
            Fault::Half => drop(half()),
        }
        failed()
    }

    fn all<T>(&self, whole: impl Fn() -> Result<T, StoreError>) -> Result<T, StoreError> {
        self.call(&whole, &whole)
    }
}

fn every_second<T: Clone>(all: &[T]) -> Vec<T> {
    all.iter().skip(1).step_by(2).cloned().collect()
}

impl Store for &Faulty {
    fn count(&self) -> Result<u64, StoreError> {
        self.all(|| self.memory.count())
    }
    fn append(&self, at: u64, frame: &[u8]) -> Result<(), StoreError> {
        self.all(|| self.memory.append(at, frame))
    }
    fn read(&self, from: u64, bytes: usize) -> Result<Vec<Vec<u8>>, StoreError> {
        self.all(|| self.memory.read(from, bytes))
    }
    fn replace(&self, at: u64, frame: &[u8]) -> Result<(), StoreError> {
        self.all(|| self.memory.replace(at, frame))
    }
    fn put(&self, objects: &[Object]) -> Result<(), StoreError> {
        self.call(|| self.memory.put(objects), || self.memory.put(&every_second(objects)))
    }
    fn get(&self, name: &str) -> Result<Option<Vec<u8>>, StoreError> {
        self.all(|| self.memory.get(name))
    }
    fn remove(&self, names: &[String]) -> Result<(), StoreError> {
        self.call(|| self.memory.remove(names), || self.memory.remove(&every_second(names)))
    }
    fn list(&self, prefix: &str) -> Result<Vec<String>, StoreError> {
        self.all(|| self.memory.list(prefix))
    }
    fn lock(&self) -> Result<Option<Vec<u8>>, StoreError> {
        self.all(|| self.memory.lock())
    }
    fn swap(&self, old: Option<&[u8]>, new: &[u8]) -> Result<(), StoreError> {
        self.all(|| self.memory.swap(old, new))
    }
}

/// A store in which somebody else does something just before a swap.
#[derive(Clone, Default)]
pub struct Meddled {
    pub memory: Memory,
    meddle: Arc<Mutex<Option<Meddle>>>,
}

type Meddle = Box<dyn FnOnce() + Send>;

impl Meddled {
    pub fn before_the_next_swap(&self, meddle: impl FnOnce() + Send + 'static) {
        *self.meddle.lock().unwrap() = Some(Box::new(meddle));
    }
}

impl Store for Meddled {
    fn count(&self) -> Result<u64, StoreError> {
        self.memory.count()
    }
    fn append(&self, at: u64, frame: &[u8]) -> Result<(), StoreError> {
        self.memory.append(at, frame)
    }
    fn read(&self, from: u64, bytes: usize) -> Result<Vec<Vec<u8>>, StoreError> {
        self.memory.read(from, bytes)
    }
    fn replace(&self, at: u64, frame: &[u8]) -> Result<(), StoreError> {
        self.memory.replace(at, frame)
    }
    fn put(&self, objects: &[Object]) -> Result<(), StoreError> {
        self.memory.put(objects)
    }
    fn get(&self, name: &str) -> Result<Option<Vec<u8>>, StoreError> {
        self.memory.get(name)
    }
    fn remove(&self, names: &[String]) -> Result<(), StoreError> {
        self.memory.remove(names)
    }
    fn list(&self, prefix: &str) -> Result<Vec<String>, StoreError> {
        self.memory.list(prefix)
    }
    fn lock(&self) -> Result<Option<Vec<u8>>, StoreError> {
        self.memory.lock()
    }
    fn swap(&self, old: Option<&[u8]>, new: &[u8]) -> Result<(), StoreError> {
        let meddle = self.meddle.lock().unwrap().take();
        meddle.into_iter().for_each(|meddle| meddle());
        self.memory.swap(old, new)
    }
}
