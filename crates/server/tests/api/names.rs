//! Names of others: lists hold none, and whoever tries one that is taken learns no more than the policies tell.

use crate::targets;
use crate::world::{Answer, World};
use serde_json::json;

#[test]
fn whoever_takes_a_foreign_name_is_refused_as_for_anything_else_that_is_foreign() {
    let world = World::new();
    let token = |name: &str, operator: &str| {
        let wish = json!({ "name": name, "role": "enrolment", "operator": operator, "sites": [] });
        world.post("operator", "/api/v1/tokens", &wish)
    };
    let site = |name: &str, operator: &str| {
        let wish = json!({ "operator": operator, "place": "CN-SC" });
        world.put("operator", &format!("/api/v1/sites/{name}"), &wish)
    };
    for (there, refused) in [
        (token("let-in-beta-hall", "acme"), token("anything", "beta")),
        (site("beta-hall", "acme"), site("anything", "beta")),
    ] {
        assert_eq!((there.status, there.text()), (403, refused.text()));
        assert_eq!(refused.status, 403);
    }
    assert_eq!(token("let-in-acme-hall", "acme").status, 409, "one's own names are told");
}

#[test]
fn lists_hold_nothing_of_others() {
    let mut world = World::new();
    let targets = targets::all(&mut world);
    let foreign = &targets[2];
    let shown = |a: &Answer| a.text().contains(&foreign.device);
    world.eventually("administrator", "/api/v1/history?group=device", shown);
    for path in ["/api/v1/devices", "/api/v1/history?group=device", "/api/v1/tokens"] {
        for caller in ["reader", "site-operator", "operator", "inspector"] {
            let text = world.get(caller, path).text();
            assert!(!text.contains(&foreign.device) && !text.contains("beta"), "{path} by {caller}: {text}");
        }
    }
}
