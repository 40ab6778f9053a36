//! The embedded store: segment files, objects as files, the checkpoint lock in SQLite.
//!
//! It keeps the contract of [`registry::store`] on one machine, in one folder, for one process at a time. Three rules hold it
//! up. What was acknowledged is never given up: a tail is cut only where an unfinished write can explain it, anything else
//! is reported as damage with file and offset. After a failure nothing is believed: files are looked at again, by the code
//! that a start runs. And every effect on files goes through [`Medium`], so that each can be made to fail in tests.
//!
//! Must not look into frames, objects or the lock's value, and must not know what a log is.

mod backup;
mod erase;
mod fsck;
mod home;
mod index;
mod lock;
mod medium;
mod name;
mod object;
mod record;
mod scan;
mod segment;
mod spine;
mod stretch;
mod tail;
mod trouble;

pub use backup::restore;
pub use fsck::{Finding, Report, Weight, fsck};
pub use medium::{Disk, Entry, Handle, How, Medium};
pub use name::{MAX_NAME, MAX_PART, check_name};
pub use tail::Cut;

use backup::{Changes, note};
use home::Home;
use lock::Lock;
use object::Objects;
use registry::store::{MAX_LOCK, Object, Store, StoreError};
use spine::Spine;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError, RwLock, RwLockReadGuard};
use trouble::failed;

/// Bytes at which a segment is rolled, unless told otherwise.
pub const ROLL: u64 = 64 << 20;
/// Most bytes at which a segment may be told to roll: offsets have four bytes.
pub const MAX_ROLL: u64 = 1 << 30;

/// How a store is opened.
#[derive(Clone)]
pub struct Options {
    /// The folder of the lock, if it has one of its own: a disk that is not restored together with the rest.
    pub lock: Option<PathBuf>,
    /// Bytes at which a segment is rolled; at most [`MAX_ROLL`].
    pub roll: u64,
    /// Where files lie.
    pub medium: Arc<dyn Medium>,
}

impl Default for Options {
    fn default() -> Self {
        Self { lock: None, roll: ROLL, medium: Arc::new(Disk) }
    }
}

/// The embedded store.
pub struct EmbeddedStore {
    home: Home,
    spine: Spine,
    objects: Objects,
    lock: Lock,
    /// Written to by a backup's last step, which needs objects, erasures and lock to hold still.
    still: RwLock<()>,
    /// Held by an erasure, and by a backup for one segment at a time.
    erasing: Mutex<()>,
    /// What changed since a backup began.
    changes: Changes,
    swept: usize,
    options: Options,
    _held: File,
}

impl EmbeddedStore {
    /// Opens the store in `folder`, or makes it.
    ///
    /// # Errors
    ///
    /// [`StoreError::Medium`] if the folder cannot be read and written, is no store, is one of another version, or is open in
    /// another process; [`StoreError::Damaged`] if something acknowledged is not what was written.
    pub fn open(folder: &Path, options: Options) -> Result<Self, StoreError> {
        let medium = options.medium.clone();
        let home = Home::new(folder);
        std::fs::create_dir_all(folder).map_err(failed("making", folder))?;
        let held = home.hold()?;
        home.prepare(medium.as_ref())?;
        let swept = home.sweep(medium.as_ref())?;
        let spine = Spine::open(medium.clone(), home.clone(), options.roll.min(MAX_ROLL))?;
        let lock_folder = options.lock.clone().unwrap_or_else(|| folder.to_path_buf());
        std::fs::create_dir_all(&lock_folder).map_err(failed("making", &lock_folder))?;
        let lock = Lock::open(&lock_folder)?;
        // SQLite syncs its folder for its journal only; the name of the database has to last as well.
        medium.sync_folder(&lock_folder).map_err(failed("syncing", &lock_folder))?;
        let objects = Objects::new(medium, home.clone());
        let (still, erasing, changes) = (RwLock::default(), Mutex::default(), Changes::default());
        Ok(Self { home, spine, objects, lock, still, erasing, changes, swept, options, _held: held })
    }

    /// The folder it lies in.
    #[must_use]
    pub fn folder(&self) -> &Path {
        self.home.folder()
    }

    /// Torn records that were cut off the spine since it was opened, the one found at the start included.
    #[must_use]
    pub fn cuts(&self) -> Vec<Cut> {
        self.spine.cuts()
    }

    /// How many files a former process left half written; they were removed when the store was opened.
    #[must_use]
    pub fn swept(&self) -> usize {
        self.swept
    }

    /// How it was opened.
    fn options(&self) -> Options {
        self.options.clone()
    }

    fn moving(&self) -> RwLockReadGuard<'_, ()> {
        self.still.read().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Store for EmbeddedStore {
    fn count(&self) -> Result<u64, StoreError> {
        self.spine.count()
    }

    fn append(&self, at: u64, frame: &[u8]) -> Result<(), StoreError> {
        self.spine.append(at, frame)
    }

    fn read(&self, from: u64, bytes: usize) -> Result<Vec<Vec<u8>>, StoreError> {
        self.spine.read(from, bytes)
    }

    fn replace(&self, at: u64, frame: &[u8]) -> Result<(), StoreError> {
        let _moving = self.moving();
        let _erasing = self.erasing.lock().unwrap_or_else(PoisonError::into_inner);
        note(&self.changes, |changed| changed.frames.extend([at]));
        self.spine.replace(at, frame)
    }

    fn put(&self, objects: &[Object]) -> Result<(), StoreError> {
        let _moving = self.moving();
        note(&self.changes, |changed| changed.name(objects.iter().map(|object| &object.name)));
        self.objects.put(objects)
    }

    fn get(&self, name: &str) -> Result<Option<Vec<u8>>, StoreError> {
        self.objects.get(name)
    }

    fn remove(&self, names: &[String]) -> Result<(), StoreError> {
        let _moving = self.moving();
        note(&self.changes, |changed| changed.name(names));
        self.objects.remove(names)
    }

    fn list(&self, prefix: &str) -> Result<Vec<String>, StoreError> {
        self.objects.list(prefix)
    }

    fn lock(&self) -> Result<Option<Vec<u8>>, StoreError> {
        self.lock.value()
    }

    fn swap(&self, old: Option<&[u8]>, new: &[u8]) -> Result<(), StoreError> {
        if new.len() > MAX_LOCK {
            return Err(StoreError::TooLarge { what: "the lock", found: new.len(), most: MAX_LOCK });
        }
        let _moving = self.moving();
        self.lock.swap(old, new)
    }
}
