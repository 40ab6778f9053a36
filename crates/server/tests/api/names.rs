//! Names that somebody else has already: whoever tries them learns no more than the policies tell.

use crate::world::World;
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
