//! Every operation by every role on what is its own, beside it, foreign and absent: the answers are those of the policies.

use crate::targets::{self, Target};
use crate::world::{Answer, World};
use access::{Access, Action, Actor, Object, Role};
use std::collections::BTreeSet;
use std::fmt::Write as _;

/// Who asks: the names of tokens in the world.
const CALLERS: [&str; 7] =
    ["nobody", "enrolment", "reader", "site-operator", "operator", "inspector", "administrator"];

/// What decides about an operation.
#[derive(Clone, Copy)]
enum Rule {
    /// Nobody is refused: what is asked carries its own proof, or is public.
    Open,
    /// A token of any role; the answer holds what its bearer may see.
    Filtered,
    /// An action on the registry.
    Registry(Action),
    /// An action on an operator as a whole; what is written need not be there.
    Operator(Action),
    /// An action on a site.
    Site(Action),
    /// An action on a device or what it said.
    Device(Action),
    /// An action on a token that gives the role of a reader.
    Token(Action),
    /// An action on what may be anybody's.
    Anybodys(Action),
}

/// Operation, how it is asked (`{…}` stand for parts of the target), what decides. Bodies that would change too much
/// are such that they are refused after the decision, for another reason.
const OPERATIONS: [(&str, &str, &str, &str, Rule); 49] = [
    (
        "vouch",
        "POST",
        "/api/v1/authorities",
        r#"{"operator":"{operator}","algorithm":"ed25519","key":"00","kind":"authority","label":"x"}"#,
        Rule::Operator(Action::WriteOperator),
    ),
    ("backup", "POST", "/api/v1/backups", r#"{"folder":"here"}"#, Rule::Registry(Action::Backup)),
    (
        "answer",
        "POST",
        "/api/v1/contests/{matter}/answers",
        r#"{"outcome":"upheld","reasons":""}"#,
        Rule::Device(Action::AnswerContest),
    ),
    (
        "approve",
        "POST",
        "/api/v1/registrations/site/{site}/9/approval",
        r#"{"approved":true}"#,
        Rule::Site(Action::ApproveRegistration),
    ),
    ("bundle", "GET", "/api/v1/bundle?first=0&count=1", "", Rule::Filtered),
    (
        "contest",
        "POST",
        "/api/v1/contests",
        r#"{"id":"x","device":"{device}","first":2,"last":1,"grounds":"x"}"#,
        Rule::Device(Action::Contest),
    ),
    ("contest-counts", "GET", "/api/v1/contests/counts", "", Rule::Registry(Action::ReadLog)),
    ("contests", "GET", "/api/v1/contests", "", Rule::Filtered),
    ("devices", "GET", "/api/v1/devices", "", Rule::Filtered),
    ("enrol", "POST", "/api/v1/devices", "x", Rule::Open),
    ("enrol-batch", "POST", "/api/v1/devices/batch", "x", Rule::Open),
    ("device", "GET", "/api/v1/devices/{device}", "", Rule::Device(Action::ReadRecord)),
    (
        "revoke",
        "DELETE",
        "/api/v1/devices/{device}",
        r#"{"key":"0000000000000000","why":"x"}"#,
        Rule::Device(Action::RevokeKey),
    ),
    (
        "want-evidence",
        "POST",
        "/api/v1/devices/{device}/evidence/{digest}",
        "",
        Rule::Device(Action::ReadEvidence),
    ),
    ("rotate", "POST", "/api/v1/devices/{device}/keys", "x", Rule::Open),
    ("position", "GET", "/api/v1/devices/{device}/position", "", Rule::Open),
    ("device-receipts", "GET", "/api/v1/devices/{device}/receipts?from=0&count=1", "", Rule::Open),
    (
        "device-statement",
        "GET",
        "/api/v1/devices/{device}/statements/0",
        "",
        Rule::Device(Action::ReadStatement),
    ),
    ("device-receipt", "GET", "/api/v1/devices/{device}/receipts/0", "", Rule::Open),
    (
        "erase",
        "POST",
        "/api/v1/erasures",
        r#"{"first":1099511627776,"count":1,"why":"x"}"#,
        Rule::Anybodys(Action::Erase),
    ),
    ("evidence", "GET", "/api/v1/evidence/{digest}", "", Rule::Device(Action::ReadEvidence)),
    ("put-evidence", "PUT", "/api/v1/evidence/{digest}", "x", Rule::Open),
    (
        "file",
        "POST",
        "/api/v1/filings",
        r#"{"obligation":"x","operator":"{operator}","site":"{site}","from":"2026-01-02","to":"2026-01-01","rulebook":"0000000000000000000000000000000000000000000000000000000000000000","checked_by":"x","document":"{}"}"#,
        Rule::Site(Action::File),
    ),
    ("filing", "GET", "/api/v1/filings/{filing}", "", Rule::Site(Action::ReadFiling)),
    ("filings", "GET", "/api/v1/filings", "", Rule::Filtered),
    ("history", "GET", "/api/v1/history?group=device", "", Rule::Filtered),
    ("openapi", "GET", "/api/v1/openapi.json", "", Rule::Registry(Action::ReadOpenapi)),
    ("operator", "GET", "/api/v1/operators/{operator}", "", Rule::Operator(Action::ReadRecord)),
    (
        "write-operator",
        "PUT",
        "/api/v1/operators/{operator}",
        r#"{"title":""}"#,
        Rule::Operator(Action::WriteOperator),
    ),
    ("receipt", "GET", "/api/v1/receipts/{ordinal}", "", Rule::Open),
    (
        "register",
        "POST",
        "/api/v1/registrations",
        r#"{"registrations":[{"kind":"device","id":"x","within":"{site}","from":"2026-01-01","device":"00000000000000000000000000000000"}]}"#,
        Rule::Site(Action::WriteDevice),
    ),
    ("registrations", "GET", "/api/v1/registrations", "", Rule::Filtered),
    ("rulebook", "GET", "/api/v1/rulebooks/{digest}", "", Rule::Registry(Action::ReadRulebook)),
    ("site", "GET", "/api/v1/sites/{site}", "", Rule::Site(Action::ReadRecord)),
    (
        "write-site",
        "PUT",
        "/api/v1/sites/{site}",
        r#"{"operator":"{operator}","place":"nowhere"}"#,
        Rule::Site(Action::WriteSite),
    ),
    ("spells", "GET", "/api/v1/spells?site={site}", "", Rule::Site(Action::ReadStatement)),
    ("submit", "POST", "/api/v1/statements", "x", Rule::Open),
    ("statement", "GET", "/api/v1/statements/{ordinal}", "", Rule::Device(Action::ReadStatement)),
    ("status", "GET", "/api/v1/status", "", Rule::Registry(Action::ReadStatus)),
    ("tokens", "GET", "/api/v1/tokens", "", Rule::Filtered),
    (
        "issue-token",
        "POST",
        "/api/v1/tokens",
        r#"{"name":"","role":"reader","operator":"{operator}"}"#,
        Rule::Token(Action::IssueToken),
    ),
    ("end-token", "DELETE", "/api/v1/tokens/{token}", "", Rule::Token(Action::RevokeToken)),
    ("checkpoint", "GET", "/checkpoint", "", Rule::Registry(Action::ReadLog)),
    ("healthz", "GET", "/healthz", "", Rule::Registry(Action::ReadHealth)),
    ("metrics", "GET", "/metrics", "", Rule::Registry(Action::ReadMetrics)),
    ("policy", "GET", "/policy", "", Rule::Registry(Action::ReadRulebook)),
    ("problem", "GET", "/problems/not-found", "", Rule::Open),
    ("readyz", "GET", "/readyz", "", Rule::Registry(Action::ReadHealth)),
    ("tile", "GET", "/tile/0/000.p/1", "", Rule::Open),
];

fn actor(caller: &str) -> Actor {
    let sites = BTreeSet::from(["acme-hall".to_owned()]);
    let (operator, operators) = ("acme".to_owned(), BTreeSet::from(["acme".to_owned()]));
    match caller {
        "operator" => Actor::Operator { operator, sites: BTreeSet::new() },
        "site-operator" => Actor::Operator { operator, sites },
        "inspector" => Actor::Inspector { operators, sites },
        "reader" => Actor::Reader { operators, sites: BTreeSet::new() },
        "administrator" => Actor::Administrator,
        // Enrolment tokens travel inside signed requests: as credentials they open nothing.
        _ => Actor::Nobody,
    }
}

/// Whether the policies allow it.
fn allowed(access: &Access, caller: &str, rule: Rule, target: &Target) -> bool {
    let (actor, t) = (actor(caller), target);
    let (action, object) = match rule {
        // A token that is none of this registry's is refused everywhere.
        _ if caller == "enrolment" => return false,
        Rule::Open => return true,
        Rule::Filtered => return actor != Actor::Nobody,
        Rule::Registry(action) => (action, Object::Registry),
        Rule::Anybodys(action) => (action, Object::of_operator("")),
        Rule::Operator(action) => (action, Object::of_operator(t.operator.clone())),
        Rule::Site(action) => (action, Object::of_site(t.operator.clone(), t.site.clone())),
        Rule::Device(action) => {
            (action, Object::of_device(t.operator.clone(), t.site.clone(), t.device.clone()))
        }
        Rule::Token(action) => (action, Object::token(t.operator.clone(), Role::Reader)),
    };
    access.decide(&actor, action, &object).allowed
}

fn fill(text: &str, target: &Target) -> String {
    let (ordinal, filing) = (target.ordinal.to_string(), target.filing.to_string());
    let parts = [
        ("{operator}", &target.operator),
        ("{site}", &target.site),
        ("{device}", &target.device),
        ("{ordinal}", &ordinal),
        ("{digest}", &target.digest),
        ("{filing}", &filing),
        ("{matter}", &target.matter),
        ("{token}", &target.token),
    ];
    parts.iter().fold(text.to_owned(), |text, (hole, part)| text.replace(hole, part))
}

#[test]
fn every_operation_answers_every_role_as_the_policies_say() {
    let (mut world, access) = (World::new(), Access::new().unwrap());
    let targets = targets::all(&mut world);
    let mut page = HEAD.to_owned();
    for (id, method, path, body, rule) in OPERATIONS {
        let mut line = format!("| `{id}` | `{method} {}` |", path.split('?').next().unwrap());
        for caller in CALLERS {
            let mut cells = Vec::new();
            let mut refusal: Option<Answer> = None;
            for target in &targets {
                if id == "end-token" {
                    target.renew_token(&world);
                }
                let answer = world.send(caller, method, &fill(path, target), fill(body, target).as_bytes());
                let may = allowed(&access, caller, rule, target);
                let case =
                    format!("{id} by {caller} on {}: {} {}", target.name, answer.status, answer.text());
                assert_eq!(may, !matches!(answer.status, 401 | 403), "{case}");
                assert!(!may || is_read(method, rule, target, &answer), "{case}");
                let seen = actor(caller);
                assert!(may || answer.status == if seen == Actor::Nobody { 401 } else { 403 }, "{case}");
                cells.push(if may { "yes".to_owned() } else { answer.status.to_string() });
                if !may {
                    if let Some(before) = &refusal {
                        assert_eq!(before.body, answer.body, "tells what there is: {case}");
                    }
                    refusal = Some(answer);
                }
            }
            if cells.iter().all(|cell| *cell == cells[0]) {
                cells.truncate(1);
            }
            write!(line, " {} |", cells.join(" ")).unwrap();
        }
        page += &format!("{line}\n");
    }
    up_to_date(&page);
}

/// What there is comes to those who may read it; what is not there is missing to those who may read anything.
fn is_read(method: &str, rule: Rule, target: &Target, answer: &Answer) -> bool {
    match rule {
        Rule::Operator(_) | Rule::Site(_) | Rule::Device(_) if method == "GET" => {
            answer.status == if target.is_there { 200 } else { 404 }
        }
        _ => answer.status < 500,
    }
}

#[test]
fn every_operation_of_the_description_is_in_the_table() {
    let api = serde_json::to_value(server::openapi()).unwrap();
    let described: BTreeSet<&str> = (api["paths"].as_object().unwrap().values())
        .flat_map(|item| item.as_object().unwrap().values())
        .filter_map(|operation| operation["operationId"].as_str())
        .collect();
    assert_eq!(described, OPERATIONS.iter().map(|o| o.0).collect());
}

const HEAD: &str = "# Who gets what answer\n\nWritten by a test that asks every operation as every role (`OVERT_RENEW=1 cargo test -p server --test api`). \
Where it matters whose something is, the four answers are for one's own, another site of one's own operator, another operator's, \
nobody's. `yes` is past the decision; else the status. What is refused is refused with the same words whether it is there or not. \
`enrolment` is a one-time token used as a credential, which it is not.\n\n\
| operation | request | nobody | enrolment | reader of an operator | operator of one site | operator | inspector of one site | administrator |\n\
|---|---|---|---|---|---|---|---|---|\n";

fn up_to_date(page: &str) {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/api-access.md");
    if std::env::var_os("OVERT_RENEW").is_some() {
        std::fs::write(path, page).unwrap();
    }
    let kept = std::fs::read_to_string(path).unwrap_or_default();
    assert!(kept == page, "docs/api-access.md is out of date: run with OVERT_RENEW=1\n{page}");
}
