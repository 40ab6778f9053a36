//! The folder of a store: what lies where, its version, and that one process at a time has it.
//!
//! | name | what |
//! |---|---|
//! | `version` | the version of all this, written last when a store is made: without it there is no store |
//! | `LOCK` | held by the process that has the store open, with its number in it |
//! | `spine/` | segment files and their sidecars |
//! | `objects/` | objects under their names |
//! | `temporary/` | files on their way to their names; whatever lies there at a start is left over and removed |
//! | `lock.sqlite` | the lock, unless it lies in a folder of its own |

use crate::medium::{From, How, Medium, fill};
use crate::trouble::{failed, refused};
use registry::store::StoreError;
use std::fs::{File, OpenOptions, TryLockError};
use std::io::{ErrorKind, Read, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

/// What the file `version` says.
pub(crate) const VERSION: &str = "overt store 1\n";
/// Bytes of a version file that are looked at.
const MAX_VERSION: usize = 64;

/// Where the parts of a store lie.
#[derive(Clone, Debug)]
pub(crate) struct Home {
    folder: PathBuf,
}

impl Home {
    pub(crate) fn new(folder: &Path) -> Self {
        Self { folder: folder.to_path_buf() }
    }

    pub(crate) fn folder(&self) -> &Path {
        &self.folder
    }

    pub(crate) fn spine(&self) -> PathBuf {
        self.folder.join("spine")
    }

    pub(crate) fn objects(&self) -> PathBuf {
        self.folder.join("objects")
    }

    pub(crate) fn temporary(&self) -> PathBuf {
        self.folder.join("temporary")
    }

    pub(crate) fn version(&self) -> PathBuf {
        self.folder.join("version")
    }

    /// A name in `temporary/` that was not given out before.
    pub(crate) fn fresh(&self) -> PathBuf {
        static NEXT: AtomicU64 = AtomicU64::new(0);
        self.temporary().join(NEXT.fetch_add(1, Ordering::Relaxed).to_string())
    }

    /// Makes `file` hold `value`, or leaves it as it was. Durable once its folder is synced.
    pub(crate) fn write_whole(
        &self,
        medium: &dyn Medium,
        file: &Path,
        value: &[u8],
    ) -> Result<(), StoreError> {
        let fresh = self.fresh();
        let written = medium.open(&fresh, How::New).and_then(|mut handle| {
            handle.write_at(value, 0)?;
            handle.sync()
        });
        let named = match written {
            Ok(()) => medium.rename(&fresh, file).map_err(failed("naming", file)),
            Err(error) => Err(failed("writing", file)(error)),
        };
        if named.is_err() {
            // Best effort, and room on a full disk: what stays is removed at the next start.
            let _left = medium.remove(&fresh);
        }
        named
    }

    /// Makes the folder a store, or finds that it is one.
    pub(crate) fn prepare(&self, medium: &dyn Medium) -> Result<(), StoreError> {
        match self.found(medium)?.as_deref() {
            Some(VERSION) => return Ok(()),
            Some(other) => return Err(self.unknown(other)),
            None => self.is_free(medium)?,
        }
        for folder in [self.spine(), self.objects(), self.temporary()] {
            make(medium, &folder)?;
        }
        self.finish(medium)
    }

    /// Writes the version, after all else.
    pub(crate) fn finish(&self, medium: &dyn Medium) -> Result<(), StoreError> {
        medium.sync_folder(&self.folder).map_err(failed("syncing", &self.folder))?;
        self.write_whole(medium, &self.version(), VERSION.as_bytes())?;
        medium.sync_folder(&self.folder).map_err(failed("syncing", &self.folder))
    }

    /// What the version file says; none if there is none.
    pub(crate) fn found(&self, medium: &dyn Medium) -> Result<Option<String>, StoreError> {
        let file = self.version();
        let mut handle = match medium.open(&file, How::Read) {
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            opened => opened.map_err(failed("opening", &file))?,
        };
        let mut bytes = vec![0; MAX_VERSION];
        let read = fill(&mut From { handle: handle.as_mut(), at: 0 }, &mut bytes);
        bytes.truncate(read.map_err(failed("reading", &file))?);
        Ok(Some(String::from_utf8_lossy(&bytes).into_owned()))
    }

    /// That the version is the one this program knows.
    pub(crate) fn unknown(&self, other: &str) -> StoreError {
        refused(
            format!("the store {} says it is '{}'", self.folder.display(), other.trim().escape_debug()),
            format!("this program reads '{}': use the one that wrote the store", VERSION.trim()),
        )
    }

    /// That there is no version.
    pub(crate) fn missing(&self) -> StoreError {
        refused(
            format!("{} is no store: it has no file 'version'", self.folder.display()),
            "name the folder of a store; an unfinished backup has none and is to be made again",
        )
    }

    /// That nothing of somebody else lies in the folder, and no spine without a version.
    fn is_free(&self, medium: &dyn Medium) -> Result<(), StoreError> {
        let entries = medium.list(&self.folder).map_err(failed("listing", &self.folder))?;
        let ours = ["spine", "objects", "temporary", "LOCK", "lock.sqlite", "lock.sqlite-journal"];
        if let Some(other) = entries.iter().find(|entry| !ours.iter().any(|ours| entry.name == *ours)) {
            return Err(refused(
                format!(
                    "{} is not a store: it holds '{}'",
                    self.folder.display(),
                    other.name.to_string_lossy()
                ),
                "name an empty folder, or one that does not exist",
            ));
        }
        let spine = medium.list(&self.spine()).unwrap_or_default();
        match spine.is_empty() {
            true => Ok(()),
            false => Err(refused(
                format!("{} has a spine but no file 'version'", self.folder.display()),
                "it may be an unfinished backup: make it again, or restore from another",
            )),
        }
    }

    /// Removes what is left over in `temporary/`; how much that was.
    pub(crate) fn sweep(&self, medium: &dyn Medium) -> Result<usize, StoreError> {
        let folder = self.temporary();
        make(medium, &folder)?;
        let entries = medium.list(&folder).map_err(failed("listing", &folder))?;
        for entry in &entries {
            let file = folder.join(&entry.name);
            medium.remove(&file).map_err(failed("removing", &file))?;
        }
        Ok(entries.len())
    }

    /// Takes the store for this process until the file is dropped.
    pub(crate) fn hold(&self) -> Result<File, StoreError> {
        let path = self.folder.join("LOCK");
        let mut options = OpenOptions::new();
        let opened = options.read(true).write(true).create(true).truncate(false).open(&path);
        let mut file = opened.map_err(failed("opening", &path))?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(self.held(&mut file)),
            Err(TryLockError::Error(error)) => return Err(failed("locking", &path)(error)),
        }
        let written =
            file.set_len(0).and_then(|()| file.write_all(std::process::id().to_string().as_bytes()));
        written.map_err(failed("writing", &path))?;
        Ok(file)
    }

    fn held(&self, file: &mut File) -> StoreError {
        let holder = holder(file).unwrap_or_else(|| "another process".to_owned());
        refused(
            format!("the store {} is open in {holder}", self.folder.display()),
            "one process at a time: end that one first, or ask it over HTTP",
        )
    }
}

/// Who says that it holds a lock file.
pub(crate) fn holder(file: &mut File) -> Option<String> {
    let mut number = String::new();
    file.take(20).read_to_string(&mut number).ok()?;
    number.parse::<u32>().ok().map(|number| format!("process {number}"))
}

/// Makes a folder if it is not there.
pub(crate) fn make(medium: &dyn Medium, folder: &Path) -> Result<(), StoreError> {
    match medium.make_folder(folder) {
        Err(error) if error.kind() != ErrorKind::AlreadyExists => Err(failed("making", folder)(error)),
        _ => Ok(()),
    }
}
