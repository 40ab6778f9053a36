//! What holds of every file: what was written reads the same, and what was applied is no difference any more.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

use jiff::civil::{Date, date};
use proptest::prelude::*;
use registration::{Change, Entry, Reading, Register, Said, Wish, difference, fleet, fleet_text};
use statement::{DeviceId, Kind, Name, Registration};
use std::collections::{BTreeMap, BTreeSet};

const TODAY: Date = date(2026, 6, 1);

fn reading() -> Reading<'static> {
    Reading::new(rulebook::shipped_vocabulary(), TODAY)
}

fn day() -> impl Strategy<Value = Date> {
    (2020_i16..2030, 1_i8..=12, 1_i8..=28).prop_map(|(y, m, d)| date(y, m, d))
}

fn said<T: std::fmt::Debug + Clone>(value: impl Strategy<Value = T>) -> impl Strategy<Value = Said<T>> {
    proptest::option::of(value).prop_map(|value| value.map_or(Said::Nothing, Said::Is))
}

/// Texts that people and attackers write, in the form that reading gives them.
fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        "[a-zA-Z0-9 ]{0,12}",
        "['=+@-]{1,3}[a-z0-9(),\"';|!\n]{0,12}",
        "\\PC{0,12}",
        Just("矿机，\"二号\"".to_owned()),
    ]
    .prop_map(|text| text.trim().to_owned())
}

fn fields() -> impl Strategy<Value = Vec<(String, String)>> {
    (text(), text(), proptest::option::of(0_u32..100_000)).prop_map(|(model, owner, power)| {
        let power = power.map(|p| p.to_string()).unwrap_or_default();
        let all = [("device.model", model), ("device.owner_id", owner), ("device.power_nominal", power)];
        all.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
    })
}

fn wish() -> impl Strategy<Value = Wish> {
    let names = ("[a-z0-9][a-z0-9._-]{0,6}", "[a-z]{1,2}");
    (names, proptest::option::of(day()), said(day()), said(any::<[u8; 16]>()), fields()).prop_map(
        |((id, site), from, until, device, fields)| Wish {
            line: 0,
            kind: Kind::Device,
            id: id.parse().unwrap(),
            within: Some(site.parse().unwrap()),
            from,
            until: match (from, until) {
                (Some(from), Said::Is(until)) => Said::Is(until.max(from)),
                (None, Said::Is(until)) => Said::Is(until.max(TODAY)),
                (_, until) => until,
            },
            device: match device {
                Said::Is(bytes) => Said::Is(DeviceId(bytes)),
                _ => Said::Nothing,
            },
            fields,
        },
    )
}

/// Wishes with a name each, in lines of a table.
fn wishes() -> impl Strategy<Value = Vec<Wish>> {
    proptest::collection::vec(wish(), 1..20).prop_map(|wishes| {
        let by_name: BTreeMap<Name, Wish> = wishes.into_iter().map(|w| (w.id.clone(), w)).collect();
        let mut devices = BTreeSet::new();
        let once = |mut wish: Wish| {
            if let Said::Is(device) = wish.device
                && !devices.insert(device.0)
            {
                wish.device = Said::Nothing;
            }
            wish
        };
        by_name.into_values().map(once).collect()
    })
}

/// A register in which the registry has recorded everything as the next version.
fn applied(register: &Register, wanted: &[Registration], at: u64) -> Register {
    let next = |r: &Registration| Entry {
        registration: Registration {
            version: register.versions(r.kind, &r.id).len() as u32 + 1,
            ..r.clone()
        },
        ordinal: at,
        at_ms: at,
        by: "ann".into(),
        counts: true,
    };
    Register::new(register.entries().cloned().chain(wanted.iter().map(next)))
}

proptest! {
    #[test]
    fn a_table_that_was_written_reads_the_same_and_holds_no_formula(wishes in wishes()) {
        let text = fleet_text(&wishes);
        let mut read = fleet(text.as_bytes(), &reading()).unwrap().subjects;
        read.iter_mut().for_each(|w| w.line = 0);
        prop_assert_eq!(&read, &wishes);
        let mut cells = csv::ReaderBuilder::new().from_reader(text.as_bytes());
        for cell in cells.records().flat_map(|r| r.unwrap().iter().map(str::to_owned).collect::<Vec<_>>()) {
            prop_assert!(!cell.starts_with(['=', '+', '-', '@', '\t', '\r']), "{}", cell);
        }
    }

    #[test]
    fn what_was_applied_is_no_difference_any_more(first in wishes(), second in wishes()) {
        let mut register = Register::default();
        for (at, wishes) in [first, second].into_iter().enumerate() {
            let found = difference(&wishes, &register, TODAY);
            prop_assert_eq!(found.lines.len() + found.unchanged, wishes.len());
            if found.in_order().is_err() {
                // The registry would refuse it, whole.
                return Ok(());
            }
            let wanted: Vec<Registration> = found.registrations().cloned().collect();
            register = applied(&register, &wanted, at as u64);
            for wish in &wishes {
                let last = register.versions(wish.kind, &wish.id).last().unwrap();
                for (name, value) in &wish.fields {
                    prop_assert_eq!(last.registration.field(name).unwrap_or_default(), value);
                }
            }
            let again = difference(&wishes, &register, date(2026, 7, 1));
            prop_assert_eq!(again.lines, vec![]);
        }
    }
}

fn device(text: &str) -> Wish {
    fleet(format!("{text}\n").as_bytes(), &reading()).unwrap().subjects.remove(0)
}

fn registered(wish: &Wish) -> Register {
    let wanted: Vec<Registration> =
        difference(std::slice::from_ref(wish), &Register::default(), date(2026, 1, 1))
            .registrations()
            .cloned()
            .collect();
    applied(&Register::default(), &wanted, 1)
}

#[test]
fn a_column_that_is_not_there_leaves_its_field_and_an_empty_cell_takes_it_away() {
    let register = registered(&device("id,site,model,serial\nrack-1,hall,S21,SN1"));
    let kept = difference(&[device("id,site,model\nrack-1,hall,S21")], &register, TODAY);
    assert_eq!((kept.lines.len(), kept.unchanged), (0, 1));
    let taken = difference(&[device("id,site,model,serial\nrack-1,hall,S21,")], &register, TODAY);
    let Change::Changed(turns) = &taken.lines[0].change else { panic!("{taken:?}") };
    assert_eq!(
        (turns[0].name.as_str(), turns[0].old.as_deref(), turns[0].new.as_deref()),
        ("device.serial", Some("SN1"), None)
    );
    assert_eq!(taken.lines[0].registration.from, TODAY, "the past stays as it was");
    assert_eq!(taken.lines[0].registration.field("device.model"), Some("S21"));
}

#[test]
fn a_device_that_only_ends_keeps_its_first_day() {
    let register = registered(&device("id,site,from,model\nrack-1,hall,2026-01-01,S21"));
    let found = difference(&[device("id,site,until\nrack-1,hall,2026-05-31")], &register, TODAY);
    assert_eq!(found.lines[0].change, Change::Ended(date(2026, 5, 31)));
    assert_eq!(found.lines[0].registration.from, date(2026, 1, 1));
    assert_eq!(found.counts(), (0, 0, 1));
}

#[test]
fn a_device_that_moves_is_in_the_other_site_from_its_day_on() {
    let register = registered(&device("id,site,from\nrack-1,hall,2026-01-01"));
    let found = difference(&[device("id,site,from\nrack-1,attic,2026-05-10")], &register, TODAY);
    let wanted: Vec<Registration> = found.registrations().cloned().collect();
    let register = applied(&register, &wanted, 2);
    let site = |day| {
        register
            .on(Kind::Device, &"rack-1".parse().unwrap(), day)
            .unwrap()
            .registration
            .within
            .clone()
            .unwrap()
    };
    assert_eq!(site(date(2026, 5, 9)).as_str(), "hall");
    assert_eq!(site(date(2026, 5, 10)).as_str(), "attic");
}

#[test]
fn a_serial_number_that_another_device_has_is_pointed_out() {
    let register = registered(&device("id,site,serial\nrack-9,hall,SN1"));
    let found = difference(&[device("id,site,serial\nrack-1,hall,sn1")], &register, TODAY);
    let clash = &found.clashes[0];
    assert_eq!((clash.line, clash.id.as_str(), clash.held_by.as_str()), (2, "rack-1", "rack-9"));
    assert_eq!(found.absent, [(Kind::Device, "rack-9".parse().unwrap())], "and it is said to stay");
}

#[test]
fn what_ends_before_it_begins_is_refused_with_its_line() {
    let found = difference(&[device("id,site,until\nrack-1,hall,2026-05-31")], &Register::default(), TODAY);
    let said = found.in_order().unwrap_err().list[0].to_string();
    assert!(said.starts_with("line 2: until 2026-05-31 is before from 2026-06-01"), "{said}");
}
