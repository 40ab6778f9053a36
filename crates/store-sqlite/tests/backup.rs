//! Backups made while the store is in use, and stores restored from them.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

use registry::store::{Object, Store, StoreError};
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use store_sqlite::{EmbeddedStore, Options, restore};

fn options() -> Options {
    Options { roll: 300, ..Options::default() }
}

fn open(folder: &Path) -> Result<EmbeddedStore, StoreError> {
    EmbeddedStore::open(folder, options())
}

fn number(store: &dyn Store, name: &str) -> u64 {
    let value = if name == "lock" { store.lock() } else { store.get(name) };
    value.unwrap().map_or(0, |bytes| u64::from_le_bytes(bytes.try_into().unwrap()))
}

/// One turn of what a registry does: a frame, a tile of it, the promise, and the promise published.
fn turn(store: &dyn Store, at: u64) {
    let object =
        |name: &str, value: u64| Object { name: name.to_owned(), value: value.to_le_bytes().to_vec() };
    let old = (at > 0).then(|| at.to_le_bytes());
    store.append(at, &[at as u8; 40]).unwrap();
    store.put(&[object("tile", at + 1), object(&format!("entry/{at:03}"), at)]).unwrap();
    store.swap(old.as_ref().map(|old| &old[..]), &(at + 1).to_le_bytes()).unwrap();
    store.put(&[object("checkpoint", at + 1)]).unwrap();
}

/// Ends the worker, also when a check fails.
struct Ends<'a>(&'a AtomicBool);

impl Drop for Ends<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

/// What the registry may find after a crash, and nothing else.
fn is_a_state_a_crash_could_leave(store: &dyn Store) -> u64 {
    let (frames, tile) = (store.count().unwrap(), number(store, "tile"));
    let (lock, checkpoint) = (number(store, "lock"), number(store, "checkpoint"));
    assert!(frames >= tile && tile >= lock && lock >= checkpoint, "{frames} {tile} {lock} {checkpoint}");
    for at in 0..lock {
        assert_eq!(number(store, &format!("entry/{at:03}")), at);
    }
    lock
}

#[test]
fn backups_of_a_busy_store_are_states_that_a_crash_could_leave() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: String| folder.path().join(name);
    let store = open(&path("store".into())).unwrap();
    (0..30).for_each(|at| turn(&store, at));
    let done = AtomicBool::new(false);
    std::thread::scope(|scope| {
        let worker = scope.spawn(|| {
            let mut at = 30;
            while !done.load(Ordering::Relaxed) {
                turn(&store, at);
                at += 1;
            }
        });
        let ends = Ends(&done);
        for backup in 0..8 {
            let before = number(&store, "lock");
            let report = store.backup(&path(format!("backup{backup}"))).unwrap();
            assert_eq!(
                report.findings.iter().filter(|found| found.offset.is_some()).count(),
                0,
                "{report:?}"
            );
            let restored = path(format!("restored{backup}"));
            restore(&path(format!("backup{backup}")), &restored, &options()).unwrap();
            let restored = open(&restored).unwrap();
            assert!(restored.cuts().is_empty());
            let promised = is_a_state_a_crash_could_leave(&restored);
            assert!(promised >= before, "{promised} {before}");
            let count = restored.count().unwrap();
            restored.append(count, b"goes on").unwrap();
        }
        drop(ends);
        worker.join().unwrap();
    });
}

#[test]
fn a_backup_does_not_change_when_its_store_goes_on() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(&folder.path().join("store")).unwrap();
    (0..20).for_each(|at| turn(&store, at));
    let first = store.backup(&folder.path().join("backup")).unwrap();
    (20..30).for_each(|at| turn(&store, at));
    store.replace(2, b"erased").unwrap();
    assert_eq!(store_sqlite::fsck(&folder.path().join("backup"), &options()).unwrap(), first);
    let backup = open(&folder.path().join("backup")).unwrap();
    assert_eq!((backup.count().unwrap(), number(&backup, "lock")), (20, 20));
    assert_eq!(backup.read(2, 1).unwrap(), [vec![2; 40]]);
}

#[test]
fn what_is_erased_before_a_backup_is_not_in_it() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(&folder.path().join("store")).unwrap();
    (0..20).for_each(|at| turn(&store, at));
    store.replace(2, b"erased").unwrap();
    store.backup(&folder.path().join("backup")).unwrap();
    assert_eq!(open(&folder.path().join("backup")).unwrap().read(2, 1).unwrap(), [b"erased"]);
}

#[test]
fn a_lock_of_its_own_survives_a_restore() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    let apart = Options { lock: Some(path("lock")), ..options() };
    let store = EmbeddedStore::open(&path("store"), apart.clone()).unwrap();
    (0..5).for_each(|at| turn(&store, at));
    store.backup(&path("backup")).unwrap();
    (5..9).for_each(|at| turn(&store, at));
    drop(store);
    restore(&path("backup"), &path("restored"), &apart).unwrap();
    let restored = EmbeddedStore::open(&path("restored"), apart).unwrap();
    assert_eq!(
        (restored.count().unwrap(), number(&restored, "lock")),
        (5, 9),
        "the lock tells what is missing"
    );
}

#[test]
fn a_backup_goes_only_to_an_empty_folder_outside_of_the_store() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(&folder.path().join("store")).unwrap();
    turn(&store, 0);
    std::fs::create_dir(folder.path().join("full")).unwrap();
    std::fs::write(folder.path().join("full/file"), b"x").unwrap();
    let refused = |to: &str| store.backup(&folder.path().join(to)).unwrap_err().to_string();
    assert!(refused("full").contains("is not empty"));
    assert!(refused("store/objects/backup").contains("lies within"));
    store.backup(&folder.path().join("backup")).unwrap();
    assert!(refused("backup").contains("is not empty"));
}

#[test]
fn a_damaged_or_unfinished_backup_is_not_restored() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(&folder.path().join("store")).unwrap();
    (0..20).for_each(|at| turn(&store, at));
    let (backup, restored) = (folder.path().join("backup"), folder.path().join("restored"));
    store.backup(&backup).unwrap();
    std::fs::remove_file(backup.join("version")).unwrap();
    assert!(restore(&backup, &restored, &options()).unwrap_err().to_string().contains("is no store"));
    assert!(open(&backup).is_err());
    let second = folder.path().join("second");
    store.backup(&second).unwrap();
    std::fs::write(second.join("spine").join(format!("{:020}.seg", 0)), b"other").unwrap();
    assert!(matches!(restore(&second, &restored, &options()), Err(StoreError::Damaged { .. })));
}
