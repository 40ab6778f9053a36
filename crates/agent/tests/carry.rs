//! By hand and by relay: what has no network still arrives once, in order, and is let go of only by receipt. And what clocks say.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

mod support;

use agent::api::Registry;
use agent::backoff::{Backoff, LONGEST};
use agent::carry::{export, import_receipts, read_receipts, write_receipts};
use agent::clock::{ClockWatch, Moment, skew_ms};
use agent::evidence::Evidence;
use agent::receipt::{Log, Refused};
use agent::relay::{Relay, RelayError};
use agent::spool::{DEFAULT_BOUND, Spool};
use proptest::prelude::*;
use statement::{Digest, KeyId};
use std::time::Duration;
use support::disk::FakeDisk;
use support::registry::{FakeRegistry, Fault, policy};
use support::{device, draft, key, nonce};

fn spool(statements: u64) -> Spool<FakeDisk> {
    let (mut spool, _) = Spool::open(FakeDisk::default(), device(), DEFAULT_BOUND).unwrap();
    for minute in 0..statements {
        spool.append(draft(minute), &key(), nonce(minute)).unwrap();
    }
    spool
}

#[test]
fn statements_go_out_and_receipts_come_back_by_hand() {
    let mut spool = spool(20);
    let mut file = Vec::new();
    assert_eq!(export(&mut spool, &mut file).unwrap(), 20);
    let registry = FakeRegistry::default();
    registry.statements(&file, None).unwrap();
    let receipts: Vec<_> = (0..20).map(|n| (n, registry.lock().receipt(n).unwrap())).collect();
    let mut back = Vec::new();
    write_receipts(receipts.iter().map(|(n, r)| (*n, r.as_slice())), &mut back).unwrap();
    let log = Log::new(policy(), None).unwrap();
    let imported = import_receipts(&mut spool, &log, &back).unwrap();
    assert_eq!((imported.released, imported.others), (20, 0));
    assert_eq!(import_receipts(&mut spool, &log, &back).unwrap().others, 20);
    assert_eq!(spool.waiting(0).count(), 0);
}

#[test]
fn a_receipt_for_another_statement_lets_go_of_nothing() {
    let mut spool = spool(2);
    let mut file = Vec::new();
    export(&mut spool, &mut file).unwrap();
    let registry = FakeRegistry::default();
    registry.statements(&file, None).unwrap();
    let other = registry.lock().receipt(1).unwrap();
    let mut back = Vec::new();
    write_receipts([(0, other.as_slice())], &mut back).unwrap();
    let imported = import_receipts(&mut spool, &Log::new(policy(), None).unwrap(), &back).unwrap();
    assert!(matches!(imported.refused[..], [(0, Refused::Other { .. })]), "{imported:?}");
    assert_eq!((imported.released, spool.waiting(0).count()), (0, 2));
}

#[test]
fn a_file_of_receipts_that_is_cut_off_is_refused() {
    let mut file = Vec::new();
    write_receipts([(7, &b"abc"[..]), (8, b"")], &mut file).unwrap();
    assert_eq!(read_receipts(&file).unwrap(), [(7, &b"abc"[..]), (8, b"")]);
    for end in 1..file.len() - 4 {
        assert!(read_receipts(&file[..end]).is_err(), "{end}");
    }
    assert!(read_receipts(b"1 99999999999999999999\n").is_err());
}

#[test]
fn a_relay_forwards_what_it_took_also_after_a_restart() {
    let mut file = Vec::new();
    export(&mut spool(30), &mut file).unwrap();
    let (disk, registry) = (FakeDisk::default(), FakeRegistry::default());
    let (mut relay, _) = Relay::open(disk.clone(), 1 << 20).unwrap();
    assert_eq!(relay.take(&file).unwrap(), 30);
    assert_eq!(relay.position(device(), &registry).unwrap().next, 30);
    registry.lock().faults = vec![Fault::AnswerLost].into();
    assert!(relay.forward(&registry).is_err());
    let (mut relay, damage) = Relay::open(disk, 1 << 20).unwrap();
    assert_eq!((damage.len(), relay.waiting()), (0, 30));
    assert_eq!(relay.forward(&registry).unwrap().unwrap().duplicates.len(), 30);
    assert_eq!(relay.forward(&registry).unwrap(), None);
    assert_eq!(registry.sequences(), (0..30).collect::<Vec<_>>());
}

#[test]
fn a_full_relay_takes_nothing_more_and_says_so() {
    let mut file = Vec::new();
    export(&mut spool(30), &mut file).unwrap();
    let (mut relay, _) = Relay::open(FakeDisk::default(), 4_000).unwrap();
    assert!(matches!(relay.take(&file), Err(RelayError::Full { .. })));
    assert!(matches!(relay.take(b"something"), Err(RelayError::Envelope(_))));
    assert_eq!(relay.waiting(), 0);
}

#[test]
fn evidence_is_kept_once_and_the_oldest_goes_first() {
    let disk = FakeDisk::default();
    let (mut evidence, _) = Evidence::open(disk.clone(), 9 << 20).unwrap();
    let piece = |n: u64| -> Vec<u8> {
        // Does not pack: each is the digest of a number, again and again digested.
        let next = |digest: &Digest| Some(Digest::of(&digest.0));
        std::iter::successors(Some(Digest::of(&n.to_le_bytes())), next)
            .take(32_768)
            .flat_map(|d| d.0)
            .collect()
    };
    let first = evidence.keep(&piece(0)).unwrap();
    let bytes = evidence.bytes();
    assert_eq!((evidence.keep(&piece(0)).unwrap(), evidence.bytes()), (first, bytes));
    assert_eq!(evidence.get(first).unwrap().unwrap(), piece(0));
    for n in 1..12 {
        evidence.keep(&piece(n)).unwrap();
    }
    assert_eq!(evidence.get(first).unwrap(), None);
    assert!(evidence.bytes() <= 9 << 20);
    let (evidence, damage) = Evidence::open(disk, 9 << 20).unwrap();
    assert_eq!(damage, []);
    assert_eq!(evidence.get(Digest::of(&piece(11))).unwrap().unwrap(), piece(11));
}

fn moment(uptime_ms: u64, wall_ms: u64) -> Moment {
    Moment { boot: KeyId([1; 8]), uptime_ms, wall_ms }
}

#[test]
fn a_step_of_the_clock_is_stated_and_slewing_is_not() {
    let mut watch = ClockWatch::begin(moment(0, 1_000_000));
    watch.observe(moment(60_000, 1_060_030));
    assert_eq!(watch.state(None).step_ms, None);
    watch.observe(moment(62_000, 500_000));
    assert_eq!(watch.state(Some(5)).step_ms, Some(-562_000));
    assert_eq!((watch.elapsed_ms(), watch.state(Some(5)).skew_ms), (62_000, Some(5)));
}

#[test]
fn a_clock_that_was_set_back_and_forth_is_stated_too() {
    let mut watch = ClockWatch::begin(moment(0, 1_000_000));
    watch.observe(moment(1_000, 5_001_000));
    watch.observe(moment(2_000, 1_002_000));
    assert_eq!(watch.state(None).step_ms.map(i64::abs), Some(4_000_000));
}

#[test]
fn a_sleep_of_the_machine_is_no_step_and_another_start_is_none_either() {
    let mut watch = ClockWatch::begin(moment(0, 1_000_000));
    watch.observe(moment(7_200_000, 8_200_000));
    assert_eq!(watch.state(None).step_ms, None);
    watch.observe(Moment { boot: KeyId([2; 8]), uptime_ms: 5, wall_ms: 9_000_000 });
    assert_eq!(watch.state(None).step_ms, None);
}

#[test]
fn skew_is_counted_from_the_middle_of_the_exchange() {
    assert_eq!(skew_ms(10_000, 12_000, 11), -500);
    assert_eq!(skew_ms(0, 0, i64::MAX), i64::MIN);
}

proptest! {
    #[test]
    fn waits_grow_stay_bounded_and_are_never_shorter_than_asked(seed: u64, least in 0_u64..600) {
        let mut backoff = Backoff::new(seed);
        let least = Duration::from_secs(least);
        for _ in 0..30 {
            let wait = backoff.wait(least);
            prop_assert!(wait >= Duration::from_millis(500) && wait >= least);
            prop_assert!(wait <= LONGEST.max(least + least / 10));
        }
        prop_assert!(backoff.wait(Duration::ZERO) >= LONGEST / 2);
    }
}
