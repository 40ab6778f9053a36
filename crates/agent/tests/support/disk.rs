//! A disk in memory that dies at a chosen write: before it, in the middle of it, or after it, but always with an error.

use agent::disk::Disk;
use std::collections::BTreeMap;
use std::io;
use std::sync::{Arc, Mutex};

/// How the last write of a disk ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    NotDone,
    Torn,
    Done,
}

#[derive(Debug, Default)]
struct Inner {
    files: BTreeMap<String, Vec<u8>>,
    writes: usize,
    dies_at: Option<(usize, End)>,
    dead: bool,
}

/// Clones are the same disk.
#[derive(Clone, Debug, Default)]
pub struct FakeDisk(Arc<Mutex<Inner>>);

impl FakeDisk {
    /// A copy of what is on it, as another disk that is whole.
    pub fn image(&self) -> Self {
        let files = self.0.lock().unwrap().files.clone();
        Self(Arc::new(Mutex::new(Inner { files, ..Inner::default() })))
    }

    /// Dies at the write with this number from now, counted from 0.
    pub fn die_at(&self, write: usize, end: End) {
        let mut inner = self.0.lock().unwrap();
        inner.dies_at = Some((inner.writes + write, end));
    }

    pub fn is_dead(&self) -> bool {
        self.0.lock().unwrap().dead
    }

    pub fn bytes(&self) -> usize {
        self.0.lock().unwrap().files.values().map(Vec::len).sum()
    }

    /// Changes a byte of the file whose name has this in it, counted from the end.
    pub fn spoil(&self, name: &str, from_end: usize) {
        let mut inner = self.0.lock().unwrap();
        let file = inner.files.iter_mut().rev().find(|(n, _)| n.contains(name)).unwrap().1;
        let at = file.len() - from_end;
        file[at] ^= 0xff;
    }

    fn write(&self, what: impl Fn(&mut Inner, bool)) -> io::Result<()> {
        let mut inner = self.0.lock().unwrap();
        let write = inner.writes;
        inner.writes += 1;
        match inner.dies_at {
            _ if inner.dead => Err(io::Error::other("the disk is dead")),
            Some((at, end)) if at == write => {
                inner.dead = true;
                match end {
                    End::NotDone => {}
                    End::Torn => what(&mut inner, true),
                    End::Done => what(&mut inner, false),
                }
                Err(io::Error::other("the disk dies"))
            }
            _ => {
                what(&mut inner, false);
                Ok(())
            }
        }
    }

    fn alive(&self) -> io::Result<std::sync::MutexGuard<'_, Inner>> {
        let inner = self.0.lock().unwrap();
        if inner.dead { Err(io::Error::other("the disk is dead")) } else { Ok(inner) }
    }
}

impl Disk for FakeDisk {
    fn list(&self) -> io::Result<Vec<String>> {
        Ok(self.alive()?.files.keys().cloned().collect())
    }

    fn read(&self, name: &str, most: u64) -> io::Result<Option<Vec<u8>>> {
        let file = self.alive()?.files.get(name).cloned();
        assert!(file.as_ref().is_none_or(|file| file.len() as u64 <= most));
        Ok(file)
    }

    fn read_at(&self, name: &str, at: u64, length: usize) -> io::Result<Vec<u8>> {
        let inner = self.alive()?;
        let at = usize::try_from(at).unwrap();
        let bytes = inner.files.get(name).and_then(|file| file.get(at..at + length));
        bytes.map(<[u8]>::to_vec).ok_or_else(|| io::ErrorKind::UnexpectedEof.into())
    }

    fn write_at(&self, name: &str, at: u64, bytes: &[u8]) -> io::Result<()> {
        self.write(|inner, torn| {
            let file = inner.files.entry(name.to_owned()).or_default();
            file.resize(usize::try_from(at).unwrap(), 0);
            file.extend_from_slice(if torn { &bytes[..bytes.len() / 2] } else { bytes });
        })
    }

    fn replace(&self, name: &str, bytes: &[u8]) -> io::Result<()> {
        // A replacement is there or it is not: the file system's rename sees to it.
        self.write(|inner, torn| {
            if !torn {
                inner.files.insert(name.to_owned(), bytes.to_vec());
            }
        })
    }

    fn remove(&self, name: &str) -> io::Result<()> {
        self.write(|inner, _| {
            inner.files.remove(name);
        })
    }
}
