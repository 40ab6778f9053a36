//! Reading of tiles, and the right edge of a tree: the partial tiles that its size, its root and its growth hang on.
//!
//! Must not believe a tile: the edge is what the checkpoint's root is held against.

use crate::hash::{HASH_LENGTH, Hash};
use crate::proof::{MAX_SIZE, ProofError};
use crate::tile::{Place, TILE_HEIGHT, Tile};
use crate::tree;
use std::fmt::{Debug, Display};

/// Where tiles are read from. Functions from a tile to its bytes are such places.
pub trait Tiles {
    /// Why reading failed.
    type Error: Debug + Display;

    /// The bytes of a tile or bundle; none if there is none under its name.
    ///
    /// A partial tile that is gone is asked for once more as the full one (tlog-tiles, "Partial Tiles").
    ///
    /// # Errors
    ///
    /// Whatever the place has to say.
    fn tile(&self, tile: Tile) -> Result<Option<Vec<u8>>, Self::Error>;
}

impl<F, E> Tiles for F
where
    F: Fn(Tile) -> Result<Option<Vec<u8>>, E>,
    E: Debug + Display,
{
    type Error = E;

    fn tile(&self, tile: Tile) -> Result<Option<Vec<u8>>, E> {
        self(tile)
    }
}

/// The head of a tree: what a checkpoint says of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Head {
    /// Leaves; at most [`MAX_SIZE`].
    pub size: u64,
    /// Root over them.
    pub root: Hash,
}

impl Head {
    /// The head of a log that has no leaves yet.
    #[must_use]
    pub fn empty() -> Self {
        Self { size: 0, root: Hash::empty() }
    }
}

/// Why tiles gave no answer.
#[derive(Debug, thiserror::Error)]
pub enum StoredError<E: Debug + Display> {
    /// The place that holds them failed.
    #[error("{0}")]
    Read(E),
    /// There is no such tile.
    #[error("{0} is missing")]
    Missing(Tile),
    /// A tile is not what was written.
    #[error("{tile} is damaged: {why}")]
    Damaged {
        /// Which one.
        tile: Tile,
        /// What was found.
        why: String,
    },
    /// The right edge of the tree does not hash to the root of the checkpoint.
    #[error("the tiles of {size} leaves have root {found}, the checkpoint says {expected}")]
    Root {
        /// Leaves of the checkpoint.
        size: u64,
        /// Root of the tiles.
        found: Hash,
        /// Root of the checkpoint.
        expected: Hash,
    },
    /// There is no such leaf or tree.
    #[error(transparent)]
    Proof(#[from] ProofError),
    /// An entry that no bundle can hold.
    #[error(transparent)]
    Bundle(#[from] crate::bundle::BundleError),
}

pub(crate) type Outcome<T, S> = Result<T, StoredError<<S as Tiles>::Error>>;

/// The hashes of the partial tile of each level, lowest first, checked against the root.
pub(crate) fn read_edge<T: Tiles>(tiles: &T, head: Head) -> Outcome<Vec<Vec<Hash>>, T> {
    if head.size > MAX_SIZE {
        return Err(ProofError::TooLarge(head.size).into());
    }
    let (mut edge, mut nodes) = (Vec::new(), head.size);
    for level in 0..=u8::MAX {
        if nodes == 0 {
            break;
        }
        let tile = Tile::of_row(Place::Level(level), nodes >> TILE_HEIGHT, nodes);
        edge.push(tile.map_or_else(|| Ok(Vec::new()), |tile| read_hashes(tiles, tile))?);
        nodes >>= TILE_HEIGHT;
    }
    let found = edge_root(&edge);
    if found == head.root {
        Ok(edge)
    } else {
        Err(StoredError::Root { size: head.size, found, expected: head.root })
    }
}

/// The root of a tree from the partial tiles of its levels: each level's hashes are followed by what the levels below
/// it sum to, which is smaller than any of them and so splits off where the RFC splits.
pub(crate) fn edge_root(edge: &[Vec<Hash>]) -> Hash {
    let below = edge.iter().fold(None, |below, level| {
        let all: Vec<Hash> = level.iter().copied().chain(below).collect();
        (!all.is_empty()).then(|| tree::root(&all))
    });
    below.unwrap_or_else(Hash::empty)
}

pub(crate) fn read_hashes<T: Tiles>(tiles: &T, tile: Tile) -> Outcome<Vec<Hash>, T> {
    let (bytes, found) = read(tiles, tile)?;
    if bytes.len() != found.bytes() {
        let why = format!("it has {} bytes, expected {}", bytes.len(), found.bytes());
        return Err(StoredError::Damaged { tile: found, why });
    }
    let hashes = bytes.chunks_exact(HASH_LENGTH).filter_map(Hash::from_bytes);
    Ok(hashes.take(usize::from(tile.width)).collect())
}

/// The bytes of a tile, or of the full tile that took its place, and which of the two it is.
pub(crate) fn read<T: Tiles>(tiles: &T, tile: Tile) -> Outcome<(Vec<u8>, Tile), T> {
    for tile in [Some(tile), (!tile.is_full()).then(|| tile.full())].into_iter().flatten() {
        if let Some(bytes) = tiles.tile(tile).map_err(StoredError::Read)? {
            return Ok((bytes, tile));
        }
    }
    Err(StoredError::Missing(tile))
}
