//! A judgement can be made again by anybody from what is kept: the frame, the site as it was, the rulebook of that digest.

use crate::world::*;
use facts::{Activity, TokenState};
use registry::{Command, Frame, Outcome, Registry, Rules, State, UNJUDGED, disposition};
use rulebook::Disposition;
use statement::{Digest, Kept, Operator, Purpose, Site, Statement, sign, to_cbor};

fn at_site(place: &str, facts: &[(&str, &str)]) -> Command {
    let facts = facts.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    Command::Site(Site { id: name("hall"), version: 0, operator: name("acme"), place: place.into(), facts })
}

/// What the registry makes of one more statement of a device: the numbers of its dispositions.
fn verdict(
    registry: &Registry<Memory>,
    speaker: &mut Speaker,
    alter: impl FnOnce(&mut Statement),
) -> Vec<u8> {
    let mut statement = speaker.payload(Activity::Mining);
    alter(&mut statement);
    let bytes = sign(&to_cbor(&statement), &speaker.key, Purpose::Statement);
    speaker.sequence += 1;
    speaker.previous = Digest::of(&bytes);
    speaker.clock += 60_000;
    let admitted = registry.admit(vec![registry.check(&bytes).unwrap()], NOW).unwrap();
    assert!(matches!(admitted.outcomes[0][..], [Outcome::Accepted(_)]), "{:?}", admitted.outcomes);
    admitted.frame.unwrap().verdicts[0].dispositions.to_vec()
}

fn frames(store: &Memory) -> Vec<Frame> {
    store.0.lock().unwrap().frames.iter().map(|bytes| Frame::from_cbor(bytes).unwrap()).collect()
}

/// Judges every statement of a spine again, by rulebooks that know nothing of the first time; gives how many there were.
fn judged_again(store: &Memory, rules: &Rules) -> usize {
    let mut state = State::default();
    let mut count = 0;
    for frame in frames(store) {
        for (entry, verdict) in frame.entries.iter().zip(&frame.verdicts) {
            let Kept::Statement(bytes) = entry else { continue };
            let envelope = statement::Envelope::parse(bytes).unwrap();
            let said = Statement::from_cbor(envelope.payload).unwrap();
            let site = state.site(&state.devices[&said.device].site).unwrap();
            let kind = state.operator(&site.operator).unwrap().kind.as_deref();
            let ground = rules.ground(site, kind).unwrap();
            let book = frame.rulebooks[usize::from(verdict.rulebook) - 1];
            assert_eq!(Some(book), rules.digest(&ground));
            assert_eq!(verdict.dispositions.to_vec(), rules.judge(&ground, said.from_ms, &said.findings));
            count += 1;
        }
        state.fold(&frame).unwrap();
    }
    count
}

#[test]
fn every_judgement_can_be_made_again() {
    let registry = settled(Memory::default());
    let mut speaker = Speaker::enrolled(1, &registry);
    for (n, activity) in Activity::ALL.into_iter().enumerate() {
        if n == 8 {
            wish(&registry, at_site("OPEN", &[]));
        }
        let tokens = [TokenState::Seen, TokenState::NotSeen, TokenState::NotObservable];
        for token in tokens {
            verdict(&registry, &mut speaker, |s| {
                s.findings[0].readings[0].activity = activity;
                s.findings[0].token = token;
            });
        }
    }
    assert_eq!(judged_again(registry.store(), &rules()), Activity::ALL.len() * 3);
}

#[test]
fn idle_and_empty_statements_are_admitted_without_a_disposition() {
    let registry = settled(Memory::default());
    let mut speaker = Speaker::enrolled(1, &registry);
    let idle = verdict(&registry, &mut speaker, |s| s.findings[0].readings[0].activity = Activity::Idle);
    assert_eq!(idle, [UNJUDGED]);
    assert_eq!(disposition(UNJUDGED), None);
    assert!(verdict(&registry, &mut speaker, |s| s.findings.clear()).is_empty());
    assert_eq!(judged_again(registry.store(), &rules()), 2);
}

#[test]
fn a_site_where_no_rulebook_holds_is_refused_and_one_whose_rulebook_is_gone_is_not_judged() {
    let registry = settled(Memory::default());
    let answer = registry.record("test", vec![at_site("ATLANTIS", &[])], NOW, nonces()).unwrap().remove(0);
    let error = answer.unwrap_err().to_string();
    assert!(error.contains("'ATLANTIS'") && error.contains("CN-SC"), "{error}");
    let mut speaker = Speaker::enrolled(1, &registry);
    assert_ne!(verdict(&registry, &mut speaker, |_| {}), [UNJUDGED]);
    let only_open = Rules::new(vec![rulebook::shipped("OPEN").unwrap().0.unwrap()]).unwrap();
    let again = Registry::open(registry.store().clone(), ORIGIN, log_key(), only_open).unwrap();
    assert_eq!(verdict(&again, &mut speaker, |_| {}), [UNJUDGED]);
    let last = frames(again.store()).pop().unwrap();
    assert_eq!((last.verdicts[0].rulebook, last.rulebooks), (0, vec![]));
    seal(&again);
    assert_eq!(troubles(again.store()), Vec::<String>::new());
}

#[test]
fn a_new_version_of_a_site_changes_what_comes_and_leaves_what_was() {
    let registry = settled(Memory::default());
    let mut speaker = Speaker::enrolled(1, &registry);
    let seen = |s: &mut Statement| s.findings[0].token = TokenState::Seen;
    let before = verdict(&registry, &mut speaker, seen);
    let frame = frames(registry.store()).pop().unwrap();
    let at = frames(registry.store()).len() - 1;
    wish(&registry, at_site("OPEN", &[("operator.registered", "yes")]));
    let after = verdict(&registry, &mut speaker, seen);
    assert_ne!(after, before);
    assert_eq!(frames(registry.store())[at], frame);
    assert_eq!(judged_again(registry.store(), &rules()), 2);
}

#[test]
fn another_kind_of_operator_is_judged_as_that_kind_from_its_version_on() {
    let registry = settled(Memory::default());
    let operator =
        |kind: &str| Operator { id: name("acme"), version: 0, title: "Acme".into(), kind: Some(kind.into()) };
    wish(&registry, Command::Operator(operator("company")));
    // Article 10 of the model law: a little mining at home pays no surcharge, if it is an individual's.
    let facts = [
        ("work.declared_otherwise", "no"),
        ("operator.registered", "no"),
        ("operator.hosts_miners", "no"),
        ("operator.runs_pool", "no"),
        ("site.load_w", "40000"),
        ("site.separate_meter", "yes"),
        ("energy.mining_wh_month", "300000"),
        ("site.home", "yes"),
    ];
    wish(&registry, at_site("OPEN", &facts));
    let mut speaker = Speaker::enrolled(1, &registry);
    let seen = |s: &mut Statement| s.findings[0].token = TokenState::Seen;
    let company = verdict(&registry, &mut speaker, seen);
    wish(&registry, Command::Operator(operator("individual")));
    let individual = verdict(&registry, &mut speaker, seen);
    let said = [company, individual].map(|codes| disposition(codes[0]));
    assert_eq!(said, [Some(Disposition::Surcharge), Some(Disposition::RegisterAndReport)]);
    assert_eq!(judged_again(registry.store(), &rules()), 2);
}
