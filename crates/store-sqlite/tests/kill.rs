//! A process that is killed at random moments loses nothing it acknowledged.
//!
//! The child is this program itself: asked for one test by name and told a folder, it appends and prints what is durable.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

use registry::store::{Object, Store};
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};
use store_sqlite::{EmbeddedStore, Options, fsck};

const FOLDER: &str = "STORE_OF_THE_CHILD";
const KILLS: u64 = 50;

fn options() -> Options {
    Options { roll: 4_000, ..Options::default() }
}

fn frame(number: u64) -> Vec<u8> {
    number.to_le_bytes().repeat(1 + number as usize % 100)
}

/// Does nothing unless it is told a folder.
#[test]
fn the_child_appends() {
    let Some(folder) = std::env::var_os(FOLDER) else { return };
    let store = EmbeddedStore::open(Path::new(&folder), options()).unwrap();
    for number in store.count().unwrap().. {
        store.append(number, &frame(number)).unwrap();
        let value = (number + 1).to_le_bytes().to_vec();
        store.put(&[Object { name: format!("tile/{}", number % 7), value: value.clone() }]).unwrap();
        store.swap(store.lock().unwrap().as_deref(), &value).unwrap();
        println!("durable {number}");
    }
}

/// Runs the child until it has acknowledged `most` frames, kills it, and returns the last number it acknowledged.
fn killed(folder: &Path, most: u64) -> Option<u64> {
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["the_child_appends", "--exact", "--nocapture"])
        .env(FOLDER, folder)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let mut acknowledged = lines.filter_map(|line| line.unwrap().strip_prefix("durable ")?.parse().ok());
    let last: Option<u64> = acknowledged.nth(most as usize);
    child.kill().unwrap();
    child.wait().unwrap();
    // What it printed before it died counts as well.
    acknowledged.last().or(last)
}

#[test]
fn fifty_kills_lose_nothing_acknowledged() {
    let folder = tempfile::tempdir().unwrap();
    for kill in 0..KILLS {
        // Spread over the steps of opening, appending, putting and swapping by how long each happens to take.
        let last = killed(folder.path(), (kill * 7) % 11).unwrap();
        let report = fsck(folder.path(), &options()).unwrap();
        assert!(report.is_sound(), "{report:?}");
        let store = EmbeddedStore::open(folder.path(), options()).unwrap();
        let count = store.count().unwrap();
        assert!(count == last + 1 || count == last + 2, "{count} frames, {last} was acknowledged");
        assert_eq!(store.read(0, usize::MAX).unwrap(), (0..count).map(frame).collect::<Vec<_>>());
        let lock = u64::from_le_bytes(store.lock().unwrap().unwrap().try_into().unwrap());
        assert!(lock == last + 1 || lock == last + 2, "the lock says {lock}, {last} was acknowledged");
    }
}
