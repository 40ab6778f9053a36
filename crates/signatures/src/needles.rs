//! Searching bytes for pieces of known tables.

use crate::BookError;
use aho_corasick::AhoCorasick;
use std::collections::BTreeMap;

/// Bytes in one piece of a table: as few as are telling.
const PIECES: [(usize, usize); 2] = [(16, 6), (32, 3)];
/// The shortest table that is searched for.
const SHORTEST: usize = 8;
/// The most bytes searched in one call; what lies behind is not looked at.
const WINDOW: usize = 1 << 20;

/// Cuts a table into pieces to search for, leaving out those that are too plain. A new piece begins every 16
/// bytes, because code that is unrolled refers to the middle of a table too.
pub(crate) fn cut(table: &[u8]) -> Vec<Vec<u8>> {
    if (SHORTEST..16).contains(&table.len()) {
        return vec![table.to_vec()];
    }
    let starts = (0..table.len()).step_by(16).filter_map(|start| table.get(start..));
    starts.filter_map(piece).map(<[u8]>::to_vec).collect()
}

/// The shortest piece at the start of these bytes that has enough different ones: 6 of 16 or 3 of 32.
fn piece(bytes: &[u8]) -> Option<&[u8]> {
    PIECES.iter().filter_map(|(size, least)| Some((bytes.get(..*size)?, *least))).find_map(
        |(piece, least)| {
            let mut seen = piece.to_vec();
            seen.sort_unstable();
            seen.dedup();
            (seen.len() >= least).then_some(piece)
        },
    )
}

/// Pieces of tables, each with the index of its constant.
#[derive(Debug, Default)]
pub(crate) struct Needles {
    automaton: Option<AhoCorasick>,
    owners: Vec<usize>,
}

impl Needles {
    pub(crate) fn new(patterns: BTreeMap<Vec<u8>, usize>) -> Result<Self, BookError> {
        let automaton = AhoCorasick::new(patterns.keys())
            .map_err(|e| BookError::Form { file: "constants.toml", message: e.to_string() })?;
        Ok(Self { automaton: Some(automaton), owners: patterns.into_values().collect() })
    }

    /// The constants of which a piece occurs, each once, in the order of the book.
    pub(crate) fn find(&self, bytes: &[u8]) -> Vec<usize> {
        let window = bytes.get(..WINDOW).unwrap_or(bytes);
        let hits = self.automaton.iter().flat_map(|a| a.find_overlapping_iter(window));
        let mut found: Vec<usize> =
            hits.filter_map(|hit| self.owners.get(hit.pattern().as_usize()).copied()).collect();
        found.sort_unstable();
        found.dedup();
        found
    }
}
