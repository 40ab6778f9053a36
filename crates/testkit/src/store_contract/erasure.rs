//! Cases about putting a frame in the place of another. Must not use objects or the lock.
#![allow(clippy::unwrap_used)] // a case that fails panics

use super::{all, conflict, fill, frame, frames, listed, too_large};
use registry::store::{MAX_FRAME, Store};

listed![
    a_replaced_frame_reads_back,
    the_first_frame_can_be_replaced,
    the_last_frame_can_be_replaced,
    every_frame_can_be_replaced,
    a_frame_can_be_replaced_twice,
    a_frame_can_be_replaced_by_itself,
    a_frame_can_be_replaced_by_an_empty_one,
    an_empty_frame_can_be_replaced_by_itself,
    replacing_leaves_the_others,
    replacing_does_not_count,
    a_frame_that_is_not_there_cannot_be_replaced,
    nothing_can_be_replaced_in_a_fresh_spine,
    a_larger_frame_than_allowed_cannot_replace,
    appending_goes_on_after_replacing,
];

#[track_caller]
fn replaces(store: &dyn Store, number: u64, new: &[u8]) {
    fill(store, 9);
    store.replace(number, new).unwrap();
    let mut expected = frames(0..9);
    new.clone_into(expected.get_mut(number as usize).unwrap());
    assert_eq!(all(store), expected);
}

fn a_replaced_frame_reads_back(store: &dyn Store) {
    replaces(store, 4, b"new");
}

fn the_first_frame_can_be_replaced(store: &dyn Store) {
    replaces(store, 0, b"new");
}

fn the_last_frame_can_be_replaced(store: &dyn Store) {
    replaces(store, 8, b"new");
}

fn every_frame_can_be_replaced(store: &dyn Store) {
    fill(store, 30);
    for number in (0..30).rev() {
        store.replace(number, &number.to_le_bytes()).unwrap();
    }
    assert_eq!(all(store), (0..30_u64).map(|number| number.to_le_bytes().to_vec()).collect::<Vec<_>>());
}

fn a_frame_can_be_replaced_twice(store: &dyn Store) {
    fill(store, 9);
    store.replace(3, b"new").unwrap();
    replaces(store, 3, b"er");
}

fn a_frame_can_be_replaced_by_itself(store: &dyn Store) {
    replaces(store, 5, &frame(5));
}

fn a_frame_can_be_replaced_by_an_empty_one(store: &dyn Store) {
    replaces(store, 5, b"");
}

fn an_empty_frame_can_be_replaced_by_itself(store: &dyn Store) {
    store.append(0, b"").unwrap();
    store.replace(0, b"").unwrap();
    assert_eq!(all(store), [b""]);
}

fn replacing_leaves_the_others(store: &dyn Store) {
    fill(store, 100);
    store.replace(50, b"new").unwrap();
    assert_eq!(store.read(51, usize::MAX).unwrap(), frames(51..100));
}

fn replacing_does_not_count(store: &dyn Store) {
    fill(store, 9);
    store.replace(4, b"new").unwrap();
    assert_eq!(store.count().unwrap(), 9);
}

fn a_frame_that_is_not_there_cannot_be_replaced(store: &dyn Store) {
    fill(store, 9);
    conflict(store.replace(9, b"new"));
    conflict(store.replace(u64::MAX, b"new"));
    assert_eq!(all(store), frames(0..9));
}

fn nothing_can_be_replaced_in_a_fresh_spine(store: &dyn Store) {
    conflict(store.replace(0, b"new"));
}

fn a_larger_frame_than_allowed_cannot_replace(store: &dyn Store) {
    fill(store, 2);
    too_large(store.replace(1, &vec![0; MAX_FRAME + 1]));
    assert_eq!(all(store), frames(0..2));
}

fn appending_goes_on_after_replacing(store: &dyn Store) {
    fill(store, 9);
    store.replace(8, &frame(8)).unwrap();
    store.replace(2, &frame(2)).unwrap();
    fill(store, 40);
    assert_eq!(all(store), frames(0..40));
}
