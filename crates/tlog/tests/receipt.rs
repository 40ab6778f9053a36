//! Receipts and requests to witnesses: read, written, and refused where a bit of them is another.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

use tlog::{
    Checkpoint, Head, MAX_EXTRA, Policy, Receipt, ReceiptError, SignedCheckpoint, Tree, cosign, leaf_hash,
};

#[path = "shared/keys.rs"]
mod keys;
#[path = "shared/plain.rs"]
#[allow(dead_code)]
mod plain;

use keys::{cosigner, log_key, secret};

const ORIGIN: &str = "example.com/log";

fn policy() -> Policy {
    let text = format!("log {}\nwitness W {}\nquorum W\n", log_key(ORIGIN, 1), cosigner("w", 2));
    Policy::parse(text.as_bytes()).unwrap()
}

/// The receipt of leaf `index` of a log of 300.
fn receipt(index: usize, extra: Option<Vec<u8>>) -> Receipt {
    let tree = Tree::new(plain::leaves(300));
    let checkpoint = Checkpoint::new(ORIGIN, Head { size: 300, root: tree.root() });
    let mut signed = SignedCheckpoint::sign(&checkpoint, &secret(1)).unwrap();
    signed.add(cosign(&checkpoint, "w", &secret(2), 1_679_315_147).unwrap()).unwrap();
    Receipt { extra, index: index as u64, path: tree.path(index).unwrap(), checkpoint: signed }
}

#[test]
fn a_receipt_is_read_as_it_is_written_and_believed() {
    for (index, extra) in [(0, None), (255, Some(vec![])), (299, Some(b"manifest".to_vec()))] {
        let written = receipt(index, extra);
        let read = Receipt::parse(written.to_string().as_bytes()).unwrap();
        assert_eq!(read, written);
        let evaluation = read.evaluate(leaf_hash(&plain::entry(index as u64)), &policy(), &[]);
        assert!(evaluation.accepted(), "{evaluation:?}");
        let last = evaluation.steps().last().unwrap();
        assert_eq!(last.text, format!("it is leaf {index} of the 300 in the log"));
    }
}

#[test]
fn a_receipt_proves_no_other_entry() {
    let evaluation = receipt(7, None).evaluate(leaf_hash(b"another"), &policy(), &[]);
    assert!(!evaluation.accepted());
    assert!(evaluation.steps().iter().filter(|step| !step.ok).count() == 1);
}

#[test]
fn a_receipt_without_the_quorum_is_not_believed() {
    let mut receipt = receipt(7, None);
    receipt.checkpoint = SignedCheckpoint::sign(receipt.checkpoint.checkpoint(), &secret(1)).unwrap();
    assert!(receipt.verify_inclusion(leaf_hash(&plain::entry(7))).is_ok());
    assert!(!receipt.evaluate(leaf_hash(&plain::entry(7)), &policy(), &[]).accepted());
}

#[test]
fn every_bit_of_a_receipt_matters() {
    let bytes = receipt(255, None).to_string().into_bytes();
    let (leaf, policy) = (leaf_hash(&plain::entry(255)), policy());
    let believed = |bytes: &[u8]| {
        Receipt::parse(bytes).is_ok_and(|receipt| receipt.evaluate(leaf, &policy, &[]).accepted())
    };
    assert!(believed(&bytes));
    for bit in 0..bytes.len() * 8 {
        let mut forged = bytes.clone();
        forged[bit / 8] ^= 1 << (bit % 8);
        assert!(!believed(&forged), "bit {bit} of {:?}", String::from_utf8_lossy(&bytes));
    }
    for end in 0..bytes.len() {
        assert!(!believed(&bytes[..end]), "cut at {end}");
    }
}

#[test]
fn what_is_no_receipt_is_refused() {
    let good = receipt(3, Some(b"x".to_vec())).to_string();
    let hash = format!("{}\n", leaf_hash(b"h"));
    let refused = [
        (good.replace("@v1", "@v2"), ReceiptError::Header),
        (good.replace("extra eA==", "extra eA"), ReceiptError::Extra),
        (good.replace("index 3", "index 03"), ReceiptError::Index),
        (good.replace("index 3", "index 9223372036854775808"), ReceiptError::Index),
        (good.replace("index 3\n", ""), ReceiptError::Index),
        (good.replace("index 3\n", &format!("index 3\n{}", hash.repeat(64))), ReceiptError::Path(64)),
        (good.replace("index 3\n", "index 3\nabc\n"), ReceiptError::Path(1)),
        (good.replace("extra eA==", "extra eA==\nextra eA=="), ReceiptError::Index),
        (good.split("\n\n").next().unwrap().to_owned(), ReceiptError::Cut),
        ("x".repeat(700_000), ReceiptError::TooLong),
    ];
    for (text, error) in refused {
        assert_eq!(Receipt::parse(text.as_bytes()), Err(error));
    }
    let largest = receipt(3, Some(vec![7; MAX_EXTRA]));
    assert_eq!(Receipt::parse(largest.to_string().as_bytes()).unwrap(), largest);
    let larger = receipt(3, Some(vec![7; MAX_EXTRA + 1])).to_string();
    assert_eq!(Receipt::parse(larger.as_bytes()), Err(ReceiptError::Extra));
}
