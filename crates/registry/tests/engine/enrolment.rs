//! Who is let in: one-time tokens, requests, and keys that follow one another.

use crate::world::*;
use facts::Activity;
use registry::{Command, CommandError, Outcome, Registry};
use statement::{DeviceKey, Digest, Enrol, KeyId, Nonce, Operator, Revoked, Rotate, Site, Token};

const DAY: u64 = 86_400_000;
const MINUTE: u64 = 60_000;

fn token(id: &str, secret: &str) -> Token {
    Token {
        id: name(id),
        secret: Digest::of(secret.as_bytes()),
        role: "enrolment".into(),
        operator: Some(name("acme")),
        sites: vec![],
        until_ms: None,
        uses: 1,
    }
}

pub fn request(n: u16, token: Option<&str>) -> (Enrol, DeviceKey) {
    let key = Speaker::new(n).key;
    let request = Enrol {
        key: key.public().to_bytes().to_vec(),
        site: name("hall"),
        label: format!("server {n}"),
        at_ms: NOW,
        nonce: Nonce([1; 16]),
        token: token.map(str::to_owned),
        vouch: None,
    };
    (request, key)
}

pub fn asks((request, key): (Enrol, DeviceKey)) -> Command {
    Command::Enrol(request.sign(&key))
}

/// What becomes of wishes that are recorded together: none where they were, else the reason.
pub fn together(registry: &Registry<Memory>, wishes: Vec<Command>) -> Vec<Option<String>> {
    let answers = registry.record("test", wishes, NOW, nonces()).unwrap();
    answers.into_iter().map(|answer| answer.err().map(|e: CommandError| e.to_string())).collect()
}

pub fn alone(registry: &Registry<Memory>, wish: Command) -> Option<String> {
    together(registry, vec![wish]).remove(0)
}

#[track_caller]
pub fn refused(answer: Option<String>, expected: &str) {
    let why = answer.expect("it was recorded");
    assert!(why.contains(expected), "{why}");
}

#[test]
fn a_token_lets_in_one_device_and_no_second_one() {
    let registry = settled(Memory::default());
    assert_eq!(alone(&registry, Command::Token(token("once", "open sesame"))), None);
    assert_eq!(alone(&registry, asks(request(1, Some("open sesame")))), None);
    refused(alone(&registry, asks(request(2, Some("open sesame")))), "it has been used");
    refused(alone(&registry, asks(request(3, Some("abracadabra")))), "it is not known");
    refused(alone(&registry, asks(request(4, None))), "nobody vouches");
}

#[test]
fn two_devices_that_ask_at_once_with_one_token_do_not_both_get_in() {
    let registry = settled(Memory::default());
    let wishes = vec![
        Command::Token(token("once", "open sesame")),
        asks(request(1, Some("open sesame"))),
        asks(request(2, Some("open sesame"))),
    ];
    let answers = together(&registry, wishes);
    assert_eq!(answers[..2], [None, None]);
    refused(answers[2].clone(), "it has been used");
    assert_eq!(registry.core().state.devices.len(), 1);
}

#[test]
fn a_token_counts_for_its_time_role_operator_and_site() {
    let registry = settled(Memory::default());
    let title = "Other".to_owned();
    wish(&registry, Command::Operator(Operator { id: name("other"), version: 0, title, kind: None }));
    let site =
        Site { id: name("shed"), version: 0, operator: name("acme"), place: "OPEN".into(), facts: vec![] };
    wish(&registry, Command::Site(site));
    let cases = [
        (Token { until_ms: Some(NOW - 1), ..token("a", "a") }, "it has ended"),
        (Token { role: "reader".into(), ..token("b", "b") }, "not one for enrolment"),
        (Token { operator: Some(name("other")), ..token("c", "c") }, "another operator or site"),
        (Token { sites: vec![name("shed")], ..token("d", "d") }, "another operator or site"),
        (Token { uses: 0, ..token("e", "e") }, "it has been used"),
    ];
    for (token, expected) in cases {
        let secret = token.id.to_string();
        wish(&registry, Command::Token(token));
        refused(alone(&registry, asks(request(1, Some(&secret)))), expected);
    }
    wish(
        &registry,
        Command::Token(Token { until_ms: Some(NOW), sites: vec![name("hall")], ..token("f", "f") }),
    );
    assert_eq!(alone(&registry, asks(request(1, Some("f")))), None);
    wish(&registry, Command::Token(token("g", "g")));
    wish(&registry, Command::EndToken(name("g")));
    refused(alone(&registry, asks(request(2, Some("g")))), "it is not known");
}

#[test]
fn what_a_request_says_is_held_against_what_is_known() {
    let registry = settled(Memory::default());
    let (nowhere, key) = request(1, Some("let me in"));
    refused(alone(&registry, asks((Enrol { site: name("nowhere"), ..nowhere }, key))), "no site 'nowhere'");
    for at_ms in [NOW - DAY - 1, NOW + DAY + 1] {
        let (old, key) = request(1, Some("let me in"));
        refused(alone(&registry, asks((Enrol { at_ms, ..old }, key))), "more than a day from now");
    }
    let (of_one, _) = request(1, Some("let me in"));
    let (_, signed_by_other) = request(2, None);
    refused(alone(&registry, asks((of_one, signed_by_other))), "does not hold");
    let (old, key) = request(1, Some("let me in"));
    assert_eq!(alone(&registry, asks((Enrol { at_ms: NOW - DAY, ..old }, key))), None);
    refused(alone(&registry, asks(request(1, Some("let me in")))), "there already");
}

#[test]
fn a_key_is_that_of_one_device_even_if_two_ask_in_one_call() {
    let registry = settled(Memory::default());
    let twice = vec![asks(request(1, Some("let me in"))), asks(request(1, Some("let me in")))];
    refused(together(&registry, twice)[1].clone(), "there already");
    // A device that takes the key with which another asks to be enrolled, in the same call.
    let (first, second) = (Speaker::new(1), Speaker::new(2));
    let rotate = Command::Rotate(Rotate::new(first.device, &second.key, NOW).sign(&first.key));
    let answers = together(&registry, vec![rotate, asks(request(2, Some("let me in")))]);
    assert_eq!(answers[0], None);
    refused(answers[1].clone(), "there already");
    assert_eq!(registry.core().state.keys[&second.key.public().id()], first.device);
}

#[test]
fn a_site_that_moves_to_another_operator_is_not_entered_with_the_tokens_of_the_old_one_in_the_same_call() {
    let registry = settled(Memory::default());
    let title = "Other".to_owned();
    wish(&registry, Command::Operator(Operator { id: name("other"), version: 0, title, kind: None }));
    let moved =
        Site { id: name("hall"), version: 0, operator: name("other"), place: "CN-SC".into(), facts: vec![] };
    let answers = together(&registry, vec![Command::Site(moved), asks(request(1, Some("let me in")))]);
    assert_eq!(answers[0], None);
    refused(answers[1].clone(), "another operator or site");
}

#[test]
fn the_old_key_counts_for_what_was_before_and_a_revoked_one_for_nothing() {
    let registry = settled(Memory::default());
    let mut old = Speaker::enrolled(1, &registry);
    let before = old.say(Activity::Training);
    let new = DeviceKey::from_seed([77; 32]);
    let rotation = Command::Rotate(Rotate::new(old.device, &new, NOW).sign(&old.key));
    assert_eq!(alone(&registry, rotation.clone()), None);
    refused(alone(&registry, rotation), "there already");
    assert!(matches!(send(&registry, &[&before])[..], [Outcome::Accepted(_)]), "said before, sent after");
    // Minutes after the end of the old key, with each.
    let mut late = old.clone();
    late.clock = NOW + 4 * MINUTE + 1;
    let mut late_new = Speaker { key: new.clone(), ..late.clone() };
    let later = NOW + 10 * MINUTE;
    let (by_old, by_new) = (late.say(Activity::Training), late_new.say(Activity::Training));
    let body = [&by_old[..], &by_new[..]].concat();
    let outcomes = registry.admit(vec![registry.check(&body).unwrap()], later).unwrap().outcomes.remove(0);
    let [Outcome::Refused(refusal), Outcome::Accepted(_)] = &outcomes[..] else { panic!("{outcomes:?}") };
    assert_eq!(refusal.code(), "ended-key");
    // The new key is stolen: nothing of it counts, whatever date it bears.
    let revoked = Revoked { device: old.device, key: Some(new.public().id()), why: "stolen".into() };
    assert_eq!(alone(&registry, Command::Revoke(revoked)), None);
    let said = late_new.say(Activity::Training);
    let outcomes = registry.admit(vec![registry.check(&said).unwrap()], later).unwrap().outcomes.remove(0);
    assert!(matches!(&outcomes[..], [Outcome::Refused(r)] if r.code() == "ended-key"), "{outcomes:?}");
    let third = DeviceKey::from_seed([78; 32]);
    let by_revoked = Command::Rotate(Rotate::new(old.device, &third, NOW).sign(&new));
    refused(alone(&registry, by_revoked), "does not hold");
    let by_old = Command::Rotate(Rotate::new(old.device, &third, NOW).sign(&old.key));
    refused(alone(&registry, by_old), "does not hold");
}

#[test]
fn what_is_revoked_must_be_there() {
    let registry = settled(Memory::default());
    let speaker = Speaker::enrolled(1, &registry);
    let why = "stolen".to_owned();
    let nobody = Revoked { device: Speaker::new(2).device, key: None, why: why.clone() };
    refused(alone(&registry, Command::Revoke(nobody)), "no device");
    let no_key = Revoked { device: speaker.device, key: Some(KeyId([0; 8])), why };
    refused(alone(&registry, Command::Revoke(no_key)), "no key");
    let long = Revoked { device: speaker.device, key: None, why: "x".repeat(257) };
    refused(alone(&registry, Command::Revoke(long)), "reason is longer than 256");
}

#[test]
fn the_same_version_again_is_no_new_version() {
    let registry = settled(Memory::default());
    let operator = Operator { id: name("acme"), version: 0, title: "Acme".into(), kind: None };
    refused(alone(&registry, Command::Operator(operator.clone())), "there already");
    assert_eq!(alone(&registry, Command::Operator(Operator { title: "Acme Ltd".into(), ..operator })), None);
    assert_eq!(registry.core().state.operators[&name("acme")].len(), 2);
}

#[test]
fn many_large_records_at_once_come_to_frames_that_can_be_read() {
    let registry = settled(Memory::default());
    let title = |n: usize| format!("{n:0>256}");
    let wishes = (0..5_000).map(|n| {
        Command::Operator(Operator { id: name(&format!("o{n}")), version: 0, title: title(n), kind: None })
    });
    assert!(together(&registry, wishes.collect()).iter().all(Option::is_none));
    let again = open(registry.store().clone());
    assert_eq!(told(&again.core().state, true), told(&registry.core().state, true));
}
