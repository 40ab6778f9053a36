//! What the history does when it is cut off, damaged, or given what it must refuse.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

mod given;

use given::plain::naive;
use given::{rows_of, steady};
use std::fs;
use std::path::{Path, PathBuf};
use store_parquet::{Error, Facts, Group, Limits, Query, Row};

const LIMITS: Limits = Limits { file_rows: 100, merge_files: 3, merged_rows: 10_000 };

fn rows(from: u64, to: u64) -> Vec<Row> {
    let statements = steady(usize::try_from(to).unwrap());
    (from..to).flat_map(|at| rows_of(&statements[usize::try_from(at).unwrap()], at)).collect()
}

fn everything() -> Query {
    Query { from_ms: 0, to_ms: i64::MAX, group: Group::Workload, statements: true, ..Query::default() }
}

/// Three files of a hundred statements each.
fn three(folder: &Path) -> Facts {
    let facts = Facts::open_with(folder, LIMITS).unwrap();
    for at in [0, 100, 200] {
        facts.append(&rows(at, at + 100), at + 100).unwrap();
        facts.flush().unwrap();
    }
    facts
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found: Vec<PathBuf> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|e| e == "parquet"))
        .collect();
    found.sort();
    found
}

#[test]
fn what_was_not_written_is_asked_for_again_after_a_crash() {
    let folder = tempfile::tempdir().unwrap();
    let facts = three(folder.path());
    facts.append(&rows(300, 320), 320).unwrap();
    assert_eq!(facts.next_ordinal(), 320);
    drop(facts);
    let facts = Facts::open(folder.path()).unwrap();
    assert_eq!(facts.next_ordinal(), 300);
    facts.append(&rows(300, 320), 320).unwrap();
    assert_eq!(facts.query(&everything()).unwrap(), naive(&rows(0, 320), &everything()));
}

#[test]
fn a_write_cut_off_at_any_byte_leaves_the_history_as_it_was() {
    let folder = tempfile::tempdir().unwrap();
    drop(three(folder.path()));
    let last = files(folder.path()).pop().unwrap();
    let whole = fs::read(&last).unwrap();
    fs::remove_file(&last).unwrap();
    for cut in [0, 1, 4, whole.len() / 2, whole.len() - 1, whole.len()] {
        let unfinished = PathBuf::from(format!("{}.tmp", last.display()));
        fs::write(&unfinished, &whole[..cut]).unwrap();
        let facts = Facts::open(folder.path()).unwrap();
        assert_eq!(facts.next_ordinal(), 200);
        assert!(!unfinished.exists());
        assert_eq!(facts.query(&everything()).unwrap(), naive(&rows(0, 200), &everything()));
        assert_eq!(facts.check().unwrap(), []);
    }
}

#[test]
fn a_merge_cut_off_before_the_old_files_went_counts_nothing_twice() {
    let folder = tempfile::tempdir().unwrap();
    let facts = three(folder.path());
    let kept: Vec<_> =
        files(folder.path()).into_iter().map(|path| (fs::read(&path).unwrap(), path)).collect();
    assert!(facts.merge().unwrap());
    assert_eq!(files(folder.path()).len(), 1);
    drop(facts);
    for (bytes, path) in &kept[1..] {
        fs::write(path, bytes).unwrap();
    }
    let facts = Facts::open(folder.path()).unwrap();
    assert_eq!(files(folder.path()).len(), 1);
    assert_eq!(facts.next_ordinal(), 300);
    assert_eq!(facts.query(&everything()).unwrap(), naive(&rows(0, 300), &everything()));
    assert_eq!(facts.check().unwrap(), []);
}

#[test]
fn a_lost_or_broken_catalogue_is_made_anew() {
    let folder = tempfile::tempdir().unwrap();
    drop(three(folder.path()));
    let hours = Query { group: Group::Site, statements: false, to_ms: 9 * given::HOUR, ..everything() };
    for broken in [None, Some(b"not a database at all".as_slice())] {
        for suffix in ["", "-wal", "-shm"] {
            let _ = fs::remove_file(folder.path().join(format!("catalogue.sqlite{suffix}")));
        }
        if let Some(bytes) = broken {
            fs::write(folder.path().join("catalogue.sqlite"), bytes).unwrap();
        }
        let facts = Facts::open(folder.path()).unwrap();
        assert_eq!(facts.query(&hours).unwrap(), naive(&rows(0, 300), &hours));
        assert_eq!(facts.check().unwrap(), []);
    }
}

#[test]
fn files_that_hold_the_same_statements_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    drop(three(folder.path()));
    let found = files(folder.path());
    let name = "findings-00000000000000000150-00000000000000000350.parquet";
    fs::copy(&found[2], folder.path().join(name)).unwrap();
    let error = Facts::open(folder.path()).err().unwrap();
    assert!(matches!(error, Error::Overlap { .. }) && error.to_string().contains(name), "{error}");
}

#[test]
fn a_changed_byte_is_found_and_its_file_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let facts = three(folder.path());
    let path = files(folder.path()).remove(1);
    let name = path.file_name().unwrap().to_str().unwrap().to_owned();
    let whole = fs::read(&path).unwrap();
    for at in [5, whole.len() / 3, whole.len() / 2, whole.len() - 5] {
        let mut bytes = whole.clone();
        bytes[at] ^= 0x10;
        fs::write(&path, &bytes).unwrap();
        let flaws = facts.check().unwrap();
        assert_eq!(flaws.iter().map(|f| f.file.as_str()).collect::<Vec<_>>(), [name.as_str()], "byte {at}");
        // Whoever asks is told too, or is not concerned; nobody gets a panic.
        let _ = Facts::open(folder.path()).unwrap().query(&everything());
    }
}

#[test]
fn bytes_of_any_kind_in_a_file_end_in_an_error_that_names_it() {
    let folder = tempfile::tempdir().unwrap();
    drop(three(folder.path()));
    let path = files(folder.path()).remove(0);
    let whole = fs::read(&path).unwrap();
    let mut refused = 0;
    for at in (0..whole.len()).step_by(37) {
        let mut bytes = whole.clone();
        bytes[at] = bytes[at].wrapping_add(0x5b);
        fs::write(&path, &bytes).unwrap();
        if let Err(error) = Facts::open(folder.path()).unwrap().query(&everything()) {
            assert!(error.to_string().contains("findings-"), "{error}");
            refused += 1;
        }
    }
    assert!(refused > 0);
}

#[test]
fn rows_that_do_not_go_on_where_the_history_ends_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let facts = three(folder.path());
    for (rows, upto) in [(rows(299, 301), 301), (rows(300, 302), 301), (vec![], 299)] {
        assert!(matches!(facts.append(&rows, upto), Err(Error::Order { expected: 300, .. })));
    }
    let mut long = rows(300, 301);
    long[0].operator = "x".repeat(257);
    let error = facts.append(&long, 301).unwrap_err().to_string();
    assert_eq!(error, "row of ordinal 300: operator is 257 bytes long, expected at most 256 bytes");
    assert_eq!(facts.next_ordinal(), 300);
}

#[test]
fn retention_leaves_no_older_row_and_the_place_to_go_on() {
    let folder = tempfile::tempdir().unwrap();
    let facts = three(folder.path());
    facts.remove_before(i64::MAX).unwrap();
    drop(facts);
    let facts = Facts::open(folder.path()).unwrap();
    assert_eq!(facts.next_ordinal(), 300);
    assert_eq!(facts.query(&everything()).unwrap(), []);
    assert_eq!(files(folder.path()).len(), 1);
    assert_eq!(facts.check().unwrap(), []);
}

#[test]
fn an_erased_name_is_in_no_file_any_more() {
    let folder = tempfile::tempdir().unwrap();
    let facts = Facts::open_with(folder.path(), LIMITS).unwrap();
    let mut given = rows(0, 100);
    let row = given.iter_mut().find(|row| row.workload.is_some()).unwrap();
    row.workload.as_mut().unwrap().name = "carol-private-notebook".to_owned();
    let (device, sequence) = (row.device, row.sequence);
    facts.append(&given, 100).unwrap();
    facts.flush().unwrap();
    assert!(facts.erase(device, sequence).unwrap() > 0);
    for entry in fs::read_dir(folder.path()).unwrap() {
        let bytes = fs::read(entry.unwrap().path()).unwrap();
        assert!(!bytes.windows(14).any(|w| w == b"carol-private-"));
    }
    let named = Query { workload: Some("carol".to_owned()), ..everything() };
    assert_eq!(facts.query(&named).unwrap(), []);
    assert_eq!(facts.check().unwrap(), []);
}
