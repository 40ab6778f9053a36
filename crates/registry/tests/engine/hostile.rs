//! Hostile agents: whatever they send, it is refused with one reason, and who stands beside them is admitted.

use crate::world::*;
use facts::Activity;
use registry::{Command, CommandError, MAX_STATEMENTS, Outcome, Registry};
use statement::{
    DeviceKey, Digest, Enrol, EnvelopeError, Key, KeyError, Nonce, Purpose, RequestError, Statement, sign,
    to_cbor,
};

const MINUTE: u64 = 60_000;

/// What a hostile device sends, given an honest statement that it could have sent and another device.
type Trick = fn(&Speaker, &Speaker) -> Vec<u8>;

fn signed(statement: &Statement, key: &DeviceKey) -> Vec<u8> {
    sign(&to_cbor(statement), key, Purpose::Statement)
}

fn altered(speaker: &Speaker, alter: impl FnOnce(&mut Statement)) -> Vec<u8> {
    let mut statement = speaker.payload(Activity::Training);
    alter(&mut statement);
    signed(&statement, &speaker.key)
}

fn ending(speaker: &Speaker, until_ms: u64) -> Vec<u8> {
    altered(speaker, |s| s.from_ms = until_ms - u64::from(s.duration_ms))
}

const DAY: u64 = 86_400_000;

const TRICKS: &[(&str, &str, Trick)] = &[
    ("a forged signature", "bad-signature", |own, _| {
        let mut bytes = altered(own, |_| {});
        *bytes.last_mut().unwrap() ^= 1;
        bytes
    }),
    ("a changed payload", "bad-signature", |own, _| {
        let mut bytes = altered(own, |_| {});
        let middle = bytes.len() / 2;
        bytes[middle] ^= 1;
        bytes
    }),
    ("a signature made for another purpose", "bad-signature", |own, _| {
        sign(&to_cbor(&own.payload(Activity::Training)), &own.key, Purpose::Request)
    }),
    ("another device's statement under the own key", "other-device", |own, other| {
        signed(&other.payload(Activity::Training), &own.key)
    }),
    ("another device's key id", "bad-signature", |own, other| {
        let mut bytes = altered(own, |_| {});
        bytes[8..16].copy_from_slice(&other.key.public().id().0);
        bytes
    }),
    ("a key that nobody enrolled", "unknown-key", |own, _| {
        signed(&own.payload(Activity::Training), &DeviceKey::from_seed([200; 32]))
    }),
    ("a statement that does not follow the last", "chain-broken", |own, _| {
        altered(own, |s| s.previous = Digest::of(b"something else"))
    }),
    ("a second statement under the last number", "equivocation", |own, _| {
        altered(own, |s| {
            s.sequence -= 1;
            s.nonce = Nonce([66; 16]);
        })
    }),
    ("an unknown version", "malformed", |own, _| altered(own, |s| s.version = 2)),
    ("a day that lasts longer", "malformed", |own, _| altered(own, |s| s.duration_ms = 86_400_001)),
    ("a number at the end of all numbers", "malformed", |own, _| altered(own, |s| s.sequence = u64::MAX)),
    ("a later number without one before", "malformed", |own, _| altered(own, |s| s.previous = Digest::NONE)),
    ("probabilities beyond certainty", "malformed", |own, _| {
        altered(own, |s| s.findings[0].readings[0].permille = 1_021)
    }),
    ("too many findings", "malformed", |own, _| {
        altered(own, |s| s.findings = vec![s.findings[0].clone(); 65])
    }),
    ("another encoding of the same", "malformed", |own, _| {
        let payload = to_cbor(&own.payload(Activity::Training));
        let longer = [&[0xb8, payload[0] - 0xa0], &payload[1..]].concat();
        sign(&longer, &own.key, Purpose::Statement)
    }),
    ("bytes after the statement", "malformed", |own, _| {
        let payload = [to_cbor(&own.payload(Activity::Training)), vec![0]].concat();
        sign(&payload, &own.key, Purpose::Statement)
    }),
    ("no statement at all", "malformed", |own, _| sign(b"", &own.key, Purpose::Statement)),
    ("the largest payload, of zeroes", "malformed", |own, _| {
        sign(&vec![0; statement::MAX_STATEMENT], &own.key, Purpose::Statement)
    }),
    ("a time that has not come", "ahead-of-clock", |own, _| ending(own, NOW + 300_001)),
    ("a time long gone", "too-old", |own, _| ending(own, NOW - 401 * DAY)),
    ("the same minute again", "overlap", |own, _| altered(own, |s| s.from_ms -= MINUTE)),
];

/// A registry with two devices that have spoken twice.
fn pair() -> (Registry<Memory>, Speaker, Speaker) {
    let registry = settled(Memory::default());
    let mut pair = [1, 2].map(|n| Speaker::enrolled(n, &registry));
    for speaker in &mut pair {
        let said = [speaker.say(Activity::Training), speaker.say(Activity::Training)];
        let outcomes = send(&registry, &[&said[0], &said[1]]);
        assert!(matches!(outcomes[..], [Outcome::Accepted(_), Outcome::Accepted(_)]));
    }
    let [one, two] = pair;
    (registry, one, two)
}

#[test]
fn every_trick_is_refused_with_its_code_and_the_neighbour_is_admitted() {
    for (what, code, trick) in TRICKS {
        let (registry, own, mut other) = pair();
        let bad = trick(&own, &other);
        let good = other.say(Activity::Training);
        let outcomes = send(&registry, &[&bad, &good]);
        let [Outcome::Refused(refusal), Outcome::Accepted(_)] = &outcomes[..] else {
            panic!("{what}: {outcomes:?}")
        };
        assert_eq!(refusal.code(), *code, "{what}: {refusal}");
        // What was refused has left no trace: the honest statement is admitted still.
        let mut own = own;
        let honest = own.say(Activity::Training);
        assert!(matches!(send(&registry, &[&honest])[..], [Outcome::Accepted(_)]), "{what}");
        assert_eq!(troubles(registry.store()), Vec::<String>::new());
    }
}

#[test]
fn clocks_may_differ_by_what_is_allowed() {
    for until_ms in [NOW + 300_000, NOW - 400 * DAY] {
        let registry = settled(Memory::default());
        let own = Speaker::enrolled(1, &registry);
        let said = ending(&own, until_ms);
        assert!(matches!(send(&registry, &[&said])[..], [Outcome::Accepted(_)]));
    }
}

#[test]
fn a_statement_of_another_device_cannot_be_sent_as_ones_own_but_may_be_carried() {
    let (registry, own, mut other) = pair();
    let theirs = other.say(Activity::Training);
    let mine = altered(&own, |_| {});
    // A relay sends both in one body: each stands under its own key.
    let outcomes = send(&registry, &[&theirs, &mine, &theirs]);
    assert!(matches!(outcomes[..], [Outcome::Accepted(_), Outcome::Accepted(_), Outcome::Duplicate]));
}

#[test]
fn a_body_in_reverse_is_admitted_and_whole() {
    let (registry, mut own, _) = pair();
    let mut said: Vec<Vec<u8>> = (0..20).map(|_| own.say(Activity::Training)).collect();
    said.reverse();
    let parts: Vec<&[u8]> = said.iter().map(Vec::as_slice).collect();
    assert!(send(&registry, &parts).iter().all(|o| matches!(o, Outcome::Accepted(_))));
    assert_eq!(registry.core().state.devices[&own.device].chain.missing(), 0);
}

#[test]
fn one_malformed_envelope_refuses_the_body_with_one_clear_error() {
    let (registry, mut own, _) = pair();
    let good = own.say(Activity::Training);
    let refusals = [
        ([&good[..], &[0xff]].concat(), "no COSE_Sign1"),
        (good[..good.len() - 1].to_vec(), "cut off"),
        ([&good[..16], &[0xa0, 0x5a, 0, 1, 0, 0]].concat(), "65536"),
    ];
    for (body, expected) in refusals {
        let error = registry.check(&body).err().unwrap().to_string();
        assert!(error.contains(expected), "{error}");
    }
    assert_eq!(registry.core().state.devices[&own.device].chain.next, 2, "nothing of it was admitted");
    assert!(matches!(send(&registry, &[&good])[..], [Outcome::Accepted(_)]));
}

#[test]
fn a_body_holds_so_many_statements_and_no_more() {
    let (registry, mut own, _) = pair();
    let said = own.say(Activity::Idle);
    let body = said.repeat(MAX_STATEMENTS);
    let outcomes = registry.admit(vec![registry.check(&body).unwrap()], NOW).unwrap().outcomes.remove(0);
    assert!(matches!(outcomes[0], Outcome::Accepted(_)));
    assert!(outcomes[1..].iter().all(|o| *o == Outcome::Duplicate));
    let error = registry.check(&[body, said].concat()).err().unwrap();
    assert_eq!(error, EnvelopeError::TooMany { most: MAX_STATEMENTS });
}

#[test]
fn bodies_that_do_not_fit_into_one_frame_are_refused_before_anything_is_written() {
    let (registry, mut own, mut other) = pair();
    let (mine, theirs) = (own.say(Activity::Idle), other.say(Activity::Idle));
    let full = registry.check(&mine.repeat(MAX_STATEMENTS)).unwrap();
    let more = registry.check(&theirs).unwrap();
    let frames = registry.core().state.frames;
    let error = registry.admit(vec![full, more], NOW).err().unwrap().to_string();
    assert!(error.contains("4097"), "{error}");
    assert_eq!(registry.core().state.frames, frames);
}

#[test]
fn a_flood_of_one_device_ends_at_its_share_and_leaves_the_others_theirs() {
    let (registry, mut own, mut other) = pair();
    let said = own.say(Activity::Idle);
    let body = said.repeat(MAX_STATEMENTS);
    let mut limited = 0;
    for _ in 0..20 {
        let outcomes = registry.admit(vec![registry.check(&body).unwrap()], NOW).unwrap().outcomes.remove(0);
        limited += outcomes
            .iter()
            .filter(|o| matches!(o, Outcome::Refused(r) if r.code() == "rate-limited"))
            .count();
    }
    // 50,000 at once, of which two were used up before.
    assert_eq!(limited, 20 * MAX_STATEMENTS - 49_998);
    let good = other.say(Activity::Idle);
    assert!(matches!(send(&registry, &[&good])[..], [Outcome::Accepted(_)]));
    let next = own.say(Activity::Idle);
    let checked = registry.check(&next).unwrap();
    let outcomes = registry.admit(vec![checked], NOW + 1_000).unwrap().outcomes;
    assert!(matches!(outcomes[0][..], [Outcome::Accepted(_)]), "a second later there is one more");
}

fn request(key: Vec<u8>) -> Enrol {
    let (site, label, nonce) = (name("hall"), "server".to_owned(), Nonce([3; 16]));
    Enrol { key, site, label, at_ms: NOW, nonce, token: Some("let me in".into()), vouch: None }
}

#[test]
fn weak_and_mixed_keys_are_not_enrolled() {
    let registry = settled(Memory::default());
    let honest = DeviceKey::from_seed([1; 32]);
    // The neutral point, a point of order four, and one of order eight (RFC 8032, section 5.1; ed25519 test vectors).
    let mut neutral = [0; 32];
    neutral[0] = 1;
    let order_eight = "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05";
    let order_eight: Digest = order_eight.parse().unwrap();
    for weak in [neutral, [0; 32], order_eight.0] {
        let wish = Command::Enrol(request(weak.to_vec()).sign(&honest));
        let answer = registry.record("test", vec![wish], NOW, nonces()).unwrap().remove(0);
        let weak = CommandError::Request(RequestError::Key(KeyError::Weak));
        assert_eq!(answer.err(), Some(weak));
    }
    assert!(Key::from_bytes(&honest.public().to_bytes()).is_ok());
}
