//! What is printed for machines keeps to the schemas that are published for it.

use crate::World;
use serde_json::Value;
use std::path::Path;
use testkit::schema::conforms;

/// Fails where a document leaves its published schema.
pub fn keeps(name: &str, document: &Value) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("../../schemas/{name}.schema.json"));
    let schema: Value = serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap();
    if let Err(why) = conforms(document, &schema) {
        panic!("{name}: {why}\n{document:#}");
    }
}

fn json(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_else(|e| panic!("{e}: {text}"))
}

#[test]
fn contests_counts_differences_and_alerts_keep_to_their_schemas() {
    let world = World::new();
    let (device, party) = (world.device(), world.token("party", "operator"));
    for id in ["matter-1", "matter-2"] {
        let raise = ["contest", "raise", id, "--device", &device, "--statements", "0..3", "--grounds", "No."];
        world.good(&[&raise[..], &["--token-file", &party]].concat());
    }
    let answer = ["contest", "answer", "matter-1", "--outcome", "partly-overturned", "--reasons", "Partly."];
    world.good(&answer);
    let list = json(&world.good(&["contest", "list", "--json"]));
    assert_eq!(list.as_array().unwrap().len(), 2);
    keeps("overt.contests-1", &list);
    keeps("overt.contest-counts-1", &json(&world.good(&["stats", "--json"])));
    let of = ["--operator", "acme", "--site", "hall", "--last", "12d"];
    let found = world.good(&[&["differences", "--json"], &of[..]].concat());
    assert!(found.lines().count() > 0);
    found.lines().for_each(|line| keeps("overt.difference-1", &json(line)));
    let (state, settings) = (world.path("state.json"), world.path("alerts.toml"));
    std::fs::write(&settings, "[rule.unregistered-device]\nhold_minutes = 0\n").unwrap();
    let files = ["--state", state.to_str().unwrap(), "--settings", settings.to_str().unwrap()];
    let told = world.good(&[&["alerts", "--json"], &files[..], &of].concat());
    assert!(told.lines().count() > 0);
    told.lines().for_each(|line| keeps("overt.alert-1", &json(line)));
}

#[test]
fn registrations_gaps_due_dates_and_filings_keep_to_their_schemas() {
    let world = World::new();
    let base = "[[operator]]\nid = \"acme\"\ntitle = \"Acme\"\nfrom = 2025-01-01\nfields = { \"party.legal_name\" = \"Acme Ltd\" }\n\
                [[site]]\nid = \"north\"\noperator = \"acme\"\nplace = \"NO\"\nfrom = 2025-01-01\nfields = { \"site.name\" = \"North\" }\n\
                [[workload]]\nid = \"mine\"\nsite = \"north\"\nfrom = 2025-01-01\nfields = { \"work.activity\" = \"mining\", \"work.coin\" = \"XMR\" }\n";
    let file = world.path("base.toml");
    std::fs::write(&file, base).unwrap();
    let register = ["register", file.to_str().unwrap()];
    let dry = json(&world.good(&[&register[..], &["--dry-run", "--json"]].concat()));
    assert!(!dry["lines"].as_array().unwrap().is_empty());
    keeps("overt.register-1", &dry);
    keeps("overt.register-1", &json(&world.good(&[&register[..], &["--yes", "--json"]].concat())));
    let missing = json(&world.good(&["register", "missing", "--site", "north", "--json"]));
    assert!(!missing["missing"].as_array().unwrap().is_empty());
    keeps("overt.missing-1", &missing);
    let of = ["--operator", "acme", "--site", "north"];
    let span = ["--from", "2026-01-01", "--to", "2026-12-31", "--json"];
    let due = json(&world.good(&[&["due"], &of[..], &span].concat()));
    let all = [&due["items"], &due["undated"]].map(|list| list.as_array().unwrap().clone()).concat();
    assert!(!all.is_empty(), "{due}");
    keeps("overt.due-filings-1", &due);
    let duty = all[0]["obligation"].as_str().unwrap();
    let filing = world.good(&[&["file", duty], &of[..], &["--period", "2025", "--json"]].concat());
    keeps("overt.filing-1", &json(&filing));
}

#[test]
fn the_contents_and_the_summary_of_a_dossier_keep_to_their_schemas() {
    let world = World::new();
    let dossier = world.dossier("whole.zip");
    for (member, schema) in [("dossier.json", "overt.dossier-1"), ("summary.json", "overt.dossier-summary-1")]
    {
        let bytes = crate::pages::member(&dossier, member);
        keeps(schema, &serde_json::from_slice(&bytes).unwrap());
    }
}
