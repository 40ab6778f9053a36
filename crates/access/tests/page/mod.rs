//! Writes `docs/access.md`: every action, every role, over things that are theirs, near them, and foreign.

use access::{Access, Action, Actor, Object, Role, Scope};
use std::collections::BTreeSet;
use std::fmt::Write as _;

const HEAD: &str = "# Who may do what

Written by a test of `crates/access` from the policies in `crates/access/src/access.cedar`; to renew it:
`OVERT_RENEW=1 cargo test -p access`. Each endpoint of the registry asks for one of these actions, and the answer is decided
nowhere else. What no policy permits is refused; what cannot be evaluated is refused.

";

const ROLES: &str = "## Roles

| role | who | given |
|---|---|---|
| nobody | whoever has not said who they are | – |
| agent | a device with its own key | its operator, site and itself |
| relay | forwards for devices, reads nothing | an operator, and sites of it or all |
| enrolment | may enrol a device by a one-time token | an operator, and sites of it or all |
| reader | looks at records and history: not at evidence, statements (they hold evidence and names of workloads) or persons | operators as a whole, or sites; given nothing, it watches the registry itself |
| operator | answers for its devices | itself, and sites of it or all |
| inspector | oversees, changes nothing | sites, of whichever operators |
| administrator | runs the registry | everything |

";

const WORDS: &str = "What the cells say: **itself**, what belongs to that one device; **site**, what belongs to an assigned site, its devices included;
**site, operator**, the same and the record of the operator that answers for it; **own**, everything of the own operator;
**all**, foreign things too; **–**, refused.

";

/// The columns: reader stands there for each kind of thing that it may be given.
fn actors() -> Vec<(&'static str, Actor)> {
    let one = |name: &str| BTreeSet::from([name.to_owned()]);
    let (operator, site, device) = ("a".to_owned(), "a1".to_owned(), "d1".to_owned());
    let named = Actor::Operator { operator: operator.clone(), sites: one("a1") };
    vec![
        ("nobody", Actor::Nobody),
        ("agent", Actor::Agent { operator: operator.clone(), site, device }),
        ("relay", Actor::Relay { operator: operator.clone(), sites: one("a1") }),
        ("enrolment", Actor::Enrolment { operator: operator.clone(), sites: one("a1") }),
        ("reader of nothing", Actor::Reader { operators: BTreeSet::new(), sites: BTreeSet::new() }),
        ("reader of a site", Actor::Reader { operators: BTreeSet::new(), sites: one("a1") }),
        ("reader of an operator", Actor::Reader { operators: one("a"), sites: BTreeSet::new() }),
        ("operator of a site", named),
        ("operator", Actor::Operator { operator, sites: BTreeSet::new() }),
        ("inspector", Actor::Inspector { operators: one("a"), sites: one("a1") }),
        ("administrator", Actor::Administrator),
    ]
}

/// Things near and far: of the device, of its neighbour, of the site, of another site, of the operator, and the same foreign.
fn things(token: Option<Role>) -> [Object; 7] {
    let things = [
        Object::of_device("a", "a1", "d1"),
        Object::of_device("a", "a1", "d2"),
        Object::of_site("a", "a1"),
        Object::of_device("a", "a2", "d3"),
        Object::of_operator("a"),
        Object::of_device("b", "b1", "d4"),
        Object::of_operator("b"),
    ];
    things.map(|thing| match thing {
        Object::Holding { operator, site, device, .. } => {
            Object::Holding { operator, site, device, grants: token }
        }
        Object::Registry => thing,
    })
}

fn word(access: &Access, actor: &Actor, action: Action) -> &'static str {
    let may = |thing: &Object| access.decide(actor, action, thing).allowed;
    if action.scope() == Scope::Registry {
        return if may(&Object::Registry) { "yes" } else { "–" };
    }
    let token = matches!(action, Action::ReadToken | Action::IssueToken | Action::RevokeToken);
    let things = things(token.then_some(Role::Reader));
    match things.each_ref().map(may) {
        [false, false, false, false, false, false, false] => "–",
        [true, false, false, false, false, false, false] => "itself",
        [true, true, true, false, false, false, false] => "site",
        [true, true, true, false, true, false, false] => "site, operator",
        [true, true, true, true, true, false, false] => "own",
        [true, true, true, true, true, true, true] => "all",
        pattern => panic!("{} may {action} over {pattern:?}: no word for that", actor.role()),
    }
}

fn table(page: &mut String, access: &Access, scope: Scope) {
    let actors = actors();
    let names: Vec<&str> = actors.iter().map(|(name, _)| *name).collect();
    writeln!(page, "| action | {} | what it is |", names.join(" | ")).unwrap();
    writeln!(page, "|---|{}---|", "---|".repeat(actors.len())).unwrap();
    for action in Action::ALL.iter().filter(|action| action.scope() == scope) {
        let words: Vec<&str> = actors.iter().map(|(_, actor)| word(access, actor, *action)).collect();
        writeln!(page, "| `{action}` | {} | {} |", words.join(" | "), action.about()).unwrap();
    }
    page.push('\n');
}

fn tokens(page: &mut String, access: &Access) {
    let operator = Actor::Operator { operator: "a".to_owned(), sites: BTreeSet::new() };
    let given: Vec<String> = (Role::ALL.into_iter())
        .filter(|role| access.decide(&operator, Action::IssueToken, &Object::token("a", *role)).allowed)
        .map(|role| role.to_string())
        .collect();
    writeln!(
        page,
        "An operator issues tokens of these roles over its own things: {}. An administrator issues all.\n",
        given.join(", ")
    )
    .unwrap();
}

fn policies(page: &mut String, access: &Access) {
    page.push_str(
        "## The policies\n\nDecisions and the audit log name them by these identifiers.\n\n| policy | | |\n|---|---|---|\n",
    );
    for policy in access.policies() {
        let effect = if policy.permits { "permits" } else { "forbids" };
        writeln!(page, "| `{}` | {effect} | {} |", policy.id, policy.about).unwrap();
    }
}

/// The whole page.
pub fn write(access: &Access) -> String {
    let mut page = format!("{HEAD}{ROLES}## On the registry\n\n");
    table(&mut page, access, Scope::Registry);
    page.push_str("## On what belongs to an operator\n\n");
    page.push_str(WORDS);
    table(&mut page, access, Scope::Holding);
    tokens(&mut page, access);
    policies(&mut page, access);
    page
}
