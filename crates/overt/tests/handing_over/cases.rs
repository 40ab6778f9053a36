//! Contested findings as cases for the evaluation, and only those whose operator agreed.

use crate::World;
use serde_json::Value;
use std::path::Path;

/// A recording of the corpus, as material that somebody hands in.
const RECORDING: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../corpus/recordings/brotli--best.json.gz");

fn raise(world: &World, id: &str, party: &str) {
    let device = world.device();
    let what = ["contest", "raise", id, "--device", &device, "--statements", "0..2"];
    let why = ["--grounds", "It compressed a backup.", "--material", RECORDING, "--token-file", party];
    world.good(&[&what[..], &why].concat());
}

/// Exports a matter; where the statements hold several workloads, the first that is offered.
fn export(world: &World, id: &str, out: &Path, more: &[&str]) -> (i32, String) {
    let what = ["contest", "export", id, "--out", out.to_str().unwrap()];
    let (code, said) = world.run(&[&what[..], more].concat());
    let Some((_, offered)) = said.split_once("Say one with --workload: ") else { return (code, said) };
    let workload = offered.split(' ').next().unwrap().to_owned();
    world.run(&[&what[..], &["--workload", &workload], more].concat())
}

#[test]
fn a_case_is_exported_only_with_the_agreement_and_holds_what_the_log_can_prove() {
    let world = World::new();
    let party = world.token("party", "operator");
    let answer = |id: &str, more: &[&str]| {
        let what = ["contest", "answer", id, "--outcome", "overturned", "--reasons", "The backup shows it."];
        world.good(&[&what[..], more].concat());
    };
    raise(&world, "kept", &party);
    let out = world.path("kept");
    let (code, said) = export(&world, "kept", &out, &[]);
    assert!(code == 2 && said.contains("has no outcome"), "{said}");
    answer("kept", &[]);
    let (code, said) = export(&world, "kept", &out, &[]);
    assert!(code == 2 && said.contains("no agreement of the operator"), "{said}");
    assert!(!out.exists());

    raise(&world, "given", &party);
    answer("given", &["--for-evaluation"]);
    let out = world.path("findings");
    let (code, said) = export(&world, "given", &out, &[]);
    assert!(code == 0 && said.contains("findings only and no recording"), "{said}");

    let out = world.path("case");
    let (code, said) = export(&world, "given", &out, &["--material", RECORDING, "--is", "compression"]);
    assert!(code == 0 && said.contains("today's identification can be asked"), "{said}");
    let case: Value = serde_json::from_slice(&std::fs::read(out.join("case.json")).unwrap()).unwrap();
    crate::shapes::keeps("overt.case-1", &case);
    assert_eq!(case["agreed"]["ordinal"], case["answers"][0]["said"]["ordinal"], "the entry that records it");
    assert_eq!((&case["label"]["is"], &case["label"]["is_by"]), (&"compression".into(), &"exporter".into()));
    assert_eq!(case["label"]["is_not"], case["label"]["was"]);
    assert_eq!(case["found"].as_array().unwrap().len(), 3);
    let policy = out.join("trust.policy");
    let statement = out.join("statements/1.cose");
    let (code, said) =
        crate::offline(&["verify", statement.to_str().unwrap(), "--policy", policy.to_str().unwrap()]);
    assert_eq!(code, 0, "what was said can be proved: {said}");
    for (name, digest) in case["files"].as_object().unwrap() {
        let found = statement::Digest::of(&std::fs::read(out.join(name)).unwrap()).to_string();
        assert_eq!(found, *digest, "{name}");
    }

    let other = world.path("other");
    std::fs::write(&other, "something else").unwrap();
    let (code, said) =
        export(&world, "given", &world.path("wrong"), &["--material", other.to_str().unwrap()]);
    assert!(code == 2 && said.contains("not what was handed in"), "{said}");
    let (code, said) = export(&world, "given", &out, &[]);
    assert!(code == 2 && said.contains("not empty"), "nothing is written over: {said}");
    let (code, said) = export(&world, "nothing", &world.path("none"), &[]);
    assert!(code == 2 && said.contains("no matter 'nothing'"), "{said}");
}
