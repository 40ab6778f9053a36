//! Several sorted files into one, a row group of each in memory at a time. It must not reorder or drop rows.

use crate::error::Error;
use crate::part::Part;
use crate::table::{Packed, Table};
use crate::write::{Column, GROUP_ROWS, Writer, cut};
use std::collections::VecDeque;
use std::sync::Arc;

/// A file being read.
struct Head {
    part: Arc<Part>,
    groups: VecDeque<(usize, usize)>,
    rows: VecDeque<Packed>,
}

impl Head {
    fn new(part: &Arc<Part>) -> Result<Self, Error> {
        let groups = part.groups()?.into_iter().enumerate().collect();
        Ok(Self { part: Arc::clone(part), groups, rows: VecDeque::new() })
    }

    /// The next row; texts are numbered in `words`.
    fn peek(&mut self, words: &mut Table) -> Result<Option<&Packed>, Error> {
        while self.rows.is_empty() {
            let Some((group, rows)) = self.groups.pop_front() else { return Ok(None) };
            self.part.read(group, &Column::ALL, 0..rows)?.pack(words, |_| true);
            self.rows = std::mem::take(&mut words.rows).into();
        }
        Ok(self.rows.front())
    }
}

/// Writes the rows of all files in order.
pub fn write(parts: &[Arc<Part>], writer: &mut Writer) -> Result<(), Error> {
    let mut heads: Vec<Head> = parts.iter().map(Head::new).collect::<Result<_, _>>()?;
    let mut words = Table::default();
    let mut out: Vec<Packed> = Vec::with_capacity(2 * GROUP_ROWS);
    while let Some(packed) = next(&mut heads, &mut words)? {
        out.push(packed);
        if out.len() >= 2 * GROUP_ROWS {
            let len = cut(&out);
            writer.rows(out.get(..len).unwrap_or_default(), &words.words)?;
            out.drain(..len);
        }
    }
    writer.rows(&out, &words.words)
}

/// Takes the smallest row; of equal ones that of the earlier file.
fn next(heads: &mut [Head], words: &mut Table) -> Result<Option<Packed>, Error> {
    let mut best: Option<(usize, Packed)> = None;
    for (at, head) in heads.iter_mut().enumerate() {
        if let Some(row) = head.peek(words)?
            && best.as_ref().is_none_or(|(_, best)| row.order(best).is_lt())
        {
            best = Some((at, *row));
        }
    }
    Ok(best.and_then(|(at, _)| heads.get_mut(at)?.rows.pop_front()))
}
