//! Names, hexadecimal forms, words of vouchers, bundles: what is not one of them says why.

use crate::any;
use proptest::prelude::*;
use statement::{
    Bundle, BundleError, DeviceId, DeviceKey, Digest, Envelope, EnvelopeError, Kept, MAX_BATCH,
    MAX_STATEMENT, Manifest, Name, Proof, Purpose, Sheaf, Signed, Vouch, VouchError, Voucher, sign, to_cbor,
    verify_batch,
};

proptest! {
    #[test]
    fn fixed_bytes_are_read_as_they_are_shown(bytes in any::<[u8; 32]>()) {
        let shown = Digest(bytes).to_string();
        prop_assert_eq!(shown.parse(), Ok(Digest(bytes)));
        prop_assert_eq!(shown.to_uppercase().parse(), Ok(Digest(bytes)));
        prop_assert!(shown.parse::<DeviceId>().is_err());
    }

    #[test]
    fn any_text_is_a_name_or_is_refused_without_harm(text in ".{0,80}") {
        match text.parse::<Name>() {
            Ok(name) => prop_assert_eq!(name.as_str(), text),
            Err(error) => prop_assert!(!error.to_string().contains(char::is_control)),
        }
    }

    #[test]
    fn a_batch_finds_the_same_as_one_by_one(forged in prop::collection::btree_set(0_usize..300, 0..300), size in 0_usize..300) {
        let keys = [1, 2, 3].map(|n| DeviceKey::from_seed([n; 32]));
        let signed = |n: usize| {
            let key = &keys[n % 3];
            let message = n.to_be_bytes();
            let mut signature = key.sign(&message);
            signature[63 - n % 32] ^= u8::from(forged.contains(&n));
            Signed::new(&key.public(), &message, &signature)
        };
        let all: Vec<Signed> = (0..size).map(signed).collect();
        let expected: Vec<usize> = forged.range(..size).copied().collect();
        prop_assert_eq!(verify_batch(&all), expected);
    }

    #[test]
    fn the_leaf_of_what_is_kept_is_that_of_its_hash(kept in any::kept()) {
        prop_assert_eq!(Kept::Hash(kept.leaf()).leaf(), kept.leaf());
    }
}

#[test]
fn names_and_what_is_none() {
    for good in ["a", "0", "acme", "hall-1.north_2", &"x".repeat(64)] {
        assert_eq!(good.parse::<Name>().unwrap().as_str(), good);
    }
    for bad in ["", "-a", ".", "..", "A", "a b", "a/b", "ä", "a\n", &"x".repeat(65)] {
        let error = bad.parse::<Name>().unwrap_err().to_string();
        assert!(error.contains("is not a name"), "{error}");
    }
    for bad in ["", "0", &"g".repeat(64), &"é".repeat(32), &"0".repeat(63), &"+0".repeat(32)] {
        assert!(bad.parse::<Digest>().is_err(), "{bad}");
    }
}

#[test]
fn an_envelope_tells_how_long_a_payload_it_claims() {
    let key = DeviceKey::from_seed([1; 32]);
    let most = sign(&vec![0; MAX_STATEMENT], &key, Purpose::Statement);
    assert!(Envelope::parse(&most).is_ok());
    let more = sign(&vec![0; MAX_STATEMENT + 1], &key, Purpose::Statement);
    let found = MAX_STATEMENT as u64 + 1;
    assert_eq!(Envelope::parse(&more), Err(EnvelopeError::TooLarge { at: 0, found }));
    let rest = [&most[..], &[1, 2, 3]].concat();
    assert_eq!(Envelope::parse(&rest), Err(EnvelopeError::Rest { found: 3 }));
}

#[test]
fn lengths_have_one_form() {
    let key = DeviceKey::from_seed([1; 32]);
    for length in [0, 1, 23, 24, 255, 256, MAX_STATEMENT] {
        let bytes = sign(&vec![7; length], &key, Purpose::Statement);
        let envelope = Envelope::parse(&bytes).unwrap();
        assert!(envelope.verify(&key.public(), Purpose::Statement) && envelope.payload.len() == length);
    }
    // The payload's length in one byte more than it needs.
    let short = sign(&[7; 10], &key, Purpose::Statement);
    let longer = [&short[..17], &[0x58, 10], &short[18..]].concat();
    assert_eq!(Envelope::parse(&longer), Err(EnvelopeError::Cut { at: 0 }));
}

#[test]
fn a_manifest_has_one_to_4096_entries_of_this_version() {
    let good = Manifest {
        version: 1,
        first: 0,
        count: MAX_BATCH,
        root: Digest([0; 32]),
        from_ms: 0,
        until_ms: 0,
        statements: MAX_BATCH,
        rulebooks: vec![],
        dispositions: vec![],
    };
    assert_eq!(Manifest::from_cbor(&to_cbor(&good)).unwrap().end(), 4_096);
    for bad in [
        Manifest { version: 2, ..good.clone() },
        Manifest { count: 0, statements: 0, ..good.clone() },
        Manifest { count: MAX_BATCH + 1, ..good.clone() },
        Manifest { count: 5, statements: 6, ..good.clone() },
    ] {
        let error = Manifest::from_cbor(&to_cbor(&bad)).unwrap_err().to_string();
        assert!(error.contains("expected version 1 and 1 to 4096 entries"), "{error}");
    }
    let long = Proof { manifest: vec![], position: 0, path: vec![Digest([0; 32]); 13] };
    assert!(Proof::from_cbor(&to_cbor(&long)).unwrap_err().to_string().contains("13 hashes"));
}

#[test]
fn a_bundle_of_another_kind_or_version_is_refused_by_name() {
    let good = Bundle::new("note".into(), "about".into(), 3);
    for bad in [Bundle { magic: "other".into(), ..good.clone() }, Bundle { version: 2, ..good }] {
        let error = Bundle::from_cbor(&to_cbor(&bad)).unwrap_err();
        assert!(matches!(error, BundleError::Kind { .. }), "{error}");
    }
    let unknown =
        to_cbor(&Sheaf { manifest: vec![], index: 0, path: vec![], entries: vec![Kept::Record(vec![])] });
    let at = unknown.len() - 2;
    let unknown = [&unknown[..at], &[3], &unknown[at + 1..]].concat();
    assert!(Sheaf::from_cbor(&unknown).unwrap_err().to_string().contains("no kind of entry has number 3"));
}

#[test]
fn the_word_of_another_voucher_is_not_taken() {
    let key = DeviceKey::from_seed([1; 32]);
    let voucher = Voucher::Ed25519(key.public().to_bytes().to_vec());
    let word = Vouch { voucher: voucher.id(), signature: key.sign(b"message").to_vec() };
    voucher.verify(b"message", &word).unwrap();
    assert!(matches!(voucher.verify(b"other", &word), Err(VouchError::Signature { .. })));
    let other = Voucher::Ed25519(DeviceKey::from_seed([2; 32]).public().to_bytes().to_vec());
    assert!(matches!(other.verify(b"message", &word), Err(VouchError::Other { .. })));
    let short = Vouch { signature: vec![0; 63], ..word };
    assert!(matches!(voucher.verify(b"message", &short), Err(VouchError::Signature { .. })));
    assert!(matches!(Voucher::P256(vec![]).check(), Err(VouchError::Point { found: 0 })));
}
