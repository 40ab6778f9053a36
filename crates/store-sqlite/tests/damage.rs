//! Files that somebody or something has changed: a torn tail is cut and reported, anything else is damage and is named.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

use registry::store::{Object, Store, StoreError};
use std::fs;
use std::path::{Path, PathBuf};
use store_sqlite::{EmbeddedStore, Options, Weight, fsck};

/// Bytes before a frame in its record.
const HEAD: usize = 20;

fn options() -> Options {
    Options { roll: 200, ..Options::default() }
}

fn open(folder: &Path) -> Result<EmbeddedStore, StoreError> {
    EmbeddedStore::open(folder, options())
}

fn frame(number: u64) -> Vec<u8> {
    vec![number as u8; 30]
}

/// A closed store of some frames: four to a segment.
fn store(frames: u64) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path()).unwrap();
    for number in 0..frames {
        store.append(number, &frame(number)).unwrap();
    }
    store.put(&[Object { name: "tile/0/000".to_owned(), value: b"tile".to_vec() }]).unwrap();
    store.swap(None, b"promised").unwrap();
    folder
}

fn segment(folder: &Path, first: u64) -> PathBuf {
    folder.join("spine").join(format!("{first:020}.seg"))
}

fn change(file: &Path, change: impl FnOnce(&mut Vec<u8>)) {
    let mut bytes = fs::read(file).unwrap();
    change(&mut bytes);
    fs::write(file, bytes).unwrap();
}

/// Nothing opens and reads it all; the damage is named with its file, by the store and by the check.
#[track_caller]
fn is_damaged(folder: &Path, file: &Path) {
    let error = open(folder).and_then(|store| store.read(0, usize::MAX)).unwrap_err();
    assert!(matches!(error, StoreError::Damaged { .. }), "{error}");
    assert!(error.to_string().contains(file.to_str().unwrap()), "{error}");
    let report = fsck(folder, &options()).unwrap();
    assert!(!report.is_sound());
    assert!(
        report.findings.iter().any(|found| found.file == file && found.weight == Weight::Damage),
        "{report:?}"
    );
}

#[test]
fn a_sound_store_has_no_findings() {
    let folder = store(10);
    let report = fsck(folder.path(), &options()).unwrap();
    assert_eq!(report.findings, []);
    assert_eq!((report.frames, report.segments, report.objects, report.locked), (10, 3, 1, true));
    let held = open(folder.path()).unwrap();
    let report = fsck(folder.path(), &options()).unwrap();
    assert_eq!(report.open_in, Some(format!("process {}", std::process::id())));
    assert_eq!(report.findings, []);
    drop(held);
}

#[test]
fn a_tail_torn_at_any_byte_is_cut_and_reported() {
    let record = HEAD + 30;
    for cut in 1..record {
        let folder = store(6);
        let file = segment(folder.path(), 4);
        change(&file, |bytes| bytes.truncate(2 * record - cut));
        let report = fsck(folder.path(), &options()).unwrap();
        assert!(report.is_sound() && report.findings.len() == 1, "{report:?}");
        let store = open(folder.path()).unwrap();
        assert_eq!(store.count().unwrap(), 5);
        assert_eq!((store.cuts()[0].offset, store.cuts()[0].bytes), (record as u64, (record - cut) as u64));
        store.append(5, &frame(5)).unwrap();
        assert_eq!(store.read(0, usize::MAX).unwrap(), (0..6).map(frame).collect::<Vec<_>>());
    }
}

#[test]
fn garbage_behind_the_last_frame_is_cut() {
    for length in [1, 19, 20, 21, 500] {
        let folder = store(6);
        change(&segment(folder.path(), 4), |bytes| bytes.extend(vec![0xa5; length]));
        let store = open(folder.path()).unwrap();
        assert_eq!((store.count().unwrap(), store.cuts()[0].bytes), (6, length as u64));
    }
}

#[test]
fn a_flipped_bit_before_the_last_frame_is_damage_wherever_it_is() {
    let record = HEAD + 30;
    for byte in (0..record).chain(record..2 * record) {
        let folder = store(7);
        let file = segment(folder.path(), 4);
        change(&file, |bytes| bytes[byte] ^= 0x10);
        is_damaged(folder.path(), &file);
    }
}

#[test]
fn a_flipped_bit_in_a_rolled_segment_is_damage_wherever_it_is() {
    for byte in 0..4 * (HEAD + 30) {
        let folder = store(6);
        let file = segment(folder.path(), 0);
        change(&file, |bytes| bytes[byte] ^= 1);
        is_damaged(folder.path(), &file);
    }
}

#[test]
fn a_rolled_segment_that_lost_its_end_is_damage() {
    for left in [0, 10, 50, 199] {
        let folder = store(6);
        let file = segment(folder.path(), 0);
        change(&file, |bytes| bytes.truncate(left));
        is_damaged(folder.path(), &file);
    }
}

#[test]
fn a_missing_segment_is_damage() {
    for first in [0, 4] {
        let folder = store(10);
        fs::remove_file(segment(folder.path(), first)).unwrap();
        assert!(matches!(open(folder.path()).map(drop), Err(StoreError::Damaged { .. })));
        assert!(!fsck(folder.path(), &options()).unwrap().is_sound());
    }
}

#[test]
fn a_statement_that_looks_like_records_cannot_pass_for_damage() {
    // A whole record with a later number, as a device could write it into its statement.
    let inner = {
        let folder = store(8);
        fs::read(segment(folder.path(), 4)).unwrap()[HEAD + 30..].to_vec()
    };
    let folder = store(5);
    let held = open(folder.path()).unwrap();
    held.append(5, &[inner, vec![7; 40]].concat()).unwrap();
    drop(held);
    let file = fs::read_dir(folder.path().join("spine")).unwrap().map(|entry| entry.unwrap().path());
    let last = file.filter(|path| path.extension().is_some_and(|ending| ending == "seg")).max().unwrap();
    change(&last, |bytes| bytes.truncate(bytes.len() - 1));
    assert_eq!(open(folder.path()).unwrap().count().unwrap(), 5);
}

#[test]
fn sidecars_may_be_missing_torn_changed_or_of_another_segment() {
    let spoils: [fn(&Path); 4] = [
        |file| fs::remove_file(file).unwrap(),
        |file| change(file, |bytes| bytes.truncate(30)),
        |file| change(file, |bytes| bytes[30] ^= 1),
        |file| assert!(fs::copy(file.with_file_name(format!("{:020}.idx", 4)), file).is_ok()),
    ];
    for spoil in spoils {
        let folder = store(10);
        spoil(&folder.path().join("spine").join(format!("{:020}.idx", 0)));
        let report = fsck(folder.path(), &options()).unwrap();
        assert!(report.is_sound() && report.findings.len() == 1, "{report:?}");
        let store = open(folder.path()).unwrap();
        assert_eq!(store.read(0, usize::MAX).unwrap(), (0..10).map(frame).collect::<Vec<_>>());
        assert_eq!(fsck(folder.path(), &options()).unwrap().findings, []);
    }
}

#[test]
fn a_damaged_lock_is_named() {
    let folder = store(3);
    fs::write(folder.path().join("lock.sqlite"), vec![7; 8192]).unwrap();
    assert!(matches!(open(folder.path()).map(drop), Err(StoreError::Damaged { .. })));
    assert!(!fsck(folder.path(), &options()).unwrap().is_sound());
}

#[test]
fn leftovers_and_foreign_names_are_noted_and_leftovers_removed() {
    let folder = store(3);
    fs::write(folder.path().join("temporary/7"), b"half").unwrap();
    fs::write(folder.path().join("objects/Not A Name"), b"x").unwrap();
    fs::write(folder.path().join("spine/notes.txt"), b"x").unwrap();
    let report = fsck(folder.path(), &options()).unwrap();
    assert!(report.is_sound() && report.findings.len() == 3, "{report:?}");
    let store = open(folder.path()).unwrap();
    assert_eq!((store.swept(), store.list("").unwrap()), (1, vec!["tile/0/000".to_owned()]));
    assert!(!folder.path().join("temporary/7").exists());
}

#[test]
fn erased_bytes_are_in_no_file() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path()).unwrap();
    for number in 0..9 {
        store.append(number, format!("secret of number {number} to be erased").as_bytes()).unwrap();
    }
    for number in [0, 3, 8] {
        store.replace(number, b"its hash").unwrap();
        let secret = format!("secret of number {number}");
        for file in files(folder.path()) {
            let bytes = fs::read(&file).unwrap();
            assert!(!bytes.windows(secret.len()).any(|part| part == secret.as_bytes()), "{}", file.display());
        }
    }
    drop(store);
    assert_eq!(fsck(folder.path(), &options()).unwrap().findings, []);
    assert_eq!(open(folder.path()).unwrap().read(3, 1).unwrap(), [b"its hash"]);
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    entries.flat_map(|path| if path.is_dir() { files(&path) } else { vec![path] }).collect()
}
