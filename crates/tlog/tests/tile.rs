//! Names of tiles and bundles of entries: one way to write each, all others refused.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

use proptest::prelude::*;
use tlog::{
    BundleError, Head, MAX_ENTRY, MAX_SIZE, Place, StoredError, Tile, append, encode_bundle, parse_bundle,
};

#[path = "shared/log.rs"]
#[allow(dead_code)]
mod log;
#[path = "shared/plain.rs"]
#[allow(dead_code)]
mod plain;

use log::Log;

#[test]
fn names_are_those_of_the_document() {
    let names = [
        (Tile { place: Place::Level(0), index: 0, width: 256 }, "tile/0/000"),
        (Tile { place: Place::Level(63), index: 999, width: 1 }, "tile/63/999.p/1"),
        (Tile { place: Place::Level(1), index: 1_234_067, width: 256 }, "tile/1/x001/x234/067"),
        (Tile { place: Place::Entries, index: 273, width: 112 }, "tile/entries/273.p/112"),
        (Tile { place: Place::Entries, index: 1_000, width: 255 }, "tile/entries/x001/000.p/255"),
        (
            Tile { place: Place::Level(0), index: MAX_SIZE, width: 256 },
            "tile/0/x009/x223/x372/x036/x854/x775/807",
        ),
    ];
    for (tile, name) in names {
        assert_eq!(tile.to_string(), name);
        assert_eq!(name.parse::<Tile>().unwrap(), tile);
    }
}

#[test]
fn other_names_are_refused() {
    for name in [
        "",
        "tile",
        "tile/0",
        "tile/0/",
        "tile/0/00",
        "tile/0/0000",
        "tile/0/x000/001",
        "tile/0/001/002",
        "tile/0/x001",
        "tile/0/x001/x002",
        "tile/00/000",
        "tile/64/000",
        "tile/-1/000",
        "tile/+1/000",
        "tile/8/0/000",
        "tile/data/000",
        "tile/entries/000.p/0",
        "tile/entries/000.p/256",
        "tile/entries/000.p/01",
        "tile/entries/000.p/",
        "tile/entries/000.p",
        "tile/entries/000.p/1/2",
        "/tile/0/000",
        "tile/0/000/",
        "tile/0/../000",
        "tile/0/٠٠٠",
        "tile/0/x009/x223/x372/x036/x854/x775/808",
        "tile/0/x999/x999/x999/x999/x999/x999/x999/x999/x999/999",
    ] {
        assert!(name.parse::<Tile>().is_err(), "{name}");
    }
}

#[test]
fn a_log_of_70_000_has_the_objects_of_the_document() {
    let log = Log::of(70_000);
    let count = |start: &str| log.objects.keys().filter(|name| name.starts_with(start)).count();
    assert_eq!((count("tile/0/"), count("tile/1/"), count("tile/2/"), count("tile/3/")), (274, 2, 1, 0));
    assert_eq!(count("tile/entries/"), 274);
    for (name, width) in [("tile/0/273.p/112", 112), ("tile/1/001.p/17", 17), ("tile/2/000.p/1", 1)] {
        assert_eq!(log.objects[name].len(), width * 32);
    }
    assert_eq!(
        Log::of(256).objects.keys().collect::<Vec<_>>(),
        ["tile/0/000", "tile/1/000.p/1", "tile/entries/000"]
    );
    assert!(Log::of(0).objects.is_empty());
}

#[test]
fn partial_tiles_are_given_up_once_a_full_one_takes_their_place() {
    let mut log = Log::of(250);
    assert!(log.filled.is_empty());
    log.grow(6);
    assert_eq!(log.filled, ["tile/entries/000.p/", "tile/0/000.p/"]);
    log.grow(300);
    assert_eq!(log.filled.len(), 2, "tiles filled at once had no partial form");
}

#[test]
fn a_log_grows_on_even_when_the_partial_tile_was_given_up() {
    let mut grown = Log::of(300);
    let early = grown.head;
    grown.grow(300);
    grown.drop_filled();
    assert!(!grown.objects.contains_key("tile/0/001.p/44"));
    let mut again = Log { head: early, ..grown };
    again.grow(10);
    assert_eq!(again.head, Log::of(310).head);
}

#[test]
fn adding_nothing_writes_nothing() {
    let mut log = Log::of(300);
    let before = log.clone();
    log.grow(0);
    assert_eq!((log.head, log.objects), (before.head, before.objects));
}

#[test]
fn a_log_does_not_grow_from_tiles_that_are_not_its_own() {
    let log = Log::of(70_000);
    let more = [b"more"];
    for name in ["tile/0/273.p/112", "tile/1/001.p/17", "tile/2/000.p/1", "tile/entries/273.p/112"] {
        let mut missing = log.clone();
        missing.objects.remove(name);
        assert!(matches!(append(&missing, log.head, &more), Err(StoredError::Missing(_))), "{name}");
        let mut damaged = log.clone();
        damaged.objects.get_mut(name).unwrap()[3] ^= 1;
        assert!(append(&damaged, log.head, &more).is_err(), "{name}");
        let mut short = log.clone();
        short.objects.get_mut(name).unwrap().pop();
        assert!(append(&short, log.head, &more).is_err(), "{name}");
    }
    let forked = Head { root: Log::of(69_999).head.root, ..log.head };
    assert!(matches!(append(&log, forked, &more), Err(StoredError::Root { .. })));
    let error = append(&log, forked, &more).unwrap_err().to_string();
    assert!(error.starts_with("the tiles of 70000 leaves have root "), "{error}");
}

#[test]
fn an_entry_may_be_empty_and_no_longer_than_its_length_says() {
    let entries = [vec![], vec![7; MAX_ENTRY], b"x".to_vec()];
    let bundle = encode_bundle(&entries).unwrap();
    assert_eq!(parse_bundle(&bundle, 3).unwrap(), entries);
    assert_eq!(parse_bundle(&bundle, 2), Err(BundleError::Count(2)));
    assert_eq!(parse_bundle(&bundle, 4), Err(BundleError::Count(4)));
    assert_eq!(parse_bundle(&bundle[..bundle.len() - 1], 3), Err(BundleError::Cut(2)));
    assert_eq!(parse_bundle(&bundle[..bundle.len() - 2], 3), Err(BundleError::Cut(2)));
    let long = MAX_ENTRY + 1;
    assert_eq!(encode_bundle(&[vec![7; long]]), Err(BundleError::EntryTooLong(long)));
    assert!(append(&Log::default(), Head::empty(), &[vec![7; long]]).is_err());
}

proptest! {
    #[test]
    fn a_name_is_read_as_it_is_written(level in 0_u8..64, index in 0..=MAX_SIZE, width in 1_u16..=256, entries: bool) {
        let place = if entries { Place::Entries } else { Place::Level(level) };
        let tile = Tile { place, index, width };
        prop_assert_eq!(tile.to_string().parse::<Tile>().unwrap(), tile);
    }
}
