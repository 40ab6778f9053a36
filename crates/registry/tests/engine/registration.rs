//! What people register, approve, file, contest and answer: versions that follow one another, and reasons for what is refused.

use crate::enrolment::{alone, refused};
use crate::world::*;
use jiff::civil::{Date, date};
use registry::{Command, Registry, State};
use statement::{
    Answered, Approval, Contested, DeviceId, Digest, Filed, Kind, Name, Operator, Outcome, Registration, Site,
};

const FROM: Date = date(2026, 1, 1);

fn registration(kind: Kind, id: &str, within: Option<&str>, fields: &[(&str, &str)]) -> Registration {
    let fields = fields.iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned())).collect();
    Registration {
        kind,
        id: name(id),
        version: 0,
        within: within.map(name),
        from: FROM,
        until: None,
        device: None,
        fields,
        awaits_approval: false,
    }
}

fn server(id: &str, model: &str) -> Registration {
    registration(Kind::Device, id, Some("hall"), &[("device.model", model)])
}

fn register(registry: &Registry<Memory>, wish: Registration) -> Option<String> {
    alone(registry, Command::Register(vec![wish]))
}

fn versions(registry: &Registry<Memory>, kind: Kind, id: &str) -> Vec<u32> {
    let core = registry.core();
    let versions = core.state.registered.versions.get(&(kind, name(id)));
    versions.into_iter().flatten().map(|v| v.registration.version).collect()
}

fn by(registry: &Registry<Memory>, who: &str, wish: Command) -> Option<String> {
    registry.record(who, vec![wish], NOW, nonces()).unwrap().remove(0).err().map(|e| e.to_string())
}

#[test]
fn versions_follow_one_another_and_the_same_again_is_none() {
    let registry = settled(Memory::default());
    assert_eq!(register(&registry, server("rack-1", "H200")), None);
    refused(register(&registry, server("rack-1", "H200")), "nothing was changed");
    assert_eq!(register(&registry, server("rack-1", "B300")), None);
    assert_eq!(versions(&registry, Kind::Device, "rack-1"), [1, 2]);
}

#[test]
fn a_list_records_only_what_is_new_in_it() {
    let registry = settled(Memory::default());
    assert_eq!(register(&registry, server("rack-1", "H200")), None);
    let list = vec![server("rack-1", "H200"), server("rack-2", "H200")];
    assert_eq!(alone(&registry, Command::Register(list)), None);
    assert_eq!(versions(&registry, Kind::Device, "rack-1"), [1]);
    assert_eq!(versions(&registry, Kind::Device, "rack-2"), [1]);
}

#[test]
fn what_is_wrong_with_a_registration_is_said() {
    let registry = settled(Memory::default());
    let until = Some(date(2025, 12, 31));
    let over = Registration { until, ..server("rack-1", "H200") };
    refused(register(&registry, over), "the end is before the beginning");
    let nowhere = registration(Kind::Device, "rack-1", Some("barn"), &[]);
    refused(register(&registry, nowhere), "there is no site 'barn'");
    let unsorted = registration(Kind::Device, "rack-1", Some("hall"), &[("b", ""), ("a", "")]);
    refused(register(&registry, unsorted), "not sorted");
    let double = registration(Kind::Device, "rack-1", Some("hall"), &[("a", "1"), ("a", "2")]);
    refused(register(&registry, double), "not sorted");
    let bell = registration(Kind::Device, "rack-1", Some("hall"), &[("a", "\u{7}")]);
    refused(register(&registry, bell), "control character");
    let stray = Registration { device: Some(DeviceId([9; 16])), ..server("rack-1", "H200") };
    refused(register(&registry, stray), "there is no device of this operator");
    refused(alone(&registry, Command::Register(vec![])), "0 registrations");
    let twice = vec![server("rack-1", "a"), server("rack-1", "b")];
    refused(alone(&registry, Command::Register(twice)), "is there already");
    assert!(registry.core().state.registered.versions.is_empty(), "nothing is half applied");
}

#[test]
fn a_name_of_another_operator_cannot_be_taken() {
    let registry = settled(Memory::default());
    assert_eq!(register(&registry, server("rack-1", "H200")), None);
    let other = Operator { id: name("rival"), version: 0, title: "Rival".into(), kind: None };
    assert_eq!(alone(&registry, Command::Operator(other)), None);
    let barn =
        Site { id: name("barn"), version: 0, operator: name("rival"), place: "CN".into(), facts: vec![] };
    assert_eq!(alone(&registry, Command::Site(barn)), None);
    let taken = registration(Kind::Device, "rack-1", Some("barn"), &[]);
    refused(register(&registry, taken), "is there already");
}

/// A site in a place whose rulebook wants a second person.
fn open_site(registry: &Registry<Memory>) -> Registration {
    let site =
        Site { id: name("park"), version: 0, operator: name("acme"), place: "OPEN".into(), facts: vec![] };
    assert_eq!(alone(registry, Command::Site(site)), None);
    registration(Kind::Site, "park", Some("acme"), &[("site.address", "1 Road")])
}

#[test]
fn where_the_rulebook_asks_for_two_persons_one_is_not_enough() {
    let registry = settled(Memory::default());
    let site = open_site(&registry);
    assert_eq!(by(&registry, "ann", Command::Register(vec![site])), None);
    let counts =
        |r: &Registry<Memory>| r.core().state.registered.last(Kind::Site, &name("park")).unwrap().counts();
    assert!(!counts(&registry));
    let word = |approved| {
        let note = String::new();
        Command::Approve(Approval { kind: Kind::Site, id: name("park"), version: 1, approved, note })
    };
    refused(by(&registry, "ann", word(true)), "another person has to");
    assert_eq!(by(&registry, "bob", word(true)), None);
    assert!(counts(&registry));
    refused(by(&registry, "cy", word(false)), "is there already");
}

fn filing(why: &str) -> Command {
    Command::File(Filed {
        obligation: "cn.operating-list".into(),
        operator: name("acme"),
        site: Some(name("hall")),
        from: FROM,
        to: date(2026, 1, 7),
        version: 0,
        rulebook: Digest::of(b"rulebook"),
        checked_by: "A. Person".into(),
        why: why.into(),
        document: "{}".into(),
        signature: None,
    })
}

#[test]
fn an_amendment_says_why_and_keeps_what_was_filed_before() {
    let registry = settled(Memory::default());
    assert_eq!(alone(&registry, filing("")), None);
    refused(alone(&registry, filing("")), "say why");
    assert_eq!(alone(&registry, filing("a meter was read wrong")), None);
    let core = registry.core();
    let versions: Vec<u32> = core.state.registered.filings.iter().map(|f| f.filed.version).collect();
    assert_eq!(versions, [1, 2]);
    assert!(core.state.registered.filings.iter().all(|f| f.document == Digest::of(b"{}")));
}

fn contest(id: &str, device: DeviceId) -> Command {
    Command::Contest(Contested {
        id: name(id),
        device,
        workload: None,
        first: 0,
        last: 3,
        grounds: "It was a benchmark.".into(),
        material: vec![("log.txt".into(), Digest::of(b"log"))],
        due_ms: 0,
    })
}

fn answer(id: &str, outcome: Outcome) -> Command {
    let reasons = "The material shows it.".into();
    Command::Answer(Answered { id: name(id), outcome, reasons, for_evaluation: true })
}

fn device_of(registry: &Registry<Memory>) -> DeviceId {
    Speaker::enrolled(1, registry);
    *registry.core().state.devices.keys().min().unwrap()
}

#[test]
fn a_contested_finding_is_answered_by_somebody_else_and_once() {
    let registry = settled(Memory::default());
    let device = device_of(&registry);
    assert_eq!(by(&registry, "ann", contest("matter-1", device)), None);
    refused(by(&registry, "ann", contest("matter-1", device)), "is there already");
    refused(by(&registry, "ann", answer("matter-1", Outcome::Overturned)), "another person has to");
    refused(by(&registry, "bob", answer("matter-1", Outcome::Withdrawn)), "another person has to");
    assert_eq!(by(&registry, "bob", answer("matter-1", Outcome::MoreAsked)), None);
    assert_eq!(by(&registry, "bob", answer("matter-1", Outcome::Overturned)), None);
    refused(by(&registry, "bob", answer("matter-1", Outcome::Upheld)), "is there already");
    refused(by(&registry, "bob", answer("matter-2", Outcome::Upheld)), "there is no matter");
}

#[test]
fn contesting_without_end_is_stopped_and_others_still_can() {
    let registry = settled(Memory::default());
    let device = device_of(&registry);
    for n in 0..16 {
        assert_eq!(by(&registry, "ann", contest(&format!("a{n}"), device)), None);
    }
    refused(by(&registry, "ann", contest("a16", device)), "open matters");
    assert_eq!(by(&registry, "bob", contest("b0", device)), None);
    assert_eq!(by(&registry, "ann", answer("a3", Outcome::Withdrawn)), None);
    assert_eq!(by(&registry, "ann", contest("a16", device)), None);
}

#[test]
fn a_start_knows_what_was_registered_filed_and_contested() {
    let memory = Memory::default();
    let registry = settled(memory.clone());
    let device = device_of(&registry);
    let mine = Registration { device: Some(device), ..server("rack-1", "H200") };
    assert_eq!(register(&registry, mine), None);
    assert_eq!(alone(&registry, filing("")), None);
    assert_eq!(by(&registry, "ann", contest("matter-1", device)), None);
    assert_eq!(by(&registry, "bob", answer("matter-1", Outcome::Upheld)), None);
    let told = |state: &State| {
        let r = &state.registered;
        (r.versions.clone(), r.filings.clone(), r.matters.clone(), r.devices.clone())
    };
    let before = told(&registry.core().state);
    drop(registry);
    assert_eq!(told(&open(memory).core().state), before);
    assert_eq!(before.3.get(&device), Some(&"rack-1".parse::<Name>().unwrap()));
}
