//! What is a difference and what is not, told on a small site.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

mod support;

use discrepancy::{Contest, Kind as Difference, Said};
use facts::{Activity, Sensor, State};
use jiff::civil::date;
use registration::Entry;
use statement::{Component, Kind, Outcome, Reading};
use support::*;

fn training() -> Vec<Entry> {
    vec![registered(1, "hall"), declared(&[("work.activity", "training, inference")])]
}

#[test]
fn declared_work_is_no_difference_and_neither_is_background() {
    let findings = [
        work("train", Activity::Training, 900),
        work("serve", Activity::Inference, 900),
        work("cron", Activity::General, 950),
        work("what", Activity::Undetermined, 900),
    ];
    let comparison = compared(training(), &minutes(1, 0..120, &findings));
    assert_eq!(kinds(&comparison), Vec::<&str>::new());
    assert_eq!(comparison.standings.len(), 1);
    assert!((comparison.standings[0].coverage.time - 1.0).abs() < 1e-9);
}

#[test]
fn a_miner_beside_declared_work_is_said_with_evidence_coverage_and_what_would_settle_it() {
    let findings = [work("train", Activity::Training, 950), miner()];
    let comparison = compared(training(), &minutes(1, 0..120, &findings));
    assert_eq!(kinds(&comparison), ["undeclared-activity"]);
    let d = &comparison.differences[0];
    assert_eq!(d.activity, Some(Activity::Mining));
    assert!((d.magnitude.share - 0.5).abs() < 0.01 && (d.magnitude.hours - 2.0).abs() < 0.01);
    assert_eq!(d.cited.statements, 120);
    assert_eq!(d.cited.ordinals.len(), discrepancy::MAX_ORDINALS);
    assert!(
        d.sentence.en.contains("moderately strong") && d.sentence.en.contains("2 of 2 sensors"),
        "{}",
        d.sentence.en
    );
    assert!(d.sentence.zh.contains("挖矿") && d.sentence.zh.contains("较强"), "{}", d.sentence.zh);
    assert!(!d.settles.en.is_empty() && !d.settles.zh.is_empty());
}

#[test]
fn one_statement_is_never_enough_and_neither_is_a_weak_item_for_hours() {
    let train = work("train", Activity::Training, 950);
    let mut said = minutes(1, 0..120, std::slice::from_ref(&train));
    said[7].findings.push(miner());
    assert_eq!(kinds(&compared(training(), &said)), Vec::<&str>::new());
    let mut weak = work("tool", Activity::Compression, 990);
    weak.evidence.truncate(1);
    weak.evidence[0].millibans = 400;
    assert_eq!(kinds(&compared(training(), &minutes(1, 0..120, &[train, weak]))), Vec::<&str>::new());
}

#[test]
fn a_miner_that_changes_its_name_every_minute_is_one_difference() {
    let renamed = |minute: u64| discrepancy::Seen {
        name: format!("job-{minute}"),
        ..support::work(&format!("job-{minute}"), Activity::Mining, 980)
    };
    let said: Vec<Said> = (0..60)
        .map(|m| said(1, "hall", m, vec![work("train", Activity::Training, 950), renamed(m)]))
        .chain(minutes(1, 60..120, &[work("train", Activity::Training, 950)]))
        .collect();
    assert_eq!(kinds(&compared(training(), &said)), ["undeclared-activity"]);
}

#[test]
fn a_miner_inside_an_honest_job_is_a_foreign_component_and_no_guilt_of_the_user() {
    let mut job = work("train", Activity::Training, 900);
    job.mixture = vec![
        Component { activity: Activity::Training, share_permille: 700, permille: 930 },
        Component { activity: Activity::Mining, share_permille: 300, permille: 970 },
    ];
    job.evidence.push(statement::Evidence {
        kind: facts::EvidenceKind::Conversation,
        supports: Activity::Mining,
        millibans: 1_600,
    });
    job.tree = Some("slurmstepd─bash─python─.cache/x".into());
    let comparison = compared(training(), &minutes(1, 0..120, &[job]));
    assert_eq!(kinds(&comparison), ["foreign-component"]);
    let d = &comparison.differences[0];
    assert!(d.sentence.en.contains("not who put it there") && d.sentence.zh.contains("不说明由谁放入"));
    assert_eq!(d.cited.tree.as_deref(), Some("slurmstepd─bash─python─.cache/x"));
    assert!((d.magnitude.share - 0.3).abs() < 0.01);
}

#[test]
fn a_second_kind_of_work_beside_the_declared_is_a_mixed_load() {
    let mut encode = work("encode", Activity::Compression, 970);
    encode.readings = vec![Reading { activity: Activity::Compression, permille: 985 }];
    let findings = [work("train", Activity::Training, 950), encode];
    assert_eq!(kinds(&compared(training(), &minutes(1, 0..120, &findings))), ["mixed-load"]);
    let declared = |tolerance: &str| {
        vec![registered(1, "hall"), declared(&[("work.activity", "training"), ("work.tolerance", tolerance)])]
    };
    assert_eq!(kinds(&compared(declared("60"), &minutes(1, 0..120, &findings))), Vec::<&str>::new());
}

#[test]
fn mining_by_another_algorithm_or_without_a_declared_token_is_said() {
    let with = |fields: &[(&str, &str)]| vec![registered(1, "hall"), declared(fields)];
    let said = minutes(1, 0..120, &[miner()]);
    let honest = with(&[("work.activity", "mining"), ("work.algorithm", "randomx"), ("work.coin", "XMR")]);
    assert_eq!(kinds(&compared(honest, &said)), Vec::<&str>::new());
    let other = with(&[("work.activity", "mining"), ("work.algorithm", "sha256d"), ("work.coin", "BTC")]);
    assert_eq!(kinds(&compared(other, &said)), ["wrong-algorithm"]);
    let token = with(&[("work.activity", "mining"), ("work.algorithm", "randomx")]);
    assert_eq!(kinds(&compared(token, &said)), ["undeclared-token"]);
}

#[test]
fn declared_work_on_an_idle_device_is_said_and_on_a_busy_one_is_not() {
    let idle = compared(training(), &minutes(1, 0..120, &[]));
    assert_eq!(kinds(&idle), ["declared-not-seen"]);
    assert!(idle.differences[0].sentence.en.contains("code sampled"));
    let unclear = compared(training(), &minutes(1, 0..120, &[work("x", Activity::Undetermined, 900)]));
    assert_eq!(kinds(&unclear), Vec::<&str>::new());
    let mut blind = minutes(1, 0..120, &[]);
    blind.iter_mut().for_each(|s| s.coverage[0].state = State::None);
    assert_eq!(
        kinds(&compared(training(), &blind)),
        Vec::<&str>::new(),
        "not seen without coverage is worth nothing"
    );
}

#[test]
fn work_that_shows_a_little_was_seen() {
    let mut little = miner();
    little.cpu_ms = 900;
    let entries = vec![registered(1, "hall"), declared(&[("work.activity", "mining"), ("work.coin", "XMR")])];
    assert_eq!(kinds(&compared(entries, &minutes(1, 0..120, &[little]))), Vec::<&str>::new());
}

#[test]
fn work_outside_of_declared_hours_is_said_whatever_it_is() {
    let nights = || {
        vec![
            registered(1, "hall"),
            declared(&[("work.activity", "training"), ("work.schedule", "Mo-Su 20:00-06:00")]),
        ]
    };
    for activity in [Activity::Training, Activity::Undetermined] {
        let comparison = compared(nights(), &minutes(1, 0..120, &[work("train", activity, 950)]));
        assert_eq!(kinds(&comparison), ["out-of-hours"], "{activity}");
    }
    let mut little = work("cron", Activity::General, 950);
    little.cpu_ms = 3_000;
    assert_eq!(kinds(&compared(nights(), &minutes(1, 0..120, &[little]))), Vec::<&str>::new());
}

#[test]
fn power_above_the_nominal_is_said_for_the_device_and_above_the_limit_for_the_site() {
    let mut said = minutes(1, 0..120, &[work("train", Activity::Training, 950)]);
    said.iter_mut().for_each(|s| s.energy.as_mut().unwrap().millijoules = 430 * 60_000);
    assert_eq!(kinds(&compared(training(), &said)), Vec::<&str>::new(), "within a tenth");
    said.iter_mut().for_each(|s| s.energy.as_mut().unwrap().millijoules = 600 * 60_000);
    let mut entries = training();
    entries.push(entry(Kind::Site, "hall", "acme", date(2026, 2, 1), &[("site.pd_it", "0.5")]));
    let comparison = compared(entries, &said);
    assert_eq!(kinds(&comparison), ["over-power", "over-power"]);
    let of_device = comparison.differences.iter().find(|d| d.subject.device.is_some()).unwrap();
    assert!(of_device.seen.starts_with("600 W") && of_device.declared.starts_with("400 W"));
    assert!((of_device.magnitude.kwh.unwrap() - 0.4).abs() < 0.01);
}

#[test]
fn one_silent_device_is_its_own_and_many_at_once_are_the_site_s() {
    let train = [work("train", Activity::Training, 950)];
    let site: Vec<Entry> =
        (1..=6).map(|n| registered(n, "hall")).chain([declared(&[("work.activity", "training")])]).collect();
    let one: Vec<Said> = (1..=6).flat_map(|n| minutes(n, 0..if n == 3 { 60 } else { 120 }, &train)).collect();
    let comparison = compared(site.clone(), &one);
    assert_eq!(kinds(&comparison), ["silent-device"]);
    assert_eq!(comparison.differences[0].subject.device, Some(device(3)));
    let all: Vec<Said> = (1..=6)
        .flat_map(|n| minutes(n, 0..40, &train).into_iter().chain(minutes(n, 80..120, &train)))
        .collect();
    let comparison = compared(site, &all);
    assert_eq!(kinds(&comparison), ["silent-site"]);
    assert!(comparison.differences[0].seen.starts_with("6 of them"));
}

#[test]
fn a_sensor_that_goes_is_said_and_one_that_never_was_is_not() {
    let train = [work("train", Activity::Training, 950)];
    let mut said = minutes(1, 0..120, &train);
    for s in said.iter_mut().skip(60) {
        s.coverage[0].state = State::None;
        s.coverage[0].why = Some("perf_event_paranoid is 3".into());
    }
    let comparison = compared(training(), &said);
    assert_eq!(kinds(&comparison), ["lost-coverage"]);
    assert!(comparison.differences[0].sentence.en.contains("perf_event_paranoid"));
    said.iter_mut().for_each(|s| {
        s.coverage.iter_mut().filter(|l| l.sensor == Sensor::HotCode).for_each(|l| l.state = State::None)
    });
    assert_eq!(kinds(&compared(training(), &said)), Vec::<&str>::new());
}

#[test]
fn devices_that_nobody_registered_or_that_moved_are_said() {
    let train = [work("train", Activity::Training, 950)];
    let comparison = compared(training(), &[minutes(1, 0..120, &train), minutes(9, 0..120, &train)].concat());
    assert_eq!(kinds(&comparison), ["unregistered-device"]);
    let mut moved = minutes(1, 0..120, &train);
    moved.iter_mut().for_each(|s| s.site = name("barn"));
    assert_eq!(kinds(&compared(training(), &moved)), ["another-site"]);
}

#[test]
fn every_day_is_held_against_what_was_registered_for_it() {
    let mut later = declared(&[("work.activity", "compression")]);
    later.registration.version = 2;
    later.registration.from = date(2026, 3, 3);
    let entries = [training(), vec![later]].concat();
    // The change is of the day after: nothing is wrong today.
    let said = minutes(1, 0..120, &[work("train", Activity::Training, 950)]);
    assert_eq!(kinds(&compared(entries, &said)), Vec::<&str>::new());
}

#[test]
fn a_contested_difference_is_marked_and_an_overturned_one_stands_last() {
    let findings = [work("train", Activity::Training, 950), miner()];
    let contest =
        |outcome| Contest { id: name("m-1"), device: device(1), workload: None, first: 5, last: 9, outcome };
    let open = contested(training(), &minutes(1, 0..120, &findings), &[contest(None)]);
    assert!(open.differences[0].sentence.en.ends_with("It is contested."));
    let over = contested(training(), &minutes(1, 0..120, &findings), &[contest(Some(Outcome::Overturned))]);
    assert!(over.differences[0].overturned());
    assert_eq!(over.differences[0].json()["contests"][0]["state"], "overturned");
}

#[test]
fn what_cannot_be_read_is_named_and_taken_as_not_said() {
    let entries =
        vec![registered(1, "hall"), declared(&[("work.activity", "trainning"), ("work.schedule", "nights")])];
    let comparison = compared(entries, &minutes(1, 0..120, &[work("cron", Activity::General, 950)]));
    let fields: Vec<&str> = comparison.unread.iter().map(|u| u.field).collect();
    assert_eq!(fields, ["work.activity", "work.schedule"]);
}

#[test]
fn the_largest_difference_stands_first() {
    let both: Vec<Entry> =
        vec![registered(1, "hall"), registered(2, "hall"), declared(&[("work.activity", "training")])];
    let train = work("train", Activity::Training, 950);
    let mut small = miner();
    small.cpu_ms = 6_000;
    let said = [minutes(1, 0..120, &[train.clone(), small]), minutes(2, 0..120, &[train, miner()])].concat();
    let comparison = compared(both, &said);
    assert_eq!(kinds(&comparison), ["undeclared-activity", "undeclared-activity"]);
    assert_eq!(comparison.differences[0].subject.device, Some(device(2)));
    assert!(comparison.differences.iter().all(|d| d.kind == Difference::UndeclaredActivity));
}
