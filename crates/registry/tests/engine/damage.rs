//! Examination: whatever byte of whatever is kept has changed, it is found and named; and nothing is named that is whole.

use crate::world::*;
use facts::Activity;
use registry::{Command, Registry};
use statement::{Erased, Kept, Nonce, Operator};

/// A registry with more than a full tile of leaves, several kinds of entries, snapshots, and something unsealed.
fn grown() -> Registry<Memory> {
    let registry = settled(Memory::default());
    let mut speakers: Vec<Speaker> = (0..3).map(|n| Speaker::enrolled(n, &registry)).collect();
    for n in 0..258 {
        if n % 20 == 0 {
            let said: Vec<Vec<u8>> = speakers.iter_mut().map(|s| s.say(Activity::Training)).collect();
            send(&registry, &said.iter().map(Vec::as_slice).collect::<Vec<_>>());
        }
        let title = format!("Acme {n}");
        wish(&registry, Command::Operator(Operator { id: name("acme"), version: 0, title, kind: None }));
        seal(&registry);
        if n % 100 == 50 {
            registry.snapshot().unwrap();
        }
    }
    let unsealed = speakers[0].say(Activity::Mining);
    send(&registry, &[&unsealed]);
    registry
}

/// Numbers that look random, the same in every run.
fn numbers(mut seed: u64) -> impl FnMut(usize) -> usize {
    move |below| {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(seed >> 33).unwrap() % below
    }
}

/// Flips one bit of a value.
fn flip(value: &mut [u8], number: &mut impl FnMut(usize) -> usize) {
    let at = number(value.len());
    value[at] ^= 1 << number(8);
}

#[track_caller]
fn named(store: &Memory, places: &[&str]) {
    let troubles = troubles(store);
    let found = troubles.iter().any(|t| places.iter().any(|place| t.starts_with(place)));
    assert!(found, "expected {places:?}, found {troubles:?}");
}

#[test]
fn an_untouched_store_is_whole_at_every_step() {
    let registry = grown();
    assert_eq!(troubles(registry.store()), Vec::<String>::new());
    let found = registry::examine(registry.store(), &log_verifier(), |_, _| true).unwrap();
    assert_eq!((found.leaves, found.waiting, found.erased), (258, 1, 0));
    assert_eq!(found.entries, registry.core().state.next);
    assert_eq!(troubles(&Memory::default()), Vec::<String>::new());
    assert_eq!(troubles(settled(Memory::default()).store()), Vec::<String>::new(), "nothing sealed yet");
}

#[test]
fn a_changed_byte_of_a_frame_is_named_with_the_frame() {
    let whole = grown().store().copy();
    let frames = whole.0.lock().unwrap().frames.len();
    let mut number = numbers(1);
    for _ in 0..150 {
        let store = whole.copy();
        let at = number(frames);
        flip(&mut store.0.lock().unwrap().frames[at], &mut number);
        named(&store, &[&format!("frame {at}")]);
    }
}

#[test]
fn a_changed_byte_of_an_object_is_named_with_the_object() {
    let whole = grown().store().copy();
    let names: Vec<String> = whole.0.lock().unwrap().objects.keys().cloned().collect();
    for kind in ["checkpoint", "state/", "tile/0/", "tile/1/", "tile/entries/"] {
        assert!(names.iter().any(|name| name.starts_with(kind)), "{kind} in {names:?}");
    }
    let mut number = numbers(2);
    for name in &names {
        for _ in 0..12 {
            let store = whole.copy();
            flip(store.0.lock().unwrap().objects.get_mut(name).unwrap(), &mut number);
            // What is wrong in a bundle is named by the leaf.
            let leaf = if name.starts_with("tile/entries/") { "leaf " } else { name };
            let bundle = if name.starts_with("tile/entries/000") { "bundle 0" } else { "bundle 1" };
            named(&store, &[name, leaf, bundle]);
        }
    }
}

#[test]
fn a_changed_byte_of_the_lock_is_named() {
    let whole = grown().store().copy();
    let mut number = numbers(3);
    for _ in 0..60 {
        let store = whole.copy();
        flip(store.0.lock().unwrap().lock.as_mut().unwrap(), &mut number);
        named(&store, &["lock"]);
    }
}

#[test]
fn a_lost_object_is_named_if_anything_needs_it() {
    let whole = grown().store().copy();
    let names: Vec<String> = whole.0.lock().unwrap().objects.keys().cloned().collect();
    let needed =
        ["tile/0/000", "tile/0/001.p/2", "tile/1/000.p/1", "tile/entries/000", "tile/entries/001.p/2"];
    for name in needed {
        assert!(names.iter().any(|n| n == name), "{name} in {names:?}");
        let store = whole.copy();
        store.0.lock().unwrap().objects.remove(name);
        named(&store, &[name, "tiles", "bundle"]);
    }
}

#[test]
fn a_frame_in_the_place_of_another_is_named() {
    let whole = grown().store().copy();
    let store = whole.copy();
    store.0.lock().unwrap().frames.swap(20, 21);
    named(&store, &["frame 20"]);
    let store = whole.copy();
    let twice = store.0.lock().unwrap().frames[20].clone();
    store.0.lock().unwrap().frames.insert(21, twice);
    named(&store, &["frame 21"]);
    let store = whole;
    store.0.lock().unwrap().frames.remove(20);
    named(&store, &["frame 20"]);
}

#[test]
fn what_is_wrong_with_the_form_of_a_frame_but_not_with_its_sum_is_named_too() {
    let whole = grown().store().copy();
    // Somebody who knows the form rewrites time and judgements of a sealed frame.
    let frame =
        |store: &Memory, at: usize| registry::Frame::from_cbor(&store.0.lock().unwrap().frames[at]).unwrap();
    let at = (20..).find(|at| matches!(frame(&whole, *at).entries[0], Kept::Statement(_))).unwrap();
    let mut judged = frame(&whole, at);
    judged.verdicts[0].dispositions = vec![4].into();
    let mut timed = frame(&whole, at);
    timed.at_ms += 1;
    for changed in [judged, timed] {
        let store = whole.copy();
        store.0.lock().unwrap().frames[at] = changed.to_cbor();
        named(&store, &["entries "]);
        assert!(troubles(&store)[0].contains("other times, kinds or judgements"), "{:?}", troubles(&store));
    }
}

#[test]
fn erased_statements_leave_a_store_whole_and_its_proofs_standing() {
    let registry = grown();
    let before: Vec<Kept> = spine(registry.store());
    let next = registry.published().next;
    for (first, count) in [(6, 1), (50, 3), (0, next), (0, next)] {
        let wish = Erased { first, count, why: "asked to".into() };
        registry.erase(wish, "test", NOW, Nonce([8; 16])).unwrap();
        assert_eq!(troubles(registry.store()), Vec::<String>::new());
    }
    seal(&registry);
    let after = spine(registry.store());
    for (was, is) in before.iter().zip(&after) {
        assert_eq!(was.leaf(), is.leaf());
        assert_eq!(matches!(was, Kept::Record(_)), matches!(is, Kept::Record(_)), "records stay");
    }
    let sealed_statements = before[..next as usize].iter().filter(|e| matches!(e, Kept::Statement(_)));
    let found = registry::examine(registry.store(), &log_verifier(), |_, _| true).unwrap();
    assert_eq!(found.erased, sealed_statements.count() as u64);
    for (ordinal, entry) in (0..).zip(&after) {
        verify_receipt(&registry.receipt(ordinal).unwrap(), entry, ordinal);
    }
}

#[test]
fn after_an_erasure_the_chain_goes_on_even_without_any_snapshot() {
    let store = Memory::default();
    let registry = settled(store.clone());
    let mut speaker = Speaker::enrolled(1, &registry);
    let first = registry.core().state.next;
    for _ in 0..50 {
        send(&registry, &[&speaker.say(Activity::Training)]);
    }
    seal(&registry);
    // Every second one: more holes than a chain may have gaps.
    for n in 0..25 {
        let wish = Erased { first: first + n * 2, count: 1, why: "asked to".into() };
        assert_eq!(registry.erase(wish, "test", NOW, Nonce([8; 16])).unwrap(), 1);
    }
    seal(&registry);
    let again = open(store.clone());
    assert_eq!(told(&again.core().state, true), told(&registry.core().state, true), "the snapshot knows");
    store.0.lock().unwrap().objects.retain(|name, _| !name.starts_with("state/"));
    assert_eq!(troubles(&store), Vec::<String>::new());
    let bare = open(store);
    let said = speaker.say(Activity::Training);
    assert!(matches!(send(&bare, &[&said])[..], [registry::Outcome::Accepted(_)]));
}

#[test]
fn only_what_is_sealed_and_published_can_be_erased_and_for_a_reason_that_can_be_shown() {
    let registry = grown();
    let next = registry.published().next;
    for (first, count) in [(next, 1), (0, next + 1), (0, 0), (u64::MAX, 2)] {
        let wish = Erased { first, count, why: "asked to".into() };
        let error = registry.erase(wish, "test", NOW, Nonce([8; 16])).unwrap_err().to_string();
        assert!(error.contains("are not all sealed"), "{error}");
    }
    let wish = Erased { first: 6, count: 1, why: "x".repeat(257) };
    let error = registry.erase(wish, "test", NOW, Nonce([8; 16])).unwrap_err().to_string();
    assert!(error.contains("reason is longer than 256"), "{error}");
}
