//! Searching bytes for pieces of known tables.

use serde::{Deserialize, Serialize};
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

/// Pieces of tables, each with the index of its constant, in ascending order of their bytes.
///
/// The windows that are searched are short, and an observer pays for every page that it touches: a look-up at each
/// byte costs a few microseconds for a window, an automaton over all pieces some forty milliseconds to build. Few
/// and flat, so that a compiled book is read at once.
#[derive(Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Needles {
    /// All pieces, one behind the other.
    bytes: Vec<u8>,
    pieces: Vec<Piece>,
}

/// Where a piece lies and whose it is.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Piece {
    /// Its first bytes, the first one most significant, so that numbers are in the order of the bytes.
    begin: u64,
    start: usize,
    length: usize,
    owner: usize,
}

impl Needles {
    pub(crate) fn new(patterns: BTreeMap<Vec<u8>, usize>) -> Self {
        let mut all = Self::default();
        for (piece, owner) in patterns {
            let Some(begin) = piece.first_chunk().copied().map(u64::from_be_bytes) else { continue };
            all.pieces.push(Piece { begin, start: all.bytes.len(), length: piece.len(), owner });
            all.bytes.extend(piece);
        }
        all
    }

    /// The constants of which a piece occurs, each once, in the order of the book.
    pub(crate) fn find(&self, bytes: &[u8]) -> Vec<usize> {
        let mut rest = bytes.get(..WINDOW).unwrap_or(bytes);
        let mut found = Vec::new();
        while let Some(begin) = rest.first_chunk::<SHORTEST>() {
            let pieces = self.beginning(u64::from_be_bytes(*begin));
            found.extend(pieces.filter(|piece| rest.starts_with(self.bytes(piece))).map(|piece| piece.owner));
            rest = rest.get(1..).unwrap_or_default();
        }
        found.sort_unstable();
        found.dedup();
        found
    }

    fn beginning(&self, begin: u64) -> impl Iterator<Item = &Piece> {
        let from = self.pieces.partition_point(|piece| piece.begin < begin);
        let pieces = self.pieces.get(from..).unwrap_or_default();
        pieces.iter().take_while(move |piece| piece.begin == begin)
    }

    fn bytes(&self, piece: &Piece) -> &[u8] {
        let end = piece.start.saturating_add(piece.length);
        self.bytes.get(piece.start..end).unwrap_or_default()
    }
}
