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

#[test]
fn a_second_process_is_told_who_has_the_store() {
    let folder = tempfile::tempdir().unwrap();
    let held = open(folder.path()).unwrap();
    let words = open(folder.path()).map(drop).unwrap_err().to_string();
    assert!(words.contains(&format!("is open in process {}", std::process::id())), "{words}");
    drop(held);
    open(folder.path()).unwrap();
}

#[test]
fn another_version_is_refused_in_one_sentence() {
    let folder = tempfile::tempdir().unwrap();
    drop(open(folder.path()).unwrap());
    std::fs::write(folder.path().join("version"), "overt store 2\n").unwrap();
    let words = open(folder.path()).map(drop).unwrap_err().to_string();
    assert!(
        words.contains("says it is 'overt store 2'") && words.contains("reads 'overt store 1'"),
        "{words}"
    );
}

#[test]
fn a_folder_of_somebody_else_is_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("thesis.tex"), "x").unwrap();
    let words = open(folder.path()).map(drop).unwrap_err().to_string();
    assert!(words.contains("is not a store: it holds 'thesis.tex'"), "{words}");
}

#[test]
fn a_thousand_segments_open_without_being_read() {
    let folder = tempfile::tempdir().unwrap();
    drop(filled(folder.path(), 3));
    let spine = folder.path().join("spine");
    let count = |ending: &str| {
        let entries = std::fs::read_dir(&spine).unwrap();
        entries.filter(|entry| entry.as_ref().unwrap().path().extension().unwrap() == ending).count()
    };
    let store = filled(folder.path(), 1_200);
    assert!(count("seg") > 300 && count("idx") == count("seg") - 1);
    drop(store);
    // A changed frame shows when it is read, not before: opening has not looked at it.
    let first = spine.join(format!("{:020}.seg", 0));
    let mut bytes = std::fs::read(&first).unwrap();
    bytes[25] ^= 1;
    std::fs::write(&first, bytes).unwrap();
    let store = open(folder.path()).unwrap();
    assert_eq!(store.read(1_199, 1).unwrap(), [frame(1_199)]);
    assert!(matches!(store.read(0, 1), Err(StoreError::Damaged { .. })));
}

#[test]
fn objects_lie_under_their_names_for_a_web_server() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path()).unwrap();
    store.put(&[Object { name: "tile/0/x001/234".to_owned(), value: b"tile".to_vec() }]).unwrap();
    assert_eq!(std::fs::read(folder.path().join("objects/tile/0/x001/234")).unwrap(), b"tile");
    store.remove(&["tile/0/x001/234".to_owned()]).unwrap();
    assert!(!folder.path().join("objects/tile").exists(), "emptied folders go as well");
}
