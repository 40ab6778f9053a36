//! What is reported of each kind of case. Must not need anything but the corpus.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

use super::*;
use std::collections::BTreeMap;
use wire::case::{Again, Contested, Found, Label, Made, SCHEMA, Said};

/// A recording of the corpus in which one program compresses.
const RECORDING: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../corpus/recordings/brotli--best.json.gz");
const DEVICE: &str = "218e1b9cf4557913f9d11e463196ace4";

/// The busiest workload of a recording: its id on the device, its name, what is concluded.
fn busiest(path: &str) -> (String, String, Activity) {
    let recording = wire::recording::read(std::fs::File::open(path).unwrap()).unwrap();
    let mut observation = Observation::new(recording.machine.clone());
    recording.slices.iter().for_each(|slice| observation.absorb(slice));
    let looked = observation.looked();
    let first = looked.workloads.into_iter().next().unwrap();
    let id = WorkloadId::of(DEVICE.parse().unwrap(), first.unit, &first.name);
    (id.to_string(), first.name, first.activity)
}

fn case(workload: String, name: String, label: Label, recorded: bool) -> (PathBuf, tempfile::TempDir) {
    let folder = tempfile::tempdir().unwrap();
    let path = "recordings/one.json.gz";
    let mut files = BTreeMap::new();
    if recorded {
        std::fs::create_dir(folder.path().join("recordings")).unwrap();
        std::fs::copy(RECORDING, folder.path().join(path)).unwrap();
        files.insert(path.to_owned(), Digest::of(&std::fs::read(RECORDING).unwrap()).to_string());
    }
    let said = Said { by: "inspector".into(), at_ms: 0, ordinal: 7 };
    let found = Found {
        sequence: 0,
        from_ms: 0,
        duration_ms: 60_000,
        name,
        readings: vec![],
        mixture: vec![],
        algorithm: None,
        token_link: facts::TokenState::NotSeen,
        evidence: vec![],
        detail: None,
        agent: "0".into(),
    };
    let case = Case {
        schema: SCHEMA.into(),
        id: "matter-1".into(),
        device: DEVICE.into(),
        workload,
        first: 0,
        last: 0,
        agreed: said.clone(),
        contested: Contested { said, grounds: "No.".into(), material: BTreeMap::new() },
        answers: vec![],
        found: vec![found],
        label,
        again: Again { recordings: files.keys().cloned().collect(), note: String::new() },
        files,
        made: Made { by: "0".into(), origin: "log.example".into(), at_ms: 0 },
    };
    std::fs::write(folder.path().join(FILE), case.to_json().unwrap()).unwrap();
    (folder.path().to_owned(), folder)
}

fn label(is: Option<Activity>, is_not: Option<Activity>) -> Label {
    Label { outcome: "overturned".into(), was: Activity::Mining, is_not, is, is_by: None }
}

fn now(label: Label, recorded: bool) -> Now {
    let (workload, name, _) = busiest(RECORDING);
    let (path, _folder) = case(workload, name, label, recorded);
    judge(&path, &read(&path).unwrap()).unwrap().0
}

#[test]
fn todays_identification_is_held_against_what_a_workload_is_and_is_not() {
    let (_, _, concluded) = busiest(RECORDING);
    assert_ne!(merged(concluded), Activity::Mining);
    assert_eq!(now(label(Some(concluded), None), true), Now::Right);
    assert_eq!(now(label(Some(Activity::Mining), None), true), Now::Wrong);
    assert_eq!(now(label(None, Some(Activity::Mining)), true), Now::Gone);
    assert_eq!(now(label(None, Some(concluded)), true), Now::Wrong);
    assert_eq!(now(label(None, None), true), Now::Unlabelled);
}

#[test]
fn a_case_of_findings_only_says_that_it_cannot_be_identified_again() {
    assert_eq!(now(label(Some(Activity::Mining), None), false), Now::FindingsOnly);
}

#[test]
fn a_file_of_a_case_that_was_changed_is_refused() {
    let (workload, name, _) = busiest(RECORDING);
    let (path, _folder) = case(workload, name, label(None, None), true);
    std::fs::write(path.join("recordings/one.json.gz"), b"something else").unwrap();
    assert!(read(&path).unwrap_err().to_string().contains("has SHA-256"));
}
