//! A copy that is being made: a folder that is no store until its last file is written.

use crate::erase::copy;
use crate::home::{Home, make};
use crate::lock::{self, Lock};
use crate::medium::{How, Medium};
use crate::object::Objects;
use crate::segment::segment_file;
use crate::spine::Extent;
use crate::trouble::{failed, refused};
use registry::store::StoreError;
use std::collections::BTreeMap;
use std::io::{self, ErrorKind};
use std::path::Path;
use std::sync::Arc;

/// A copy that is being made.
pub(super) struct Copy {
    medium: Arc<dyn Medium>,
    home: Home,
    pub(super) objects: Objects,
    /// How much of each segment it has.
    lengths: BTreeMap<u64, u64>,
}

impl Copy {
    /// Begins a copy in `to`, which is empty or not there and lies outside of `from`.
    pub(super) fn begin(medium: &Arc<dyn Medium>, to: &Path, from: &Path) -> Result<Self, StoreError> {
        std::fs::create_dir_all(to).map_err(failed("making", to))?;
        let inside = to.canonicalize().ok().zip(from.canonicalize().ok());
        if inside.is_some_and(|(to, from)| to.starts_with(from)) {
            let what = format!("{} lies within the store {}", to.display(), from.display());
            return Err(refused(what, "name a folder outside of it, best on another disk"));
        }
        if !medium.list(to).map_err(failed("listing", to))?.is_empty() {
            return Err(refused(
                format!("{} is not empty", to.display()),
                "name an empty folder, or one that does not exist",
            ));
        }
        let home = Home::new(to);
        for folder in [home.spine(), home.objects(), home.temporary()] {
            make(medium.as_ref(), &folder)?;
        }
        let objects = Objects::new(medium.clone(), home.clone());
        Ok(Self { medium: medium.clone(), home, objects, lengths: BTreeMap::new() })
    }

    /// Takes a segment, or as much of it as is not there yet.
    pub(super) fn segment(&mut self, from: &Home, extent: &Extent, link: bool) -> Result<(), StoreError> {
        let (old, new) = (segment_file(from, extent.first), segment_file(&self.home, extent.first));
        let known = self.lengths.get(&extent.first).copied();
        if known == Some(extent.length) {
            return Ok(());
        }
        // The one that grows is never linked: what is appended to it later is not this copy's.
        let linked = link && known.is_none() && !extent.grows && self.medium.link(&old, &new).is_ok();
        if !linked {
            let range = known.unwrap_or(0)..extent.length;
            self.append(&old, &new, range, known.is_none()).map_err(failed("copying", &old))?;
        }
        self.lengths.insert(extent.first, extent.length);
        Ok(())
    }

    fn append(&self, old: &Path, new: &Path, range: std::ops::Range<u64>, fresh: bool) -> io::Result<()> {
        let mut old = self.medium.open(old, How::Read)?;
        let mut new = self.medium.open(new, if fresh { How::New } else { How::Write })?;
        let at = range.start;
        copy(old.as_mut(), range, new.as_mut(), at)?;
        new.sync()
    }

    /// Takes a segment out again: it holds bytes that have been erased.
    pub(super) fn forget(&mut self, first: u64) -> Result<(), StoreError> {
        self.lengths.remove(&first);
        let file = segment_file(&self.home, first);
        match self.medium.remove(&file) {
            Err(error) if error.kind() != ErrorKind::NotFound => Err(failed("removing", &file)(error)),
            _ => Ok(()),
        }
    }

    /// Writes the lock and then the version, after which the copy is a store. A lock that lies in `lock` already is kept.
    pub(super) fn finish(&self, lock: Option<&Path>, value: Option<&[u8]>) -> Result<(), StoreError> {
        let spine = self.home.spine();
        self.medium.sync_folder(&spine).map_err(failed("syncing", &spine))?;
        let folder = lock.unwrap_or(self.home.folder());
        std::fs::create_dir_all(folder).map_err(failed("making", folder))?;
        if !folder.join(lock::FILE).exists() {
            let made = Lock::open(folder)?;
            if let Some(value) = value {
                made.swap(None, value)?;
            }
            self.medium.sync_folder(folder).map_err(failed("syncing", folder))?;
        }
        self.home.finish(self.medium.as_ref())
    }
}
