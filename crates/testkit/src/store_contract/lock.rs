//! Cases about the lock. Must not use the spine or objects.
#![allow(clippy::unwrap_used)] // a case that fails panics

use super::{bytes, conflict, listed, too_large};
use registry::store::{MAX_LOCK, Store};

listed![
    a_fresh_lock_has_no_value,
    the_first_swap_expects_none,
    the_first_swap_happens_once,
    a_fresh_lock_refuses_a_value,
    a_fresh_lock_refuses_the_empty_value,
    a_swap_sets_the_value,
    a_swap_from_the_value_works,
    a_swap_from_another_value_is_refused,
    a_swap_from_a_prefix_is_refused,
    a_swap_from_a_longer_value_is_refused,
    a_swap_from_none_is_refused_later,
    a_refused_swap_changes_nothing,
    a_swap_to_the_same_value_works,
    an_old_value_may_come_back,
    an_empty_value_is_a_value,
    bytes_of_any_kind_are_kept,
    letters_are_not_folded,
    the_largest_value_fits,
    a_larger_value_is_refused,
    a_hundred_swaps_follow_each_other,
    two_swaps_from_one_value_give_one_winner,
];

#[track_caller]
fn is(store: &dyn Store, value: &[u8]) {
    assert_eq!(store.lock().unwrap().as_deref(), Some(value));
}

fn a_fresh_lock_has_no_value(store: &dyn Store) {
    assert_eq!(store.lock().unwrap(), None);
}

fn the_first_swap_expects_none(store: &dyn Store) {
    store.swap(None, b"one").unwrap();
    is(store, b"one");
}

fn the_first_swap_happens_once(store: &dyn Store) {
    store.swap(None, b"one").unwrap();
    conflict(store.swap(None, b"one"));
    is(store, b"one");
}

fn a_fresh_lock_refuses_a_value(store: &dyn Store) {
    conflict(store.swap(Some(b"one"), b"two"));
    assert_eq!(store.lock().unwrap(), None);
}

fn a_fresh_lock_refuses_the_empty_value(store: &dyn Store) {
    conflict(store.swap(Some(b""), b"two"));
}

fn a_swap_sets_the_value(store: &dyn Store) {
    store.swap(None, b"one").unwrap();
    store.swap(Some(b"one"), b"two").unwrap();
    is(store, b"two");
}

fn a_swap_from_the_value_works(store: &dyn Store) {
    let value = bytes(500, 3);
    store.swap(None, &value).unwrap();
    store.swap(Some(&value), b"next").unwrap();
}

fn a_swap_from_another_value_is_refused(store: &dyn Store) {
    store.swap(None, b"one").unwrap();
    conflict(store.swap(Some(b"two"), b"three"));
}

fn a_swap_from_a_prefix_is_refused(store: &dyn Store) {
    store.swap(None, b"one").unwrap();
    conflict(store.swap(Some(b"on"), b"two"));
    conflict(store.swap(Some(b""), b"two"));
}

fn a_swap_from_a_longer_value_is_refused(store: &dyn Store) {
    store.swap(None, b"one").unwrap();
    conflict(store.swap(Some(b"one\0"), b"two"));
    conflict(store.swap(Some(b"one "), b"two"));
}

fn a_swap_from_none_is_refused_later(store: &dyn Store) {
    store.swap(None, b"one").unwrap();
    store.swap(Some(b"one"), b"two").unwrap();
    conflict(store.swap(None, b"three"));
}

fn a_refused_swap_changes_nothing(store: &dyn Store) {
    store.swap(None, b"one").unwrap();
    conflict(store.swap(Some(b"two"), b"three"));
    is(store, b"one");
}

fn a_swap_to_the_same_value_works(store: &dyn Store) {
    store.swap(None, b"one").unwrap();
    store.swap(Some(b"one"), b"one").unwrap();
    is(store, b"one");
}

fn an_old_value_may_come_back(store: &dyn Store) {
    store.swap(None, b"one").unwrap();
    store.swap(Some(b"one"), b"two").unwrap();
    store.swap(Some(b"two"), b"one").unwrap();
    is(store, b"one");
}

fn an_empty_value_is_a_value(store: &dyn Store) {
    store.swap(None, b"").unwrap();
    is(store, b"");
    conflict(store.swap(None, b"one"));
    store.swap(Some(b""), b"one").unwrap();
}

fn bytes_of_any_kind_are_kept(store: &dyn Store) {
    let value: Vec<u8> = (0..=255).rev().collect();
    store.swap(None, &value).unwrap();
    is(store, &value);
}

fn letters_are_not_folded(store: &dyn Store) {
    store.swap(None, b"one").unwrap();
    conflict(store.swap(Some(b"ONE"), b"two"));
}

fn the_largest_value_fits(store: &dyn Store) {
    let value = bytes(MAX_LOCK, 9);
    store.swap(None, &value).unwrap();
    is(store, &value);
    store.swap(Some(&value), b"one").unwrap();
}

fn a_larger_value_is_refused(store: &dyn Store) {
    too_large(store.swap(None, &vec![0; MAX_LOCK + 1]));
    assert_eq!(store.lock().unwrap(), None);
}

fn a_hundred_swaps_follow_each_other(store: &dyn Store) {
    let mut old: Option<Vec<u8>> = None;
    for number in 0..100_u64 {
        let new = number.to_le_bytes().to_vec();
        store.swap(old.as_deref(), &new).unwrap();
        old = Some(new);
    }
    is(store, &99_u64.to_le_bytes());
}

fn two_swaps_from_one_value_give_one_winner(store: &dyn Store) {
    store.swap(None, b"start").unwrap();
    let swap = |new: u8| move || store.swap(Some(b"start"), &[new]).is_ok();
    let winners: Vec<u8> = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..4).map(|new| (new, scope.spawn(swap(new)))).collect();
        threads.into_iter().filter_map(|(new, thread)| thread.join().unwrap().then_some(new)).collect()
    });
    assert_eq!(winners.len(), 1, "{winners:?}");
    is(store, &winners);
}
