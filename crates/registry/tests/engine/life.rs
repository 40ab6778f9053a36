//! From the first statement to the receipt, and over restarts.

use crate::world::*;
use facts::Activity;
use registry::{Outcome, ReceiptError};
use statement::Kept;

#[test]
fn what_is_admitted_is_sealed_and_proved() {
    let registry = settled(Memory::default());
    let mut speaker = Speaker::enrolled(1, &registry);
    let said: Vec<Vec<u8>> = (0..5).map(|_| speaker.say(Activity::Training)).collect();
    let parts: Vec<&[u8]> = said.iter().map(Vec::as_slice).collect();
    let outcomes = send(&registry, &parts);
    let Outcome::Accepted(first) = outcomes[0] else { panic!("{outcomes:?}") };
    assert_eq!(outcomes, (first..first + 5).map(Outcome::Accepted).collect::<Vec<_>>());
    assert!(matches!(registry.receipt(first), Err(ReceiptError::NotYet { .. })), "accepted is not sealed");
    seal(&registry);
    for (ordinal, bytes) in (first..).zip(said) {
        verify_receipt(&registry.receipt(ordinal).unwrap(), &Kept::Statement(bytes), ordinal);
    }
}

#[test]
fn a_statement_counts_once_however_often_it_comes() {
    let registry = settled(Memory::default());
    let mut speaker = Speaker::enrolled(1, &registry);
    let said = speaker.say(Activity::Training);
    let outcomes = send(&registry, &[&said, &said]);
    assert!(matches!(outcomes[..], [Outcome::Accepted(_), Outcome::Duplicate]), "{outcomes:?}");
    assert_eq!(send(&registry, &[&said]), [Outcome::Duplicate]);
}

#[test]
fn a_restart_knows_all_that_was_known() {
    let store = Memory::default();
    let registry = settled(store.clone());
    let mut speakers: Vec<Speaker> = (0..7).map(|n| Speaker::enrolled(n, &registry)).collect();
    for round in 0..6 {
        for speaker in &mut speakers {
            let said = speaker.say(Activity::Mining);
            assert!(matches!(send(&registry, &[&said])[..], [Outcome::Accepted(_)]));
        }
        match round {
            1 => seal(&registry),
            2 => registry.snapshot().unwrap(),
            3 => drop(registry.seal().unwrap()),
            _ => {}
        }
        let again = open(store.clone());
        assert_eq!(again.core().state.next, registry.core().state.next);
        assert_eq!(again.waiting(), registry.waiting(), "round {round}");
        for speaker in &speakers {
            let id = speaker.key.public().device();
            let chain = |r: &registry::Registry<Memory>| r.core().state.devices[&id].chain.clone();
            assert_eq!(chain(&again), chain(&registry));
        }
    }
    let again = open(store);
    seal(&again);
    let next = again.core().state.next;
    assert_eq!(again.published().next, next);
    assert!((0..next).all(|ordinal| again.receipt(ordinal).is_ok()));
}

#[test]
fn an_older_copy_of_the_store_is_refused_and_named() {
    let store = Memory::default();
    let registry = settled(store.clone());
    let mut speaker = Speaker::enrolled(1, &registry);
    seal(&registry);
    let older = store.copy();
    let said = speaker.say(Activity::Training);
    send(&registry, &[&said]);
    seal(&registry);
    // The lock stands where it was; everything else is from before.
    older.0.lock().unwrap().lock.clone_from(&store.0.lock().unwrap().lock);
    let error = registry::Registry::open(older, ORIGIN, log_key(), rules()).err().unwrap().to_string();
    assert!(error.contains("rolled back"), "{error}");
}
