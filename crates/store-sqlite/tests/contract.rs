//! The store contract, held against the embedded store and, so that tests of what stands on it mean something, against the
//! ones of the testkit.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

use store_sqlite::{EmbeddedStore, Options};
use testkit::{FaultyStore, MemoryStore, store_contract};

/// How many cases there have to be at least: a suite that runs none holds against anything.
const CASES: usize = 100;

fn embedded(roll: u64) -> usize {
    let folder = tempfile::tempdir().unwrap();
    let number = std::cell::Cell::new(0);
    store_contract::run(|| {
        number.set(number.get() + 1);
        let folder = folder.path().join(number.get().to_string());
        Box::new(EmbeddedStore::open(&folder, Options { roll, ..Options::default() }).unwrap())
    })
}

#[test]
fn the_embedded_store_keeps_the_contract() {
    assert!(embedded(store_sqlite::ROLL) >= CASES);
}

#[test]
fn the_embedded_store_keeps_the_contract_with_small_segments() {
    assert!(embedded(300) >= CASES);
}

#[test]
fn the_store_in_memory_keeps_the_contract() {
    assert!(store_contract::run(|| Box::new(MemoryStore::default())) >= CASES);
}

#[test]
fn the_faulty_store_keeps_the_contract_while_there_are_no_faults() {
    assert!(store_contract::run(|| Box::new(FaultyStore::new(MemoryStore::default()))) >= CASES);
}
