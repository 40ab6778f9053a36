//! What is written is read as it was; a part of it, or it with one byte changed, is refused or is another valid value.

use crate::any;
use proptest::prelude::*;
use statement::{
    Bundle, DeviceKey, Enrol, Manifest, Nonce, Proof, Record, Rotate, Sheaf, Statement, to_cbor,
};
use std::fmt::Debug;

/// Reads a value again, and checks what becomes of every part of its bytes and of every byte that is changed.
fn law<T, E>(value: &T, read: impl Fn(&[u8]) -> Result<T, E>) -> Result<(), TestCaseError>
where
    T: minicbor::Encode<()> + PartialEq + Debug,
    E: Debug,
{
    let bytes = to_cbor(value);
    let again = read(&bytes);
    prop_assert!(again.as_ref().is_ok_and(|again| again == value), "{:?}", again);
    for cut in 0..bytes.len() {
        prop_assert!(read(&bytes[..cut]).is_err(), "cut at {}", cut);
    }
    let mut more = bytes.clone();
    more.push(0);
    prop_assert!(read(&more).is_err(), "something follows");
    let mut changed = bytes.clone();
    for at in 0..bytes.len() {
        for mask in [1, 0x20, 0x80, 0xff] {
            changed[at] ^= mask;
            if let Ok(other) = read(&changed) {
                prop_assert_ne!(&other, value, "two forms of one value, byte {}", at);
                prop_assert_eq!(&to_cbor(&other), &changed, "byte {}", at);
            }
            changed[at] = bytes[at];
        }
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn statements(value in any::statement()) {
        law(&value, Statement::from_cbor)?;
    }

    #[test]
    fn records(value in any::record()) {
        law(&value, Record::from_cbor)?;
    }

    #[test]
    fn manifests(value in any::manifest()) {
        law(&value, Manifest::from_cbor)?;
    }

    #[test]
    fn proofs(value in any::proof()) {
        law(&value, Proof::from_cbor)?;
    }

    #[test]
    fn bundles(checkpoint in ".{0,80}", about in ".{0,40}", sheaves in any::<u64>()) {
        law(&Bundle::new(checkpoint, about, sheaves), Bundle::from_cbor)?;
    }

    #[test]
    fn sheaves(value in any::sheaf()) {
        law(&value, Sheaf::from_cbor)?;
    }

    #[test]
    fn anything_at_all_is_refused_or_read_the_one_way(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        if let Ok(value) = Statement::from_cbor(&bytes) {
            prop_assert_eq!(to_cbor(&value), bytes.clone());
        }
        if let Ok(value) = Record::from_cbor(&bytes) {
            prop_assert_eq!(to_cbor(&value), bytes.clone());
        }
        if let Ok(value) = Sheaf::from_cbor(&bytes) {
            prop_assert_eq!(to_cbor(&value), bytes.clone());
        }
    }

    #[test]
    fn requests_for_enrolment(
        seed in any::<[u8; 32]>(), site in any::name(), label in "[^\\p{Cc}]{0,30}", at_ms in any::<u64>(),
        token in prop::option::of("[^\\p{Cc}]{0,30}"), vouch in prop::option::of(any::vouch()),
    ) {
        let key = DeviceKey::from_seed(seed);
        let own = key.public().to_bytes().to_vec();
        let request = Enrol { key: own, site, label, at_ms, nonce: Nonce([1; 16]), token, vouch };
        let bytes = request.sign(&key);
        prop_assert_eq!(Enrol::open(&bytes).unwrap(), (request, key.public()));
        for at in 0..bytes.len() {
            prop_assert!(Enrol::open(&bytes[..at]).is_err());
            let mut changed = bytes.clone();
            changed[at] ^= 1;
            prop_assert!(Enrol::open(&changed).is_err(), "byte {}", at);
        }
    }

    #[test]
    fn requests_for_another_key(old in any::<[u8; 32]>(), new in any::<[u8; 32]>(), at_ms in any::<u64>()) {
        let (old, new) = (DeviceKey::from_seed(old), DeviceKey::from_seed(new));
        let device = old.public().device();
        let request = Rotate::new(device, &new, at_ms);
        let bytes = request.sign(&old);
        let known = |id| (id == device).then(|| old.public());
        prop_assert_eq!(Rotate::open(&bytes, known).unwrap(), (request.clone(), new.public()));
        prop_assert_eq!(Rotate::key(&bytes).unwrap(), Some(new.public().id()));
        prop_assert!(Rotate::open(&bytes, |_| None).is_err());
        prop_assert!(Rotate::open(&request.sign(&new), known).is_err(), "the new key does not speak for the old");
        for at in 0..bytes.len() {
            let mut changed = bytes.clone();
            changed[at] ^= 1;
            prop_assert!(Rotate::open(&changed, known).is_err(), "byte {}", at);
        }
    }
}
