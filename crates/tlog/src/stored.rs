//! A tree whose hashes lie in tiles: roots of any size, inclusion and consistency proofs, from the tiles alone.
//!
//! No tile is believed: the right edge must hash to the root of the checkpoint that the tree was opened with, and every
//! other tile to its hash in the tile above. Must not write: that is `append`.

use crate::edge::{Head, Outcome, StoredError, Tiles, read_edge, read_hashes};
use crate::hash::{Hash, node_hash};
use crate::proof::ProofError;
use crate::tile::{Place, TILE_HEIGHT, Tile};
use crate::tree;
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

/// Tiles kept in memory between questions, 8 KiB each; beyond that all are let go.
const MAX_KEPT: usize = 1024;

/// Tiles by level and index.
type Kept = BTreeMap<(u8, u64), Rc<Vec<Hash>>>;
/// A tree in tiles, opened at one head. Proofs and roots are of this size or of earlier ones.
pub struct StoredTree<'a, T: Tiles> {
    tiles: &'a T,
    head: Head,
    edge: Vec<Vec<Hash>>,
    kept: RefCell<Kept>,
}

impl<'a, T: Tiles> StoredTree<'a, T> {
    /// Opens the tree of a head: reads the right edge, at most eight tiles, and checks that it hashes to the root.
    ///
    /// # Errors
    ///
    /// [`StoredError`] if a tile is missing or damaged, or the root another.
    pub fn open(tiles: &'a T, head: Head) -> Outcome<Self, T> {
        let edge = read_edge(tiles, head)?;
        Ok(Self { tiles, head, edge, kept: RefCell::default() })
    }

    /// The head it was opened with.
    #[must_use]
    pub fn head(&self) -> Head {
        self.head
    }

    /// The root when the log had `size` leaves.
    ///
    /// # Errors
    ///
    /// [`StoredError`]; [`ProofError::Shrinks`] for a size beyond the head's.
    pub fn root_at(&self, size: u64) -> Outcome<Hash, T> {
        self.reaches(size)?;
        if size == 0 { Ok(Hash::empty()) } else { self.range(0, size) }
    }

    /// The hash of a leaf.
    ///
    /// # Errors
    ///
    /// [`StoredError`]; [`ProofError::NoSuchLeaf`] for a leaf beyond the head's size.
    pub fn leaf(&self, index: u64) -> Outcome<Hash, T> {
        self.has(index, self.head.size)?;
        self.node(0, index)
    }

    /// The inclusion path of leaf `index` in the tree of `size` leaves (RFC 9162, section 2.1.3.1).
    ///
    /// # Errors
    ///
    /// [`StoredError`]; [`ProofError::NoSuchLeaf`] for a leaf beyond `size`.
    pub fn inclusion(&self, index: u64, size: u64) -> Outcome<Vec<Hash>, T> {
        self.reaches(size)?;
        self.has(index, size)?;
        let (mut start, mut end, mut path) = (0, size, Vec::new());
        while end - start > 1 {
            let middle = start + split(end - start);
            if index < middle {
                path.push(self.range(middle, end)?);
                end = middle;
            } else {
                path.push(self.range(start, middle)?);
                start = middle;
            }
        }
        path.reverse();
        Ok(path)
    }

    /// The consistency proof from `old` leaves to `new` (RFC 9162, section 2.1.4.1); empty from 0 and between equal sizes.
    ///
    /// # Errors
    ///
    /// [`StoredError`]; [`ProofError::Shrinks`] if `old` exceeds `new` or `new` the head's size.
    pub fn consistency(&self, old: u64, new: u64) -> Outcome<Vec<Hash>, T> {
        self.reaches(new)?;
        if old > new {
            return Err(ProofError::Shrinks { old, new }.into());
        }
        if old == 0 || old == new {
            return Ok(Vec::new());
        }
        let (mut start, mut end, mut proof) = (0, new, Vec::new());
        // Down to the subtree that ends where the old tree ended.
        while end != old {
            let middle = start + split(end - start);
            if old <= middle {
                proof.push(self.range(middle, end)?);
                end = middle;
            } else {
                proof.push(self.range(start, middle)?);
                start = middle;
            }
        }
        // If that subtree is the old tree itself, the verifier has its root.
        if start != 0 {
            proof.push(self.range(start, end)?);
        }
        proof.reverse();
        Ok(proof)
    }

    fn reaches(&self, size: u64) -> Result<(), ProofError> {
        let new = self.head.size;
        if size > new { Err(ProofError::Shrinks { old: size, new }) } else { Ok(()) }
    }

    fn has(&self, index: u64, size: u64) -> Result<(), ProofError> {
        if index < size { Ok(()) } else { Err(ProofError::NoSuchLeaf { index, size }) }
    }

    /// The root over leaves `start..end`, where `start` is a multiple of the largest power of two in the length.
    fn range(&self, start: u64, end: u64) -> Outcome<Hash, T> {
        let length = end - start;
        if length.is_power_of_two() {
            return self.node(length.trailing_zeros(), start / length);
        }
        let middle = start + split(length);
        Ok(node_hash(self.range(start, middle)?, self.range(middle, end)?))
    }

    /// The root of the complete subtree number `index` of the given height.
    fn node(&self, height: u32, index: u64) -> Outcome<Hash, T> {
        let (level, within) = (height / TILE_HEIGHT, height % TILE_HEIGHT);
        let first = index << within;
        let place = Place::Level(u8::try_from(level).unwrap_or(u8::MAX));
        let nodes = self.head.size.checked_shr(level * TILE_HEIGHT).unwrap_or(0);
        let tile = Tile::of_row(place, first >> TILE_HEIGHT, nodes);
        let tile = tile.ok_or(ProofError::NoSuchLeaf { index: first, size: nodes })?;
        let hashes = self.hashes(level, tile)?;
        let offset = usize::try_from(first % 256).unwrap_or(usize::MAX);
        match hashes.get(offset..offset.saturating_add(1 << within)) {
            Some(range) => Ok(tree::root(range)),
            None => Err(StoredError::Damaged { tile, why: "it is too short".to_owned() }),
        }
    }

    /// The hashes of a tile, checked against the tile above if it is full, or with the edge when the tree was opened.
    fn hashes(&self, level: u32, tile: Tile) -> Outcome<Rc<Vec<Hash>>, T> {
        let key = (u8::try_from(level).unwrap_or(u8::MAX), tile.index);
        if let Some(hashes) = self.kept.borrow().get(&key) {
            return Ok(Rc::clone(hashes));
        }
        let hashes = if tile.is_full() {
            let hashes = read_hashes(self.tiles, tile)?;
            let (found, expected) = (tree::root(&hashes), self.node((level + 1) * TILE_HEIGHT, tile.index)?);
            if found != expected {
                let why = format!("its root is {found}, the tile above says {expected}");
                return Err(StoredError::Damaged { tile, why });
            }
            Rc::new(hashes)
        } else {
            Rc::new(self.edge.get(usize::from(key.0)).cloned().unwrap_or_default())
        };
        let mut kept = self.kept.borrow_mut();
        if kept.len() >= MAX_KEPT {
            kept.clear();
        }
        kept.insert(key, Rc::clone(&hashes));
        Ok(hashes)
    }
}

/// The largest power of two below `length`, which is at least 2.
fn split(length: u64) -> u64 {
    1 << (63 - (length - 1).leading_zeros())
}
