//! Which version is true on which day.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

use jiff::civil::{Date, date};
use proptest::prelude::*;
use registration::{Entry, Register};
use statement::{Kind, Name, Registration};

fn name(text: &str) -> Name {
    text.parse().unwrap()
}

fn entry(version: u32, site: &str, from: Date, until: Option<Date>, counts: bool) -> Entry {
    let registration = Registration {
        kind: Kind::Device,
        id: name("rack-1"),
        version,
        within: Some(name(site)),
        from,
        until,
        device: None,
        fields: vec![],
        awaits_approval: !counts,
    };
    Entry {
        registration,
        ordinal: version.into(),
        at_ms: u64::from(version) * 1000,
        by: "ann".into(),
        counts,
    }
}

fn day(d: i8) -> Date {
    date(2026, 6, d)
}

/// Days and versions over the month of June.
fn june(register: &Register) -> Vec<(i8, i8, u32)> {
    let stretches = register.over(Kind::Device, &name("rack-1"), day(1), day(30));
    stretches.iter().map(|s| (s.from.day(), s.to.day(), s.entry.registration.version)).collect()
}

#[test]
fn a_later_version_counts_from_its_own_first_day() {
    let register =
        Register::new([entry(1, "hall", day(1), None, true), entry(2, "hall", day(10), None, true)]);
    assert_eq!(june(&register), [(1, 9, 1), (10, 30, 2)]);
}

#[test]
fn a_correction_that_begins_in_the_past_changes_the_past() {
    let register =
        Register::new([entry(1, "hall", day(10), None, true), entry(2, "hall", day(1), None, true)]);
    assert_eq!(june(&register), [(1, 30, 2)]);
    assert_eq!(june(&register.as_known(1000)), [(10, 30, 1)], "as it was known before the correction");
}

#[test]
fn what_has_ended_is_true_no_more_and_nothing_older_comes_back() {
    let register =
        Register::new([entry(1, "hall", day(1), None, true), entry(2, "hall", day(10), Some(day(20)), true)]);
    assert_eq!(june(&register), [(1, 9, 1), (10, 20, 2)]);
}

#[test]
fn what_nobody_approved_does_not_count() {
    let register =
        Register::new([entry(1, "hall", day(1), None, true), entry(2, "hall", day(10), None, false)]);
    assert_eq!(june(&register), [(1, 30, 1)]);
}

#[test]
fn a_device_that_moves_stands_in_both_sites_each_on_its_days() {
    let register =
        Register::new([entry(1, "hall", day(1), None, true), entry(2, "barn", day(16), None, true)]);
    let at = |site: &str| {
        let within = register.within(Kind::Device, &name(site), day(1), day(30));
        within.iter().flat_map(|(_, s)| s.iter().map(|s| (s.from.day(), s.to.day()))).collect::<Vec<_>>()
    };
    assert_eq!(at("hall"), [(1, 15)]);
    assert_eq!(at("barn"), [(16, 30)]);
}

proptest! {
    #[test]
    fn stretches_say_day_by_day_what_is_true(
        versions in prop::collection::vec((1_i8..=30, prop::option::of(0_i8..30), any::<bool>()), 0..6)
    ) {
        let entries = (1..).zip(&versions).map(|(version, (from, lasts, counts))| {
            let until = lasts.map(|days| day(*from).saturating_add(jiff::Span::new().days(days)));
            entry(version, "hall", day(*from), until, *counts)
        });
        let register = Register::new(entries);
        let stretches = register.over(Kind::Device, &name("rack-1"), day(1), day(30));
        for d in 1..=30 {
            let alone = register.on(Kind::Device, &name("rack-1"), day(d)).map(|e| e.registration.version);
            let among: Vec<u32> = stretches
                .iter()
                .filter(|s| (s.from..=s.to).contains(&day(d)))
                .map(|s| s.entry.registration.version)
                .collect();
            prop_assert_eq!(alone.into_iter().collect::<Vec<_>>(), among);
        }
        for pair in stretches.windows(2) {
            prop_assert!(pair[0].to < pair[1].from);
        }
    }
}
