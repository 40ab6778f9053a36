//! Statements that go to the registry by hand, and receipts that come back.

use crate::support::{World, outcome, overt, recording, text};

#[test]
fn statements_are_carried_out_handed_in_and_let_go_of_by_receipt() {
    let world = World::new();
    let registry = world.serve();
    world.enrol("remote", &registry.url, &world.hall(&registry, "1"));
    let (data, policy) = (world.path("remote"), world.policy());
    let (out, back) = (world.path("statements.cbor"), world.path("receipts.txt"));
    let file = recording("miner-cuckoo--two-threads.json.gz");
    let agent = ["agent", "--data", &data, "--offline", "--policy", &policy, "--interval", "2s"];
    assert!(overt(&[&agent[..], &["--replay", &file]].concat()).contains("are kept to be carried"));
    assert!(overt(&["carry", "out", "--data", &data, &out]).contains("holds 2 statements"));
    let hand_in = ["carry", "in", &out, "--registry", &registry.url, "--receipts", &back];
    assert!(overt(&hand_in).contains("2 receipts"));
    // The same file once more changes nothing.
    assert!(overt(&hand_in).contains("2 receipts"));
    let take_back = ["carry", "back", "--data", &data, &back, "--policy", &policy];
    assert!(overt(&take_back).contains("2 statements are proven and let go of; 0 wait"));
    assert!(overt(&["carry", "out", "--data", &data, &out]).contains("holds 0 statements"));
}

#[test]
fn receipts_of_another_log_let_go_of_nothing() {
    let (world, other) = (World::new(), World::new());
    let registry = world.serve();
    other.serve().end();
    world.enrol("remote", &registry.url, &world.hall(&registry, "1"));
    let (data, out, back) = (world.path("remote"), world.path("statements.cbor"), world.path("receipts.txt"));
    let file = recording("miner-cuckoo--two-threads.json.gz");
    let agent = ["agent", "--data", &data, "--offline", "--policy", &world.policy(), "--interval", "2s"];
    overt(&[&agent[..], &["--replay", &file]].concat());
    overt(&["carry", "out", "--data", &data, &out]);
    overt(&["carry", "in", &out, "--registry", &registry.url, "--receipts", &back]);
    let output = outcome(&["carry", "back", "--data", &data, &back, "--policy", &other.policy()]);
    assert_eq!(output.status.code(), Some(2));
    assert!(text(&output.stderr).contains("0 statements are proven and let go of; 2 wait"));
}
