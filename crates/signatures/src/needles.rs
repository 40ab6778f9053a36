//! Searching bytes for pieces of known tables.

use std::collections::{BTreeMap, HashMap};

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

/// Pieces of tables, each with the index of its constant, by their first bytes.
///
/// The windows that are searched are short, and an observer pays for every page that it touches: a look-up at each
/// byte costs a few microseconds for a window, an automaton over all pieces some forty milliseconds to build.
#[derive(Debug, Default)]
pub(crate) struct Needles {
    by_begin: HashMap<[u8; SHORTEST], Vec<(Vec<u8>, usize)>>,
}

impl Needles {
    pub(crate) fn new(patterns: BTreeMap<Vec<u8>, usize>) -> Self {
        let mut by_begin: HashMap<[u8; SHORTEST], Vec<(Vec<u8>, usize)>> = HashMap::new();
        for (piece, owner) in patterns {
            if let Some(begin) = piece.first_chunk().copied() {
                by_begin.entry(begin).or_default().push((piece, owner));
            }
        }
        Self { by_begin }
    }

    /// The constants of which a piece occurs, each once, in the order of the book.
    pub(crate) fn find(&self, bytes: &[u8]) -> Vec<usize> {
        let mut rest = bytes.get(..WINDOW).unwrap_or(bytes);
        let mut found = Vec::new();
        while let Some(begin) = rest.first_chunk::<SHORTEST>() {
            let pieces = self.by_begin.get(begin).into_iter().flatten();
            found.extend(pieces.filter(|(piece, _)| rest.starts_with(piece)).map(|(_, owner)| *owner));
            rest = rest.get(1..).unwrap_or_default();
        }
        found.sort_unstable();
        found.dedup();
        found
    }
}
