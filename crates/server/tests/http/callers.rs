//! Who is asking, how often, and what is written down of it.

use crate::client::problem;
use crate::world::World;
use access::Actor;
use serde_json::Value;
use std::collections::BTreeSet;

fn reader() -> Actor {
    Actor::Reader { operators: BTreeSet::new(), sites: BTreeSet::new() }
}

fn operator() -> Actor {
    Actor::Operator { operator: "a".into(), sites: BTreeSet::new() }
}

#[test]
fn the_public_is_served_without_a_token() {
    let world = World::new();
    for path in ["/healthz", "/readyz", "/api/v1/openapi.json", "/checkpoint", "/tile/0/000.p/5"] {
        assert_eq!(world.get(path, None).status, 200, "{path}");
    }
}

#[test]
fn metrics_are_for_those_who_may_read_them() {
    let world = World::new();
    let metrics = |token: Option<&str>| world.get("/metrics", token).status;
    assert_eq!(metrics(None), 401);
    assert_eq!(metrics(Some(&world.token("op", operator()))), 403);
    assert_eq!(metrics(Some(&world.token("watch", reader()))), 200);
    let answer = world.get("/metrics", Some(&world.token("root", Actor::Administrator)));
    assert_eq!(answer.status, 200);
    for line in [
        "overt_denied_total{action=\"read-metrics\"} 2",
        "overt_requests_total{route=\"/metrics\",method=\"GET\",status=\"403\"} 1",
    ] {
        assert!(answer.text().contains(line), "{}", answer.text());
    }
}

#[test]
fn a_token_that_is_not_valid_is_refused_even_where_none_is_needed() {
    let world = World::new();
    let good = world.token("good", Actor::Administrator);
    let expired = world.expired_token("old", Actor::Administrator);
    let mut wrong = good.clone();
    wrong.replace_range(good.len() - 1.., if good.ends_with('0') { "1" } else { "0" });
    let others = [good.replace("good", "other"), "ovt_".into(), String::new(), "x".repeat(9000)];
    for bad in others.into_iter().chain([expired, wrong]) {
        let answer = world.get("/healthz", Some(&bad));
        assert_eq!(answer.status, 401, "{bad}");
        assert_eq!(answer.header("www-authenticate"), Some("Bearer realm=\"overt\""));
        assert_eq!(problem(&answer)["type"], "/problems/unauthenticated");
    }
    let with = |headers: &str| {
        let request = format!("GET /healthz HTTP/1.1\r\nHost: x\r\n{headers}Connection: close\r\n\r\n");
        world.raw(request.as_bytes()).status
    };
    let header = format!("Authorization: Bearer {good}\r\n");
    assert_eq!(with(&header), 200);
    assert_eq!(with("Authorization: Basic YTpi\r\n"), 401);
    assert_eq!(with(&header.repeat(2)), 400);
}

#[test]
fn whoever_tries_out_tokens_is_slowed_down_and_others_are_not() {
    let world = World::with_rates(5.0, 1000.0);
    let good = world.token("good", Actor::Administrator);
    let wrong = format!("ovt_good_{}", "0".repeat(64));
    let answers: Vec<u16> = (0..8).map(|_| world.get("/healthz", Some(&wrong)).status).collect();
    assert_eq!(answers, [401, 401, 401, 401, 401, 429, 429, 429]);
    let limited = world.get("/healthz", Some(&wrong));
    assert!(limited.header("retry-after").unwrap().parse::<u64>().unwrap() >= 1);
    assert_eq!(problem(&limited)["type"], "/problems/too-many");
    assert_eq!(world.get("/healthz", Some(&good)).status, 200, "a valid token has a bucket of its own");
}

#[test]
fn a_credential_over_its_rate_leaves_others_alone() {
    let world = World::with_rates(1000.0, 3.0);
    let (one, other) = (world.token("one", operator()), world.token("other", operator()));
    let answers: Vec<u16> = (0..5).map(|_| world.get("/healthz", Some(&one)).status).collect();
    assert_eq!(answers, [200, 200, 200, 429, 429]);
    assert_eq!(world.get("/healthz", Some(&other)).status, 200);
    assert_eq!(world.get("/healthz", None).status, 200);
}

#[test]
fn what_is_asked_of_the_registry_is_written_down_without_secrets() {
    let world = World::new();
    let token = world.token("op", operator());
    world.get("/metrics", Some(&token));
    world.get("/metrics", None);
    world.get("/healthz", None);
    let lines: Vec<Value> = world.audit().lines().map(|l| serde_json::from_str(l).unwrap()).collect();
    assert_eq!(lines.len(), 2, "the public is not written down");
    let expected = [("who", "op"), ("role", "operator"), ("action", "read-metrics"), ("object", "registry")];
    for (member, value) in expected {
        assert_eq!(lines[0][member], value);
    }
    assert_eq!((&lines[0]["allowed"], &lines[1]["who"]), (&false.into(), &"nobody".into()));
    assert!(lines[0]["peer"].as_str().unwrap().starts_with("127.0.0.1:"));
    assert!(!world.audit().contains(token.rsplit_once('_').unwrap().1));
}

#[test]
fn what_is_allowed_is_written_down_with_the_policy_that_allowed_it() {
    let world = World::new();
    world.get("/metrics", Some(&world.token("root", Actor::Administrator)));
    let line: Value = serde_json::from_str(world.audit().lines().next().unwrap()).unwrap();
    assert_eq!((&line["allowed"], &line["policies"][0]), (&true.into(), &"administrator".into()));
}
