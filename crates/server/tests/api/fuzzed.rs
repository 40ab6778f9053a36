//! A registry for a fuzzer of APIs, which `scripts/schemathesis.sh` starts: it is no test of its own.

use crate::world::World;
use std::io::Read as _;

#[test]
#[ignore = "serves until its input ends; scripts/schemathesis.sh runs it"]
fn serves_until_its_input_ends() {
    let mut world = World::new();
    let last = world.minute()[3];
    world.receipt(last);
    let (url, token) = world.address("administrator");
    let path =
        std::env::var("OVERT_SERVED").expect("OVERT_SERVED: expected the file to write address and token to");
    std::fs::write(path, format!("{url} {token}\n")).unwrap();
    let mut rest = Vec::new();
    std::io::stdin().read_to_end(&mut rest).unwrap();
    // Whatever it was asked, it stands.
    let status = world.get("administrator", "/api/v1/status").json();
    assert_eq!(status["trouble"], serde_json::Value::Null, "{status}");
}
