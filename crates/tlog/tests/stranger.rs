//! A stranger's program checks our log: Go's `sumdb` libraries, which share no code with this crate.
//!
//! Needs Go and the libraries as Debian packs them: `apt-get install golang-go golang-golang-x-mod-dev`. Without them
//! the tests fail, since a check that was left out must not look like one that passed; `OVERT_WITHOUT_GO=1` leaves them
//! out by name.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::OnceLock;
use tlog::{Checkpoint, Head, Receipt, SignedCheckpoint, StoredTree, cosign};

#[path = "shared/keys.rs"]
mod keys;
#[path = "shared/log.rs"]
#[allow(dead_code)]
mod log;
#[path = "shared/plain.rs"]
#[allow(dead_code)]
mod plain;

use keys::{cosigner, log_key, secret};
use log::Log;

const ORIGIN: &str = "example.com/log";
const SIZE: u64 = 70_000;
const EARLIER: u64 = 12_345;
const PROVEN: [u64; 4] = [0, 255, 65_536, SIZE - 1];

/// Where Debian's Go packages lie; `GOPATH` says otherwise.
const GO_PACKAGES: &str = "/usr/share/gocode";

fn left_out() -> bool {
    std::env::var_os("OVERT_WITHOUT_GO").is_some_and(|value| value == "1")
}

fn folder(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("stranger").join(name);
    fs::create_dir_all(&folder).unwrap();
    folder
}

/// The stranger's program, built once.
fn program() -> &'static Path {
    static PROGRAM: OnceLock<PathBuf> = OnceLock::new();
    PROGRAM.get_or_init(|| {
        let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("../testkit/go/verify-log");
        let program = folder("bin").join("verify-log");
        let built = Command::new("go")
            .args(["build", "-o", program.to_str().unwrap(), "."])
            .current_dir(source)
            .env("GO111MODULE", "off")
            .env("GOPATH", std::env::var("GOPATH").unwrap_or_else(|_| GO_PACKAGES.to_owned()))
            .env("GOFLAGS", "")
            .env("GOCACHE", folder("cache"))
            .output();
        let wanted = "install Go and its libraries (Debian: apt-get install golang-go golang-golang-x-mod-dev), \
                      or leave this out with OVERT_WITHOUT_GO=1";
        let built = built.unwrap_or_else(|error| panic!("go cannot be run: {error}; {wanted}"));
        assert!(built.status.success(), "{wanted}\n{}", String::from_utf8_lossy(&built.stderr));
        program
    })
}

fn checkpoint(head: Head) -> SignedCheckpoint {
    let checkpoint = Checkpoint::new(ORIGIN, head);
    let mut signed = SignedCheckpoint::sign(&checkpoint, &secret(1)).unwrap();
    signed.add(cosign(&checkpoint, "witness.example/w", &secret(2), 1_679_315_147).unwrap()).unwrap();
    signed
}

/// A log grown in three steps, with partial tiles given up as they fill, in a folder of its own; with the checkpoint at
/// [`EARLIER`] and receipts of [`PROVEN`] beside it.
fn written(name: &str) -> PathBuf {
    let folder = folder(name);
    fs::remove_dir_all(&folder).unwrap();
    let mut log = Log::of(EARLIER);
    fs::create_dir_all(&folder).unwrap();
    fs::write(folder.join("earlier"), checkpoint(log.head).to_string()).unwrap();
    log.grow(40_000);
    log.grow(SIZE - log.head.size);
    log.tidy();
    for (name, bytes) in &log.objects {
        let path = folder.join("log").join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
    }
    let signed = checkpoint(log.head);
    fs::write(folder.join("log/checkpoint"), signed.to_string()).unwrap();
    let tree = StoredTree::open(&log, log.head).unwrap();
    for index in PROVEN {
        let path = tree.inclusion(index, SIZE).unwrap();
        let receipt = Receipt { extra: Some(vec![1, 2, 3]), index, path, checkpoint: signed.clone() };
        fs::write(folder.join(format!("{index}.tlog-proof")), receipt.to_string()).unwrap();
    }
    folder
}

/// What the stranger says of a log of ours; each line begins with `ok` or `FAILED`.
fn ask(folder: &Path) -> (Output, Vec<String>) {
    let output = Command::new(program())
        .args(["-every", "250", "-earlier", folder.join("earlier").to_str().unwrap()])
        .args(["-witness", &cosigner("witness.example/w", 2).to_string()])
        .args([folder.join("log").to_str().unwrap(), &log_key(ORIGIN, 1).to_string()])
        .args(PROVEN.map(|index| folder.join(format!("{index}.tlog-proof"))))
        .output()
        .unwrap();
    let lines = String::from_utf8_lossy(&output.stdout).lines().map(str::to_owned).collect();
    (output, lines)
}

fn flip(file: &Path, at: usize) {
    let mut bytes = fs::read(file).unwrap();
    bytes[at] ^= 1;
    fs::write(file, bytes).unwrap();
}

#[test]
fn a_strangers_program_finds_our_log_right() {
    if left_out() {
        return;
    }
    let (output, lines) = ask(&written("right"));
    assert!(output.status.success(), "{}", lines.join("\n"));
    // The checkpoint, 280 leaves and the last one, the earlier checkpoint, and the receipts.
    assert_eq!(lines.len(), 1 + 281 + 1 + PROVEN.len(), "{}", lines.join("\n"));
    assert!(lines.iter().all(|line| line.starts_with("ok ")));
}

#[test]
fn a_strangers_program_refuses_what_was_changed() {
    if left_out() {
        return;
    }
    let folder = written("changed");
    let changes = [
        ("log/tile/0/123", 777, "FAILED inclusion of 31500 in 70000: "),
        ("log/tile/1/000", 3, "FAILED inclusion of 500 in 70000: "),
        ("log/tile/2/000.p/1", 3, "FAILED inclusion of 0 in 70000: "),
        ("log/tile/entries/000", 2, "FAILED inclusion of 0 in 70000: "),
        ("log/checkpoint", 17, "FAILED checkpoint: "),
        ("earlier", 23, "FAILED consistency with earlier: "),
        ("255.tlog-proof", 60, "FAILED proof 255.tlog-proof: "),
    ];
    for (file, at, complaint) in changes {
        flip(&folder.join(file), at);
        let (output, lines) = ask(&folder);
        assert_eq!(output.status.code(), Some(1), "{file}\n{}", lines.join("\n"));
        assert!(lines.iter().any(|line| line.starts_with(complaint)), "{file}\n{}", lines.join("\n"));
        flip(&folder.join(file), at);
    }
    assert!(ask(&folder).0.status.success());
}
