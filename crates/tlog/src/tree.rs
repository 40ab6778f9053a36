//! The Merkle tree of leaves that all lie in memory: for batches, and as the plain way that tests hold others against.
//!
//! A tree of up to a few thousand leaves is built once and then gives any path without hashing again. Must not be used
//! for the log itself, whose leaves lie in tiles.

use crate::hash::{Hash, node_hash};

/// A Merkle tree (RFC 9162, section 2.1) with all its nodes.
///
/// Level 0 holds the leaves; each level above pairs its nodes, and a last node without partner moves up as it is. That
/// is the tree of the RFC, whose subtrees are split at the largest power of two.
#[derive(Clone, Debug)]
pub struct Tree {
    levels: Vec<Vec<Hash>>,
}

impl Tree {
    /// The tree over these leaf hashes, in their order. Takes two hashes of memory a leaf.
    #[must_use]
    pub fn new(leaves: Vec<Hash>) -> Self {
        let mut levels = vec![leaves];
        while let Some(above) = levels.last().filter(|level| level.len() > 1).map(|level| pair(level)) {
            levels.push(above);
        }
        Self { levels }
    }

    /// How many leaves it has.
    #[must_use]
    pub fn size(&self) -> usize {
        self.levels.first().map_or(0, Vec::len)
    }

    /// Its root; that of no leaves is [`Hash::empty`].
    #[must_use]
    pub fn root(&self) -> Hash {
        self.levels.last().and_then(|level| level.first()).copied().unwrap_or_else(Hash::empty)
    }

    /// The inclusion path of a leaf, from its sibling up to the root's child; none if there is no such leaf.
    #[must_use]
    pub fn path(&self, index: usize) -> Option<Vec<Hash>> {
        if index >= self.size() {
            return None;
        }
        let siblings = self.levels.iter().enumerate();
        Some(siblings.filter_map(|(height, level)| level.get((index >> height) ^ 1).copied()).collect())
    }
}

fn pair(level: &[Hash]) -> Vec<Hash> {
    level
        .chunks(2)
        .filter_map(|pair| match pair {
            [left, right] => Some(node_hash(*left, *right)),
            other => other.first().copied(),
        })
        .collect()
}

/// The root of the tree over these leaf hashes (RFC 9162, section 2.1.1).
#[must_use]
pub fn root(leaves: &[Hash]) -> Hash {
    let mut level = pair(leaves);
    while level.len() > 1 {
        level = pair(&level);
    }
    level.first().copied().unwrap_or_else(Hash::empty)
}

/// The inclusion path of one leaf (RFC 9162, section 2.1.3.1); none if there is no such leaf.
///
/// Hashes all leaves: for more than one path, make a [`Tree`].
#[must_use]
pub fn inclusion_path(leaves: &[Hash], index: usize) -> Option<Vec<Hash>> {
    Tree::new(leaves.to_vec()).path(index)
}
