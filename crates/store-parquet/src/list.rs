//! Single rows, a page at a time. It must not sum.

use crate::block::Block;
use crate::error::Error;
use crate::fold;
use crate::history::Facts;
use crate::part::Part;
use crate::query::Query;
use crate::row::Row;
use crate::scan;
use crate::table::Table;
use crate::write::Column;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;

/// Most rows of a page.
pub const MAX_PAGE: usize = 10_000;

/// Where the next page begins: behind this row. It stays good when files are written, merged or cut.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Cursor {
    /// When the statement of the row begins, in Unix milliseconds.
    pub from_ms: i64,
    /// The statement's ordinal.
    pub ordinal: u64,
    /// Which of the statement's rows that the question means.
    pub place: u32,
}

/// Rows of a page, and where the next one begins if there is more.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Page {
    /// The rows.
    pub rows: Vec<Row>,
    /// The cursor for the next page.
    pub next: Option<Cursor>,
}

/// Rows kept so far, the last of them dropped when there are too many.
struct Kept {
    rows: BTreeMap<(i64, i128, u32), Row>,
    most: usize,
    after: Option<(i64, i128, u32)>,
    newest: bool,
}

impl Facts {
    /// Single rows that a question means, by time and ordinal, the newest first if so asked; `limit` of them, at most
    /// [`MAX_PAGE`], behind the row of a cursor. The question's group and steps of time are passed over.
    ///
    /// # Errors
    ///
    /// [`Error::Question`] if the question makes no sense, [`Error::Damaged`] if a file cannot be read.
    pub fn rows(
        &self,
        query: &Query,
        newest: bool,
        limit: usize,
        after: Option<Cursor>,
    ) -> Result<Page, Error> {
        query.check()?;
        let most = limit.clamp(1, MAX_PAGE);
        let after = after.map(|cursor| rank(cursor, newest));
        let mut kept = Kept { rows: BTreeMap::new(), most, after, newest };
        let view = self.view();
        let window = query.window();
        let block = view.buffered(query, &window);
        kept.block(&block, query, &window, || Ok(None))?;
        for (part, group) in ordered(view.groups(query, &window)?, newest) {
            kept.group(&part, group, query, &window)?;
        }
        Ok(kept.page())
    }
}

/// Row groups in the order in which their files begin, or end.
fn ordered(mut groups: Vec<(Arc<Part>, usize)>, newest: bool) -> Vec<(Arc<Part>, usize)> {
    let first = |part: &Part| if newest { part.span.end.saturating_neg() } else { part.span.start };
    groups.sort_by_key(|(part, _)| first(part));
    groups
}

impl Kept {
    fn group(&mut self, part: &Part, group: usize, query: &Query, window: &Range<i64>) -> Result<(), Error> {
        let best = part.times(group)?.map(|t| if self.newest { -t.end.saturating_sub(1) } else { t.start });
        if best.is_some_and(|best| self.worst().is_some_and(|worst| best > worst.0)) {
            return Ok(());
        }
        let mut columns = fold::filtered(query);
        columns.push(Column::Ordinal);
        let Some(block) = scan::rows(part, group, query, &columns)? else { return Ok(()) };
        self.block(&block, query, window, || scan::rows(part, group, query, &Column::ALL))
    }

    /// Takes in rows of a block; `whole` reads the columns that are not there yet.
    fn block(
        &mut self,
        block: &Block,
        query: &Query,
        window: &Range<i64>,
        whole: impl FnOnce() -> Result<Option<Block>, Error>,
    ) -> Result<(), Error> {
        let mut ranks = self.ranks(block, &fold::selected(block, query, window));
        ranks.sort_unstable();
        ranks.truncate(self.most + 1);
        if ranks.is_empty() {
            return Ok(());
        }
        let read = whole()?;
        let block = read.as_ref().unwrap_or(block);
        let mut table = Table::default();
        let mut at: Vec<_> = ranks.iter().map(|(rank, row)| (*row as usize, *rank)).collect();
        at.sort_unstable();
        block.pack(&mut table, |row| at.binary_search_by_key(&row, |(at, _)| *at).is_ok());
        for ((_, rank), packed) in at.iter().zip(&table.rows) {
            self.rows.insert(*rank, table.row(packed));
        }
        while self.rows.len() > self.most + 1 {
            self.rows.pop_last();
        }
        Ok(())
    }

    /// The ranks of rows that may be on the page.
    fn ranks(&self, block: &Block, rows: &[u32]) -> Vec<((i64, i128, u32), u32)> {
        let worst = self.worst();
        let (mut last, mut place) = (None, 0);
        let mut ranks = Vec::new();
        for &row in rows {
            let ordinal = block.ordinal.get(row as usize).copied();
            place = if ordinal == last { place + 1 } else { 0 };
            last = ordinal;
            let from_ms = block.from.get(row as usize).copied().unwrap_or_default();
            let ordinal = ordinal.unwrap_or_default().cast_unsigned();
            let rank = rank(Cursor { from_ms, ordinal, place }, self.newest);
            if self.after.is_none_or(|after| rank > after) && worst.is_none_or(|worst| rank < worst) {
                ranks.push((rank, row));
            }
        }
        ranks
    }

    /// The last row of a page that is full.
    fn worst(&self) -> Option<(i64, i128, u32)> {
        (self.rows.len() > self.most).then(|| self.rows.last_key_value().map(|(rank, _)| *rank))?
    }

    fn page(mut self) -> Page {
        let more = self.rows.len() > self.most;
        if more {
            self.rows.pop_last();
        }
        let last = self.rows.last_key_value().filter(|_| more).map(|(rank, _)| *rank);
        let next = last.map(|(from, ordinal, place)| Cursor {
            from_ms: if self.newest { -from } else { from },
            ordinal: u64::try_from(ordinal.abs()).unwrap_or(u64::MAX),
            place,
        });
        Page { rows: self.rows.into_values().collect(), next }
    }
}

/// Orders rows: what is smaller comes first.
fn rank(cursor: Cursor, newest: bool) -> (i64, i128, u32) {
    let ordinal = i128::from(cursor.ordinal);
    if newest {
        (cursor.from_ms.saturating_neg(), -ordinal, cursor.place)
    } else {
        (cursor.from_ms, ordinal, cursor.place)
    }
}
