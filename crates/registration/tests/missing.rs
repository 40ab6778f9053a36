//! What rulebooks still ask for, of whom, and why.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

use jiff::civil::date;
use registration::{Asking, Entry, Home, Missing, Register, home, missing};
use statement::{Kind, Name, Registration};
use std::collections::{BTreeMap, BTreeSet};

fn name(text: &str) -> Name {
    text.parse().unwrap()
}

fn entry(kind: Kind, id: &str, within: Option<&str>, fields: &[(&str, &str)]) -> Entry {
    let fields: BTreeMap<String, String> =
        fields.iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned())).collect();
    let registration = Registration {
        kind,
        id: name(id),
        version: 1,
        within: within.map(name),
        from: date(2026, 1, 1),
        until: None,
        device: None,
        fields: fields.into_iter().collect(),
        awaits_approval: false,
    };
    Entry { registration, ordinal: 1, at_ms: 1, by: "ann".into(), counts: true }
}

fn asked(code: &str, place: &str, activities: &[&str], entries: Vec<Entry>) -> Missing {
    let rulebook = rulebook::shipped(code).unwrap().0.unwrap();
    let asking = Asking {
        register: &Register::new(entries),
        operator: &name("acme"),
        operator_kind: Some("company"),
        site: &name("hall"),
        place,
        facts: &BTreeMap::new(),
        activities: &activities.iter().map(|a| (*a).to_owned()).collect::<BTreeSet<String>>(),
        day: date(2026, 6, 1),
    };
    missing(&rulebook, &asking).unwrap()
}

fn fields(missing: &Missing, kind: Kind) -> Vec<&str> {
    missing.gaps.iter().filter(|g| g.kind == kind).map(|g| g.field.as_str()).collect()
}

#[test]
fn every_field_of_the_dictionary_has_a_home() {
    let homeless: Vec<&str> = rulebook::shipped_vocabulary()
        .fields()
        .iter()
        .map(|f| f.name.as_str())
        .filter(|name| home(name).is_none())
        .collect();
    assert_eq!(homeless, Vec::<&str>::new());
    assert_eq!(home("device.serial"), Some(Home::Of(Kind::Device)));
    assert_eq!(home("energy.kwh_total"), Some(Home::Period));
}

#[test]
fn a_miner_in_russia_is_asked_for_what_the_client_report_names_and_told_why() {
    let mining = entry(Kind::Workload, "rig", Some("hall"), &[("work.activity", "mining")]);
    let half =
        entry(Kind::Device, "rack-1", Some("hall"), &[("device.model", "S21"), ("device.serial", "SN1")]);
    let bare = entry(Kind::Device, "rack-2", Some("hall"), &[]);
    let found = asked("RU", "RU", &[], vec![mining, half, bare]);
    assert!(!found.undeclared && found.activities.contains("mining"));
    let serial = found.gaps.iter().find(|g| g.field == "device.serial").unwrap();
    assert_eq!((serial.lacking.clone(), serial.of), (vec![name("rack-2")], 2));
    let why = serial.why.iter().find(|w| w.obligation == "ru.client-report").unwrap();
    assert!(!why.instrument.is_empty() && !why.to.is_empty() && why.activities.contains("mining"), "{why:?}");
    assert!(fields(&found, Kind::Operator).contains(&"party.legal_name"));
    assert!(
        !found.gaps.iter().any(|g| g.field == "device.energy" || g.field == "work.amount"),
        "figures of a period are not asked of people beforehand"
    );
}

#[test]
fn norway_asks_training_and_mining_alike_to_register_the_site() {
    let work = entry(Kind::Workload, "w", Some("hall"), &[("work.activity", "training")]);
    let found = asked("NO", "NO", &[], vec![work]);
    for field in ["site.address", "site.subscribed_power", "work.share_of_energy"] {
        assert!(fields(&found, Kind::Site).contains(&field), "{field}: {:?}", found.gaps);
    }
    let known =
        [("site.address", "1 Mill Road"), ("site.subscribed_power", "2"), ("work.share_of_energy", "0")];
    let work = entry(Kind::Workload, "w", Some("hall"), &[("work.activity", "training")]);
    let after = asked("NO", "NO", &[], vec![work, entry(Kind::Site, "hall", Some("acme"), &known)]);
    assert!(!fields(&after, Kind::Site).contains(&"site.address"));
    assert!(after.answered >= 3);
}

#[test]
fn where_nothing_is_declared_everything_is_tried_and_nothing_is_certain() {
    let found = asked("CN", "CN-SC", &[], vec![]);
    assert!(found.undeclared && !found.gaps.is_empty());
    assert!(found.gaps.iter().flat_map(|g| &g.why).all(|w| !w.certain));
    let declared = asked("CN", "CN-SC", &["mining"], vec![]);
    assert!(declared.gaps.len() < found.gaps.len());
    assert!(declared.gaps.iter().any(|g| g.why.iter().any(|w| w.certain)));
}

#[test]
fn a_workload_without_an_activity_is_named() {
    let found = asked("CN", "CN-SC", &["training"], vec![entry(Kind::Workload, "w", Some("hall"), &[])]);
    assert_eq!(found.silent, [name("w")]);
}

#[test]
fn what_the_law_does_not_know_is_refused() {
    let rulebook = rulebook::shipped("NO").unwrap().0.unwrap();
    let (register, facts) = (Register::default(), BTreeMap::new());
    let asking = |place, activities| Asking {
        register: &register,
        operator: Box::leak(Box::new(name("acme"))),
        operator_kind: None,
        site: Box::leak(Box::new(name("hall"))),
        place,
        facts: &facts,
        activities,
        day: date(2026, 6, 1),
    };
    let unknown = BTreeSet::from(["minning".to_owned()]);
    assert!(missing(&rulebook, &asking("NO", &unknown)).unwrap_err().to_string().contains("minning"));
    let training = BTreeSet::from(["training".to_owned()]);
    assert!(missing(&rulebook, &asking("XX", &training)).unwrap_err().to_string().contains("XX"));
}
