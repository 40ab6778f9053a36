//! Files in memory that lose power: what was written but not synced is lost in part, in any order of pages and names.
//!
//! It is as unkind as POSIX lets a file system be. Pages of 64 bytes reach the disk one by one and in no order; a file's name
//! lasts only when its folder was synced, whatever became of the file; a sync that fails leaves the pages clean, so that they
//! read well, are never written, and a second sync succeeds. Must not be kinder anywhere.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use store_sqlite::{Entry, Handle, How, Medium};

/// Bytes of a page: small, so that small records span several.
const PAGE: usize = 64;

/// Files in memory. Clones are the same files.
#[derive(Clone, Debug, Default)]
pub struct VolatileMedium {
    state: Arc<Mutex<State>>,
}

#[derive(Debug, Default)]
struct State {
    /// Names as they are seen, and as the disk has them. A folder is no file.
    names: BTreeMap<PathBuf, Option<usize>>,
    kept: BTreeMap<PathBuf, Option<usize>>,
    files: Vec<Data>,
    /// Syncs of files until one fails.
    failing: Option<u64>,
}

#[derive(Debug, Default)]
struct Data {
    seen: Vec<u8>,
    disk: Vec<u8>,
    dirty: BTreeSet<usize>,
    cut: bool,
}

impl Data {
    fn write_page(&mut self, page: usize) {
        let start = page * PAGE;
        let end = (start + PAGE).min(self.seen.len());
        if start < end {
            self.disk.resize(self.disk.len().max(end), 0);
            if let (Some(to), Some(from)) = (self.disk.get_mut(start..end), self.seen.get(start..end)) {
                to.copy_from_slice(from);
            }
        }
    }

    fn sync(&mut self) {
        for page in std::mem::take(&mut self.dirty) {
            self.write_page(page);
        }
        self.disk.resize(self.seen.len(), 0);
        self.cut = false;
    }

    fn lose(&mut self, coin: &mut impl FnMut() -> bool) {
        if self.cut && coin() {
            self.disk.truncate(self.seen.len());
        }
        for page in std::mem::take(&mut self.dirty) {
            if coin() {
                self.write_page(page);
            }
        }
        self.seen.clone_from(&self.disk);
        self.cut = false;
    }
}

impl VolatileMedium {
    /// Files in memory, with these folders on the disk.
    pub fn new(folders: &[&Path]) -> Self {
        let medium = Self::default();
        medium.with(|state| {
            state.names.extend(folders.iter().map(|folder| (folder.to_path_buf(), None)));
            state.kept = state.names.clone();
        });
        medium
    }

    /// Cuts the power: each page and name that was not synced lasts or not as the bits of `seed` have it.
    pub fn lose_power(&self, seed: u64) {
        let mut bits = seed;
        let mut coin = move || {
            // SplitMix64 (Steele, Lea, Flood 2014): any seed gives evenly spread bits.
            bits = bits.wrapping_add(0x9e37_79b9_7f4a_7c15);
            let mixed = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            (mixed ^ (mixed >> 27)) & 1 == 1
        };
        self.with(|state| {
            let all: BTreeSet<PathBuf> = state.names.keys().chain(state.kept.keys()).cloned().collect();
            for name in all {
                let seen = state.names.get(&name).copied();
                if state.kept.get(&name).copied() != seen && coin() {
                    keep(&mut state.kept, &name, seen);
                }
            }
            let whole = state.kept.clone();
            state.kept.retain(|name, _| name.parent().is_none_or(|parent| top(&whole, parent)));
            state.names.clone_from(&state.kept);
            state.files.iter_mut().for_each(|file| file.lose(&mut coin));
        });
    }

    /// Lets one sync of a file fail: the next is number 0.
    pub fn fail_sync(&self, number: u64) {
        self.with(|state| state.failing = Some(number));
    }

    fn with<T>(&self, call: impl FnOnce(&mut State) -> T) -> T {
        call(&mut self.state.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// Whether a name may lie in `parent`: it is there, or nothing above it is known.
fn top(names: &BTreeMap<PathBuf, Option<usize>>, parent: &Path) -> bool {
    names.contains_key(parent) || !names.keys().any(|name| parent.starts_with(name))
}

fn keep(names: &mut BTreeMap<PathBuf, Option<usize>>, name: &Path, value: Option<Option<usize>>) {
    match value {
        Some(value) => names.insert(name.to_path_buf(), value),
        None => names.remove(name),
    };
}

fn missing() -> io::Error {
    ErrorKind::NotFound.into()
}

impl Medium for VolatileMedium {
    fn open(&self, file: &Path, how: How) -> io::Result<Box<dyn Handle>> {
        let number = self.with(|state| match (state.names.get(file), how) {
            (Some(_), How::New) => Err(ErrorKind::AlreadyExists.into()),
            (Some(found), _) => found.ok_or_else(|| ErrorKind::IsADirectory.into()),
            (None, How::New) => {
                state.files.push(Data::default());
                state.names.insert(file.to_path_buf(), Some(state.files.len() - 1));
                Ok(state.files.len() - 1)
            }
            (None, _) => Err(missing()),
        });
        Ok(Box::new(Open { medium: self.clone(), number: number? }))
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        self.with(|state| {
            let moved = state.names.remove(from).ok_or_else(missing)?;
            state.names.insert(to.to_path_buf(), moved);
            Ok(())
        })
    }

    fn link(&self, from: &Path, to: &Path) -> io::Result<()> {
        self.with(|state| {
            let file = *state.names.get(from).ok_or_else(missing)?;
            state.names.insert(to.to_path_buf(), file);
            Ok(())
        })
    }

    fn remove(&self, file: &Path) -> io::Result<()> {
        self.with(|state| state.names.remove(file).map(drop).ok_or_else(missing))
    }

    fn make_folder(&self, folder: &Path) -> io::Result<()> {
        self.with(|state| match state.names.contains_key(folder) {
            true => Err(ErrorKind::AlreadyExists.into()),
            false => {
                state.names.insert(folder.to_path_buf(), None);
                Ok(())
            }
        })
    }

    fn remove_folder(&self, folder: &Path) -> io::Result<()> {
        self.with(|state| match state.names.keys().any(|name| name.parent() == Some(folder)) {
            true => Err(ErrorKind::DirectoryNotEmpty.into()),
            false => state.names.remove(folder).map(drop).ok_or_else(missing),
        })
    }

    fn sync_folder(&self, folder: &Path) -> io::Result<()> {
        self.with(|state| {
            state.kept.retain(|name, _| name.parent() != Some(folder) || state.names.contains_key(name));
            let here = state.names.iter().filter(|(name, _)| name.parent() == Some(folder));
            state.kept.extend(here.map(|(name, file)| (name.clone(), *file)));
        });
        Ok(())
    }

    fn list(&self, folder: &Path) -> io::Result<Vec<Entry>> {
        self.with(|state| {
            let here = state.names.iter().filter(|(name, _)| name.parent() == Some(folder));
            let entry = |(name, file): (&PathBuf, &Option<usize>)| {
                Some(Entry { name: name.file_name()?.to_owned(), folder: file.is_none() })
            };
            match state.names.get(folder) {
                Some(None) => Ok(here.filter_map(entry).collect()),
                Some(Some(_)) => Err(ErrorKind::NotADirectory.into()),
                None => Err(missing()),
            }
        })
    }
}

struct Open {
    medium: VolatileMedium,
    number: usize,
}

impl Open {
    fn with<T>(&self, call: impl FnOnce(&mut Data) -> T) -> io::Result<T> {
        self.medium.with(|state| state.files.get_mut(self.number).map(call).ok_or_else(missing))
    }
}

impl Handle for Open {
    fn len(&mut self) -> io::Result<u64> {
        self.with(|data| data.seen.len() as u64)
    }

    fn read_at(&mut self, into: &mut [u8], offset: u64) -> io::Result<usize> {
        self.with(|data| {
            let rest = usize::try_from(offset).ok().and_then(|at| data.seen.get(at..)).unwrap_or_default();
            rest.iter().zip(into).map(|(from, to)| *to = *from).count()
        })
    }

    fn write_at(&mut self, bytes: &[u8], offset: u64) -> io::Result<()> {
        let start = usize::try_from(offset).map_err(io::Error::other)?;
        self.with(|data| {
            let end = start + bytes.len();
            data.seen.resize(data.seen.len().max(end), 0);
            if let Some(to) = data.seen.get_mut(start..end) {
                to.copy_from_slice(bytes);
            }
            data.dirty.extend((start / PAGE)..end.div_ceil(PAGE));
        })
    }

    fn truncate(&mut self, length: u64) -> io::Result<()> {
        let length = usize::try_from(length).map_err(io::Error::other)?;
        self.with(|data| {
            data.seen.resize(length, 0);
            data.cut = true;
        })
    }

    fn sync(&mut self) -> io::Result<()> {
        let failing = self.medium.with(|state| {
            let now = state.failing;
            state.failing = now.and_then(|left| left.checked_sub(1));
            now == Some(0)
        });
        if failing {
            self.with(|data| data.dirty.clear())?;
            return Err(io::Error::other("the disk did not take what was written"));
        }
        self.with(Data::sync)
    }
}
