//! Checking of inclusion and consistency proofs (RFC 9162, sections 2.1.3.2 and 2.1.4.2).
//!
//! Needs nothing but the proof and the roots. Must not make proofs.

use crate::hash::{Hash, node_hash};

/// Most leaves of a tree: sizes are kept to 63 bits, as C2SP's 63 proof lines and other implementations assume.
pub const MAX_SIZE: u64 = i64::MAX as u64;
/// Most hashes of a proof (tlog-witness: at most 63 consistency proof lines).
pub const MAX_PATH: usize = 63;

/// Why a proof proves nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ProofError {
    /// The tree has no such leaf.
    #[error("leaf {index} is not in a tree of {size} leaves")]
    NoSuchLeaf {
        /// The leaf asked for, counted from 0.
        index: u64,
        /// Leaves of the tree.
        size: u64,
    },
    /// More leaves than a tree may have.
    #[error("a tree of {0} leaves is larger than 2^63 - 1")]
    TooLarge(u64),
    /// The earlier tree is larger than the later one.
    #[error("a tree of {old} leaves cannot come before one of {new}")]
    Shrinks {
        /// Leaves of the earlier tree.
        old: u64,
        /// Leaves of the later tree.
        new: u64,
    },
    /// More or fewer hashes than such a proof has.
    #[error("the proof has {0} hashes, which is not the number that this place in the tree needs")]
    Length(usize),
    /// The proof leads to another root.
    #[error("the proof leads to root {found}, expected {expected}")]
    Root {
        /// Where it leads.
        found: Hash,
        /// Where it should lead.
        expected: Hash,
    },
}

/// Checks that `leaf` is leaf number `index` of the tree with `size` leaves and this root.
///
/// # Errors
///
/// [`ProofError`] says what does not fit.
pub fn verify_inclusion(
    leaf: Hash,
    index: u64,
    size: u64,
    path: &[Hash],
    root: Hash,
) -> Result<(), ProofError> {
    same(root_of_path(leaf, index, size, path)?, root)
}

/// The root of the tree with `size` leaves in which `leaf` is number `index`, if the path is right.
///
/// # Errors
///
/// [`ProofError`] if there is no such leaf, or the path has another length.
pub fn root_of_path(leaf: Hash, index: u64, size: u64, path: &[Hash]) -> Result<Hash, ProofError> {
    within(size)?;
    if index >= size {
        return Err(ProofError::NoSuchLeaf { index, size });
    }
    let (mut node, mut last, mut hash) = (index, size - 1, leaf);
    for sibling in path {
        if last == 0 {
            return Err(ProofError::Length(path.len()));
        }
        if node & 1 == 1 || node == last {
            hash = node_hash(*sibling, hash);
            // A last node without partner moves up until it has one.
            while node & 1 == 0 && node != 0 {
                node >>= 1;
                last >>= 1;
            }
        } else {
            hash = node_hash(hash, *sibling);
        }
        node >>= 1;
        last >>= 1;
    }
    if last == 0 { Ok(hash) } else { Err(ProofError::Length(path.len())) }
}

/// Checks that the tree of `new` leaves is the tree of `old` leaves with leaves added.
///
/// A proof from the empty tree, and one between equal sizes, has no hashes; the roots are compared all the same.
///
/// # Errors
///
/// [`ProofError`] says what does not fit.
pub fn verify_consistency(
    old: u64,
    old_root: Hash,
    new: u64,
    new_root: Hash,
    proof: &[Hash],
) -> Result<(), ProofError> {
    within(new)?;
    if old > new {
        return Err(ProofError::Shrinks { old, new });
    }
    if old == 0 || old == new {
        let needed = if old == 0 { Hash::empty() } else { new_root };
        return if proof.is_empty() { same(old_root, needed) } else { Err(ProofError::Length(proof.len())) };
    }
    let (found_old, found_new) = both_roots(old, old_root, new, proof)?;
    same(found_old, old_root)?;
    same(found_new, new_root)
}

/// The two roots that a consistency proof leads to, for 0 < old < new.
fn both_roots(old: u64, old_root: Hash, new: u64, proof: &[Hash]) -> Result<(Hash, Hash), ProofError> {
    let length = ProofError::Length(proof.len());
    // A complete old tree is itself the first node of the proof, and is not sent.
    let (first, rest) = match proof.split_first() {
        _ if old.is_power_of_two() => (old_root, proof),
        Some((first, rest)) => (*first, rest),
        None => return Err(length),
    };
    let (mut node, mut last) = (old - 1, new - 1);
    while node & 1 == 1 {
        node >>= 1;
        last >>= 1;
    }
    let (mut before, mut after) = (first, first);
    for hash in rest {
        if last == 0 {
            return Err(length);
        }
        if node & 1 == 1 || node == last {
            before = node_hash(*hash, before);
            after = node_hash(*hash, after);
            while node & 1 == 0 && node != 0 {
                node >>= 1;
                last >>= 1;
            }
        } else {
            after = node_hash(after, *hash);
        }
        node >>= 1;
        last >>= 1;
    }
    if last == 0 { Ok((before, after)) } else { Err(length) }
}

fn within(size: u64) -> Result<(), ProofError> {
    if size > MAX_SIZE { Err(ProofError::TooLarge(size)) } else { Ok(()) }
}

fn same(found: Hash, expected: Hash) -> Result<(), ProofError> {
    if found == expected { Ok(()) } else { Err(ProofError::Root { found, expected }) }
}
