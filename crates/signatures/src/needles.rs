//! Searching bytes for pieces of known tables.

use crate::BookError;
use aho_corasick::AhoCorasick;
use std::collections::BTreeMap;

/// Bytes in one piece of a table.
const PIECE: usize = 16;
/// The shortest table that is searched for.
const SHORTEST: usize = 8;
/// A piece has at least this many different bytes, or it would be found everywhere.
const DIFFERENT: usize = 6;
/// The most bytes searched in one call; what lies behind is not looked at.
const WINDOW: usize = 1 << 20;

/// Cuts a table into pieces to search for, leaving out those that are too plain.
pub(crate) fn cut(table: &[u8]) -> Vec<Vec<u8>> {
    let piece = PIECE.min(table.len());
    let whole = table.chunks(piece).filter(|c| c.len() == piece);
    whole.filter(|c| telling(c)).map(<[u8]>::to_vec).collect()
}

fn telling(piece: &[u8]) -> bool {
    let mut seen = piece.to_vec();
    seen.sort_unstable();
    seen.dedup();
    piece.len() >= SHORTEST && seen.len() >= DIFFERENT
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
