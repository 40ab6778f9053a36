//! What is said of an interval: nothing is lost, order changes nothing, and it is always a statement that may be signed.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

mod support;

use agent::summary::{About, Interval, OTHER_WORK, consolidate};
use facts::{
    Activity, Arch, Coverage, Evidence, EvidenceKind, Finding, Looked, Machine, Privilege, Reading, Sensor,
    Share, State, TokenLink, TokenState, UnitKind, Weight,
};
use proptest::prelude::*;
use statement::{Clock, KeyId, MAX_STATEMENT, Statement, to_cbor};
use support::device;

fn finding(name: &str, cpu_share: f64, activity: Activity, probability: f64) -> Finding {
    Finding {
        name: name.to_owned(),
        unit: UnitKind::Service,
        pids: vec![1],
        user: "root".to_owned(),
        cpu_share,
        activity,
        algorithm: Some("randomx".to_owned()),
        probability,
        weight: Weight::new(3.0),
        strength: String::new(),
        mixture: vec![],
        readings: vec![Reading { activity, probability }],
        token_link: TokenLink { state: TokenState::NotSeen, why: vec![] },
        evidence: vec![],
    }
}

fn looked(workloads: Vec<Finding>) -> Looked {
    let machine = Machine {
        arch: Arch::X86_64,
        kernel: "6.1".to_owned(),
        cpus: 4,
        memory: 1 << 30,
        privilege: Privilege::Machine,
    };
    Looked { machine, interval_s: 2.0, coverage: vec![], workloads }
}

fn about() -> About {
    let clock = Clock { boot: KeyId([1; 8]), uptime_ms: 60_000, step_ms: None, skew_ms: None };
    About { from_ms: 1, duration_ms: 60_000, clock, energy: None, agent: "0.1.0".to_owned(), detail: None }
}

fn stated(slices: &[(Looked, u32)]) -> Statement {
    let mut interval = Interval::new(device());
    slices.iter().for_each(|(looked, ms)| interval.absorb(looked, *ms));
    interval.statement(about())
}

#[test]
fn an_idle_interval_is_stated_without_findings() {
    let statement = stated(&[(looked(vec![]), 2_000)]);
    assert!(statement.findings.is_empty());
    assert_eq!(Statement::from_cbor(&to_cbor(&statement)).unwrap(), statement);
}

#[test]
fn processor_time_is_integrated_and_readings_are_averaged_over_time() {
    let statement = stated(&[
        (looked(vec![finding("miner", 2.0, Activity::Mining, 0.9)]), 2_000),
        (looked(vec![finding("miner", 0.5, Activity::Mining, 0.6)]), 6_000),
    ]);
    assert_eq!(statement.findings[0].cpu_ms, 7_000);
    assert_eq!(statement.findings[0].readings[0].permille, 675);
}

#[test]
fn a_mixture_is_weighed_by_processor_time() {
    let mut both = finding("box", 1.0, Activity::Build, 0.8);
    both.mixture = vec![
        Share { activity: Activity::Build, share: 0.5, probability: 0.8 },
        Share { activity: Activity::Media, share: 0.5, probability: 0.6 },
    ];
    let alone = finding("box", 3.0, Activity::Build, 0.4);
    let statement = stated(&[(looked(vec![both]), 2_000), (looked(vec![alone]), 2_000)]);
    let told: Vec<_> =
        statement.findings[0].mixture.iter().map(|c| (c.activity, c.share_permille, c.permille)).collect();
    assert_eq!(told, [(Activity::Build, 875, 457), (Activity::Media, 125, 600)]);
}

#[test]
fn a_conclusion_that_was_withheld_stays_undetermined() {
    let mut withheld = finding("box", 1.0, Activity::Undetermined, 0.6);
    withheld.readings = vec![Reading { activity: Activity::Mining, probability: 0.6 }];
    let statement = stated(&[(looked(vec![withheld]), 2_000)]);
    let told = &statement.findings[0];
    assert_eq!(told.readings[0].activity, Activity::Mining);
    let parts: Vec<_> = told.parts().iter().map(|c| (c.activity, c.share_permille, c.permille)).collect();
    assert_eq!(parts, [(Activity::Undetermined, 1_000, 600)]);
    let hour = consolidate(&vec![statement; 60]).unwrap();
    assert_eq!(hour.findings[0].parts()[0].activity, Activity::Undetermined);
}

#[test]
fn what_is_plain_from_the_likeliest_reading_is_not_said_twice() {
    let statement = stated(&[(looked(vec![finding("box", 1.0, Activity::Build, 0.9)]), 2_000)]);
    assert!(statement.findings[0].mixture.is_empty());
    assert_eq!(statement.findings[0].parts()[0].activity, Activity::Build);
}

#[test]
fn the_weakest_coverage_of_an_interval_counts() {
    let line = |state, why: &str| Coverage { sensor: Sensor::Conversation, state, why: why.to_owned() };
    let with = |coverage| Looked { coverage, ..looked(vec![]) };
    let statement = stated(&[
        (with(vec![line(State::Full, "")]), 2_000),
        (with(vec![line(State::None, "no \u{7} rights")]), 2_000),
        (with(vec![line(State::Partial, "some")]), 2_000),
    ]);
    assert_eq!(statement.coverage[0].state, State::None);
    assert_eq!(statement.coverage[0].why.as_deref(), Some("no \u{fffd} rights"));
}

#[test]
fn what_is_too_much_to_tell_apart_is_summed_up() {
    let many = (0..200).map(|n| finding(&format!("w{n:03}"), f64::from(n), Activity::Build, 0.9)).collect();
    let statement = stated(&[(looked(many), 1_000)]);
    let last = statement.findings.last().unwrap();
    assert_eq!(statement.findings.len(), 64);
    assert_eq!((last.name.as_str(), last.readings[0].activity), (OTHER_WORK, Activity::Undetermined));
    assert_eq!(last.cpu_ms, (0..137).sum::<u64>() * 1_000);
}

#[test]
fn sixty_minutes_make_an_hour() {
    let minute = stated(&[(looked(vec![finding("miner", 1.0, Activity::Mining, 0.9)]), 60_000)]);
    let hour = consolidate(&vec![minute.clone(); 60]).unwrap();
    assert_eq!((hour.intervals, hour.duration_ms, hour.findings[0].cpu_ms), (60, 3_600_000, 3_600_000));
    assert_eq!(hour.findings[0].readings, minute.findings[0].readings);
    assert_eq!(consolidate(&[]), None);
}

prop_compose! {
    fn any_finding()(
        name in prop_oneof!["[abc]", any::<String>(), "\\PC{90,140}", Just(OTHER_WORK.to_owned())],
        share in prop_oneof![0.0..8.0_f64, Just(f64::NAN), Just(-1.0), Just(f64::INFINITY)],
        activities in proptest::collection::vec((0_usize..17, -0.5..1.5_f64, 0.0..1.0_f64), 0..17),
        weights in proptest::collection::vec((-9.0..9.0_f64, 0_usize..17), 0..12),
        token in prop_oneof![Just(TokenState::Seen), Just(TokenState::NotSeen), Just(TokenState::NotObservable)],
    ) -> Finding {
        let mut finding = finding(&name, share, Activity::Build, 0.5);
        finding.algorithm = Some(name);
        finding.token_link.state = token;
        finding.readings =
            activities.iter().map(|(a, p, _)| Reading { activity: Activity::ALL[*a], probability: *p }).collect();
        finding.mixture = activities
            .iter()
            .map(|(a, p, s)| Share { activity: Activity::ALL[*a], share: *s, probability: *p })
            .collect();
        finding.evidence = weights.iter().map(|(weight, activity)| Evidence {
            kind: EvidenceKind::HotCode,
            saw: "x".to_owned(),
            supports: Activity::ALL[*activity],
            weight: Weight::new(*weight),
            against: vec![],
        }).collect();
        finding
    }
}

fn any_slices() -> impl Strategy<Value = Vec<(Looked, u32)>> {
    let slice = (proptest::collection::vec(any_finding(), 0..40).prop_map(looked), 1_u32..10_000);
    proptest::collection::vec(slice, 0..6)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn whatever_was_seen_makes_a_statement_that_may_be_signed(slices in any_slices()) {
        let statement = stated(&slices);
        let bytes = to_cbor(&statement);
        prop_assert!(bytes.len() <= MAX_STATEMENT);
        prop_assert_eq!(Statement::from_cbor(&bytes).unwrap(), statement.clone());
        let hour = consolidate(&[statement.clone(), statement]).unwrap();
        prop_assert!(to_cbor(&hour).len() <= MAX_STATEMENT);
        prop_assert_eq!(Statement::from_cbor(&to_cbor(&hour)).unwrap(), hour);
    }

    #[test]
    fn processor_time_is_conserved(slices in any_slices()) {
        let used = |(looked, ms): &(Looked, u32)| -> f64 {
            let cores = looked.workloads.iter().map(|w| w.cpu_share).filter(|s| s.is_finite());
            cores.map(|s| s.max(0.0) * f64::from(*ms)).sum()
        };
        let expected: f64 = slices.iter().map(used).sum();
        let found = stated(&slices).findings.iter().map(|f| f.cpu_ms).sum::<u64>() as f64;
        prop_assert!((found - expected).abs() <= 40.0, "{found} instead of {expected}");
    }

    #[test]
    fn the_order_of_slices_changes_nothing(slices in any_slices()) {
        let forward = stated(&slices);
        let backward = stated(&slices.into_iter().rev().collect::<Vec<_>>());
        prop_assert_eq!(forward.findings, backward.findings);
    }
}
