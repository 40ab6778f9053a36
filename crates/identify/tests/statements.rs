//! What identification promises, stated over small machines made of a few processes.

// A test fails by panicking.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic)]

mod scene;

use facts::{Activity, Endpoint, EvidenceKind, Protocol, Slice, State, TokenState, UnitKind, Usage};
use identify::Observation;
use proptest::prelude::*;
use scene::{Scene, XOR_LOOP, usage, weights};

#[test]
fn a_build_is_one_workload_of_the_tool_that_keeps_starting_compilers() {
    let mut scene = Scene::default().process(10, 1, "make", 0);
    for pid in 20..30 {
        scene = scene.process(pid, 10, "cc1", 150).ended_after(500);
    }
    let findings = scene.findings();
    assert_eq!(findings.len(), 1);
    assert_eq!((findings[0].name.as_str(), findings[0].pids.len()), ("make", 10));
}

#[test]
fn two_programs_under_an_idle_shell_are_two_workloads() {
    let scene = Scene::default()
        .process(10, 1, "bash", 0)
        .process(20, 10, "xz", 1900)
        .process(21, 10, "openssl", 1900);
    let mut names: Vec<String> = scene.findings().into_iter().map(|f| f.name).collect();
    names.sort();
    assert_eq!(names, ["openssl", "xz"]);
}

#[test]
fn workers_of_the_same_program_belong_to_their_master() {
    let scene = Scene::default()
        .process(10, 1, "nginx", 0)
        .process(20, 10, "nginx", 900)
        .process(21, 10, "nginx", 900);
    let findings = scene.findings();
    assert_eq!((findings.len(), findings[0].pids.len()), (1, 2));
}

#[test]
fn a_container_is_one_workload_whatever_runs_in_it() {
    let path = format!("/docker/{}", "ab".repeat(32));
    let scene = Scene::default()
        .process(10, 1, "python3", 1000)
        .cgroup(&path)
        .process(20, 1, "helper", 1000)
        .cgroup(&path);
    let findings = scene.findings();
    assert_eq!(findings.len(), 1);
    assert_eq!((findings[0].unit, findings[0].name.as_str()), (UnitKind::Container, "docker abababababab"));
}

#[test]
fn a_foreign_miner_inside_a_job_is_reported_as_part_of_a_mixture() {
    let scene = Scene::default()
        .process(10, 1, "train", 3000)
        .code(10, &XOR_LOOP)
        .process(20, 10, "helper", 900)
        .code(20, &XOR_LOOP)
        .talks(20, Protocol::StratumV1, Endpoint::Client);
    let finding = scene.findings().remove(0);
    let parts: Vec<(Activity, bool)> = finding.mixture.iter().map(|s| (s.activity, s.share > 0.2)).collect();
    assert_eq!(parts, [(Activity::Cryptography, true), (Activity::Mining, true)]);
    assert_eq!(finding.token_link.state, TokenState::Seen);
}

#[test]
fn asking_for_work_is_mining_with_a_token_link_and_serving_it_is_neither() {
    let miner = |endpoint| {
        let scene = Scene::default().process(10, 1, "a", 1900).code(10, &XOR_LOOP);
        scene.talks(10, Protocol::StratumV1, endpoint).findings().remove(0)
    };
    let client = miner(Endpoint::Client);
    assert_eq!((client.activity, client.token_link.state), (Activity::Mining, TokenState::Seen));
    let pool = miner(Endpoint::Server);
    assert_ne!(pool.activity, Activity::Mining);
    assert_ne!(pool.token_link.state, TokenState::Seen);
}

/// Training and inference stand together against a third activity that is more probable than either, and for which
/// the hot code speaks.
#[test]
fn evidence_is_weighed_for_the_activity_that_is_concluded() {
    let code = [(3, 3.1), (4, 3.0), (7, 4.0)];
    let weights = weights(&[("class:xor", &code)], &[(3, 3.5), (4, 3.5), (7, 3.0)]);
    let scene = Scene::default().process(10, 1, "a", 1900).code(10, &XOR_LOOP).judged_by(&weights);
    let finding = scene.findings().remove(0);
    assert_eq!(finding.activity, Activity::Training);
    let code = finding.evidence.iter().find(|e| e.kind == EvidenceKind::HotCode).unwrap();
    assert_eq!((code.supports, &code.against[..]), (Activity::Scientific, &[Activity::Training][..]));
}

#[test]
fn a_node_that_follows_its_chain_has_no_token_link() {
    let scene =
        Scene::default().process(10, 1, "noded", 1900).talks(10, Protocol::MoneroPeer, Endpoint::Client);
    let finding = scene.coverage(State::Full).findings().remove(0);
    assert_eq!((finding.activity, finding.token_link.state), (Activity::Validation, TokenState::NotSeen));
}

#[test]
fn not_seen_without_a_sensor_is_not_observable() {
    let scene = Scene::default().process(10, 1, "a", 1900).code(10, &XOR_LOOP).coverage(State::None);
    let link = scene.findings().remove(0).token_link;
    assert_eq!(link.state, TokenState::NotObservable);
    assert!(link.why[0].contains("no permission"), "{link:?}");
}

#[test]
fn a_name_alone_decides_nothing_when_no_code_was_seen() {
    let finding = Scene::default().process(10, 1, "postgres", 1900).findings().remove(0);
    assert_eq!(finding.activity, Activity::Undetermined);
}

#[test]
fn what_is_uncertain_lists_every_activity_that_it_may_be() {
    let even = Scene::default().process(10, 1, "a", 1900).findings().remove(0);
    assert_eq!((even.activity, even.readings.len()), (Activity::Undetermined, 15));
    let scene = Scene::default().process(10, 1, "a", 1900).code(10, &XOR_LOOP);
    let sure = scene.findings().remove(0);
    let first = sure.readings[0];
    assert_eq!((first.activity, first.probability), (sure.activity, sure.probability));
    assert_eq!(sure.readings.len(), 1, "{:?}", sure.readings);
}

#[test]
fn an_explanation_marks_the_telling_instructions_and_can_be_read_aloud() {
    let observation = Scene::default().process(10, 1, "a", 1900).code(10, &XOR_LOOP).observe();
    let explanation = observation.explain("10").unwrap();
    let marked: Vec<bool> = explanation.loops[0].lines.iter().map(|(_, telling)| *telling).collect();
    assert_eq!(marked, [true, true, false]);
    assert!(
        explanation.paragraph.starts_with("The workload a, run by alice, used 0.4"),
        "{}",
        explanation.paragraph
    );
    assert!(observation.explain("no-such-thing").is_none());
}

#[test]
fn a_reused_process_number_is_another_process() {
    let mut scene = Scene::default().process(10, 1, "old", 1000);
    let mut reborn = scene.slice.processes[0].clone();
    reborn.key.start = 999;
    reborn.name = "new".into();
    reborn.exe = Some("/usr/bin/new".into());
    scene.slice.usage.push(Usage { process: reborn.key, ..usage(10, 1000) });
    scene.slice.processes.push(reborn);
    let mut names: Vec<String> = scene.findings().into_iter().map(|f| f.name).collect();
    names.sort();
    assert_eq!(names, ["new", "old"]);
}

proptest! {
    /// Whatever a recording claims, judging it ends, and probabilities and shares stay within bounds.
    #[test]
    fn any_code_and_counts_give_bounded_findings(
        bytes in prop::collection::vec(any::<u8>(), 0..400),
        ms in any::<u64>(),
        read in any::<u64>(),
        resident in any::<u64>(),
    ) {
        let mut scene = Scene::default().process(10, 10, "a", 500).code(10, &bytes);
        scene.slice.usage[0] =
            Usage { user_ms: ms >> 2, read: read >> 2, resident: resident >> 2, ..usage(10, 0) };
        for finding in scene.findings() {
            prop_assert!((0.0..=1.0).contains(&finding.probability));
            prop_assert!(finding.mixture.iter().all(|s| (0.0..=1.001).contains(&s.share)));
            let readings: Vec<f64> = finding.readings.iter().map(|r| r.probability).collect();
            prop_assert!(readings.is_sorted_by(|a, b| a >= b) && readings.iter().sum::<f64>() <= 1.0 + 1e-9);
            prop_assert!(finding.evidence.iter().all(|e| e.weight.log10().is_finite()));
        }
    }
}

#[test]
fn memory_that_a_process_gave_back_at_its_end_still_counts() {
    let held = |seen: &Observation| seen.examples()[0].features.value("memory:resident");
    let mut seen = Scene::default().process(10, 1, "short", 500).observe();
    let before = held(&seen);
    let gone = Usage { resident: 0, ..usage(10, 100) };
    seen.absorb(&Slice { from_ms: 4_000, to_ms: 4_500, usage: vec![gone], ..Slice::default() });
    assert!(before > 0.0 && held(&seen) >= before);
}
