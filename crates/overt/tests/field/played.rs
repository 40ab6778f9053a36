//! A recording through agent, log and registry, and what it can be shown to be afterwards.

use crate::support::{World, outcome, overt, recording};
use serde_json::Value;
use statement::{Manifest, Proof};
use tlog::{CoseReceipt, Hash, VerifierKey, leaf_hash, verify_inclusion};

/// Plays a recording with `overt up`, and shows history and proof from what it left behind.
fn played(file: &str, activity: &str) {
    let world = World::new();
    let (data, bundle) = (world.data(), world.path("all.overt"));
    let up = ["up", "--data", &data, "--listen", "127.0.0.1:0", "--interval", "2s"];
    let said = overt(&[&up[..], &["--replay", &recording(file)]].concat());
    let last = said.lines().last().unwrap();
    assert!(last.contains("Played") && last.contains("are in the log"), "{said}");
    let registry = world.serve();
    let ask = ["--data", &data, "--registry", &registry.url];
    let history = overt(&[&["history", "--json"], &ask[..]].concat());
    let history: Vec<Value> = serde_json::from_str(&history).unwrap();
    let busiest = history.iter().max_by_key(|line| line["cpu_ms"].as_u64()).unwrap();
    assert_eq!(busiest["activity"], activity, "{history:?}");
    let rows = overt(&[&["history", "--json", "--rows"], &ask[..]].concat());
    let rows: Vec<Value> = serde_json::from_str(&rows).unwrap();
    overt(&[&["bundle", "-o", &bundle], &ask[..]].concat());
    let verified = overt(&["verify", &bundle, "--policy", &world.policy(), "--json"]);
    let verified: Value = serde_json::from_str(&verified).unwrap();
    assert_eq!((&verified["holds"], &verified["complete"]), (&true.into(), &true.into()), "{verified:#}");
    assert!(verified["held"]["statements"].as_u64().unwrap() >= 2, "{verified:#}");
    one_statement(&world, &ask, &rows[0]);
    damaged(&world, &bundle);
}

/// A single statement by both of its names is the same, and its receipt holds.
fn one_statement(world: &World, ask: &[&str], row: &Value) {
    let own = format!("{}/{}", row["device"].as_str().unwrap(), row["sequence"]);
    let files = [(row["ordinal"].to_string(), "one.cose"), (own, "two.cose")].map(|(name, file)| {
        let path = world.path(file);
        overt(&[&["receipt", &name, "-o", &path], ask].concat());
        overt(&["verify", &path, "--policy", &world.policy()]);
        std::fs::read(path).unwrap()
    });
    assert_eq!(files[0], files[1]);
    let url = format!("{}/api/v1/receipts/{}", ask[3], row["ordinal"]);
    cose(world, &files[0], &url);
}

/// The receipt in COSE proves the same: the batch is in the log, and the statement in the batch.
fn cose(world: &World, statement: &[u8], url: &str) {
    let receipt = ureq::get(&format!("{url}?format=cose")).call().unwrap().body_mut().read_to_vec().unwrap();
    let receipt = CoseReceipt::parse(&receipt).unwrap();
    let policy = std::fs::read_to_string(world.policy()).unwrap();
    let log: VerifierKey =
        policy.lines().find_map(|line| line.strip_prefix("log ")).unwrap().parse().unwrap();
    let proof = Proof::from_cbor(receipt.extra.as_deref().unwrap()).unwrap();
    receipt.verify(leaf_hash(&proof.manifest), &log).unwrap();
    let manifest = Manifest::from_cbor(&proof.manifest).unwrap();
    let path: Vec<Hash> = proof.path.iter().map(|digest| Hash(digest.0)).collect();
    let (position, count) = (u64::from(proof.position), u64::from(manifest.count));
    verify_inclusion(leaf_hash(statement), position, count, &path, Hash(manifest.root.0)).unwrap();
    let unknown = ureq::get(&format!("{url}?format=stone")).call();
    assert!(matches!(unknown, Err(ureq::Error::StatusCode(400))), "{unknown:?}");
}

/// The last byte of a bundle is of a statement: with another one in its place the bundle does not hold.
fn damaged(world: &World, bundle: &str) {
    let mut bytes = std::fs::read(bundle).unwrap();
    *bytes.last_mut().unwrap() ^= 1;
    let path = world.path("damaged.overt");
    std::fs::write(&path, bytes).unwrap();
    assert_eq!(outcome(&["verify", &path, "--policy", &world.policy()]).status.code(), Some(1));
}

#[test]
fn a_recorded_miner_is_in_the_history_as_mining_and_proven() {
    played("miner-cuckoo--two-threads.json.gz", "mining");
}

#[test]
fn a_recorded_training_is_in_the_history_as_training_and_proven() {
    played("lightgbm-training--threads.json.gz", "training");
}

#[test]
fn a_part_of_the_log_brings_the_keys_of_its_devices_along() {
    let world = World::new();
    let data = world.data();
    let file = recording("miner-cuckoo--two-threads.json.gz");
    overt(&["up", "--data", &data, "--listen", "127.0.0.1:0", "--interval", "1s", "--replay", &file]);
    let registry = world.serve();
    let (path, ask) = (world.path("part.overt"), ["--data", &data, "--registry", &registry.url]);
    let leaves = overt(&[&["status", "--json"], &ask[..]].concat());
    let leaves: Value = serde_json::from_str(&leaves).unwrap();
    let last = leaves["registry"]["leaves"].as_u64().unwrap() - 1;
    let range = ["bundle", "--first", &last.to_string(), "--count", "1", "-o", &path];
    overt(&[&range[..], &ask[..]].concat());
    let verified = overt(&["verify", &path, "--policy", &world.policy()]);
    assert!(
        verified.contains("signed by their devices") && !verified.contains("records of their keys are not"),
        "{verified}"
    );
    let beyond = ["bundle", "--first", &(last + 1).to_string(), "-o", &path];
    assert_eq!(outcome(&[&beyond[..], &ask[..]].concat()).status.code(), Some(2));
}

#[test]
fn a_file_that_is_no_recording_is_refused_before_anything_is_made() {
    let world = World::new();
    let output = outcome(&[
        "up",
        "--data",
        &world.data(),
        "--replay",
        concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml"),
    ]);
    assert_eq!(output.status.code(), Some(2));
    assert!(!std::path::Path::new(&world.data()).exists());
}
