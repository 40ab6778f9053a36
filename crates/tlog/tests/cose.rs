//! COSE receipts: held against an independent COSE library, and refused where a bit of them is another.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

use coset::cbor::value::Value;
use coset::{CborSerializable, CoseSign1, Label, TaggedCborSerializable};
use proptest::prelude::*;
use tlog::{CoseError, CoseReceipt, Head, ProofError, Tree, leaf_hash, root_of_path};

#[path = "shared/keys.rs"]
#[allow(dead_code)]
mod keys;
#[path = "shared/plain.rs"]
#[allow(dead_code)]
mod plain;

use keys::{log_key, secret};
use tlog::VerifierKey;

fn log(n: u8) -> VerifierKey {
    log_key("example.com/log", n).to_string().parse().unwrap()
}

/// The receipt of leaf `index` of a log of `size` leaves.
fn receipt(index: usize, size: u64, extra: Option<Vec<u8>>) -> CoseReceipt {
    let tree = Tree::new(plain::leaves(size as usize));
    let head = Head { size, root: tree.root() };
    CoseReceipt::sign(&log(1), &secret(1), head, index as u64, tree.path(index).unwrap(), extra)
}

#[test]
fn a_receipt_is_read_as_it_is_written_and_believed() {
    for (index, size, extra) in [(0, 1, None), (0, 300, Some(vec![])), (299, 300, Some(b"batch".to_vec()))] {
        let written = receipt(index, size, extra);
        let read = CoseReceipt::parse(&written.to_cbor()).unwrap();
        assert_eq!(read, written);
        let root = read.verify(leaf_hash(&plain::entry(index as u64)), &log(1)).unwrap();
        assert_eq!(root, Tree::new(plain::leaves(size as usize)).root());
    }
}

#[test]
fn an_independent_cose_library_reads_it_and_its_signature_is_over_the_root() {
    let theirs = CoseSign1::from_tagged_slice(&receipt(17, 20, None).to_cbor()).unwrap();
    assert!(theirs.payload.is_none(), "the payload is detached");
    let protected = &theirs.protected.header;
    assert_eq!(protected.alg, Some(coset::Algorithm::Assigned(coset::iana::Algorithm::Ed25519)));
    assert_eq!(protected.key_id, log(1).id().to_be_bytes());
    assert_eq!(protected.rest, [(Label::Int(395), Value::from(1))]);
    let (label, proofs) = &theirs.unprotected.rest[0];
    assert_eq!(*label, Label::Int(396));
    let proofs = proofs.as_map().unwrap();
    assert_eq!(proofs[0].0, Value::from(-1));
    let proof = Value::from_slice(proofs[0].1.as_array().unwrap()[0].as_bytes().unwrap()).unwrap();
    let proof = proof.as_array().unwrap();
    assert_eq!(proof[..2], [Value::from(20), Value::from(17)]);
    let path: Vec<_> = proof[2].as_array().unwrap().iter().map(|h| h.as_bytes().unwrap().clone()).collect();
    let path: Vec<_> = path.iter().map(|h| tlog::Hash::from_bytes(h).unwrap()).collect();
    let root = root_of_path(leaf_hash(&plain::entry(17)), 17, 20, &path).unwrap();
    let key = ed25519_zebra::VerificationKey::from(&secret(1));
    let verify = |signature: &[u8], message: &[u8]| {
        key.verify(&ed25519_zebra::Signature::from_slice(signature).unwrap(), message)
    };
    theirs.verify_detached_signature(&root.0, &[], verify).unwrap();
}

#[test]
fn what_an_independent_library_builds_is_the_same_byte_by_byte() {
    let ours = receipt(5, 9, None);
    let path = ours.path.iter().map(|h| Value::Bytes(h.0.to_vec())).collect();
    let proof = Value::Array(vec![Value::from(9), Value::from(5), Value::Array(path)]).to_vec().unwrap();
    let proofs = Value::Map(vec![(Value::from(-1), Value::Array(vec![Value::Bytes(proof)]))]);
    let protected = coset::HeaderBuilder::new()
        .algorithm(coset::iana::Algorithm::Ed25519)
        .key_id(log(1).id().to_be_bytes().to_vec())
        .value(395, Value::from(1))
        .build();
    let root = Tree::new(plain::leaves(9)).root();
    let built = coset::CoseSign1Builder::new()
        .protected(protected)
        .unprotected(coset::HeaderBuilder::new().value(396, proofs).build())
        .create_detached_signature(&root.0, &[], |m| secret(1).sign(m).to_bytes().to_vec())
        .build();
    assert_eq!(built.to_tagged_vec().unwrap(), ours.to_cbor());
}

#[test]
fn another_leaf_another_log_and_a_leaf_beyond_the_tree_are_refused() {
    let good = receipt(7, 20, None);
    let leaf = leaf_hash(&plain::entry(7));
    let other = good.verify(leaf_hash(&plain::entry(8)), &log(1));
    assert!(matches!(other, Err(CoseError::Signature { .. })), "{other:?}");
    assert!(matches!(good.verify(leaf, &log(2)), Err(CoseError::Key { .. })));
    let beyond = CoseReceipt { index: 20, ..good.clone() };
    let why = CoseError::Proof(ProofError::NoSuchLeaf { index: 20, size: 20 });
    assert_eq!(beyond.verify(leaf, &log(1)), Err(why));
}

#[test]
fn no_bit_can_change_but_those_of_the_size_which_is_not_signed() {
    let good = receipt(2, 5, None);
    let (bytes, leaf) = (good.to_cbor(), leaf_hash(&plain::entry(2)));
    for at in 0..bytes.len() * 8 {
        let mut bad = bytes.clone();
        bad[at / 8] ^= 1 << (at % 8);
        let Ok(read) = CoseReceipt::parse(&bad) else { continue };
        if read.verify(leaf, &log(1)).is_ok() {
            assert_eq!(CoseReceipt { size: good.size, ..read }, good, "bit {at}");
        }
    }
}

proptest! {
    #[test]
    fn whatever_is_read_is_written_the_same(bytes in proptest::collection::vec(any::<u8>(), 0..300), at in 0_usize..200, byte: u8) {
        if let Ok(read) = CoseReceipt::parse(&bytes) {
            prop_assert_eq!(read.to_cbor(), bytes);
        }
        let mut near = receipt(3, 7, Some(vec![1])).to_cbor();
        let at = at % near.len();
        near[at] = byte;
        if let Ok(read) = CoseReceipt::parse(&near) {
            prop_assert_eq!(read.to_cbor(), near);
        }
    }
}
