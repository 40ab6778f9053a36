//! A store whose writes fail when a test says so, with or without having taken effect. Must not change what works.

use crate::faults::{Fault, Faults, Next, injected, part};
use registry::store::{Object, Store, StoreError};

/// A store around another.
#[derive(Debug)]
pub struct FaultyStore<S> {
    inner: S,
    faults: Faults,
}

impl<S: Store> FaultyStore<S> {
    /// Puts faults around a store; none happens before [`FaultyStore::faults`] is told.
    pub fn new(inner: S) -> Self {
        Self { inner, faults: Faults::default() }
    }

    /// What decides which writes fail.
    #[must_use]
    pub fn faults(&self) -> Faults {
        self.faults.clone()
    }

    /// The store inside.
    pub fn inner(&self) -> &S {
        &self.inner
    }

    fn write(
        &self,
        whole: impl FnOnce(&S) -> Result<(), StoreError>,
        torn: impl FnOnce(&S, u8) -> Result<(), StoreError>,
    ) -> Result<(), StoreError> {
        let failed = |error: std::io::Error| Err(StoreError::medium("the faulty store", error));
        match self.faults.next() {
            Next::Works => whole(&self.inner),
            Next::Refused(kind) => failed(kind.into()),
            Next::Fails(Fault::Before) => failed(injected()),
            // What the contract refuses is refused: only what took effect can lose its answer.
            Next::Fails(Fault::After) => whole(&self.inner).and_then(|()| failed(injected())),
            Next::Fails(Fault::Torn(of_256)) => torn(&self.inner, of_256).and_then(|()| failed(injected())),
        }
    }
}

/// Nothing of a write that is all or nothing.
fn nothing<S>(_: &S, _: u8) -> Result<(), StoreError> {
    Ok(())
}

impl<S: Store> Store for FaultyStore<S> {
    fn count(&self) -> Result<u64, StoreError> {
        self.inner.count()
    }

    fn append(&self, at: u64, frame: &[u8]) -> Result<(), StoreError> {
        self.write(|inner| inner.append(at, frame), nothing)
    }

    fn read(&self, from: u64, bytes: usize) -> Result<Vec<Vec<u8>>, StoreError> {
        self.inner.read(from, bytes)
    }

    fn replace(&self, at: u64, frame: &[u8]) -> Result<(), StoreError> {
        self.write(|inner| inner.replace(at, frame), nothing)
    }

    fn put(&self, objects: &[Object]) -> Result<(), StoreError> {
        let some =
            |inner: &S, of_256| inner.put(objects.get(..part(objects.len(), of_256)).unwrap_or_default());
        self.write(|inner| inner.put(objects), some)
    }

    fn get(&self, name: &str) -> Result<Option<Vec<u8>>, StoreError> {
        self.inner.get(name)
    }

    fn remove(&self, names: &[String]) -> Result<(), StoreError> {
        let some =
            |inner: &S, of_256| inner.remove(names.get(..part(names.len(), of_256)).unwrap_or_default());
        self.write(|inner| inner.remove(names), some)
    }

    fn list(&self, prefix: &str) -> Result<Vec<String>, StoreError> {
        self.inner.list(prefix)
    }

    fn lock(&self) -> Result<Option<Vec<u8>>, StoreError> {
        self.inner.lock()
    }

    fn swap(&self, old: Option<&[u8]>, new: &[u8]) -> Result<(), StoreError> {
        self.write(|inner| inner.swap(old, new), nothing)
    }
}
