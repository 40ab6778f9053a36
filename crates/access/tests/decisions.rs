//! What the policies decide: the whole table, which is also `docs/access.md`, and laws that hold for any names.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod page;

use access::{Access, AccessError, Action, Actor, Object, Role, Scope};
use proptest::prelude::*;
use proptest::sample::select;
use std::collections::BTreeSet;
use std::sync::OnceLock;

fn access() -> &'static Access {
    static ACCESS: OnceLock<Access> = OnceLock::new();
    ACCESS.get_or_init(|| Access::new().unwrap())
}

fn may(actor: &Actor, action: Action, object: &Object) -> bool {
    access().decide(actor, action, object).allowed
}

/// An actor of each role with things of `operator`, at `site`, being `device`.
fn actor(role: Role, operator: &str, site: &str, device: &str) -> Actor {
    let one = |name: &str| BTreeSet::from([name.to_owned()]);
    match role {
        Role::Nobody => Actor::Nobody,
        Role::Agent => Actor::Agent { operator: operator.into(), site: site.into(), device: device.into() },
        Role::Relay => Actor::Relay { operator: operator.into(), sites: one(site) },
        Role::Enrolment => Actor::Enrolment { operator: operator.into(), sites: one(site) },
        Role::Operator => Actor::Operator { operator: operator.into(), sites: BTreeSet::new() },
        Role::Inspector => Actor::Inspector { operators: one(operator), sites: one(site) },
        Role::Reader => Actor::Reader { operators: BTreeSet::new(), sites: one(site) },
        Role::Administrator => Actor::Administrator,
    }
}

#[test]
fn the_page_in_the_docs_is_what_the_policies_decide() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/access.md");
    let written = page::write(access());
    if std::env::var_os("OVERT_RENEW").is_some_and(|v| v == "1") {
        std::fs::write(path, &written).unwrap();
    }
    let found = std::fs::read_to_string(path).unwrap_or_default();
    assert!(
        found == written,
        "docs/access.md is out of date; renew it: OVERT_RENEW=1 cargo test -p access, and read the difference"
    );
}

#[test]
fn nobody_reads_the_public_and_nothing_else() {
    let public = ["read-log", "read-rulebook", "read-openapi", "read-health", "read-receipt"];
    for action in Action::ALL {
        let object = match action.scope() {
            Scope::Registry => Object::Registry,
            Scope::Holding => Object::of_device("a", "a1", "d1"),
        };
        assert_eq!(may(&Actor::Nobody, *action, &object), public.contains(&action.name()), "{action}");
    }
}

#[test]
fn a_decision_names_the_policy_behind_it() {
    let operator = actor(Role::Operator, "a", "a1", "d1");
    let own = access().decide(&operator, Action::ReadStatement, &Object::of_device("a", "a1", "d1"));
    assert_eq!((own.allowed, own.policies), (true, vec!["operator-own".to_owned()]));
    let foreign = access().decide(&operator, Action::ReadStatement, &Object::of_device("b", "b1", "d4"));
    assert_eq!((foreign.allowed, foreign.policies), (false, vec!["fence-operator".to_owned()]));
    let none = access().decide(&Actor::Nobody, Action::Backup, &Object::Registry);
    assert_eq!((none.allowed, none.policies), (false, vec![]));
}

#[test]
fn an_action_on_the_wrong_kind_of_object_is_refused_with_an_error() {
    for (action, object) in [(Action::Backup, Object::of_operator("a")), (Action::Erase, Object::Registry)] {
        let decision = access().decide(&Actor::Administrator, action, &object);
        assert!(!decision.allowed && decision.errors.len() == 1, "{decision:?}");
    }
}

#[test]
fn an_operator_gives_no_more_than_it_has() {
    let operator = actor(Role::Operator, "a", "a1", "d1");
    let given: Vec<&str> = (Role::ALL.into_iter())
        .filter(|role| may(&operator, Action::IssueToken, &Object::token("a", *role)))
        .map(Role::name)
        .collect();
    assert_eq!(given, ["agent", "relay", "enrolment", "reader", "operator"]);
    assert!(Role::ALL.into_iter().all(|role| !may(&operator, Action::IssueToken, &Object::token("b", role))));
    assert!(Role::ALL.into_iter().all(|role| may(
        &Actor::Administrator,
        Action::IssueToken,
        &Object::token("b", role)
    )));
}

#[test]
fn policies_that_do_not_fit_are_not_loaded() {
    let schema = "entity A; entity R = { o: String }; action \"x\" appliesTo { principal: A, resource: R };";
    let load = |policy: &str| Access::load(policy, schema).unwrap_err();
    let named = "@id(\"p\") @about(\"p\")";
    type Is = fn(&AccessError) -> bool;
    let cases: [(String, Is); 5] = [
        ("permit (principal, action, resource)".into(), |e| matches!(e, AccessError::Syntax(_))),
        ("permit (principal, action, resource);".into(), |e| matches!(e, AccessError::Unnamed(_))),
        (format!("{named} permit (principal, action == Action::\"y\", resource);"), |e| {
            matches!(e, AccessError::Validation(_))
        }),
        (format!("{named} permit (principal, action, resource) when {{ resource.p == \"\" }};"), |e| {
            matches!(e, AccessError::Validation(_))
        }),
        (
            format!(
                "{named} permit (principal, action, resource); {named} forbid (principal, action, resource);"
            ),
            |e| matches!(e, AccessError::Unnamed(_)),
        ),
    ];
    for (policy, expected) in cases {
        let error = load(&policy);
        assert!(expected(&error), "{policy}: {error}");
    }
    assert!(matches!(Access::load("", "entity"), Err(AccessError::Schema(_))));
}

#[test]
fn names_of_roles_and_actions_are_read_back() {
    assert!(Role::ALL.into_iter().all(|role| Role::named(role.name()) == Some(role)));
    assert!(Action::ALL.iter().all(|action| Action::named(action.name()) == Some(*action)));
    assert_eq!((Role::named("root"), Action::named("anything")), (None, None));
}

/// Names as somebody hostile might choose them: quotes, newlines, what looks like a policy.
fn name() -> impl Strategy<Value = String> {
    prop_oneof!["[a-c]", "\\PC{0,8}", Just("\" || true || \"".to_owned()), Just("a\n\"b".to_owned())]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn no_one_but_the_administrator_reaches_what_is_foreign(
        role in select(Role::ALL.to_vec()),
        action in select(Action::ALL.to_vec()),
        (operator, site, device) in (name(), name(), name()),
        (other, other_site, other_device) in (name(), name(), name()),
        grants in proptest::option::of(select(Role::ALL.to_vec())),
    ) {
        prop_assume!(operator != other && site != other_site);
        prop_assume!(role != Role::Administrator && action.scope() == Scope::Holding);
        let who = actor(role, &operator, &site, &device);
        // The same device name under another operator must not help.
        for device in [Some(other_device), Some(device), None] {
            let object = Object::Holding { operator: other.clone(), site: Some(other_site.clone()), device, grants };
            prop_assert_eq!(may(&who, action, &object), action == Action::ReadReceipt);
        }
        let whole = Object::Holding { operator: other, site: None, device: None, grants };
        prop_assert_eq!(may(&who, action, &whole), action == Action::ReadReceipt);
    }

    #[test]
    fn a_token_that_names_no_sites_stays_with_its_operator(
        role in select(vec![Role::Relay, Role::Enrolment, Role::Operator]),
        action in select(Action::ALL.to_vec()),
        (operator, other, site) in (name(), name(), name()),
    ) {
        prop_assume!(operator != other && action.scope() == Scope::Holding && action != Action::ReadReceipt);
        let sites = BTreeSet::new();
        let who = match role {
            Role::Relay => Actor::Relay { operator, sites },
            Role::Enrolment => Actor::Enrolment { operator, sites },
            _ => Actor::Operator { operator, sites },
        };
        prop_assert!(!may(&who, action, &Object::of_site(other, site)));
    }

    #[test]
    fn a_change_of_owner_takes_away_what_the_owner_could(
        action in select(Action::ALL.to_vec()),
        role in select(vec![Role::Agent, Role::Relay, Role::Enrolment, Role::Operator]),
        (operator, site, device, other) in (name(), name(), name(), name()),
    ) {
        prop_assume!(operator != other && action.scope() == Scope::Holding && action != Action::ReadReceipt);
        let who = actor(role, &operator, &site, &device);
        // Site and device keep their names: only the owner changes.
        prop_assert!(!may(&who, action, &Object::of_device(other, site, device)));
    }

    #[test]
    fn any_names_are_decided_without_error(
        role in select(Role::ALL.to_vec()),
        (operator, site, device) in (name(), name(), name()),
    ) {
        let object = Object::of_device(&*operator, &*site, &*device);
        let decision = access().decide(&actor(role, &operator, &site, &device), Action::ReadRecord, &object);
        prop_assert_eq!(decision.errors, Vec::<String>::new());
    }
}
