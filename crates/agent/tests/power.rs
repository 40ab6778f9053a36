//! A power cut at any write, on any network: nothing is lost, nothing arrives twice, and no two statements with one number leave.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

mod support;

use proptest::prelude::*;
use support::bench::Bench;
use support::disk::End;
use support::registry::Fault;

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

#[test]
fn signing_again_may_be_cut_short_at_any_write() {
    for end in [End::NotDone, End::Torn, End::Done] {
        for write in 0..24 {
            let mut bench = Bench::fresh();
            for _ in 0..4 {
                bench.state().unwrap();
            }
            bench.settle();
            let image = bench.disk.image();
            bench.state().unwrap();
            bench.settle();
            bench.registry.lock().allow_forks = true;
            let mut again = Bench::new(image.clone(), bench.registry.clone()).unwrap();
            again.minute = 100;
            for _ in 0..40 {
                again.state().unwrap();
            }
            again.disk.die_at(write, end);
            for _ in 0..3 {
                let _ = again.round();
            }
            let mut after = Bench::new(image.image(), bench.registry.clone()).unwrap();
            after.settle();
            let sequences = after.registry.sequences();
            assert_eq!(sequences, (0..45).collect::<Vec<_>>(), "cut at write {write}, {end:?}");
        }
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
