//! The embedded store on real files: what is written is there after opening again, and what is wrong is named.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

use registry::store::{Object, Store, StoreError};
use std::path::Path;
use store_sqlite::{EmbeddedStore, Options};

/// Segments of a few frames, so that tests see many.
fn open(folder: &Path) -> Result<EmbeddedStore, StoreError> {
    EmbeddedStore::open(folder, Options { roll: 100, ..Options::default() })
}

fn frame(number: u64) -> Vec<u8> {
    format!("frame {number} {}", "x".repeat(number as usize % 40)).into_bytes()
}

fn filled(folder: &Path, frames: u64) -> EmbeddedStore {
    let store = open(folder).unwrap();
    for number in store.count().unwrap()..frames {
        store.append(number, &frame(number)).unwrap();
    }
    store
}

fn all(store: &EmbeddedStore) -> Vec<Vec<u8>> {
    store.read(0, usize::MAX).unwrap()
}

fn frames(count: u64) -> Vec<Vec<u8>> {
    (0..count).map(frame).collect()
}

#[test]
fn what_was_appended_is_there_after_opening_again() {
    let folder = tempfile::tempdir().unwrap();
    drop(filled(folder.path(), 20));
    let store = open(folder.path()).unwrap();
    assert_eq!(store.count().unwrap(), 20);
    assert_eq!(all(&store), frames(20));
    store.append(20, &frame(20)).unwrap();
    assert_eq!(all(&store), frames(21));
    assert!(store.cuts().is_empty());
}

#[test]
fn objects_and_the_lock_are_there_after_opening_again() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path()).unwrap();
    let object = |name: &str| Object { name: name.to_owned(), value: name.as_bytes().to_vec() };
    store.put(&[object("checkpoint"), object("tile/0/x001/234")]).unwrap();
    store.swap(None, b"one").unwrap();
    store.swap(Some(b"one"), b"two").unwrap();
    drop(store);
    let store = open(folder.path()).unwrap();
    assert_eq!(store.get("tile/0/x001/234").unwrap().unwrap(), b"tile/0/x001/234");
    assert_eq!(store.list("").unwrap(), ["checkpoint", "tile/0/x001/234"]);
    assert_eq!(store.lock().unwrap().unwrap(), b"two");
}
