//! A store in memory, for tests of what stands on one: it keeps the contract, is fast, and can be crashed.
//!
//! It holds everything twice: as a running process sees it, and as it would be after a power cut. Must not be kinder than
//! the contract: what need not be durable is not.

use registry::store::{MAX_FRAME, MAX_LOCK, MAX_OBJECT, Object, Store, StoreError};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use store_sqlite::check_name;

/// A store in memory. Clones are the same store.
#[derive(Clone, Debug, Default)]
pub struct MemoryStore {
    both: Arc<Mutex<Both>>,
}

#[derive(Debug, Default)]
struct Both {
    seen: Content,
    durable: Content,
}

/// What a store holds.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Content {
    /// The spine.
    pub frames: Vec<Vec<u8>>,
    /// The objects.
    pub objects: BTreeMap<String, Vec<u8>>,
    /// The lock.
    pub lock: Option<Vec<u8>>,
}

impl MemoryStore {
    /// A store that holds what another did: a copy restored.
    #[must_use]
    pub fn of(content: Content) -> Self {
        Self { both: Arc::new(Mutex::new(Both { seen: content.clone(), durable: content })) }
    }

    /// What it holds: a copy to be restored.
    #[must_use]
    pub fn content(&self) -> Content {
        self.with(|both| both.seen.clone())
    }

    /// Loses what was not durable.
    pub fn crash(&self) {
        self.with(|both| both.seen = both.durable.clone());
    }

    fn with<T>(&self, call: impl FnOnce(&mut Both) -> T) -> T {
        call(&mut self.both.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Does the same to what is seen and to what is durable.
    fn write(&self, call: impl Fn(&mut Content) -> Result<(), StoreError>) -> Result<(), StoreError> {
        self.with(|both| call(&mut both.seen).and_then(|()| call(&mut both.durable)))
    }
}

impl Store for MemoryStore {
    fn count(&self) -> Result<u64, StoreError> {
        Ok(self.with(|both| both.seen.frames.len() as u64))
    }

    fn append(&self, at: u64, frame: &[u8]) -> Result<(), StoreError> {
        bounded("a frame", frame, MAX_FRAME)?;
        self.write(|content| {
            let count = content.frames.len();
            if count as u64 != at {
                return Err(conflict("the spine", format!("{count} frames"), at.to_string()));
            }
            content.frames.push(frame.to_vec());
            Ok(())
        })
    }

    fn read(&self, from: u64, bytes: usize) -> Result<Vec<Vec<u8>>, StoreError> {
        let from = usize::try_from(from).unwrap_or(usize::MAX);
        self.with(|both| {
            let (mut left, mut first) = (bytes, true);
            let fits = |frame: &&Vec<u8>| {
                let fits = first || frame.len() <= left;
                left = left.saturating_sub(frame.len());
                first = false;
                fits
            };
            Ok(both.seen.frames.iter().skip(from).take_while(fits).cloned().collect())
        })
    }

    fn replace(&self, at: u64, frame: &[u8]) -> Result<(), StoreError> {
        bounded("a frame", frame, MAX_FRAME)?;
        self.write(|content| {
            let count = content.frames.len();
            let place = usize::try_from(at).ok().and_then(|at| content.frames.get_mut(at));
            let none = || conflict("the spine", format!("{count} frames"), format!("a frame {at}"));
            *place.ok_or_else(none)? = frame.to_vec();
            Ok(())
        })
    }

    fn put(&self, objects: &[Object]) -> Result<(), StoreError> {
        for object in objects {
            check_name(&object.name)?;
            bounded("an object", &object.value, MAX_OBJECT)?;
        }
        self.write(|content| {
            content.objects.extend(objects.iter().map(|object| (object.name.clone(), object.value.clone())));
            Ok(())
        })
    }

    fn get(&self, name: &str) -> Result<Option<Vec<u8>>, StoreError> {
        check_name(name)?;
        Ok(self.with(|both| both.seen.objects.get(name).cloned()))
    }

    fn remove(&self, names: &[String]) -> Result<(), StoreError> {
        names.iter().try_for_each(|name| check_name(name))?;
        // Need not be durable, so it is not: after a crash the objects are there again.
        self.with(|both| both.seen.objects.retain(|name, _| !names.contains(name)));
        Ok(())
    }

    fn list(&self, prefix: &str) -> Result<Vec<String>, StoreError> {
        let begins = |name: &&String| name.starts_with(prefix);
        Ok(self.with(|both| both.seen.objects.keys().filter(begins).cloned().collect()))
    }

    fn lock(&self) -> Result<Option<Vec<u8>>, StoreError> {
        Ok(self.with(|both| both.seen.lock.clone()))
    }

    fn swap(&self, old: Option<&[u8]>, new: &[u8]) -> Result<(), StoreError> {
        bounded("the lock", new, MAX_LOCK)?;
        self.write(|content| {
            if content.lock.as_deref() != old {
                let words =
                    |value: Option<&[u8]>| value.map_or("no value".to_owned(), |v| format!("{v:02x?}"));
                return Err(conflict("the lock", words(content.lock.as_deref()), words(old)));
            }
            content.lock = Some(new.to_vec());
            Ok(())
        })
    }
}

fn bounded(what: &'static str, value: &[u8], most: usize) -> Result<(), StoreError> {
    let found = value.len();
    if found > most {
        return Err(StoreError::TooLarge { what, found, most });
    }
    Ok(())
}

fn conflict(what: &'static str, found: String, expected: String) -> StoreError {
    StoreError::Conflict { what, found, expected }
}
