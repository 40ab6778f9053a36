//! Going through the files of the history for a question, with two threads at most. It must not change anything.

use crate::block::Block;
use crate::error::Error;
use crate::fold::{self, Fold};
use crate::part::Part;
use crate::query::Query;
use crate::table::{Packed, Table};
use crate::write::Column;
use bytes::Bytes;
use std::ops::Range;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

/// Most threads of one question.
const THREADS: usize = 2;

/// What the history holds at one moment. It stays readable while files come and go.
#[derive(Clone, Default)]
pub struct View {
    pub parts: Vec<Arc<Part>>,
    pub chunks: Vec<Arc<Table>>,
}

impl View {
    /// Adds what the rows within `window` come to.
    pub fn fold(&self, query: &Query, window: &Range<i64>, into: &mut Fold) -> Result<(), Error> {
        if window.is_empty() {
            return Ok(());
        }
        let block = self.buffered(query, window);
        into.block(&block, &fold::selected(&block, query, window), query)?;
        let groups = self.groups(query, window)?;
        let next = AtomicUsize::new(0);
        let work = || {
            let mut made = Fold::default();
            while let Some((part, group)) = groups.get(next.fetch_add(1, Ordering::Relaxed)) {
                if let Some(block) = rows(part, *group, query, &fold::needed(query))? {
                    made.block(&block, &fold::selected(&block, query, window), query)?;
                }
            }
            Ok::<_, Error>(made)
        };
        let made: Vec<_> = thread::scope(|scope| {
            let threads = THREADS.min(groups.len());
            let started: Vec<_> = (0..threads).map(|_| scope.spawn(work)).collect();
            let broke = || Error::Question { why: "a thread broke off".to_owned() };
            started.into_iter().map(|t| t.join().unwrap_or_else(|_| Err(broke()))).collect()
        });
        made.into_iter().try_for_each(|fold| into.merge(fold?))
    }

    /// The rows in memory that may be meant, as a block in the order of a file.
    pub fn buffered(&self, query: &Query, window: &Range<i64>) -> Block {
        let mut table = Table::default();
        for chunk in &self.chunks {
            let wanted = |row: &&Packed| {
                let device = query.devices.is_empty() || query.devices.contains(&row.device);
                device && window.contains(&row.from)
            };
            table.extend(chunk.rows.iter().filter(wanted), &chunk.words);
        }
        table.sort();
        Block::of(&table.rows, &table.words)
    }

    /// The row groups that may hold rows that are meant.
    pub fn groups(&self, query: &Query, window: &Range<i64>) -> Result<Vec<(Arc<Part>, usize)>, Error> {
        let mut groups = Vec::new();
        for part in self.parts.iter().filter(|p| overlaps(&p.span, window)) {
            for group in 0..part.meta()?.num_row_groups() {
                if possible(part, group, query, window)? {
                    groups.push((Arc::clone(part), group));
                }
            }
        }
        Ok(groups)
    }
}

fn overlaps(span: &Range<i64>, window: &Range<i64>) -> bool {
    span.start < window.end && window.start < span.end
}

/// Whether the statistics of a row group leave rows possible that are meant.
fn possible(part: &Part, group: usize, query: &Query, window: &Range<i64>) -> Result<bool, Error> {
    let within = |(low, high): &(Bytes, Bytes), value: &[u8]| low.as_ref() <= value && value <= high.as_ref();
    let any = |column, wanted: &[&[u8]]| -> Result<bool, Error> {
        let known = if wanted.is_empty() { None } else { part.bounds(group, column)? };
        Ok(known.is_none_or(|bounds| wanted.iter().any(|value| within(&bounds, value))))
    };
    let devices: Vec<&[u8]> = query.devices.iter().map(<[u8; 16]>::as_slice).collect();
    let texts = |texts: &'_ [String]| texts.iter().map(|t| t.clone().into_bytes()).collect::<Vec<_>>();
    let activities: Vec<&[u8]> = query.activities.iter().map(|a| a.name().as_bytes()).collect();
    for (column, wanted) in [
        (Column::Operator, texts(&query.operators)),
        (Column::Site, texts(&query.sites)),
        (Column::Disposition, texts(&query.dispositions)),
    ] {
        let wanted: Vec<&[u8]> = wanted.iter().map(Vec::as_slice).collect();
        if !any(column, &wanted)? {
            return Ok(false);
        }
    }
    let times = part.times(group)?;
    Ok(times.is_none_or(|span| overlaps(&span, window))
        && any(Column::Device, &devices)?
        && any(Column::Activity, &activities)?)
}

/// The columns of the rows of a group that may be meant: of all, or of those around the devices asked for.
pub fn rows(part: &Part, group: usize, query: &Query, columns: &[Column]) -> Result<Option<Block>, Error> {
    let all = part.groups()?.get(group).copied().unwrap_or(0);
    if query.devices.is_empty() {
        return part.read(group, columns, 0..all).map(Some);
    }
    let device = part.read(group, &[Column::Device], 0..all)?.device;
    let wanted: Vec<bool> =
        device.words.iter().map(|w| query.devices.iter().any(|d| d.as_slice() == w.as_ref())).collect();
    let meant = |code: &u32| wanted.get(*code as usize).copied().unwrap_or(false);
    let first = device.codes.iter().position(meant);
    let last = device.codes.iter().rposition(meant);
    match first.zip(last) {
        Some((first, last)) => part.read(group, columns, first..last + 1).map(Some),
        None => Ok(None),
    }
}
