//! The medium: every effect the store has on files, behind one small trait, so that tests can let each of them fail.
//!
//! [`Disk`] is the real one and adds nothing to what the operating system does. Must not decide anything: when to sync, what
//! to rename and what a failure means stands with its callers. The lock's database is not written through here: SQLite has
//! its own files and its own tests for them.

use std::ffi::OsString;
use std::fs::{File, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::Path;

/// How a file is opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum How {
    /// To be read; it has to be there.
    Read,
    /// To be read and written; it has to be there.
    Write,
    /// To be read and written; it must not be there.
    New,
}

/// What a folder holds under one name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// The name within its folder.
    pub name: OsString,
    /// Whether it is a folder itself.
    pub folder: bool,
}

/// Where files lie.
#[allow(clippy::missing_errors_doc)] // each returns what the operating system says
pub trait Medium: Send + Sync {
    /// Opens a file.
    fn open(&self, file: &Path, how: How) -> io::Result<Box<dyn Handle>>;
    /// Gives a file another name; what had that name is gone at the same moment.
    fn rename(&self, from: &Path, to: &Path) -> io::Result<()>;
    /// Gives a file a second name.
    fn link(&self, from: &Path, to: &Path) -> io::Result<()>;
    /// Removes a file.
    fn remove(&self, file: &Path) -> io::Result<()>;
    /// Makes a folder; its parent has to be there.
    fn make_folder(&self, folder: &Path) -> io::Result<()>;
    /// Removes an empty folder.
    fn remove_folder(&self, folder: &Path) -> io::Result<()>;
    /// Makes the names in a folder survive a power cut.
    fn sync_folder(&self, folder: &Path) -> io::Result<()>;
    /// What a folder holds, in no order.
    fn list(&self, folder: &Path) -> io::Result<Vec<Entry>>;
}

/// An open file.
#[allow(clippy::missing_errors_doc, clippy::len_without_is_empty)]
pub trait Handle: Send {
    /// Its length in bytes.
    fn len(&mut self) -> io::Result<u64>;
    /// Reads from `offset`; 0 only at the end.
    fn read_at(&mut self, into: &mut [u8], offset: u64) -> io::Result<usize>;
    /// Writes all bytes at `offset`; a failure may leave any part of them written.
    fn write_at(&mut self, bytes: &[u8], offset: u64) -> io::Result<()>;
    /// Cuts the file to `length`.
    fn truncate(&mut self, length: u64) -> io::Result<()>;
    /// Makes its bytes and length survive a power cut.
    fn sync(&mut self) -> io::Result<()>;
}

/// The operating system's files.
#[derive(Clone, Copy, Debug, Default)]
pub struct Disk;

impl Medium for Disk {
    fn open(&self, file: &Path, how: How) -> io::Result<Box<dyn Handle>> {
        let mut options = OpenOptions::new();
        options.read(true).write(how != How::Read).create_new(how == How::New);
        Ok(Box::new(options.open(file)?))
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        std::fs::rename(from, to)
    }

    fn link(&self, from: &Path, to: &Path) -> io::Result<()> {
        std::fs::hard_link(from, to)
    }

    fn remove(&self, file: &Path) -> io::Result<()> {
        std::fs::remove_file(file)
    }

    fn make_folder(&self, folder: &Path) -> io::Result<()> {
        std::fs::create_dir(folder)
    }

    fn remove_folder(&self, folder: &Path) -> io::Result<()> {
        std::fs::remove_dir(folder)
    }

    fn sync_folder(&self, folder: &Path) -> io::Result<()> {
        File::open(folder)?.sync_all()
    }

    fn list(&self, folder: &Path) -> io::Result<Vec<Entry>> {
        let entry = |entry: io::Result<std::fs::DirEntry>| {
            let entry = entry?;
            Ok(Entry { name: entry.file_name(), folder: entry.file_type()?.is_dir() })
        };
        std::fs::read_dir(folder)?.map(entry).collect()
    }
}

impl Handle for File {
    fn len(&mut self) -> io::Result<u64> {
        Ok(self.metadata()?.len())
    }

    fn read_at(&mut self, into: &mut [u8], offset: u64) -> io::Result<usize> {
        self.seek(SeekFrom::Start(offset))?;
        self.read(into)
    }

    fn write_at(&mut self, bytes: &[u8], offset: u64) -> io::Result<()> {
        self.seek(SeekFrom::Start(offset))?;
        self.write_all(bytes)
    }

    fn truncate(&mut self, length: u64) -> io::Result<()> {
        self.set_len(length)
    }

    fn sync(&mut self) -> io::Result<()> {
        self.sync_data()
    }
}

/// Reads a handle from an offset on, as [`Read`].
pub(crate) struct From<'a> {
    pub(crate) handle: &'a mut dyn Handle,
    pub(crate) at: u64,
}

impl Read for From<'_> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let read = self.handle.read_at(into, self.at)?;
        self.at += read as u64;
        Ok(read)
    }
}

/// Fills `into` as far as there are bytes; how many there were.
pub(crate) fn fill(reader: &mut impl Read, into: &mut [u8]) -> io::Result<usize> {
    let mut filled = 0;
    while let Some(rest) = into.get_mut(filled..).filter(|rest| !rest.is_empty()) {
        match reader.read(rest) {
            Ok(0) => break,
            Ok(read) => filled += read,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(filled)
}
