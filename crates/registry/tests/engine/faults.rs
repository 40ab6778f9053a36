//! Every call to the store fails once, in every way, in a long life; and the power goes at every call.

use crate::faulty::{After, Fault, Faulty};
use crate::script::Life;
use crate::world::*;
use std::panic::{AssertUnwindSafe, catch_unwind};

/// Acts out a life over a store; checks it as it stands, after a restart, after an erasure, and after another restart.
fn live(store: &Faulty, after: After) {
    let mut life = Life::new(store, after == After::Crash);
    life.act();
    // The fault may still be to come; what follows must hold before and after it.
    settle(&mut life);
    life.erase();
    settle(&mut life);
}

/// Seals what is left, and holds the life against what must hold, before and after a restart.
fn settle(life: &mut Life<'_>) {
    life.seal();
    if life.registry.published().next == life.registry.core().state.next {
        hold_if_over(life);
    }
    let before = told(&life.registry.core().state, true);
    life.restart();
    assert_eq!(told(&life.registry.core().state, true), before, "a restart knows what was known");
    life.seal();
    hold_if_over(life);
}

/// Receipts read the store: only when the fault is past, or they would meet it.
fn hold_if_over(life: &Life<'_>) {
    if life.store.is_over() {
        life.hold();
    }
}

/// How many calls a life makes.
fn calls() -> u64 {
    let store = Faulty::new(u64::MAX, Fault::Without, After::Outage(0));
    live(&store, After::Outage(0));
    store.calls()
}

fn everywhere(fault: Fault, after: After) {
    let calls = calls();
    assert!(calls > 150, "{calls} calls");
    let failed: Vec<u64> = (0..calls)
        .filter(|at| {
            let store = Faulty::new(*at, fault, after);
            catch_unwind(AssertUnwindSafe(|| live(&store, after))).is_err()
        })
        .collect();
    assert!(failed.is_empty(), "{fault:?}, {after:?} at {failed:?} of {calls} calls");
}

#[test]
fn a_call_that_fails_without_effect_loses_and_doubles_nothing() {
    everywhere(Fault::Without, After::Outage(0));
}

#[test]
fn a_call_that_fails_after_taking_effect_loses_and_doubles_nothing() {
    everywhere(Fault::With, After::Outage(0));
}

#[test]
fn a_write_that_took_effect_in_part_loses_and_doubles_nothing() {
    everywhere(Fault::Half, After::Outage(0));
}

#[test]
fn a_crash_before_any_call_loses_and_doubles_nothing() {
    everywhere(Fault::Without, After::Crash);
}

#[test]
fn a_crash_after_any_call_loses_and_doubles_nothing() {
    everywhere(Fault::With, After::Crash);
}

#[test]
fn a_crash_in_the_middle_of_a_write_loses_and_doubles_nothing() {
    everywhere(Fault::Half, After::Crash);
}

#[test]
fn an_outage_that_begins_with_a_call_that_took_effect_loses_and_doubles_nothing() {
    (1..=3).for_each(|calls| everywhere(Fault::With, After::Outage(calls)));
}

#[test]
fn an_outage_that_begins_in_the_middle_of_a_write_loses_and_doubles_nothing() {
    everywhere(Fault::Half, After::Outage(2));
}
