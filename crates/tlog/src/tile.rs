//! Where the parts of a log lie: tiles of 256 hashes and bundles of 256 entries, and their names (tlog-tiles).
//!
//! Must not look into what a tile holds.

use crate::hash::HASH_LENGTH;
use crate::number::decimal;
use crate::proof::MAX_SIZE;
use std::fmt;
use std::str::FromStr;

/// Hashes of a full tile, and entries of a full bundle: 2^8.
pub const TILE_WIDTH: u16 = 256;
/// Levels of a tile.
pub(crate) const TILE_HEIGHT: u32 = 8;
/// Largest level that a name may carry (tlog-tiles, "Merkle Tree").
const MAX_LEVEL: u64 = 63;
/// Longest name: `tile/63/`, seven parts of an index up to 2^63, and a width.
const MAX_TILE_NAME: usize = 64;

/// In which row of the log something lies.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Place {
    /// The entries themselves.
    Entries,
    /// Hashes: level 0 holds those of leaves, each higher level one hash for each full tile below. 0 to 63.
    Level(u8),
}

/// A tile of hashes, or a bundle of entries.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Tile {
    /// Its row.
    pub place: Place,
    /// Which one of its row, counted from 0; at most 2^63 - 1.
    pub index: u64,
    /// How many hashes or entries it has: 1 to [`TILE_WIDTH`].
    pub width: u16,
}

/// Why a text names no tile.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TileError {
    /// Written in another way.
    #[error("{0:?} is not the name of a tile, expected the like of tile/0/x001/234 or tile/entries/000.p/5")]
    Name(String),
}

impl Tile {
    /// The tile of a row that has `nodes` hashes in all; none if the row does not reach it.
    #[must_use]
    pub fn of_row(place: Place, index: u64, nodes: u64) -> Option<Self> {
        let rest = nodes.checked_sub(index.checked_mul(u64::from(TILE_WIDTH))?)?;
        let width = u16::try_from(rest.min(u64::from(TILE_WIDTH))).unwrap_or(TILE_WIDTH);
        (width > 0).then_some(Self { place, index, width })
    }

    /// Whether all its 256 places are taken.
    #[must_use]
    pub fn is_full(self) -> bool {
        self.width == TILE_WIDTH
    }

    /// The same tile with all its places taken.
    #[must_use]
    pub fn full(self) -> Self {
        Self { width: TILE_WIDTH, ..self }
    }

    /// Bytes of a tile of hashes of this width.
    #[must_use]
    pub fn bytes(self) -> usize {
        usize::from(self.width) * HASH_LENGTH
    }

    /// What the names of all its partial forms begin with, such as `tile/0/000.p/`.
    #[must_use]
    pub fn partials(self) -> String {
        format!("{}.p/", self.full())
    }
}

impl fmt::Display for Tile {
    /// The name, such as `tile/0/x001/234` or `tile/entries/000.p/5`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.place {
            Place::Entries => f.write_str("tile/entries/")?,
            Place::Level(level) => write!(f, "tile/{level}/")?,
        }
        let mut parts = vec![self.index % 1000];
        let mut rest = self.index / 1000;
        while rest > 0 {
            parts.push(rest % 1000);
            rest /= 1000;
        }
        for (left, part) in parts.iter().enumerate().rev() {
            if left > 0 {
                write!(f, "x{part:03}/")?;
            } else {
                write!(f, "{part:03}")?;
            }
        }
        if self.is_full() { Ok(()) } else { write!(f, ".p/{}", self.width) }
    }
}

impl FromStr for Tile {
    type Err = TileError;

    fn from_str(name: &str) -> Result<Self, TileError> {
        let tile = (name.len() <= MAX_TILE_NAME).then(|| read(name)).flatten();
        tile.ok_or_else(|| TileError::Name(name.chars().take(MAX_TILE_NAME).collect()))
    }
}

fn read(name: &str) -> Option<Tile> {
    let (row, rest) = name.strip_prefix("tile/")?.split_once('/')?;
    let place = match row {
        "entries" => Place::Entries,
        level => Place::Level(u8::try_from(decimal(level).filter(|l| *l <= MAX_LEVEL)?).ok()?),
    };
    let (number, width) = match rest.split_once(".p/") {
        Some((number, width)) => (number, u16::try_from(decimal(width)?).ok()?),
        None => (rest, TILE_WIDTH),
    };
    let partial = rest.len() != number.len();
    if width == 0 || width > TILE_WIDTH || (partial && width == TILE_WIDTH) {
        return None;
    }
    let tile = Tile { place, index: index(number)?, width };
    // One tile has one name: leading `x000` and the like are refused by writing it again.
    (tile.to_string() == name).then_some(tile)
}

fn index(number: &str) -> Option<u64> {
    let (folders, last) = number.rsplit_once('/').unwrap_or(("", number));
    let mut index: u64 = 0;
    for folder in folders.split('/').filter(|_| !folders.is_empty()) {
        index = index.checked_mul(1000)?.checked_add(three(folder.strip_prefix('x')?)?)?;
    }
    index.checked_mul(1000)?.checked_add(three(last)?).filter(|index| *index <= MAX_SIZE)
}

fn three(part: &str) -> Option<u64> {
    (part.len() == 3 && part.bytes().all(|b| b.is_ascii_digit())).then(|| part.parse().ok()).flatten()
}
