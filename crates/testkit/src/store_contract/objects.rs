//! Cases about objects. Must not use the spine or the lock.
#![allow(clippy::unwrap_used)] // a case that fails panics

use super::{bytes, listed, no_name, too_large};
use registry::store::{MAX_OBJECT, Object, Store};

listed![
    there_are_no_objects_at_first,
    an_object_that_is_not_there_is_none,
    an_object_reads_back,
    an_empty_object_reads_back,
    an_object_of_any_bytes_reads_back,
    a_megabyte_reads_back,
    an_object_can_be_overwritten,
    an_object_can_be_overwritten_by_a_shorter_one,
    an_object_can_be_overwritten_by_an_empty_one,
    putting_nothing_works,
    many_objects_are_put_at_once,
    the_last_of_two_under_one_name_counts,
    putting_leaves_the_others,
    names_of_tiles_are_names,
    names_with_dots_are_names,
    names_that_are_none_are_refused_by_put,
    names_that_are_none_are_refused_by_get,
    names_that_are_none_are_refused_by_remove,
    one_bad_name_among_good_ones_puts_nothing,
    a_larger_object_is_refused,
    one_too_large_among_good_ones_puts_nothing,
    part_of_a_name_is_no_object,
    a_name_goes_no_further_than_itself,
    a_removed_object_is_gone,
    removing_what_is_not_there_works,
    removing_nothing_works,
    removing_leaves_the_others,
    a_removed_object_can_be_put_again,
    a_list_of_all_is_in_order,
    a_list_has_only_what_begins_so,
    a_list_may_end_within_a_part,
    a_list_of_a_folder_does_not_need_its_slash,
    a_list_includes_the_name_itself,
    a_list_of_what_is_not_there_is_empty,
    a_list_of_what_is_no_name_is_empty,
    a_list_leaves_out_what_was_removed,
    a_list_orders_by_bytes_across_folders,
];

const BAD: &[&str] = &[
    "", ".", "..", "/", "/a", "a/", "a//b", "a/./b", "a/../b", "../a", "A", "a b", "a\\b", "a\0", "ü", "a:b",
    "~a", "a\n", "%61",
];

fn object(name: &str, value: &[u8]) -> Object {
    Object { name: name.to_owned(), value: value.to_vec() }
}

fn put(store: &dyn Store, names: &[&str]) {
    store.put(&names.iter().map(|name| object(name, name.as_bytes())).collect::<Vec<_>>()).unwrap();
}

#[track_caller]
fn is(store: &dyn Store, name: &str, value: &[u8]) {
    assert!(store.get(name).unwrap().as_deref() == Some(value), "{name} is another");
}

#[track_caller]
fn reads_back(store: &dyn Store, value: &[u8]) {
    store.put(&[object("tile/0/001", value)]).unwrap();
    is(store, "tile/0/001", value);
}

#[track_caller]
fn lists(store: &dyn Store, prefix: &str, expected: &[&str]) {
    assert_eq!(store.list(prefix).unwrap(), expected, "prefix {prefix:?}");
}

fn remove(store: &dyn Store, names: &[&str]) {
    store.remove(&names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>()).unwrap();
}

fn there_are_no_objects_at_first(store: &dyn Store) {
    lists(store, "", &[]);
}

fn an_object_that_is_not_there_is_none(store: &dyn Store) {
    assert_eq!(store.get("checkpoint").unwrap(), None);
    assert_eq!(store.get("tile/0/x001/234").unwrap(), None);
}

fn an_object_reads_back(store: &dyn Store) {
    reads_back(store, b"value");
}

fn an_empty_object_reads_back(store: &dyn Store) {
    reads_back(store, b"");
}

fn an_object_of_any_bytes_reads_back(store: &dyn Store) {
    reads_back(store, &(0..=255).collect::<Vec<u8>>());
}

fn a_megabyte_reads_back(store: &dyn Store) {
    reads_back(store, &bytes(1 << 20, 7));
}

fn an_object_can_be_overwritten(store: &dyn Store) {
    reads_back(store, b"old");
    reads_back(store, b"new and longer");
}

fn an_object_can_be_overwritten_by_a_shorter_one(store: &dyn Store) {
    reads_back(store, &bytes(10_000, 1));
    reads_back(store, b"short");
}

fn an_object_can_be_overwritten_by_an_empty_one(store: &dyn Store) {
    reads_back(store, b"old");
    reads_back(store, b"");
}

fn putting_nothing_works(store: &dyn Store) {
    store.put(&[]).unwrap();
}

fn many_objects_are_put_at_once(store: &dyn Store) {
    let objects: Vec<_> = (0..40_u8).map(|at| object(&format!("tile/{}/{at:03}", at % 3), &[at])).collect();
    store.put(&objects).unwrap();
    for object in &objects {
        is(store, &object.name, &object.value);
    }
}

fn the_last_of_two_under_one_name_counts(store: &dyn Store) {
    store.put(&[object("a", b"one"), object("a", b"two")]).unwrap();
    is(store, "a", b"two");
}

fn putting_leaves_the_others(store: &dyn Store) {
    put(store, &["a", "b/c"]);
    put(store, &["b/d"]);
    is(store, "a", b"a");
    is(store, "b/c", b"b/c");
}

fn names_of_tiles_are_names(store: &dyn Store) {
    for name in [
        "checkpoint",
        "tile/0/x001/234",
        "tile/0/000.p/5",
        "tile/entries/x001/x234/067",
        "tile/entries/000.p/255",
    ] {
        put(store, &[name]);
        is(store, name, name.as_bytes());
    }
}

fn names_with_dots_are_names(store: &dyn Store) {
    for name in ["...", ".a", "a.", "a..b", "-", "_", "a/.../b", "0"] {
        put(store, &[name]);
        is(store, name, name.as_bytes());
    }
}

fn names_that_are_none_are_refused_by_put(store: &dyn Store) {
    BAD.iter().for_each(|name| no_name(store.put(&[object(name, b"x")])));
    lists(store, "", &[]);
}

fn names_that_are_none_are_refused_by_get(store: &dyn Store) {
    BAD.iter().for_each(|name| no_name(store.get(name)));
}

fn names_that_are_none_are_refused_by_remove(store: &dyn Store) {
    BAD.iter().for_each(|name| no_name(store.remove(&[(*name).to_owned()])));
}

fn one_bad_name_among_good_ones_puts_nothing(store: &dyn Store) {
    no_name(store.put(&[object("a", b"x"), object("../b", b"x"), object("c", b"x")]));
    lists(store, "", &[]);
}

fn a_larger_object_is_refused(store: &dyn Store) {
    too_large(store.put(&[Object { name: "a".to_owned(), value: vec![0; MAX_OBJECT + 1] }]));
}

fn one_too_large_among_good_ones_puts_nothing(store: &dyn Store) {
    let large = Object { name: "b".to_owned(), value: vec![0; MAX_OBJECT + 1] };
    too_large(store.put(&[object("a", b"x"), large]));
    lists(store, "", &[]);
}

fn part_of_a_name_is_no_object(store: &dyn Store) {
    put(store, &["tile/0/x001/234"]);
    for name in ["tile", "tile/0", "tile/0/x001"] {
        assert_eq!(store.get(name).unwrap(), None, "{name}");
    }
}

fn a_name_goes_no_further_than_itself(store: &dyn Store) {
    put(store, &["tile"]);
    assert_eq!(store.get("tile/0").unwrap(), None);
    remove(store, &["tile/0"]);
    is(store, "tile", b"tile");
}

fn a_removed_object_is_gone(store: &dyn Store) {
    put(store, &["a/b"]);
    remove(store, &["a/b"]);
    assert_eq!(store.get("a/b").unwrap(), None);
}

fn removing_what_is_not_there_works(store: &dyn Store) {
    remove(store, &["a", "b/c"]);
}

fn removing_nothing_works(store: &dyn Store) {
    remove(store, &[]);
}

fn removing_leaves_the_others(store: &dyn Store) {
    put(store, &["a/b", "a/c", "a/d/e", "f"]);
    remove(store, &["a/c", "x", "a/d/e"]);
    lists(store, "", &["a/b", "f"]);
    is(store, "a/b", b"a/b");
}

fn a_removed_object_can_be_put_again(store: &dyn Store) {
    put(store, &["a/b/c"]);
    remove(store, &["a/b/c"]);
    put(store, &["a/b/c"]);
    is(store, "a/b/c", b"a/b/c");
}

fn a_list_of_all_is_in_order(store: &dyn Store) {
    put(store, &["c", "a", "b/2", "b/1", "b/10"]);
    lists(store, "", &["a", "b/1", "b/10", "b/2", "c"]);
}

fn a_list_has_only_what_begins_so(store: &dyn Store) {
    put(store, &["tile/0/000", "tile/1/000", "checkpoint"]);
    lists(store, "tile/0/", &["tile/0/000"]);
    lists(store, "tile/", &["tile/0/000", "tile/1/000"]);
}

fn a_list_may_end_within_a_part(store: &dyn Store) {
    put(store, &["tile/0/000.p/5", "tile/0/000", "tile/0/001"]);
    lists(store, "tile/0/000", &["tile/0/000", "tile/0/000.p/5"]);
    lists(store, "ti", &["tile/0/000", "tile/0/000.p/5", "tile/0/001"]);
    lists(store, "tile/0/000.p", &["tile/0/000.p/5"]);
}

fn a_list_of_a_folder_does_not_need_its_slash(store: &dyn Store) {
    put(store, &["a/b", "ab/c", "a.b"]);
    lists(store, "a", &["a.b", "a/b", "ab/c"]);
    lists(store, "a/", &["a/b"]);
}

fn a_list_includes_the_name_itself(store: &dyn Store) {
    put(store, &["a/b"]);
    lists(store, "a/b", &["a/b"]);
    lists(store, "a/b/", &[]);
}

fn a_list_of_what_is_not_there_is_empty(store: &dyn Store) {
    put(store, &["a/b"]);
    lists(store, "b", &[]);
    lists(store, "a/c/d", &[]);
}

fn a_list_of_what_is_no_name_is_empty(store: &dyn Store) {
    put(store, &["a/b"]);
    for prefix in ["/", "../", "a/../", "./", "A", "a//", "..", "\0"] {
        lists(store, prefix, &[]);
    }
}

fn a_list_leaves_out_what_was_removed(store: &dyn Store) {
    put(store, &["a/b", "a/c"]);
    remove(store, &["a/b"]);
    lists(store, "a/", &["a/c"]);
}

fn a_list_orders_by_bytes_across_folders(store: &dyn Store) {
    // `.` comes before `/`, which comes before digits and letters.
    put(store, &["a/z", "a.z", "a0", "a-z", "a_z"]);
    lists(store, "", &["a-z", "a.z", "a/z", "a0", "a_z"]);
}
