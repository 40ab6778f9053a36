//! A relay between a site and a registry that is away for a while.

use crate::support::{Running, World, outcome, overt, program, recording, text};
use serde_json::Value;
use std::process::Stdio;
use std::time::{Duration, Instant};

/// Longest wait for something that another process does.
const PATIENCE: Duration = Duration::from_secs(120);

fn relay(world: &World, registry: &str) -> Running {
    let data = world.path("relay");
    Running::start(&["relay", "--data", &data, "--listen", "127.0.0.1:0", "--registry", registry])
}

/// The registry ends; gives the address at which it comes back.
fn away(registry: Running) -> String {
    let address = registry.url.trim_start_matches("http://").to_owned();
    registry.end();
    address
}

/// Statements that the registry has taken since its start.
fn accepted(world: &World, registry: &Running) -> u64 {
    let status = overt(&["status", "--json", "--data", &world.data(), "--registry", &registry.url]);
    let status: Value = serde_json::from_str(&status).unwrap();
    status["registry"]["accepted"].as_u64().unwrap()
}

#[test]
fn an_agent_behind_a_relay_enrols_and_states_through_a_time_without_registry() {
    let world = World::new();
    let registry = world.serve();
    let relay = relay(&world, &registry.url);
    world.enrol("device", &relay.url, &world.hall(&registry, "1"));
    let address = away(registry);
    let (data, policy) = (world.path("device"), world.policy());
    let file = recording("miner-cuckoo--two-threads.json.gz");
    let agent = ["agent", "--data", &data, "--registry", &relay.url, "--policy", &policy, "--interval", "2s"];
    let agent = program(&[&agent[..], &["--replay", &file]].concat()).stdout(Stdio::piped()).spawn().unwrap();
    // Long enough for the agent to have asked in vain.
    std::thread::sleep(Duration::from_secs(3));
    let registry = world.serve_on(&address);
    let output = agent.wait_with_output().unwrap();
    assert!(output.status.success());
    assert!(text(&output.stdout).contains("2 statements are in the log"), "{}", text(&output.stdout));
    assert_eq!(accepted(&world, &registry), 2);
}

#[test]
fn what_a_relay_took_is_on_its_disk_until_the_registry_has_it() {
    let world = World::new();
    let registry = world.serve();
    world.enrol("device", &registry.url, &world.hall(&registry, "1"));
    let (data, policy) = (world.path("device"), world.policy());
    let (out, back) = (world.path("statements.cbor"), world.path("receipts.txt"));
    let file = recording("miner-cuckoo--two-threads.json.gz");
    let agent = ["agent", "--data", &data, "--offline", "--policy", &policy, "--interval", "2s"];
    overt(&[&agent[..], &["--replay", &file]].concat());
    overt(&["carry", "out", "--data", &data, &out]);
    let address = away(registry);
    let url = format!("http://{address}");
    let first = relay(&world, &url);
    let hand_in = ["carry", "in", &out, "--registry", &first.url, "--receipts", &back, "--wait", "1s"];
    let early = outcome(&hand_in);
    assert_eq!(early.status.code(), Some(2));
    assert!(text(&early.stderr).contains("2 are not sealed yet"), "{}", text(&early.stderr));
    first.end();
    let registry = world.serve_on(&address);
    assert_eq!(accepted(&world, &registry), 0);
    let second = relay(&world, &url);
    let until = Instant::now() + PATIENCE;
    while accepted(&world, &registry) < 2 {
        assert!(Instant::now() < until, "the relay does not send on what it kept");
        std::thread::sleep(Duration::from_millis(100));
    }
    // The same once more is nothing new, and the receipts come through the relay.
    overt(&["carry", "in", &out, "--registry", &second.url, "--receipts", &back]);
    assert!(overt(&["carry", "back", "--data", &data, &back, "--policy", &policy]).contains("0 wait"));
    assert_eq!(accepted(&world, &registry), 2);
}

#[test]
fn a_relay_opens_no_other_door_and_takes_nothing_that_is_no_statement() {
    let world = World::new();
    let registry = world.serve();
    let relay = relay(&world, &registry.url);
    let through = ["--data", &world.data(), "--registry", &relay.url];
    let refused = outcome(&[&["status"], &through[..]].concat());
    assert_eq!(refused.status.code(), Some(2));
    assert!(text(&refused.stderr).contains("404"), "{}", text(&refused.stderr));
    let file = world.path("nothing");
    std::fs::write(&file, b"nothing").unwrap();
    let carried =
        outcome(&["carry", "in", &file, "--registry", &relay.url, "--receipts", &world.path("receipts")]);
    assert_eq!(carried.status.code(), Some(2));
}
