//! What is promised between device and registry: nothing is let go of without a receipt, every statement arrives once and in
//! order, and no two with one number ever leave, whatever the network and the disk do.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

mod support;

use agent::event::Event;
use agent::evidence::Evidence;
use agent::receipt::Refused;
use agent::send::{RoundError, Sender};
use agent::shared::Shared;
use agent::spool::{DEFAULT_BOUND, MIN_BOUND, Spool, SpoolError};
use proptest::prelude::*;
use statement::{Envelope, Statement};
use std::sync::Mutex;
use support::disk::{End, FakeDisk};
use support::registry::{FakeRegistry, Fault, policy};
use support::{device, draft, key, nonce};

/// A device with its disk, and the registry it sends to.
struct Bench {
    disk: FakeDisk,
    shared: Shared<FakeDisk>,
    sender: Sender<FakeDisk>,
    registry: FakeRegistry,
    events: Vec<Event>,
    minute: u64,
}

impl Bench {
    fn new(disk: FakeDisk, registry: FakeRegistry) -> Result<Self, SpoolError> {
        let (spool, damage) = Spool::open(disk.clone(), device(), DEFAULT_BOUND)?;
        let events = damage.into_iter().map(Event::Damaged).collect();
        let (evidence, _) = Evidence::open(FakeDisk::default(), 1 << 20).unwrap();
        let shared = Shared { spool: Mutex::new(spool), evidence: Mutex::new(evidence) };
        let sender = Sender::open(device(), key(), policy(), disk.clone())?;
        Ok(Self { disk, shared, sender, registry, events, minute: 0 })
    }

    fn fresh() -> Self {
        Self::new(FakeDisk::default(), FakeRegistry::default()).unwrap()
    }

    fn state(&mut self) -> Result<u64, SpoolError> {
        self.minute += 1;
        self.shared.spool().append(draft(self.minute), &key(), nonce(self.minute))
    }

    fn round(&mut self) -> Result<agent::send::Round, RoundError> {
        let events = &mut self.events;
        self.sender.round(&self.shared, &self.registry, &mut |event| events.push(event))
    }

    /// Rounds until nothing waits.
    fn settle(&mut self) {
        for _ in 0..64 {
            let _ = self.round();
            if self.waiting() == 0 {
                return;
            }
        }
        panic!("{} still wait: {:?}", self.waiting(), self.events);
    }

    fn waiting(&self) -> usize {
        self.shared.spool().waiting(0).count()
    }
}

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

/// States, sends and restarts with a disk that dies at write number `write`; the registry panics at a fork.
fn survives(write: usize, end: End, faults: &[Fault]) -> bool {
    let mut bench = Bench::fresh();
    bench.registry.lock().faults = faults.iter().copied().collect();
    bench.disk.die_at(write, end);
    let mut stated = 0;
    for _ in 0..12 {
        stated = bench.state().map_or(stated, |sequence| stated.max(sequence + 1));
        let _ = bench.round();
    }
    let died = bench.disk.is_dead();
    let mut after = Bench::new(bench.disk.image(), bench.registry.clone()).unwrap();
    after.minute = 1_000;
    for _ in 0..3 {
        after.state().unwrap();
    }
    after.settle();
    let sequences = after.registry.sequences();
    assert_eq!(sequences, (0..sequences.len() as u64).collect::<Vec<_>>(), "once each, in order");
    assert!(sequences.len() as u64 >= stated + 3, "what was stated arrives: {stated} of {sequences:?}");
    died
}

#[test]
fn a_power_cut_at_any_write_loses_nothing_and_forks_nothing() {
    for end in [End::NotDone, End::Torn, End::Done] {
        let mut write = 0;
        while survives(write, end, &[]) {
            write += 1;
        }
        assert!(write > 30, "the disk was written {write} times");
    }
}

fn any_fault() -> impl Strategy<Value = Fault> {
    prop_oneof![
        3 => Just(Fault::None),
        1 => Just(Fault::RequestLost),
        2 => Just(Fault::AnswerLost),
        1 => Just(Fault::DeliveredTwice),
        1 => Just(Fault::Later),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn every_statement_arrives_once_and_in_order_whatever_fails(
        faults in proptest::collection::vec(any_fault(), 0..60),
        write in 0_usize..80,
        end in prop_oneof![Just(End::NotDone), Just(End::Torn), Just(End::Done)],
    ) {
        survives(write, end, &faults);
    }

    #[test]
    fn without_a_receipt_nothing_is_let_go_of(faults in proptest::collection::vec(any_fault(), 0..60), seal in 0_usize..20) {
        let mut bench = Bench::fresh();
        bench.registry.lock().seals = false;
        bench.registry.lock().faults = faults.into();
        for turn in 0..20 {
            bench.state().unwrap();
            let _ = bench.round();
            if turn == seal {
                bench.registry.lock().seal();
            }
            let waiting: Vec<u64> = bench.shared.spool().waiting(0).collect();
            let inner = bench.registry.lock();
            for sequence in 0..=turn as u64 {
                prop_assert!(waiting.contains(&sequence) || inner.receipt(sequence).is_some());
            }
        }
    }
}
