//! The history itself: taking rows in, cutting files, and handing out what it holds. It must not know what questions mean.

use crate::error::Error;
use crate::folder;
use crate::part::{self, Part};
use crate::row::Row;
use crate::scan::View;
use crate::table::Table;
use crate::write::Writer;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// When files are cut and merged.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// A file is cut when this many rows are in memory, at about 100 bytes each.
    pub file_rows: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { file_rows: 1_000_000 }
    }
}

/// The history of findings in a folder of its own. Every call may be made from any thread; questions do not wait for files
/// being written.
pub struct Facts {
    pub(crate) folder: PathBuf,
    limits: Limits,
    /// Held by whoever changes files, one at a time.
    pub(crate) writing: Mutex<()>,
    state: Mutex<State>,
}

/// What changes.
pub(crate) struct State {
    pub view: View,
    /// Rows in memory.
    rows: usize,
    /// The ordinal behind all that was taken in.
    next: u64,
}

impl Facts {
    /// Opens the history in a folder, or makes it.
    ///
    /// # Errors
    ///
    /// [`Error::Overlap`] if two files hold the same ordinals; [`Error::Medium`] if the folder cannot be read or made.
    pub fn open(folder: &Path) -> Result<Self, Error> {
        Self::open_with(folder, Limits::default())
    }

    /// Opens the history with limits of one's own.
    ///
    /// # Errors
    ///
    /// As for [`Facts::open`].
    pub fn open_with(folder: &Path, limits: Limits) -> Result<Self, Error> {
        let parts = folder::open(folder)?;
        let next = parts.last().map_or(0, |part| part.ordinals.end);
        let view = View { parts, chunks: Vec::new() };
        let state = Mutex::new(State { view, rows: 0, next });
        Ok(Self { folder: folder.to_owned(), limits, writing: Mutex::new(()), state })
    }

    /// The ordinal with which the history goes on: after a crash, the first that is in no file.
    pub fn next_ordinal(&self) -> u64 {
        self.state().next
    }

    /// Takes in the rows of the statements from [`Facts::next_ordinal`] up to, not including, `upto`. They are in memory, and
    /// can be asked for; when enough have come together they are written to a file.
    ///
    /// # Errors
    ///
    /// [`Error::Row`] or [`Error::Order`]: nothing was taken in. Any other error: the rows are in memory, and the file will
    /// be tried again.
    pub fn append(&self, rows: &[Row], upto: u64) -> Result<(), Error> {
        rows.iter().try_for_each(Row::check)?;
        let mut table = Table::default();
        rows.iter().for_each(|row| table.push(row));
        let full = {
            let mut state = self.state();
            let outside = |o: &u64| *o < state.next || *o >= upto;
            let found = rows.iter().map(|r| r.ordinal).find(outside);
            if let Some(found) = found.or_else(|| (upto < state.next).then_some(upto)) {
                return Err(Error::Order { found, expected: state.next });
            }
            state.next = upto;
            state.rows += table.rows.len();
            if !table.rows.is_empty() {
                state.view.chunks.push(Arc::new(table));
            }
            state.rows >= self.limits.file_rows
        };
        if full { self.flush() } else { Ok(()) }
    }

    /// Writes what is in memory to a file.
    ///
    /// # Errors
    ///
    /// [`Error::Medium`]: the rows are still in memory.
    pub fn flush(&self) -> Result<(), Error> {
        let _writing = lock(&self.writing);
        let (chunks, ordinals) = {
            let state = self.state();
            let first = state.view.parts.last().map_or(0, |part| part.ordinals.end);
            (state.view.chunks.clone(), first..state.next)
        };
        if chunks.is_empty() {
            return Ok(());
        }
        let mut table = Table::default();
        chunks.iter().for_each(|chunk| table.extend(&chunk.rows, &chunk.words));
        table.sort();
        let path = self.folder.join(part::name(&ordinals));
        let mut writer = Writer::new(&path)?;
        writer.rows(&table.rows, &table.words)?;
        writer.finish()?;
        let mut part = Part::open(&path, ordinals)?;
        part.learn_span()?;
        let mut state = self.state();
        state.view.parts.push(Arc::new(part));
        state.view.chunks.drain(..chunks.len());
        state.rows -= table.rows.len();
        Ok(())
    }

    /// What the history holds now.
    pub(crate) fn view(&self) -> View {
        self.state().view.clone()
    }

    pub(crate) fn state(&self) -> MutexGuard<'_, State> {
        lock(&self.state)
    }
}

/// Locks; a thread that broke off while it held the lock left nothing half done behind it.
pub fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
