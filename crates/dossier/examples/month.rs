//! What a dossier of a month costs: `cargo run --release -p dossier --example month -- 200 744` for 200 devices and 744 hourly
//! statements each, `200 44640` for one-minute statements. Built and checked in this process, without a network in between; the
//! container lies in memory, its size is taken off the memory that is printed.
#![expect(clippy::unwrap_used, clippy::print_stdout, reason = "a measurement ends where something is wrong")]

use dossier::{Entries, Gather, InPlace, Scope, build, check, policy};
use ed25519_zebra::{SigningKey, VerificationKey};
use jiff::civil::date;
use registry::{Registry, Rules};
use statement::{Bundle, Digest, Nonce, to_cbor};
use std::time::Instant;
use testkit::{Fleet, MemoryStore};
use tlog::VerifierKey;

const ORIGIN: &str = "bench.example/log";
/// 2026-11-18 14:13:20 UTC.
const NOW: u64 = 1_795_011_200_000;

fn main() {
    let mut args = std::env::args().skip(1).map(|a| a.parse::<usize>().unwrap());
    let (devices, each) = (args.next().unwrap_or(200), args.next().unwrap_or(744));
    let key = SigningKey::from([9; 32]);
    let (registry, rules) = (sealed(devices, each, key), rules());
    let log = VerifierKey::log(ORIGIN, VerificationKey::from(&key).into()).unwrap();
    let policy_text = format!("log {log}\nquorum none\n");
    let scope = Scope {
        operator: "acme".into(),
        from: date(2026, 10, 1),
        to: date(2026, 11, 30),
        zone: "UTC".into(),
    };
    let begin = Instant::now();
    let mut gather = Gather::new(scope, &rules).unwrap();
    let published = registry.published();
    gather.checkpoint = String::from_utf8(published.note).unwrap();
    let mut body = Vec::new();
    let mut count = 0;
    for leaf in 0..published.head.size {
        if let Some(sheaf) = gather.narrow(registry.sheaf(leaf).unwrap(), &|_, _| false).unwrap() {
            body.extend(to_cbor(&minicbor::bytes::ByteVec::from(to_cbor(&sheaf))));
            count += 1;
        }
    }
    let head = to_cbor(&Bundle::new(gather.checkpoint.clone(), "month".into(), count));
    let mut entries = to_cbor(&minicbor::bytes::ByteVec::from(head));
    entries.append(&mut body);
    let bytes = u64::try_from(entries.len()).unwrap();
    let (crc, sha256) = (crc32fast::hash(&entries), Digest::of(&entries));
    let from = entries.as_slice();
    let made =
        build(Vec::new(), &gather, policy_text.as_bytes(), Entries { from, bytes, crc, sha256 }, "bench")
            .unwrap()
            .out;
    let built = begin.elapsed().as_secs_f64();
    let statements = gather.statements;
    println!(
        "{statements} statements, {} MB: built in {built:.1} s, {:.0} a second",
        made.len() / 1_000_000,
        statements as f64 / built
    );
    let begin = Instant::now();
    let trusted = policy(policy_text.as_bytes()).unwrap();
    let checked = check(made.as_slice(), Some(&trusted), &rules, &mut InPlace::default()).unwrap();
    let took = begin.elapsed().as_secs_f64();
    assert!(checked.report.holds(), "{:?}", checked.report);
    println!("checked in {took:.1} s on one thread, {:.0} a second", statements as f64 / took);
}

fn rules() -> Rules {
    Rules::new(vec![rulebook::shipped("OPEN").unwrap().0.unwrap()]).unwrap()
}

/// A registry that sealed what so many devices said.
fn sealed(devices: usize, each: usize, key: SigningKey) -> Registry<MemoryStore> {
    let registry = Registry::open(MemoryStore::default(), ORIGIN, key, rules()).unwrap();
    let span = u64::try_from(each).unwrap() * testkit::INTERVAL_MS;
    let mut fleet = Fleet::new(3, devices, "OPEN", NOW - span, NOW).unwrap();
    for answer in registry.record("bench", fleet.enrolments().collect(), NOW, || Nonce([1; 16])).unwrap() {
        answer.unwrap();
    }
    for _ in 0..each {
        let body: Vec<u8> = fleet.minute().flatten().collect();
        registry.admit(vec![registry.check(&body).unwrap()], NOW).unwrap();
    }
    while let Some(sealed) = registry.seal().unwrap() {
        let note = sealed.checkpoint.note().to_string();
        registry.publish(note.as_bytes(), sealed.head, sealed.next).unwrap();
    }
    registry
}
