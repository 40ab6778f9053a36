//! The tree, its proofs and its tiles, held against the RFC's own definitions written plainly.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

use proptest::prelude::*;
use tlog::{
    Hash, Head, ProofError, StoredTree, Tree, inclusion_path, leaf_hash, node_hash, root, verify_consistency,
    verify_inclusion,
};

#[path = "shared/log.rs"]
mod log;
#[path = "shared/plain.rs"]
mod plain;

use log::Log;

fn hex(text: &str) -> Vec<u8> {
    (0..text.len() / 2).map(|i| u8::from_str_radix(&text[2 * i..2 * i + 2], 16).unwrap()).collect()
}

fn hash(text: &str) -> Hash {
    Hash::from_bytes(&hex(text)).unwrap()
}

/// The eight entries that implementations of RFC 6962 test themselves with, and the roots of their first 1 to 8.
const ENTRIES: [&str; 8] =
    ["", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"];
const ROOTS: [&str; 8] = [
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
];

#[test]
fn the_known_roots_come_out() {
    let leaves: Vec<Hash> = ENTRIES.iter().map(|entry| leaf_hash(&hex(entry))).collect();
    let nothing = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
    assert_eq!(root(&[]), hash(nothing));
    assert_eq!(Tree::new(vec![]).root(), hash(nothing));
    for (size, expected) in (1..).zip(ROOTS) {
        assert_eq!(root(&leaves[..size]), hash(expected));
    }
}

/// Nodes of that tree, by the leaves they are over.
const OVER_0: &str = "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7";
const OVER_2_3: &str = "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e";
const OVER_4: &str = "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b";
const OVER_4_5: &str = "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a";
const OVER_6_7: &str = "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0";
const OVER_4_7: &str = "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4";

#[test]
fn the_known_proofs_come_out_and_hold() {
    let leaves: Vec<Hash> = ENTRIES.iter().map(|entry| leaf_hash(&hex(entry))).collect();
    let paths: [(usize, usize, &[&str]); 5] = [
        (0, 1, &[]),
        (0, 8, &[OVER_0, OVER_2_3, OVER_4_7]),
        (5, 8, &[OVER_4, OVER_6_7, ROOTS[3]]),
        (2, 3, &[ROOTS[1]]),
        (1, 5, &[ROOTS[0], OVER_2_3, OVER_4]),
    ];
    for (index, size, path) in paths {
        let path: Vec<Hash> = path.iter().map(|node| hash(node)).collect();
        assert_eq!(inclusion_path(&leaves[..size], index).unwrap(), path);
        verify_inclusion(leaves[index], index as u64, size as u64, &path, hash(ROOTS[size - 1])).unwrap();
    }
    let proofs: [(usize, usize, &[&str]); 4] = [
        (1, 1, &[]),
        (1, 8, &[OVER_0, OVER_2_3, OVER_4_7]),
        (6, 8, &[OVER_4_5, OVER_6_7, ROOTS[3]]),
        (2, 5, &[OVER_2_3, OVER_4]),
    ];
    for (old, new, proof) in proofs {
        let proof: Vec<Hash> = proof.iter().map(|node| hash(node)).collect();
        let (before, after) = (hash(ROOTS[old - 1]), hash(ROOTS[new - 1]));
        assert_eq!(plain::consistency(old, &leaves[..new]), proof);
        verify_consistency(old as u64, before, new as u64, after, &proof).unwrap();
    }
}

#[test]
fn every_inclusion_proof_of_small_trees_is_the_plain_one_and_holds() {
    let leaves = plain::leaves(600);
    for size in (0..=80).chain([127, 128, 129, 255, 256, 257, 258, 511, 512, 513, 600]) {
        let tree = Tree::new(leaves[..size].to_vec());
        assert_eq!(tree.root(), plain::root(&leaves[..size]));
        assert_eq!(tree.path(size), None);
        for index in 0..size {
            let path = tree.path(index).unwrap();
            assert_eq!(path, plain::path(index, &leaves[..size]));
            let (at, of) = (index as u64, size as u64);
            verify_inclusion(leaves[index], at, of, &path, tree.root()).unwrap();
        }
    }
}

#[test]
fn every_size_up_to_600_has_the_plain_root() {
    let leaves = plain::leaves(600);
    for size in 0..=600 {
        assert_eq!(root(&leaves[..size]), plain::root(&leaves[..size]));
    }
}

#[test]
fn every_consistency_proof_of_small_trees_holds() {
    let leaves = plain::leaves(66);
    let roots: Vec<Hash> = (0..=66).map(|size| root(&leaves[..size])).collect();
    for new in 0..=66 {
        for old in 0..=new {
            let proof = plain::consistency(old, &leaves[..new]);
            verify_consistency(old as u64, roots[old], new as u64, roots[new], &proof).unwrap();
        }
    }
}

#[test]
fn proofs_from_tiles_are_the_plain_ones() {
    let log = Log::of(600);
    let leaves = plain::leaves(600);
    let tree = StoredTree::open(&log, log.head).unwrap();
    for size in [1, 2, 3, 255, 256, 257, 300, 511, 512, 513, 599, 600] {
        let of = size as u64;
        assert_eq!(tree.root_at(of).unwrap(), root(&leaves[..size]));
        for index in (0..size).step_by(7).chain([size - 1]) {
            assert_eq!(tree.leaf(index as u64).unwrap(), leaves[index]);
            assert_eq!(tree.inclusion(index as u64, of).unwrap(), plain::path(index, &leaves[..size]));
        }
        for old in (0..=size).step_by(5).chain([size]) {
            let proof = tree.consistency(old as u64, of).unwrap();
            assert_eq!(proof, plain::consistency(old, &leaves[..size]));
        }
    }
    assert!(tree.root_at(601).is_err() && tree.inclusion(600, 600).is_err() && tree.leaf(600).is_err());
    assert!(tree.consistency(2, 1).is_err() && tree.consistency(1, 601).is_err());
}

#[test]
fn what_was_changed_in_a_tile_is_noticed() {
    let log = Log::of(70_000);
    for name in
        ["tile/0/000", "tile/0/272", "tile/0/273.p/112", "tile/1/000", "tile/1/001.p/17", "tile/2/000.p/1"]
    {
        let mut damaged = log.clone();
        damaged.objects.get_mut(name).unwrap()[17] ^= 4;
        let seen = StoredTree::open(&damaged, log.head).map_err(|e| e.to_string());
        let outcome = seen.and_then(|tree| {
            (0..70_000).step_by(200).try_for_each(|index| {
                let path = tree.inclusion(index, 70_000).map_err(|e| e.to_string())?;
                assert_eq!(path.len().min(1), 1);
                Ok(())
            })
        });
        assert!(outcome.is_err(), "{name}");
    }
}

#[test]
fn a_tree_beyond_63_bits_is_refused() {
    let leaf = leaf_hash(b"x");
    assert_eq!(verify_inclusion(leaf, 0, u64::MAX, &[], leaf), Err(ProofError::TooLarge(u64::MAX)));
    assert!(verify_consistency(1, leaf, u64::MAX, leaf, &[leaf; 64]).is_err());
    let head = Head { size: u64::MAX, root: leaf };
    assert!(StoredTree::open(&Log::default(), head).is_err());
}

#[test]
fn a_leaf_is_never_taken_for_a_node() {
    let (one, two) = (leaf_hash(b"1"), leaf_hash(b"2"));
    assert_ne!(leaf_hash(&[one.0, two.0].concat()), node_hash(one, two));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn a_proof_with_one_bit_flipped_is_refused(size in 1_usize..600, at: prop::sample::Index, bit in 0_usize..256) {
        let leaves = plain::leaves(size);
        let index = at.index(size);
        let (tree, of) = (Tree::new(leaves.clone()), size as u64);
        let path = tree.path(index).unwrap();
        for place in 0..path.len() {
            let mut forged = path.clone();
            forged[place].0[bit / 8] ^= 1 << (bit % 8);
            prop_assert!(verify_inclusion(leaves[index], index as u64, of, &forged, tree.root()).is_err());
        }
        let mut longer = path.clone();
        longer.push(leaves[0]);
        prop_assert!(verify_inclusion(leaves[index], index as u64, of, &longer, tree.root()).is_err());
        let shorter = &path[..path.len().saturating_sub(1)];
        prop_assert_eq!(verify_inclusion(leaves[index], index as u64, of, shorter, tree.root()).is_ok(), path.is_empty());
        prop_assert!(verify_inclusion(leaf_hash(b"another"), index as u64, of, &path, tree.root()).is_err());
    }

    #[test]
    fn a_leaf_is_proven_at_no_other_place(size in 2_usize..600, at: prop::sample::Index, other: prop::sample::Index) {
        let leaves = plain::leaves(size);
        let (index, other) = (at.index(size), other.index(size));
        prop_assume!(index != other);
        let tree = Tree::new(leaves.clone());
        let path = tree.path(index).unwrap();
        prop_assert!(verify_inclusion(leaves[index], other as u64, size as u64, &path, tree.root()).is_err());
    }

    #[test]
    fn a_consistency_proof_with_one_bit_flipped_is_refused(
        new in 2_usize..600, at: prop::sample::Index, bit in 0_usize..256,
    ) {
        let leaves = plain::leaves(new);
        let old = at.index(new - 1) + 1;
        let proof = plain::consistency(old, &leaves);
        let (before, after) = (root(&leaves[..old]), root(&leaves));
        verify_consistency(old as u64, before, new as u64, after, &proof).unwrap();
        for place in 0..proof.len() {
            let mut forged = proof.clone();
            forged[place].0[bit / 8] ^= 1 << (bit % 8);
            prop_assert!(verify_consistency(old as u64, before, new as u64, after, &forged).is_err());
        }
        let other = root(&leaves[..old - 1]);
        prop_assert!(verify_consistency(old as u64, other, new as u64, after, &proof).is_err());
        prop_assert!(verify_consistency(old as u64, before, new as u64, other, &proof).is_err());
    }

    #[test]
    fn appending_in_any_chunks_gives_the_same_log(chunks in prop::collection::vec(0_u64..400, 1..8)) {
        let total = chunks.iter().sum();
        let mut log = Log::default();
        chunks.iter().for_each(|chunk| log.grow(*chunk));
        let mut at_once = Log::of(total);
        prop_assert_eq!(log.head, at_once.head);
        log.tidy();
        at_once.tidy();
        prop_assert_eq!(log.objects.keys().collect::<Vec<_>>(), at_once.objects.keys().collect::<Vec<_>>());
        prop_assert!(log.objects == at_once.objects);
    }
}
