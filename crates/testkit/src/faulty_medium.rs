//! Files whose writes fail when a test says so, with or without having taken effect, or torn. Must not change what works.
//!
//! Counted as writes: making, writing, cutting, syncing, renaming, linking and removing files, and making and syncing folders.

use crate::faults::{Fault, Faults, Next, injected, part};
use std::io;
use std::path::Path;
use std::sync::Arc;
use store_sqlite::{Disk, Entry, Handle, How, Medium};

/// A medium around another.
#[derive(Clone)]
pub struct FaultyMedium {
    inner: Arc<dyn Medium>,
    faults: Faults,
}

impl Default for FaultyMedium {
    fn default() -> Self {
        Self::new(Arc::new(Disk))
    }
}

impl FaultyMedium {
    /// Puts faults around a medium; none happens before [`FaultyMedium::faults`] is told.
    pub fn new(inner: Arc<dyn Medium>) -> Self {
        Self { inner, faults: Faults::default() }
    }

    /// What decides which writes fail.
    #[must_use]
    pub fn faults(&self) -> Faults {
        self.faults.clone()
    }
}

impl Medium for FaultyMedium {
    fn open(&self, file: &Path, how: How) -> io::Result<Box<dyn Handle>> {
        let open = || self.inner.open(file, how);
        let inner = if how == How::New { self.faults.next().run(open)? } else { open()? };
        Ok(Box::new(Faulty { inner, faults: self.faults.clone() }))
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        self.faults.next().run(|| self.inner.rename(from, to))
    }

    fn link(&self, from: &Path, to: &Path) -> io::Result<()> {
        self.faults.next().run(|| self.inner.link(from, to))
    }

    fn remove(&self, file: &Path) -> io::Result<()> {
        self.faults.next().run(|| self.inner.remove(file))
    }

    fn make_folder(&self, folder: &Path) -> io::Result<()> {
        self.faults.next().run(|| self.inner.make_folder(folder))
    }

    fn remove_folder(&self, folder: &Path) -> io::Result<()> {
        self.inner.remove_folder(folder)
    }

    fn sync_folder(&self, folder: &Path) -> io::Result<()> {
        self.faults.next().run(|| self.inner.sync_folder(folder))
    }

    fn list(&self, folder: &Path) -> io::Result<Vec<Entry>> {
        self.inner.list(folder)
    }
}

struct Faulty {
    inner: Box<dyn Handle>,
    faults: Faults,
}

impl Handle for Faulty {
    fn len(&mut self) -> io::Result<u64> {
        self.inner.len()
    }

    fn read_at(&mut self, into: &mut [u8], offset: u64) -> io::Result<usize> {
        self.inner.read_at(into, offset)
    }

    fn write_at(&mut self, bytes: &[u8], offset: u64) -> io::Result<()> {
        match self.faults.next() {
            Next::Fails(Fault::Torn(of_256)) => {
                let torn = bytes.get(..part(bytes.len(), of_256)).unwrap_or_default();
                self.inner.write_at(torn, offset).and(Err(injected()))
            }
            next => next.run(|| self.inner.write_at(bytes, offset)),
        }
    }

    fn truncate(&mut self, length: u64) -> io::Result<()> {
        self.faults.next().run(|| self.inner.truncate(length))
    }

    fn sync(&mut self) -> io::Result<()> {
        self.faults.next().run(|| self.inner.sync())
    }
}
