//! RFC 9162, section 2.1, written down as the document defines it: slowly, by recursion.

use tlog::{Hash, leaf_hash, node_hash};

pub fn leaves(size: usize) -> Vec<Hash> {
    (0..size).map(|index| leaf_hash(&entry(index as u64))).collect()
}

/// Entry number `index` of the logs in these tests.
pub fn entry(index: u64) -> Vec<u8> {
    format!("entry {index}").into_bytes()
}

fn split(size: usize) -> usize {
    let mut k = 1;
    while k * 2 < size {
        k *= 2;
    }
    k
}

pub fn root(leaves: &[Hash]) -> Hash {
    match leaves {
        [] => Hash::empty(),
        [leaf] => *leaf,
        _ => {
            let k = split(leaves.len());
            node_hash(root(&leaves[..k]), root(&leaves[k..]))
        }
    }
}

/// PATH(m, D_n)
pub fn path(m: usize, leaves: &[Hash]) -> Vec<Hash> {
    if leaves.len() == 1 {
        return vec![];
    }
    let k = split(leaves.len());
    let (mut path, last) = if m < k {
        (path(m, &leaves[..k]), root(&leaves[k..]))
    } else {
        (path(m - k, &leaves[k..]), root(&leaves[..k]))
    };
    path.push(last);
    path
}

/// PROOF(m, D_n)
pub fn consistency(m: usize, leaves: &[Hash]) -> Vec<Hash> {
    if m == 0 || m == leaves.len() { vec![] } else { subproof(m, leaves, true) }
}

fn subproof(m: usize, leaves: &[Hash], whole: bool) -> Vec<Hash> {
    if m == leaves.len() {
        return if whole { vec![] } else { vec![root(leaves)] };
    }
    let k = split(leaves.len());
    let (mut proof, last) = if m <= k {
        (subproof(m, &leaves[..k], whole), root(&leaves[k..]))
    } else {
        (subproof(m - k, &leaves[k..], false), root(&leaves[..k]))
    };
    proof.push(last);
    proof
}
