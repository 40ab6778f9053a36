//! Cases about the spine. Must not use objects or the lock.
#![allow(clippy::unwrap_used)] // a case that fails panics

use super::{all, bytes, conflict, fill, frame, frames, listed, too_large};
use registry::store::{MAX_FRAME, Store};

listed![
    a_fresh_spine_is_empty,
    reading_a_fresh_spine_gives_nothing,
    the_first_frame_has_number_0,
    frame_1_cannot_be_the_first,
    an_append_counts_one,
    a_number_is_given_once,
    a_number_cannot_be_skipped,
    an_old_number_is_refused,
    the_largest_number_is_refused,
    a_refused_append_changes_nothing,
    a_conflict_says_what_was_found,
    a_frame_reads_back,
    an_empty_frame_reads_back,
    a_frame_of_one_byte_reads_back,
    a_frame_of_zeros_reads_back,
    a_frame_of_ones_reads_back,
    a_frame_of_every_byte_reads_back,
    the_largest_frame_reads_back,
    a_larger_frame_is_refused,
    a_larger_frame_changes_nothing,
    equal_frames_are_two,
    frames_come_in_order,
    reading_begins_where_it_is_told,
    reading_at_the_end_gives_nothing,
    reading_behind_the_end_gives_nothing,
    reading_from_the_largest_number_gives_nothing,
    reading_gives_one_frame_even_if_it_is_too_large,
    reading_no_bytes_gives_one_frame,
    reading_gives_what_fits,
    reading_does_not_skip_a_frame_that_does_not_fit,
    reading_gives_empty_frames_that_fit,
    reading_all_gives_all,
    many_frames_read_back_in_pieces,
    a_frame_that_looks_like_a_record_reads_back,
];

#[track_caller]
fn reads_back(store: &dyn Store, frame: &[u8]) {
    store.append(0, b"before").unwrap();
    store.append(1, frame).unwrap();
    store.append(2, b"behind").unwrap();
    assert!(all(store) == [b"before".to_vec(), frame.to_vec(), b"behind".to_vec()]);
}

fn a_fresh_spine_is_empty(store: &dyn Store) {
    assert_eq!(store.count().unwrap(), 0);
}

fn reading_a_fresh_spine_gives_nothing(store: &dyn Store) {
    assert!(all(store).is_empty());
}

fn the_first_frame_has_number_0(store: &dyn Store) {
    store.append(0, b"first").unwrap();
    assert_eq!(all(store), [b"first"]);
}

fn frame_1_cannot_be_the_first(store: &dyn Store) {
    conflict(store.append(1, b"first"));
}

fn an_append_counts_one(store: &dyn Store) {
    for number in 0..20 {
        assert_eq!(store.count().unwrap(), number);
        store.append(number, b"frame").unwrap();
    }
}

fn a_number_is_given_once(store: &dyn Store) {
    store.append(0, b"one").unwrap();
    conflict(store.append(0, b"one"));
}

fn a_number_cannot_be_skipped(store: &dyn Store) {
    fill(store, 3);
    conflict(store.append(4, b"frame"));
}

fn an_old_number_is_refused(store: &dyn Store) {
    fill(store, 20);
    conflict(store.append(7, &frame(7)));
}

fn the_largest_number_is_refused(store: &dyn Store) {
    conflict(store.append(u64::MAX, b"frame"));
}

fn a_refused_append_changes_nothing(store: &dyn Store) {
    fill(store, 5);
    conflict(store.append(2, b"other"));
    conflict(store.append(9, b"other"));
    assert_eq!(all(store), frames(0..5));
}

fn a_conflict_says_what_was_found(store: &dyn Store) {
    fill(store, 5);
    let words = store.append(3, b"frame").unwrap_err().to_string();
    assert!(words.contains('5') && words.contains('3'), "{words}");
}

fn a_frame_reads_back(store: &dyn Store) {
    reads_back(store, &bytes(1_000, 5));
}

fn an_empty_frame_reads_back(store: &dyn Store) {
    reads_back(store, b"");
}

fn a_frame_of_one_byte_reads_back(store: &dyn Store) {
    reads_back(store, b"x");
}

fn a_frame_of_zeros_reads_back(store: &dyn Store) {
    reads_back(store, &[0; 4_096]);
}

fn a_frame_of_ones_reads_back(store: &dyn Store) {
    reads_back(store, &[255; 4_096]);
}

fn a_frame_of_every_byte_reads_back(store: &dyn Store) {
    reads_back(store, &(0..=255).collect::<Vec<u8>>());
}

fn the_largest_frame_reads_back(store: &dyn Store) {
    reads_back(store, &bytes(MAX_FRAME, 1));
}

fn a_larger_frame_is_refused(store: &dyn Store) {
    too_large(store.append(0, &vec![0; MAX_FRAME + 1]));
}

fn a_larger_frame_changes_nothing(store: &dyn Store) {
    too_large(store.append(0, &vec![0; MAX_FRAME + 1]));
    assert_eq!(store.count().unwrap(), 0);
    store.append(0, b"first").unwrap();
}

fn equal_frames_are_two(store: &dyn Store) {
    store.append(0, b"same").unwrap();
    store.append(1, b"same").unwrap();
    assert_eq!(all(store), [b"same", b"same"]);
}

fn frames_come_in_order(store: &dyn Store) {
    fill(store, 200);
    assert_eq!(all(store), frames(0..200));
}

fn reading_begins_where_it_is_told(store: &dyn Store) {
    fill(store, 50);
    for from in 0..50 {
        assert_eq!(store.read(from, usize::MAX).unwrap(), frames(from..50));
    }
}

fn reading_at_the_end_gives_nothing(store: &dyn Store) {
    fill(store, 5);
    assert!(store.read(5, usize::MAX).unwrap().is_empty());
}

fn reading_behind_the_end_gives_nothing(store: &dyn Store) {
    fill(store, 5);
    assert!(store.read(6, usize::MAX).unwrap().is_empty());
}

fn reading_from_the_largest_number_gives_nothing(store: &dyn Store) {
    fill(store, 5);
    assert!(store.read(u64::MAX, usize::MAX).unwrap().is_empty());
}

fn reading_gives_one_frame_even_if_it_is_too_large(store: &dyn Store) {
    fill(store, 5);
    assert_eq!(store.read(2, 1).unwrap(), frames(2..3));
}

fn reading_no_bytes_gives_one_frame(store: &dyn Store) {
    fill(store, 5);
    assert_eq!(store.read(4, 0).unwrap(), frames(4..5));
}

fn reading_gives_what_fits(store: &dyn Store) {
    fill(store, 40);
    for (from, count) in [(0, 1), (0, 7), (3, 2), (30, 10), (7, 33)] {
        let exact: usize = frames(from..from + count).iter().map(Vec::len).sum();
        assert_eq!(store.read(from, exact).unwrap(), frames(from..from + count), "{count} from {from}");
        assert_eq!(store.read(from, exact - 1).unwrap(), frames(from..from + (count - 1).max(1)));
    }
}

fn reading_does_not_skip_a_frame_that_does_not_fit(store: &dyn Store) {
    for (number, length) in [5, 50, 1].into_iter().enumerate() {
        store.append(number as u64, &bytes(length, 0)).unwrap();
    }
    assert_eq!(store.read(0, 10).unwrap(), [bytes(5, 0)]);
}

fn reading_gives_empty_frames_that_fit(store: &dyn Store) {
    for (number, frame) in [&b"full"[..], b"", b"", b"full"].into_iter().enumerate() {
        store.append(number as u64, frame).unwrap();
    }
    assert_eq!(store.read(0, 4).unwrap().len(), 3);
}

fn reading_all_gives_all(store: &dyn Store) {
    fill(store, 60);
    let sum: usize = frames(0..60).iter().map(Vec::len).sum();
    assert_eq!(store.read(0, sum).unwrap(), frames(0..60));
}

fn many_frames_read_back_in_pieces(store: &dyn Store) {
    fill(store, 300);
    let mut found = Vec::new();
    while (found.len() as u64) < 300 {
        let piece = store.read(found.len() as u64, 777).unwrap();
        assert!(!piece.is_empty());
        found.extend(piece);
    }
    assert_eq!(found, frames(0..300));
}

fn a_frame_that_looks_like_a_record_reads_back(store: &dyn Store) {
    // Lengths and numbers as many stores write them before a frame.
    let mut frame = 16_u32.to_le_bytes().to_vec();
    frame.extend_from_slice(&2_u64.to_le_bytes());
    frame.extend_from_slice(&2_u64.to_be_bytes());
    reads_back(store, &frame.repeat(20));
}
