//! What was sealed is verified, and nothing else is.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

use ed25519_zebra::{SigningKey, VerificationKey};
use registry::{Outcome, Registry, Rules};
use statement::{Bundle, Kept, Nonce, Sheaf, to_cbor};
use testkit::{Fleet, MemoryStore};
use tlog::{Policy, VerifierKey};
use verify::{Keys, Mark, Reader, Report, Summary};

const ORIGIN: &str = "registry.example/log";
const NOW: u64 = 1_795_000_000_000;

struct World {
    registry: Registry<MemoryStore>,
    said: Vec<(u64, Vec<u8>)>,
    fleet: Fleet,
}

fn key() -> SigningKey {
    SigningKey::from([42; 32])
}

fn policy() -> Policy {
    let log = VerifierKey::log(ORIGIN, VerificationKey::from(&key()).into()).unwrap();
    Policy::parse(format!("log {log}\nquorum none\n").as_bytes()).unwrap()
}

/// A registry that sealed `minutes` statements of each of `devices` devices.
fn world(devices: usize, minutes: usize) -> World {
    let open = rulebook::shipped("OPEN").unwrap().0.unwrap();
    let rules = Rules::new(vec![open]).unwrap();
    let registry = Registry::open(MemoryStore::default(), ORIGIN, key(), rules).unwrap();
    let mut fleet = Fleet::new(1, devices, "OPEN", NOW - 86_400_000, NOW).unwrap();
    for answer in registry.record("test", fleet.enrolments().collect(), NOW, || Nonce([1; 16])).unwrap() {
        answer.unwrap();
    }
    let mut said = Vec::new();
    for _ in 0..minutes {
        let bodies: Vec<Vec<u8>> = fleet.minute().collect();
        let checked = registry.check(&bodies.concat()).unwrap();
        let outcomes = registry.admit(vec![checked], NOW).unwrap().outcomes.remove(0);
        for (outcome, bytes) in outcomes.into_iter().zip(bodies) {
            let Outcome::Accepted(ordinal) = outcome else { panic!("{outcome:?}") };
            said.push((ordinal, bytes));
        }
        seal(&registry);
    }
    World { registry, said, fleet }
}

fn seal(registry: &Registry<MemoryStore>) {
    let sealed = registry.seal().unwrap().unwrap();
    registry.publish(sealed.checkpoint.note().to_string().as_bytes(), sealed.head, sealed.next).unwrap();
}

fn bundle(world: &World) -> (Bundle, Vec<Sheaf>) {
    let published = world.registry.published();
    let sheaves: Vec<Sheaf> =
        (0..published.head.size).map(|leaf| world.registry.sheaf(leaf).unwrap()).collect();
    (Bundle::new(String::from_utf8(published.note).unwrap(), "all".into(), published.head.size), sheaves)
}

fn read(bundle: &Bundle, sheaves: &[Sheaf]) -> (Report, Summary) {
    let mut reader = Reader::new(&to_cbor(bundle), &policy(), Keys::default()).unwrap();
    for sheaf in sheaves {
        let forged = reader.sheaf(&to_cbor(sheaf)).unwrap().check();
        reader.forged(&forged);
    }
    reader.finish()
}

fn fails(report: &Report) -> String {
    let lines = report.steps.iter().filter(|s| s.mark == Mark::Fails).map(|s| s.text.clone());
    lines.collect::<Vec<_>>().join("\n")
}

#[test]
fn a_sealed_statement_verifies_with_its_receipt() {
    let world = world(3, 2);
    let mut keys = Keys::default();
    for speaker in &world.fleet.speakers {
        keys.trust(speaker.key.public(), speaker.device());
    }
    for (ordinal, bytes) in &world.said {
        let receipt = world.registry.receipt(*ordinal).unwrap();
        let report = verify::statement(bytes, receipt.as_bytes(), &policy(), &keys);
        assert!(report.holds() && report.is_complete(), "{report:?}");
        let without = verify::statement(bytes, receipt.as_bytes(), &policy(), &Keys::default());
        assert!(
            without.holds() && !without.is_complete(),
            "a signature that nobody could check is left open"
        );
    }
}

#[test]
fn no_byte_of_statement_or_receipt_can_change() {
    let world = world(2, 1);
    let mut keys = Keys::default();
    world.fleet.speakers.iter().for_each(|s| keys.trust(s.key.public(), s.device()));
    let (ordinal, bytes) = &world.said[1];
    let receipt = world.registry.receipt(*ordinal).unwrap();
    for at in 0..bytes.len() {
        let mut bad = bytes.clone();
        bad[at] ^= 1;
        assert!(
            !verify::statement(&bad, receipt.as_bytes(), &policy(), &keys).holds(),
            "statement byte {at}"
        );
    }
    for at in 0..receipt.len() {
        let mut bad = receipt.clone().into_bytes();
        bad[at] ^= 1;
        assert!(!verify::statement(bytes, &bad, &policy(), &keys).holds(), "receipt byte {at}");
    }
}

#[test]
fn a_receipt_of_one_statement_is_none_for_another() {
    let world = world(2, 1);
    let receipt = world.registry.receipt(world.said[0].0).unwrap();
    let report = verify::statement(&world.said[1].1, receipt.as_bytes(), &policy(), &Keys::default());
    assert!(fails(&report).contains("other bytes were sealed"), "{report:?}");
}

#[test]
fn a_log_that_nobody_trusts_is_refused() {
    let world = world(1, 1);
    let other = VerifierKey::log(ORIGIN, VerificationKey::from(&SigningKey::from([43; 32])).into()).unwrap();
    let policy = Policy::parse(format!("log {other}\nquorum none\n").as_bytes()).unwrap();
    let receipt = world.registry.receipt(world.said[0].0).unwrap();
    assert!(!verify::statement(&world.said[0].1, receipt.as_bytes(), &policy, &Keys::default()).holds());
}

#[test]
fn a_whole_bundle_verifies_and_counts() {
    let world = world(5, 4);
    let (bundle, sheaves) = bundle(&world);
    let (report, summary) = read(&bundle, &sheaves);
    assert!(report.holds() && report.is_complete(), "{report:?}");
    assert_eq!((summary.statements, summary.devices, summary.missing), (20, 5, 0));
    assert_eq!(summary.without_key, 0, "enrolments are in the bundle");
}

#[test]
fn entries_may_be_withheld_but_not_swapped_or_dropped() {
    let world = world(4, 3);
    let (bundle, sheaves) = bundle(&world);
    let mut withheld = sheaves.clone();
    let last = withheld.last_mut().unwrap();
    last.entries[0] = Kept::Hash(last.entries[0].leaf());
    let (report, summary) = read(&bundle, &withheld);
    assert!(report.holds() && !report.is_complete() && summary.hashes == 1, "{report:?}");

    let mut swapped = sheaves.clone();
    swapped.last_mut().unwrap().entries.swap(0, 1);
    assert!(fails(&read(&bundle, &swapped).0).contains("not those that were sealed"));

    let mut dropped = sheaves.clone();
    dropped.last_mut().unwrap().entries.pop();
    assert!(fails(&read(&bundle, &dropped).0).contains("not those that were sealed"));

    let mut short = sheaves.clone();
    short.pop();
    assert!(fails(&read(&bundle, &short).0).contains("ends after"));

    let mut reordered = sheaves.clone();
    reordered.swap(1, 2);
    assert!(fails(&read(&bundle, &reordered).0).contains("comes after a later one"));
}

#[test]
fn the_whole_log_verifies_from_its_static_files_alone() {
    let world = world(3, 5);
    let content = world.registry.store().content();
    let asked = std::cell::RefCell::new(Vec::new());
    let read = |name: &str| {
        asked.borrow_mut().push(name.to_owned());
        Ok(content.objects.get(name).cloned())
    };
    let (report, summary) = verify::whole_log(read, &policy(), |_, _| {}).unwrap();
    assert!(report.holds(), "{report:?}");
    assert_eq!(summary.statements, 15);
    let asked = asked.into_inner();
    assert_eq!(asked, ["checkpoint", &format!("tile/entries/000.p/{}", summary.leaves)]);
    for name in &asked {
        let bytes = &content.objects[name];
        for at in (0..bytes.len()).step_by(7) {
            let mut bad = bytes.clone();
            bad[at] ^= 4;
            let read =
                |n: &str| Ok(if n == name { Some(bad.clone()) } else { content.objects.get(n).cloned() });
            let outcome = verify::whole_log(read, &policy(), |_, _| {});
            assert!(outcome.map_or(true, |(report, _)| !report.holds()), "{name} byte {at}");
        }
    }
}
