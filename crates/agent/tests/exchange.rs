//! What is promised between device and registry: nothing is let go of without a receipt, every statement arrives once and in
//! order, and no two with one number ever leave, whatever the network and the disk do.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

mod support;

use agent::event::Event;
use agent::receipt::Refused;
use agent::send::RoundError;
use agent::spool::{DEFAULT_BOUND, MIN_BOUND, Spool};
use statement::{Envelope, Statement};
use support::bench::Bench;
use support::disk::FakeDisk;
use support::registry::FakeRegistry;
use support::{device, draft, key, nonce};

#[test]
fn what_is_stated_arrives_and_is_let_go_of_by_receipt() {
    let mut bench = Bench::fresh();
    for _ in 0..300 {
        bench.state().unwrap();
    }
    bench.settle();
    assert_eq!(bench.registry.sequences(), (0..300).collect::<Vec<_>>());
    assert_eq!(bench.sender.log().size(), Some(1));
}

#[test]
fn an_acknowledgement_is_no_reason_to_let_go() {
    let mut bench = Bench::fresh();
    bench.registry.lock().seals = false;
    for _ in 0..5 {
        bench.state().unwrap();
    }
    for _ in 0..40 {
        bench.round().unwrap();
    }
    assert_eq!(bench.waiting(), 5);
    bench.registry.lock().seal();
    bench.settle();
    assert_eq!(bench.registry.sequences(), [0, 1, 2, 3, 4]);
}

#[test]
fn a_registry_that_forgot_what_it_accepted_is_sent_it_again() {
    let mut bench = Bench::fresh();
    bench.registry.lock().seals = false;
    bench.state().unwrap();
    bench.round().unwrap();
    bench.registry.lock().admitted.clear();
    for _ in 0..20 {
        let _ = bench.round();
    }
    bench.registry.lock().seal();
    bench.settle();
    assert_eq!(bench.registry.sequences(), [0]);
}

#[test]
fn a_log_that_was_rolled_back_is_refused_and_nothing_is_let_go_of() {
    let mut bench = Bench::fresh();
    for _ in 0..3 {
        bench.state().unwrap();
        bench.settle();
    }
    bench.state().unwrap();
    bench.registry.lock().seals = false;
    bench.round().unwrap();
    bench.registry.lock().roll_back();
    let error = bench.round().unwrap_err();
    let rolled_back = Refused::RolledBack { found: 1, seen: 3 };
    assert!(matches!(&error, RoundError::Receipt { sequence: 3, why } if *why == rolled_back), "{error}");
    assert!(error.to_string().contains("the log was rolled back"));
    assert_eq!(bench.waiting(), 1);
}

#[test]
fn a_registry_that_lacks_what_there_are_receipts_for_is_shown_what_was_seen_and_gets_nothing() {
    let mut bench = Bench::fresh();
    for _ in 0..3 {
        bench.state().unwrap();
        bench.settle();
    }
    bench.registry.lock().admitted.truncate(1);
    let mut again = Bench::new(bench.disk.image(), bench.registry.clone()).unwrap();
    again.minute = 3;
    again.state().unwrap();
    bench.registry.lock().shown = None;
    let error = again.round().unwrap_err().to_string();
    assert!(error.contains("the registry was rolled back: it is at number 1"), "{error}");
    let shown = bench.registry.lock().shown.clone().unwrap();
    assert_eq!(tlog::SignedCheckpoint::parse(shown.as_bytes()).unwrap().checkpoint().size, 3);
    assert_eq!((bench.registry.sequences(), again.waiting()), (vec![0], 1));
}

#[test]
fn a_forked_log_is_refused_and_named() {
    let mut bench = Bench::fresh();
    for _ in 0..3 {
        bench.state().unwrap();
        bench.settle();
    }
    bench.state().unwrap();
    bench.registry.lock().seals = false;
    bench.round().unwrap();
    bench.registry.lock().fork();
    let error = bench.round().unwrap_err().to_string();
    assert!(error.contains("the log shows a fork"), "{error}");
    assert_eq!(bench.waiting(), 1);
}

#[test]
fn a_rolled_back_machine_goes_on_from_where_the_registry_is() {
    let mut bench = Bench::fresh();
    for _ in 0..10 {
        bench.state().unwrap();
    }
    bench.settle();
    let image = bench.disk.image();
    for _ in 0..5 {
        bench.state().unwrap();
    }
    bench.settle();
    // The older image wakes up, and states without asking: numbers 10 to 12 for the second time.
    let mut again = Bench::new(image, bench.registry.clone()).unwrap();
    bench.registry.lock().allow_forks = true;
    again.minute = 100;
    for _ in 0..3 {
        again.state().unwrap();
    }
    again.settle();
    assert!(again.events.contains(&Event::RolledBack { first: 13, count: 2 }), "{:?}", again.events);
    assert_eq!(bench.registry.sequences(), (0..18).collect::<Vec<_>>());
    let last = bench.registry.lock().admitted.last().unwrap().1.clone();
    let last = Statement::from_cbor(Envelope::parse(&last).unwrap().payload).unwrap();
    assert_eq!(last.from_ms, draft(103).from_ms);
}

#[test]
fn what_was_given_up_is_stated_and_the_rest_arrives() {
    let disk = FakeDisk::default();
    let (mut spool, _) = Spool::open(disk.clone(), device(), MIN_BOUND).unwrap();
    let mut made = 0;
    while spool.gaps().is_empty() {
        spool.append(draft(made), &key(), nonce(made)).unwrap();
        made += 1;
    }
    let gap = spool.gaps()[0].clone();
    assert_eq!(gap.first, 0);
    assert_eq!(spool.waiting(0).next(), Some(gap.count));
    let stating = spool.append(draft(made), &key(), nonce(made)).unwrap();
    let bytes = spool.statement(stating).unwrap().unwrap();
    let dropped = Statement::from_cbor(Envelope::parse(&bytes).unwrap().payload).unwrap().dropped.unwrap();
    assert_eq!((dropped.first, dropped.count), (0, gap.count));
    assert!(spool.gaps().is_empty() && spool.bytes() <= MIN_BOUND);
    drop(spool);
    let mut bench = Bench::new(disk, FakeRegistry::default()).unwrap();
    assert!(bench.shared.spool().gaps().is_empty(), "what was said is said once");
    bench.settle();
    assert_eq!(bench.registry.sequences(), (gap.count..=stating).collect::<Vec<_>>());
}

#[test]
fn a_refused_statement_does_not_hold_up_the_others() {
    let mut bench = Bench::fresh();
    bench.registry.lock().refuses.insert(1, "overlap");
    for _ in 0..4 {
        bench.state().unwrap();
    }
    for _ in 0..8 {
        let _ = bench.round();
    }
    assert_eq!(bench.registry.sequences(), [0, 2, 3]);
    assert_eq!(bench.shared.spool().waiting(0).collect::<Vec<_>>(), [1]);
    bench.registry.lock().refuses.clear();
}

#[test]
fn a_damaged_statement_is_named_and_stated_as_lost() {
    let disk = FakeDisk::default();
    let mut bench = Bench::new(disk.clone(), FakeRegistry::default()).unwrap();
    for _ in 0..3 {
        bench.state().unwrap();
    }
    // Known outside, so its number must not be used again, even though it is the last.
    bench.shared.spool().hand_out(0, 10, 1 << 20).unwrap();
    disk.spoil("00000000-", 5);
    let mut bench = Bench::new(disk, FakeRegistry::default()).unwrap();
    assert!(matches!(bench.events[..], [Event::Damaged(_)]), "{:?}", bench.events);
    assert_eq!(bench.shared.spool().head().next, 3);
    assert_eq!(bench.state().unwrap(), 3);
    bench.settle();
    let last = bench.registry.lock().admitted.last().unwrap().1.clone();
    let last = Statement::from_cbor(Envelope::parse(&last).unwrap().payload).unwrap();
    assert_eq!(last.dropped.map(|d| (d.first, d.count)), Some((2, 1)));
}

#[test]
fn evidence_is_handed_over_when_the_registry_asks() {
    let mut bench = Bench::fresh();
    let digest = bench.shared.evidence().keep(b"in full").unwrap();
    let gone = statement::Digest::of(b"never kept");
    bench.registry.lock().wanted = vec![digest, gone];
    bench.state().unwrap();
    bench.settle();
    assert_eq!(bench.registry.lock().evidence, [b"in full".to_vec()]);
    assert!(bench.events.iter().any(|e| matches!(e, Event::NoEvidence { digest, .. } if *digest == gone)));
}

#[test]
fn an_hour_offline_is_small_and_thirty_days_fit() {
    let disk = FakeDisk::default();
    let (mut spool, _) = Spool::open(disk.clone(), device(), DEFAULT_BOUND).unwrap();
    for minute in 0..60 {
        spool.append(draft(minute), &key(), nonce(minute)).unwrap();
    }
    let hour = disk.bytes();
    assert!(hour < 200_000, "{hour} bytes");
    assert!((hour as u64) * 24 * 30 < DEFAULT_BOUND);
}
