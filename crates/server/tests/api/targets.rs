//! What is asked for: something of one's own, something beside it, something of somebody else, something that is not there.

use crate::world::{SITES, World};
use serde_json::json;
use statement::Digest;

/// One of each kind of thing, all of one site.
pub struct Target {
    pub name: &'static str,
    pub operator: String,
    pub site: String,
    pub device: String,
    pub ordinal: u64,
    pub digest: String,
    pub token: String,
    /// The ordinal of a filing.
    pub filing: u64,
    /// The name of a contested finding.
    pub matter: String,
    /// Whether it is there at all.
    pub is_there: bool,
}

/// Own, beside, foreign and absent, in this order: as seen by those who are bound to `acme-hall`.
pub fn all(world: &mut World) -> Vec<Target> {
    let ordinals = world.minute();
    world.receipt(ordinals[3]);
    let target = |name, index: usize| {
        let (site, device) = (SITES[index], world.devices[index].id());
        let body = format!("{{\"of\":\"{site}\"}}");
        let digest = Digest::of(body.as_bytes());
        let wish = format!("/api/v1/devices/{device}/evidence/{digest}");
        assert_eq!(world.send("administrator", "POST", &wish, &[]).status, 202);
        let put = format!("/api/v1/evidence/{digest}");
        assert_eq!(world.send("nobody", "PUT", &put, body.as_bytes()).status, 204);
        let operator = &site[..4];
        let registration = json!({ "kind": "site", "id": site, "within": operator, "from": "2026-01-01" });
        let answer =
            world.post("administrator", "/api/v1/registrations", &json!({ "registrations": [registration] }));
        assert_eq!(answer.status, 200, "{}", answer.text());
        Target {
            filing: filing(world, operator, site),
            matter: matter(world, operator, site, &device.to_string()),
            name,
            operator: operator.to_owned(),
            site: site.to_owned(),
            device: device.to_string(),
            ordinal: ordinals[index],
            digest: digest.to_string(),
            token: format!("of-{site}"),
            is_there: true,
        }
    };
    let absent = Target {
        name: "absent",
        operator: "none".to_owned(),
        site: "none-hall".to_owned(),
        device: "0".repeat(32),
        ordinal: 1 << 40,
        digest: "0".repeat(64),
        token: "of-none".to_owned(),
        filing: 1 << 40,
        matter: "of-none".to_owned(),
        is_there: false,
    };
    vec![target("own", 0), target("beside", 1), target("foreign", 2), absent]
}

/// A filing for a site; gives its ordinal.
fn filing(world: &World, operator: &str, site: &str) -> u64 {
    let wish = json!({
        "obligation": "cn.operating-list", "operator": operator, "site": site, "from": "2026-01-01",
        "to": "2026-01-07", "rulebook": "0".repeat(64), "checked_by": "A. Person", "document": "{}",
    });
    let answer = world.post("administrator", "/api/v1/filings", &wish);
    assert_eq!(answer.status, 201, "{}", answer.text());
    answer.json()["ordinal"].as_u64().unwrap()
}

/// A contested finding of a device; gives its name.
fn matter(world: &World, operator: &str, site: &str, device: &str) -> String {
    let token = format!("party-{site}");
    let party = world.issue(&json!({ "name": token, "role": "operator", "operator": operator }));
    let id = format!("of-{site}");
    let wish = json!({ "id": id, "device": device, "first": 0, "last": 0, "grounds": "It was a benchmark." });
    let answer = world.post(&party, "/api/v1/contests", &wish);
    assert_eq!(answer.status, 201, "{}", answer.text());
    id
}

impl Target {
    /// A token to be ended: each asking ends one at most.
    pub fn renew_token(&self, world: &World) {
        let wish = json!({ "name": self.token, "role": "reader", "operator": self.operator });
        if self.is_there {
            let answer = world.post("administrator", "/api/v1/tokens", &wish);
            assert!(matches!(answer.status, 201 | 409), "{}", answer.text());
        }
    }
}
