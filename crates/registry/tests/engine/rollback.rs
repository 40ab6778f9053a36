//! Older copies, forks and second sealers: named, or harmless.

use crate::faulty::Meddled;
use crate::world::*;
use ed25519_zebra::VerificationKey;
use facts::Activity;
use registry::seal::SealError;
use registry::store::Store;
use registry::{Outcome, Registry, RollbackSeen};
use std::sync::Arc;
use tlog::{SignedCheckpoint, verify_consistency};

/// A store as it was, as it is now, and the registry over it now; the last two statements are not sealed.
struct Then {
    older: Memory,
    newer: Memory,
    registry: Registry<Memory>,
    speaker: Speaker,
    unsealed: Vec<Vec<u8>>,
}

fn then() -> Then {
    let newer = Memory::default();
    let registry = settled(newer.clone());
    let mut speaker = Speaker::enrolled(1, &registry);
    let talk = |speaker: &mut Speaker| {
        let said = speaker.say(Activity::Training);
        assert!(matches!(send(&registry, &[&said])[..], [Outcome::Accepted(_)]));
        said
    };
    for _ in 0..3 {
        talk(&mut speaker);
        seal(&registry);
    }
    registry.snapshot().unwrap();
    let older = newer.copy();
    for _ in 0..3 {
        talk(&mut speaker);
        seal(&registry);
    }
    let unsealed = (0..2).map(|_| talk(&mut speaker)).collect();
    registry.snapshot().unwrap();
    Then { older, newer, registry, speaker, unsealed }
}

/// The newer store with some of its objects as they were in the older one.
fn mixed(then: &Then, is_old: impl Fn(&str) -> bool) -> Memory {
    let mixed = then.newer.copy();
    let mut content = mixed.0.lock().unwrap();
    content.objects.retain(|name, _| !is_old(name));
    let older = then.older.0.lock().unwrap();
    content.objects.extend(older.objects.clone().into_iter().filter(|(name, _)| is_old(name)));
    drop((content, older));
    mixed
}

fn refusal(store: Memory) -> String {
    Registry::open(store, ORIGIN, log_key(), rules()).err().expect("it opens").to_string()
}

/// Opens a store, and checks that it knows and proves all that the newer one does.
fn harmless(store: Memory, then: &Then) {
    let registry = open(store.clone());
    assert_eq!(told(&registry.core().state, true), told(&then.registry.core().state, true));
    seal(&registry);
    for (ordinal, entry) in (0..).zip(spine(&store)) {
        verify_receipt(&registry.receipt(ordinal).unwrap(), &entry, ordinal);
    }
    registry.snapshot().unwrap();
    assert_eq!(troubles(&store), Vec::<String>::new());
}

#[test]
fn an_older_or_lost_lock_is_named() {
    let then = then();
    for lock in [then.older.lock().unwrap(), None] {
        let mixed = then.newer.copy();
        mixed.0.lock().unwrap().lock = lock;
        assert!(troubles(&mixed)[0].contains("lock"), "{:?}", troubles(&mixed));
        let error = refusal(mixed);
        assert!(error.contains("the lock was rolled back"), "{error}");
    }
}

#[test]
fn older_tiles_or_an_older_spine_or_both_are_named() {
    let then = then();
    let mut all = vec![mixed(&then, |name| name.starts_with("tile/"))];
    for store in [then.newer.copy(), mixed(&then, |_| true)] {
        store.0.lock().unwrap().frames = then.older.0.lock().unwrap().frames.clone();
        all.push(store);
    }
    for store in all {
        assert!(!troubles(&store).is_empty());
        let error = refusal(store);
        assert!(error.contains("the store was rolled back"), "{error}");
    }
}

#[test]
fn older_or_lost_snapshots_and_checkpoints_are_harmless() {
    let then = then();
    harmless(mixed(&then, |name| name.starts_with("state/")), &then);
    harmless(mixed(&then, |name| name == "checkpoint"), &then);
    for lost in ["state/", "checkpoint"] {
        let store = then.newer.copy();
        store.0.lock().unwrap().objects.retain(|name, _| !name.starts_with(lost));
        harmless(store, &then);
    }
}

#[test]
fn every_shorter_spine_is_named_or_lacks_only_what_agents_still_have() {
    let then = then();
    let whole = then.newer.0.lock().unwrap().frames.len();
    for frames in 0..whole {
        let store = then.newer.copy();
        store.0.lock().unwrap().frames.truncate(frames);
        if frames < whole - 2 {
            let error = refusal(store);
            assert!(error.contains("entries are sealed"), "{frames} frames: {error}");
            continue;
        }
        // A snapshot tells that there was more; it does not bring it back.
        assert!(troubles(&store).iter().any(|t| t.starts_with("state/")), "{:?}", troubles(&store));
        let registry = open(store.clone());
        let missing: Vec<&[u8]> = then.unsealed[frames + 2 - whole..].iter().map(Vec::as_slice).collect();
        assert!(send(&registry, &missing).iter().all(|o| matches!(o, Outcome::Accepted(_))));
        registry.snapshot().unwrap();
        harmless_alone(&registry);
    }
}

/// Checks a registry against its own spine.
fn harmless_alone(registry: &Registry<Memory>) {
    let store = registry.store();
    seal(registry);
    assert_eq!(troubles(store), Vec::<String>::new());
    assert_eq!(told(&registry.core().state, true), told(&fold(store), true));
    let again = open(store.clone());
    assert_eq!(told(&again.core().state, true), told(&fold(store), true));
}

#[test]
fn a_snapshot_of_a_spine_that_is_no_more_is_not_believed_when_the_new_one_has_outgrown_it() {
    let then = then();
    let store = then.newer.copy();
    let whole = store.0.lock().unwrap().frames.len();
    store.0.lock().unwrap().frames.truncate(whole - 2);
    let registry = open(store.clone());
    // Other statements come instead, and more of them.
    for n in 10..16 {
        let mut other = Speaker::enrolled(n, &registry);
        send(&registry, &[&other.say(Activity::Mining)]);
    }
    assert!(!troubles(&store).is_empty(), "the snapshot is named");
    let again = open(store.clone());
    assert_eq!(told(&again.core().state, true), told(&fold(&store), true));
    again.snapshot().unwrap();
    harmless_alone(&again);
}

#[test]
fn a_client_with_a_newer_checkpoint_stops_a_registry_that_was_restored_whole() {
    let mut then = then();
    let newer = then.registry.published().note;
    let key = VerificationKey::from(&log_key());
    let restored = open(then.older.copy());
    let own = restored.published().note;
    assert_eq!(restored.seen(&own, ORIGIN, key), Ok(()));
    assert_eq!(then.registry.seen(&own, ORIGIN, key), Ok(()), "an older one of the same log");
    let seen = restored.seen(&newer, ORIGIN, key);
    assert!(matches!(seen, Err(RollbackSeen::Larger { seen: 6, own: 3 })), "{seen:?}");
    let said = then.speaker.say(Activity::Training);
    let checked = restored.check(&said).unwrap();
    let error = restored.admit(vec![checked], NOW).err().unwrap().to_string();
    assert!(error.contains("rolled back"), "{error}");
    assert!(restored.record("test", vec![], NOW, nonces()).is_err());
}

#[test]
fn what_others_signed_stops_nothing() {
    let then = then();
    let restored = open(then.older.copy());
    let key = VerificationKey::from(&log_key());
    let mut newer = then.registry.published().note;
    let middle = newer.len() - 20;
    newer[middle] = if newer[middle] == b'A' { b'B' } else { b'A' };
    assert_eq!(restored.seen(&newer, ORIGIN, key), Ok(()));
    assert_eq!(restored.seen(b"anything", ORIGIN, key), Ok(()));
    assert_eq!(restored.stopped(), None);
}

/// Two registries that went on otherwise from one copy.
fn forked() -> [Registry<Memory>; 2] {
    let then = then();
    [1, 2].map(|n| {
        let registry = open(then.older.copy());
        let mut other = Speaker::enrolled(10 + n, &registry);
        for _ in 0..n {
            send(&registry, &[&other.say(Activity::Mining)]);
            seal(&registry);
        }
        registry
    })
}

#[test]
fn a_log_that_shows_two_faces_is_found_by_whoever_holds_them_against_each_other() {
    let [one, two] = forked();
    let key = VerificationKey::from(&log_key());
    let heads = [&one, &two].map(|r| {
        let note = r.published().note;
        SignedCheckpoint::parse(&note).unwrap().checkpoint().head()
    });
    // A client that has seen the face of one asks the other for consistency.
    let proof = two.consistency(heads[0].size, heads[1].size).unwrap();
    verify_consistency(heads[0].size, heads[0].root, heads[1].size, heads[1].root, &proof).unwrap_err();
    let own = two.consistency(3, heads[1].size).unwrap();
    let shared = SignedCheckpoint::parse(&open(then().older).published().note).unwrap().checkpoint().head();
    verify_consistency(3, shared.root, heads[1].size, heads[1].root, &own).unwrap();
    let seen = two.seen(&one.published().note, ORIGIN, key);
    assert_eq!(seen, Err(RollbackSeen::Forked { size: heads[0].size }));
    assert!(two.stopped().unwrap().contains("forked"));
}

#[test]
fn sizes_that_the_log_never_had_have_no_consistency() {
    let then = then();
    assert!(then.registry.consistency(0, 7).is_err());
    assert!(then.registry.consistency(5, 4).is_err());
    assert!(then.registry.consistency(4, 5).is_ok());
}

#[test]
fn of_two_sealers_on_one_store_the_second_stops_and_nothing_is_spoiled() {
    let store = Memory::default();
    let one = settled(store.clone());
    let mut speaker = Speaker::enrolled(1, &one);
    seal(&one);
    send(&one, &[&speaker.say(Activity::Training)]);
    let two = open(store.clone());
    send(&one, &[&speaker.say(Activity::Training)]);
    seal(&one);
    assert!(matches!(two.seal(), Err(SealError::Superseded)));
    assert!(two.stopped().unwrap().contains("another sealer"));
    harmless_alone(&one);
}

#[test]
fn a_second_sealer_that_is_overtaken_in_the_middle_of_its_work_spoils_nothing() {
    let meddled = Meddled::default();
    let one = Arc::new(settled(meddled.memory.clone()));
    let mut speaker = Speaker::enrolled(1, &one);
    seal(&one);
    send(&one, &[&speaker.say(Activity::Training)]);
    let two = open(meddled.clone());
    // The first has more to seal than the second knows of, and is faster.
    send(&one, &[&speaker.say(Activity::Training)]);
    let first = Arc::clone(&one);
    meddled.before_the_next_swap(move || seal(&first));
    assert!(matches!(two.seal(), Err(SealError::Superseded)));
    harmless_alone(&one);
}
