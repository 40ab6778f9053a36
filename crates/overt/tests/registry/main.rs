//! The registry as its users have it: the built program, its folders, its exit codes.

// A test fails by panicking.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

mod agent;
mod backup;
mod damage;
mod up;
mod witness;
mod wrong;

use serde_json::Value;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};
use tempfile::TempDir;
use testkit::Fleet;
use testkit::load::Load;
use testkit::product::{RegistryProcess, Web};

/// Longest time that a test waits for something to happen.
const PATIENCE: Duration = Duration::from_secs(60);
/// Ten days, in milliseconds: where the statements of fleets begin, so that none is about the future.
const TEN_DAYS: u64 = 864_000_000;

fn overt(args: &[&str]) -> (i32, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_overt"))
        .args(args)
        .env("NO_COLOR", "1")
        .env_remove("OVERT_TOKEN")
        .env_remove("OVERT_DATA")
        .output()
        .unwrap();
    let said = [output.stdout, output.stderr].concat();
    (output.status.code().unwrap_or(-1), String::from_utf8(said).unwrap())
}

/// A registry in a folder of its own, not started.
fn registry(folder: &TempDir, name: &str) -> RegistryProcess {
    RegistryProcess::new(Path::new(env!("CARGO_BIN_EXE_overt")), &folder.path().join(name)).unwrap()
}

/// Waits until something is there.
fn until<T>(what: &str, mut look: impl FnMut() -> Option<T>) -> T {
    let end = Instant::now() + PATIENCE;
    loop {
        if let Some(found) = look() {
            return found;
        }
        assert!(Instant::now() < end, "waited too long for {what}");
        std::thread::sleep(Duration::from_millis(50));
    }
}

/// The status of a registry; null while it does not answer.
fn status(admin: &Web) -> Value {
    admin.get("/api/v1/status").map(|answer| answer.json()).unwrap_or_default()
}

fn number(status: &Value, name: &str) -> u64 {
    status[name].as_u64().unwrap_or(0)
}

/// A load of a few devices.
fn load(registry: &RegistryProcess, seed: u64) -> Load {
    let now = server::service::now_ms();
    let fleet = Fleet::new(seed, 3, "OPEN", now - TEN_DAYS, now).unwrap();
    Load::begin(fleet, &registry.admin().unwrap()).unwrap()
}

/// Lets a load speak until so many statements are proven, and all that were said.
fn prove(load: &Load, web: &Web, least: u64) {
    load.during(web, 1, PATIENCE, || until("receipts", || (load.proven() >= least).then_some(())));
}

/// Ends a load that must have lost and doubled nothing.
fn whole(load: Load) -> testkit::load::Came {
    let came = load.end();
    assert_eq!(came.wrong, Vec::<String>::new());
    assert_eq!(came.proven, came.said.len() as u64);
    came
}

/// The file of a store's folder whose name a test looks for, the largest of them.
fn file(folder: &Path, wanted: impl Fn(&str) -> bool) -> std::path::PathBuf {
    let (mut folders, mut found) = (vec![folder.to_owned()], Vec::new());
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if wanted(&path.to_string_lossy()) {
                found.push((path.metadata().unwrap().len(), path));
            }
        }
    }
    found.into_iter().max().expect("no such file").1
}
