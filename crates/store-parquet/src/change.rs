//! Changing what the files hold: retention, erasure, merging. It must not choose what goes: that is told by the caller.
//!
//! Every change writes a whole new file first; the old ones go when the new one is durable and in the catalogue.

use crate::error::Error;
use crate::folder;
use crate::history::{Facts, lock};
use crate::part::{self, Part};
use crate::query::Query;
use crate::scan;
use crate::table::{Packed, Table};
use crate::write::{Column, Writer};
use std::sync::Arc;

impl Facts {
    /// Removes the rows that begin before a time in Unix milliseconds, as a rule of retention asks; returns how many files
    /// were changed or removed.
    ///
    /// # Errors
    ///
    /// [`Error::Medium`] or [`Error::Damaged`]: some files may be done, and the call can be repeated.
    pub fn remove_before(&self, ms: i64) -> Result<usize, Error> {
        let _writing = lock(&self.writing);
        self.retain_buffered(|row| row.from >= ms);
        let parts = self.view().parts;
        let old: Vec<_> = parts.iter().filter(|p| p.span.start < ms && p.has_rows()).collect();
        for part in &old {
            // The last file stays even without rows: its name tells where the history goes on.
            let last = parts.last().is_some_and(|last| Arc::ptr_eq(last, part));
            if part.span.end <= ms && !last {
                self.replace(&[Arc::clone(part)], None)?;
                folder::remove(&part.path)?;
            } else {
                self.rewrite(part, |row| row.from >= ms)?;
            }
        }
        Ok(old.len())
    }

    /// Erases the rows of a statement, given by its device and sequence number; returns how many there were.
    ///
    /// # Errors
    ///
    /// [`Error::Medium`] or [`Error::Damaged`]: the rows may still be there, and the call can be repeated.
    pub fn erase(&self, device: [u8; 16], sequence: u64) -> Result<usize, Error> {
        let _writing = lock(&self.writing);
        let meant = |row: &Packed| row.device == device && row.sequence == sequence;
        let mut erased = self.retain_buffered(|row| !meant(row));
        let query = Query { devices: vec![device], ..Query::default() };
        let everything = i64::MIN..i64::MAX;
        let view = self.view();
        let mut holding: Vec<Arc<Part>> = Vec::new();
        for (part, group) in view.groups(&query, &everything)? {
            let Some(block) = scan::rows(&part, group, &query, &Column::ALL)? else { continue };
            let mut table = Table::default();
            block.pack(&mut table, |_| true);
            let found = table.rows.iter().filter(|row| meant(row)).count();
            erased += found;
            if found > 0 && holding.last().is_none_or(|last| !Arc::ptr_eq(last, &part)) {
                holding.push(part);
            }
        }
        holding.iter().try_for_each(|part| self.rewrite(part, |row| !meant(row)))?;
        Ok(erased)
    }

    /// Writes a file again with the rows that pass.
    fn rewrite(&self, part: &Arc<Part>, keep: impl Fn(&Packed) -> bool) -> Result<(), Error> {
        let mut writer = Writer::new(&part.path)?;
        for (group, rows) in part.groups()?.into_iter().enumerate() {
            let mut table = Table::default();
            part.read(group, &Column::ALL, 0..rows)?.pack(&mut table, |_| true);
            table.rows.retain(&keep);
            writer.rows(&table.rows, &table.words)?;
        }
        writer.finish()?;
        let made = Part::open(&part.path, part.ordinals.clone())?;
        self.replace(&[Arc::clone(part)], Some(made))
    }

    /// Merges neighbouring files of a size into one: fewer files are faster to ask, and larger ones take fewer bytes a row.
    /// Returns whether something was merged; call it again until nothing is. It takes seconds, and others may go on
    /// appending and asking meanwhile.
    ///
    /// # Errors
    ///
    /// [`Error::Medium`] or [`Error::Damaged`]: the old files are still there.
    pub fn merge(&self) -> Result<bool, Error> {
        let _writing = lock(&self.writing);
        let parts = self.view().parts;
        let Some(chosen) = self.mergeable(&parts)? else { return Ok(false) };
        let (Some(first), Some(last)) = (chosen.first(), chosen.last()) else { return Ok(false) };
        let ordinals = first.ordinals.start..last.ordinals.end;
        let path = self.folder.join(part::name(&ordinals));
        let mut writer = Writer::new(&path)?;
        crate::merge::write(&chosen, &mut writer)?;
        writer.finish()?;
        self.replace(&chosen, Some(Part::open(&path, ordinals)?))?;
        chosen.iter().filter(|p| p.path != path).try_for_each(|p| folder::remove(&p.path))?;
        Ok(true)
    }

    /// The first run of neighbouring files that is worth merging: as many as the limits ask, each of about one size or below.
    fn mergeable(&self, parts: &[Arc<Part>]) -> Result<Option<Vec<Arc<Part>>>, Error> {
        let files = self.limits.merge_files.max(2);
        let rows: Vec<usize> =
            parts.iter().map(|p| p.groups().map(|g| g.iter().sum())).collect::<Result<_, _>>()?;
        let mut size = 1;
        while size < self.limits.merged_rows {
            size = size.saturating_mul(files);
            for (run, rows) in parts.windows(files).zip(rows.windows(files)) {
                let fits = rows.iter().sum::<usize>() <= self.limits.merged_rows;
                if fits && rows.iter().all(|r| *r <= size) {
                    return Ok(Some(run.to_vec()));
                }
            }
        }
        Ok(None)
    }
}
