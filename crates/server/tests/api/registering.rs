//! Registrations, filings and contested findings over HTTP: who sees what of them, and that pages hold all of it.

use crate::world::World;
use serde_json::{Value, json};

fn wish(kind: &str, id: &str, within: Value, fields: &Value) -> Value {
    json!({ "kind": kind, "id": id, "within": within, "from": "2026-01-01", "fields": fields })
}

fn register(world: &World, who: &str, wishes: &[Value]) -> crate::world::Answer {
    world.post(who, "/api/v1/registrations", &json!({ "registrations": wishes }))
}

#[test]
fn the_same_again_is_no_version_and_a_change_is_one() {
    let world = World::new();
    let server =
        |model: &str| wish("device", "rack-1", json!("acme-hall"), &json!({ "device.model": model }));
    let counts = |model: &str| register(&world, "operator", &[server(model)]).json();
    assert_eq!(counts("H200"), json!({ "recorded": 1, "unchanged": 0, "awaiting": 0 }));
    assert_eq!(counts("H200"), json!({ "recorded": 0, "unchanged": 1, "awaiting": 0 }));
    assert_eq!(counts("B300")["recorded"], 1);
    let read = world.get("reader", "/api/v1/registrations?kind=device&id=rack-1").json();
    let versions: Vec<&Value> =
        read["registrations"].as_array().unwrap().iter().map(|v| &v["version"]).collect();
    assert_eq!(versions, [1, 2]);
    assert_eq!(
        world.get("reader", "/api/v1/registrations?kind=device&within=beta-hall").json()["registrations"],
        json!([])
    );
}

#[test]
fn what_has_left_a_site_is_listed_there_with_the_version_that_says_so() {
    let world = World::new();
    let at = |site: &str| wish("device", "rack-1", json!(site), &json!({}));
    for site in ["acme-hall", "acme-yard"] {
        let moved = register(&world, "administrator", &[at(site)]);
        assert_eq!(moved.status, 200, "{}", moved.text());
    }
    let listed = |who: &str, site: &str| -> Vec<String> {
        let read = world.get(who, &format!("/api/v1/registrations?kind=device&within={site}")).json();
        let sites = read["registrations"].as_array().unwrap().iter();
        sites.map(|v| v["within"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(listed("administrator", "acme-hall"), ["acme-hall", "acme-yard"]);
    assert_eq!(
        listed("site-operator", "acme-hall"),
        ["acme-hall"],
        "what stands elsewhere is for others to see"
    );
}

#[test]
fn persons_are_shown_to_those_who_may_see_them_and_named_as_withheld_to_others() {
    let world = World::new();
    let fields = json!({ "party.legal_name": "Acme Ltd", "party.person": "Li Hua, passport 1" });
    let answer = register(&world, "operator", &[wish("operator", "acme", json!(null), &fields)]);
    assert_eq!(answer.status, 200, "{}", answer.text());
    let read =
        |who: &str| world.get(who, "/api/v1/registrations?kind=operator").json()["registrations"][0].clone();
    assert_eq!(read("inspector")["fields"]["party.person"], "Li Hua, passport 1");
    assert_eq!(read("reader")["fields"], json!({ "party.legal_name": "Acme Ltd" }));
    assert_eq!(read("reader")["withheld"], json!(["party.person"]));
}

#[test]
fn pages_hold_every_version_once() {
    let world = World::new();
    let mut sent = 0;
    for batch in 0..5 {
        let devices: Vec<Value> = (0..500)
            .map(|n| wish("device", &format!("d{:04}", batch * 500 + n), json!("acme-hall"), &json!({})))
            .collect();
        sent += register(&world, "operator", &devices).json()["recorded"].as_u64().unwrap();
    }
    let (mut seen, mut after) = (Vec::new(), String::new());
    loop {
        let page = world.get("operator", &format!("/api/v1/registrations?kind=device{after}")).json();
        seen.extend(
            page["registrations"].as_array().unwrap().iter().map(|v| v["id"].as_str().unwrap().to_owned()),
        );
        let Some(next) = page["next"].as_str() else { break };
        after = format!("&after={next}");
    }
    assert_eq!(seen.len() as u64, sent);
    assert!(seen.is_sorted_by(|a, b| a < b), "each once, in order");
}

#[test]
fn a_list_of_which_one_is_wrong_leaves_nothing_behind() {
    let world = World::new();
    let good = wish("device", "rack-1", json!("acme-hall"), &json!({}));
    for (bad, status, why) in [
        (wish("device", "rack-2", json!("nowhere"), &json!({})), 422, "no site"),
        (wish("machine", "rack-2", json!("acme-hall"), &json!({})), 400, "kind: expected"),
        (wish("device", "Rack 2", json!("acme-hall"), &json!({})), 400, "is not a name"),
        (
            wish("device", "rack-2", json!("acme-hall"), &json!({ "x": "\u{1b}[2J" })),
            422,
            "control character",
        ),
        (
            json!({ "kind": "device", "id": "rack-2", "within": "acme-hall", "from": "soon" }),
            400,
            "YYYY-MM-DD",
        ),
    ] {
        let answer = register(&world, "administrator", &[good.clone(), bad]);
        assert_eq!(answer.status, status, "{}", answer.text());
        assert!(answer.text().contains(why), "{}", answer.text());
    }
    assert_eq!(world.get("administrator", "/api/v1/registrations").json()["registrations"], json!([]));
}

#[test]
fn a_filing_is_read_back_as_it_was_signed_and_amended_with_a_reason() {
    let world = World::new();
    let wish = |document: &str, why: &str| {
        json!({
            "obligation": "cn.operating-list", "operator": "acme", "site": "acme-hall", "from": "2026-01-01",
            "to": "2026-01-07", "rulebook": "0".repeat(64), "checked_by": "A. Person", "why": why, "document": document,
        })
    };
    let first = world.post("operator", "/api/v1/filings", &wish(r#"{"a":1}"#, ""));
    assert_eq!(first.status, 201, "{}", first.text());
    assert_eq!(world.post("operator", "/api/v1/filings", &wish(r#"{"a":2}"#, "")).status, 409);
    let second =
        world.post("operator", "/api/v1/filings", &wish(r#"{"a":2}"#, "a meter was read wrong")).json();
    assert_eq!(second["version"], 2);
    let document =
        |answer: &Value| world.get("inspector", &format!("/api/v1/filings/{}", answer["ordinal"])).text();
    assert_eq!(document(&first.json()), r#"{"a":1}"#);
    assert_eq!(document(&second), r#"{"a":2}"#);
    assert_eq!(world.post("operator", "/api/v1/filings", &wish("{", "x")).status, 400);
}

#[test]
fn a_matter_goes_from_contested_to_answered_and_is_counted_for_all() {
    let world = World::new();
    let device = world.devices[0].id().to_string();
    let wish = json!({ "id": "matter-1", "device": device, "first": 0, "last": 9, "grounds": "It was a benchmark.",
        "material": { "log.txt": "0".repeat(64) } });
    assert_eq!(world.post("reader", "/api/v1/contests", &wish).status, 201);
    let seen = |who: &str| world.get(who, &format!("/api/v1/contests?device={device}")).json()[0].clone();
    assert_eq!(seen("operator")["state"], "open");
    assert_eq!(seen("operator")["grounds"], "It was a benchmark.");
    let answer = |who: &str, outcome: &str| {
        let wish = json!({ "outcome": outcome, "reasons": "The material shows it.", "for_evaluation": true });
        world.post(who, "/api/v1/contests/matter-1/answers", &wish).status
    };
    assert_eq!(answer("operator", "overturned"), 403);
    assert_eq!(answer("inspector", "maybe"), 400);
    assert_eq!(answer("inspector", "more-asked"), 204);
    assert_eq!(answer("inspector", "overturned"), 204);
    assert_eq!(answer("inspector", "upheld"), 409);
    assert_eq!(seen("operator")["state"], "overturned");
    let counts = world.get("nobody", "/api/v1/contests/counts").json();
    assert_eq!(counts, json!({ "contested": 1, "open": 0, "overdue": 0, "outcomes": { "overturned": 1 } }));
}
