//! What answers look like: problems, headers, the description of the API, and the end.

use crate::client::problem;
use crate::world::World;
use std::time::Duration;

#[test]
fn wrong_methods_and_unknown_paths_are_problems() {
    let world = World::new();
    let answer = world.post("/checkpoint", b"x");
    assert_eq!((answer.status, &problem(&answer)["type"]), (405, &"/problems/method".into()));
    assert!(answer.header("allow").unwrap().contains("GET"));
    assert_eq!(problem(&world.get("/problems/none", None))["type"], "/problems/not-found");
}

#[test]
fn the_type_of_a_problem_is_explained_at_its_address() {
    let world = World::new();
    let problem = problem(&world.get("/nothing", None));
    let explained = world.get(problem["type"].as_str().unwrap(), None);
    assert_eq!(explained.status, 200);
    assert!(explained.text().starts_with(problem["title"].as_str().unwrap()), "{}", explained.text());
}

#[test]
fn what_fails_inside_stays_inside() {
    let world = World::new();
    world.break_store("the disk under /var/lib/secret is on fire");
    for path in ["/checkpoint", "/readyz"] {
        let answer = world.get(path, None);
        assert_eq!(answer.status, 503, "{path}");
        assert!(!problem(&answer).to_string().contains("fire"), "{path}");
    }
    assert_eq!(world.get("/healthz", None).status, 200);
    let failed = world.get("/panic", None);
    assert_eq!(failed.status, 500);
    assert!(!problem(&failed).to_string().contains("oops"));
    assert_eq!(world.get("/healthz", None).status, 200);
}

#[test]
fn answers_carry_headers_that_keep_browsers_from_guessing() {
    let world = World::new();
    for path in ["/healthz", "/nothing", "/metrics", "/checkpoint"] {
        let answer = world.get(path, None);
        assert_eq!(answer.header("x-content-type-options"), Some("nosniff"), "{path}");
        let policy = answer.header("content-security-policy").unwrap();
        assert!(policy.contains("default-src 'none'"), "{path}: {policy}");
        assert!(answer.header("cache-control").is_some(), "{path}");
        assert_eq!(answer.header("strict-transport-security"), None, "{path}: not without TLS");
    }
    assert_eq!(world.get("/metrics", None).header("cache-control"), Some("no-store"));
}

#[test]
fn requests_under_way_are_finished_at_the_end() {
    let mut world = World::new();
    let mut under_way = world.open();
    under_way.send(b"POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\na");
    // Connections are taken in order: once this one is answered, the one before it was taken.
    assert_eq!(world.get("/healthz", None).status, 200);
    world.call_the_end();
    under_way.send(b"b");
    let answer = under_way.answer();
    assert_eq!((answer.status, &*answer.body), (200, &b"ab"[..]));
    world.wait_for_the_end(Duration::from_secs(20));
}

#[test]
fn the_description_that_is_checked_in_is_what_the_handlers_say() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../schemas/openapi.json");
    let written = format!("{}\n", server::openapi().to_pretty_json().unwrap());
    if std::env::var_os("OVERT_RENEW").is_some_and(|v| v == "1") {
        std::fs::write(path, &written).unwrap();
    }
    let found = std::fs::read_to_string(path).unwrap_or_default();
    assert!(
        found == written,
        "schemas/openapi.json is out of date; renew it: OVERT_RENEW=1 cargo test -p server, and read the difference"
    );
}

#[test]
fn every_described_path_is_served_and_described_as_openapi_3_1() {
    let world = World::new();
    let served: serde_json::Value =
        serde_json::from_str(&world.get("/api/v1/openapi.json", None).text()).unwrap();
    assert_eq!(served["openapi"], "3.1.0");
    assert_eq!(served, serde_json::to_value(server::openapi()).unwrap());
    // What needs a running registry has tests of its own.
    for path in server::routes().into_openapi().paths.paths.keys() {
        let path = path.replace("{path}", "0/000.p/5").replace("{name}", "method");
        assert_ne!(world.get(&path, None).status, 404, "{path}");
    }
}
