//! The history itself: taking rows in, cutting files, and handing out what it holds. It must not know what questions mean.

use crate::catalogue::Catalogue;
use crate::error::Error;
use crate::folder;
use crate::hours;
use crate::part::{self, Part};
use crate::row::Row;
use crate::scan::View;
use crate::table::{Packed, Table};
use crate::write::Writer;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// When files are cut and merged.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// A file is cut when this many rows are in memory, at about 100 bytes each.
    pub file_rows: usize,
    /// This many neighbouring files of one size are merged.
    pub merge_files: usize,
    /// No file is merged to more rows than this.
    pub merged_rows: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { file_rows: 1_000_000, merge_files: 8, merged_rows: 10_000_000 }
    }
}

/// The history of findings in a folder of its own. Every call may be made from any thread; questions do not wait for files
/// being written.
pub struct Facts {
    pub(crate) folder: PathBuf,
    pub(crate) limits: Limits,
    /// Held by whoever changes files, one at a time.
    pub(crate) writing: Mutex<()>,
    state: Mutex<State>,
}

/// What changes.
pub(crate) struct State {
    pub view: View,
    pub catalogue: Catalogue,
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
        let mut parts = folder::open(folder)?;
        let mut catalogue = Catalogue::open(folder)?;
        reconcile(&mut catalogue, &mut parts)?;
        let parts: Vec<_> = parts.into_iter().map(Arc::new).collect();
        let next = parts.last().map_or(0, |part| part.ordinals.end);
        let view = View { parts, chunks: Vec::new() };
        let state = Mutex::new(State { view, catalogue, rows: 0, next });
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
        rows.iter().zip(rows.iter().skip(1)).try_for_each(|(row, next)| together(row, next))?;
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
        let part = Part::open(&path, ordinals)?;
        self.swap(&[], Some(part), chunks.len())
    }

    /// Puts a file in the place of others, in the catalogue and for all questions to come.
    pub(crate) fn replace(&self, old: &[Arc<Part>], new: Option<Part>) -> Result<(), Error> {
        self.swap(old, new, 0)
    }

    /// Replaces files, and drops the first chunks of memory, which the new file holds.
    fn swap(&self, old: &[Arc<Part>], new: Option<Part>, chunks: usize) -> Result<(), Error> {
        let new = new.map(summed).transpose()?;
        let names: Vec<&str> = old.iter().map(|part| part.name()).collect();
        let mut state = self.state();
        let made: Vec<_> = new.iter().map(|(part, summary)| (part, summary)).collect();
        state.catalogue.change(&names, &made)?;
        state.view.parts.retain(|part| !old.iter().any(|old| Arc::ptr_eq(old, part)));
        state.view.parts.extend(new.map(|(part, _)| Arc::new(part)));
        state.view.parts.sort_by_key(|part| part.ordinals.start);
        state.view.chunks.drain(..chunks);
        state.rows = state.view.chunks.iter().map(|chunk| chunk.rows.len()).sum();
        Ok(())
    }

    /// Keeps the rows in memory that pass; returns how many did not.
    pub(crate) fn retain_buffered(&self, keep: impl Fn(&Packed) -> bool) -> usize {
        let mut state = self.state();
        let mut removed = 0;
        for chunk in &mut state.view.chunks {
            let kept: Vec<&Packed> = chunk.rows.iter().filter(|row| keep(row)).collect();
            if kept.len() < chunk.rows.len() {
                removed += chunk.rows.len() - kept.len();
                let mut table = Table::default();
                table.extend(kept, &chunk.words);
                *chunk = Arc::new(table);
            }
        }
        state.rows = state.rows.saturating_sub(removed);
        removed
    }

    /// What the history holds now.
    pub(crate) fn view(&self) -> View {
        self.state().view.clone()
    }

    pub(crate) fn state(&self) -> MutexGuard<'_, State> {
        lock(&self.state)
    }
}

/// Whether two rows that follow each other are of one statement, or the second of a later one.
fn together(row: &Row, next: &Row) -> Result<(), Error> {
    let statement = |row: &Row| (row.device, row.sequence, row.from_ms, row.duration_ms);
    if row.ordinal > next.ordinal {
        return Err(Error::Order { found: next.ordinal, expected: row.ordinal });
    }
    if row.ordinal < next.ordinal || statement(row) == statement(next) {
        return Ok(());
    }
    Err(Error::Row {
        ordinal: row.ordinal,
        what: "statement",
        found: "rows of another device, number or interval".to_owned(),
        expected: "the same in every row of an ordinal".to_owned(),
    })
}

/// A file, with its times, and what the catalogue is to say of it: it is read back from the disk.
fn summed(mut part: Part) -> Result<(Part, hours::Summary), Error> {
    part.learn_span()?;
    let summary = hours::summary(&part)?;
    part.summed = true;
    Ok((part, summary))
}

/// Brings the catalogue in line with the files. A damaged file stays out of it: questions will read and name it.
fn reconcile(catalogue: &mut Catalogue, parts: &mut [Part]) -> Result<(), Error> {
    let gone: Vec<String> =
        catalogue.names()?.into_iter().filter(|name| !parts.iter().any(|part| part.name() == name)).collect();
    catalogue.change(&gone.iter().map(String::as_str).collect::<Vec<_>>(), &[])?;
    for part in parts {
        if let Some(span) = catalogue.span(part)? {
            (part.span, part.summed) = (span, true);
            continue;
        }
        catalogue.change(&[part.name()], &[])?;
        let read = part.learn_span().and_then(|()| hours::summary(part));
        match read {
            Ok(summary) => {
                catalogue.change(&[], &[(part, &summary)])?;
                part.summed = true;
            }
            Err(Error::Damaged { .. }) => part.span = i64::MIN..i64::MAX,
            Err(other) => return Err(other),
        }
    }
    Ok(())
}

/// Locks; a thread that broke off while it held the lock left nothing half done behind it.
pub fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
