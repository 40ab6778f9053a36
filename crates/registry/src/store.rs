//! The store contract: the little that the registry asks of the place where its bytes lie.
//!
//! Three things, and nothing else:
//!
//! 1. **The spine**, a sequence of opaque frames numbered from 0. `append(at, frame)` adds frame number `at` if the spine has
//!    exactly `at` frames, and returns only when the frame would survive a power cut. It is the one record of what was
//!    admitted: every other thing the registry knows is folded from it. Two admitters that append the same number at once get
//!    one `Ok` and one [`StoreError::Conflict`]; the loser reads what came in between, folds it, and admits anew.
//! 2. **Objects** under names like `tile/0/x001/234`: whole values, written and read as a whole. `put` may overwrite, and
//!    returns when all that it was given would survive a power cut; after a failed `put` any of the objects may hold the old
//!    or the new value, never a part of one. A plain web server or a bucket can serve them.
//! 3. **The lock**, one small value that is never rolled back and changes only by compare-and-swap. It holds the signed
//!    checkpoint: what the log has promised. It is worth a disk, a row or a service of its own, because the rest may be
//!    restored from an older copy and the lock then tells.
//!
//! What a failure means: any call may fail *with or without having taken effect*. The registry never guesses: after an error
//! it reads back (`count`, `read`, `lock`) and goes on from what it finds, by the same code as at a start.
//!
//! Why this fits what is not written yet: PostgreSQL keeps frames and lock in rows (`insert … on conflict`, `update … where
//! value = $old`) and objects in rows or a bucket; `JetStream` appends with the expected last sequence, Kafka with one
//! producer epoch per partition; S3 puts objects whole and swaps with `If-Match`. Several admitters may append; one sealer
//! swaps the lock, and a second one loses the swap and stops. Calls block: who needs many at once has threads.

use std::fmt;
use std::sync::Arc;

/// Most bytes of one frame.
pub const MAX_FRAME: usize = 16 << 20;
/// Most bytes of one object.
pub const MAX_OBJECT: usize = 64 << 20;
/// Most bytes of the lock's value.
pub const MAX_LOCK: usize = 64 << 10;

/// The place where a registry's bytes lie.
pub trait Store: Send + Sync {
    /// How many frames the spine has.
    ///
    /// # Errors
    ///
    /// [`StoreError`] if it cannot be told.
    fn count(&self) -> Result<u64, StoreError>;

    /// Adds frame number `at`; durable when it returns `Ok`.
    ///
    /// # Errors
    ///
    /// [`StoreError::Conflict`] if the spine does not have exactly `at` frames; any other error leaves open whether it took effect.
    fn append(&self, at: u64, frame: &[u8]) -> Result<(), StoreError>;

    /// Frames from number `from` on, in order: at least one if there is one, then while they fit in `bytes` together.
    ///
    /// # Errors
    ///
    /// [`StoreError::Damaged`] if a frame is not what was written.
    fn read(&self, from: u64, bytes: usize) -> Result<Vec<Vec<u8>>, StoreError>;

    /// Puts a smaller frame in the place of frame `at`: erasure and retention. Durable and atomic; readers see the old or the new.
    ///
    /// # Errors
    ///
    /// [`StoreError::Conflict`] if there is no frame `at`.
    fn replace(&self, at: u64, frame: &[u8]) -> Result<(), StoreError>;

    /// Writes objects; durable when it returns `Ok`.
    ///
    /// # Errors
    ///
    /// [`StoreError`]: each object then has its old or its new value.
    fn put(&self, objects: &[Object]) -> Result<(), StoreError>;

    /// The value of an object; none if there is none.
    ///
    /// # Errors
    ///
    /// [`StoreError`].
    fn get(&self, name: &str) -> Result<Option<Vec<u8>>, StoreError>;

    /// Removes objects that are there; others are passed over. Need not be durable.
    ///
    /// # Errors
    ///
    /// [`StoreError`].
    fn remove(&self, names: &[String]) -> Result<(), StoreError>;

    /// Names of objects that begin with `prefix`, in order.
    ///
    /// # Errors
    ///
    /// [`StoreError`].
    fn list(&self, prefix: &str) -> Result<Vec<String>, StoreError>;

    /// The value of the lock; none before the first swap.
    ///
    /// # Errors
    ///
    /// [`StoreError`].
    fn lock(&self) -> Result<Option<Vec<u8>>, StoreError>;

    /// Sets the lock to `new` if its value is `old`; durable when it returns `Ok`.
    ///
    /// # Errors
    ///
    /// [`StoreError::Conflict`] if the value is another; any other error leaves open whether it took effect.
    fn swap(&self, old: Option<&[u8]>, new: &[u8]) -> Result<(), StoreError>;
}

/// A shared store is a store.
impl<S: Store + ?Sized> Store for Arc<S> {
    fn count(&self) -> Result<u64, StoreError> {
        (**self).count()
    }
    fn append(&self, at: u64, frame: &[u8]) -> Result<(), StoreError> {
        (**self).append(at, frame)
    }
    fn read(&self, from: u64, bytes: usize) -> Result<Vec<Vec<u8>>, StoreError> {
        (**self).read(from, bytes)
    }
    fn replace(&self, at: u64, frame: &[u8]) -> Result<(), StoreError> {
        (**self).replace(at, frame)
    }
    fn put(&self, objects: &[Object]) -> Result<(), StoreError> {
        (**self).put(objects)
    }
    fn get(&self, name: &str) -> Result<Option<Vec<u8>>, StoreError> {
        (**self).get(name)
    }
    fn remove(&self, names: &[String]) -> Result<(), StoreError> {
        (**self).remove(names)
    }
    fn list(&self, prefix: &str) -> Result<Vec<String>, StoreError> {
        (**self).list(prefix)
    }
    fn lock(&self) -> Result<Option<Vec<u8>>, StoreError> {
        (**self).lock()
    }
    fn swap(&self, old: Option<&[u8]>, new: &[u8]) -> Result<(), StoreError> {
        (**self).swap(old, new)
    }
}

/// A named value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Object {
    /// Its name: parts of `a-z 0-9 . _ -` joined by `/`, none empty and none `.` or `..`.
    pub name: String,
    /// Its value.
    pub value: Vec<u8>,
}

/// Why the store did not do what it was asked to.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// Somebody else was there before.
    #[error("{what}: found {found}, expected {expected}")]
    Conflict {
        /// Which thing.
        what: &'static str,
        /// What was found.
        found: String,
        /// What was expected.
        expected: String,
    },
    /// What was read is not what was written.
    #[error("{what} is damaged: {why}")]
    Damaged {
        /// Which thing: a file with its offset, a row.
        what: String,
        /// What is wrong with it.
        why: String,
    },
    /// Something larger than the contract allows.
    #[error("{what} has {found} bytes, at most {most} are allowed")]
    TooLarge {
        /// Which thing.
        what: &'static str,
        /// What was found.
        found: usize,
        /// What is allowed.
        most: usize,
    },
    /// A name that is not one.
    #[error("'{name}' is not a name of an object")]
    Name {
        /// What was found.
        name: String,
    },
    /// The medium failed.
    #[error("{what}: {error}")]
    Medium {
        /// What was being done.
        what: String,
        /// What the medium said.
        error: Box<dyn std::error::Error + Send + Sync>,
    },
}

impl StoreError {
    /// An error of the medium.
    pub fn medium(
        what: impl fmt::Display,
        error: impl Into<Box<dyn std::error::Error + Send + Sync>>,
    ) -> Self {
        Self::Medium { what: what.to_string(), error: error.into() }
    }

    /// Whether somebody else was there before.
    #[must_use]
    pub fn is_conflict(&self) -> bool {
        matches!(self, Self::Conflict { .. })
    }
}
