//! What is read back: history, bundles, evidence, versions; and what ends: tokens, contents of statements.

use crate::world::World;
use serde_json::json;
use statement::Digest;
use verify::{Keys, Reader, pieces};

#[test]
fn the_history_is_answered_in_every_form() {
    let mut world = World::new();
    let last = world.minute()[3];
    world.receipt(last);
    let path = |format: &str| format!("/api/v1/history?group=device&format={format}");
    let text = world.eventually("operator", &path("csv"), |a| a.text().lines().count() == 3).text();
    assert!(text.contains(&world.devices[0].id().to_string()), "{text}");
    assert!(!text.contains(&world.devices[2].id().to_string()), "{text}");
    assert_eq!(world.get("operator", &path("json")).json().as_array().unwrap().len(), 2);
    assert!(world.get("operator", &path("parquet")).body.starts_with(b"PAR1"));
    let chart = world.get("operator", &path("svg"));
    assert!(chart.media == "image/svg+xml" && chart.text().starts_with("<svg"), "{}", chart.text());
    assert_eq!(world.get("operator", "/api/v1/history?group=nothing").status, 400);
}

#[test]
fn a_bundle_withholds_what_its_reader_may_not_see_and_verifies_all_the_same() {
    let mut world = World::new();
    let last = world.minute()[3];
    world.receipt(last);
    let leaves = world.get("administrator", "/api/v1/status").json()["leaves"].as_u64().unwrap();
    let path = format!("/api/v1/bundle?first=0&count={leaves}");
    for (who, statements, withheld) in
        [("administrator", 4, false), ("operator", 2, true), ("reader", 0, true)]
    {
        let bundle = world.get(who, &path).body;
        let (mut at, mut reader) = (0, None);
        let mut number = 0;
        while let Some((head, length)) = pieces(&bundle[at..], number, at as u64).unwrap() {
            let piece = &bundle[at + head..at + head + length];
            match &mut reader {
                None => reader = Some(Reader::new(piece, &world.policy(), Keys::default()).unwrap()),
                Some(reader) => {
                    let signatures = Reader::sheaf(reader, piece).unwrap();
                    assert!(signatures.check().is_empty());
                }
            }
            at += head + length;
            number += 1;
        }
        let (report, summary) = reader.unwrap().finish();
        assert!(report.holds(), "{who}: {report:?}");
        assert_eq!(summary.statements, statements, "{who}");
        assert_eq!(summary.hashes > 0, withheld, "{who}");
        let secret = b"train-beta-hall.service";
        let shown = bundle.windows(secret.len()).any(|w| w == secret);
        assert_eq!(shown, who == "administrator", "{who}");
    }
}

#[test]
fn evidence_is_asked_for_then_handed_in_once_then_read() {
    let mut world = World::new();
    let body = br#"{"hot":"code"}"#;
    let (digest, device) = (Digest::of(body), world.devices[0].id());
    let path = format!("/api/v1/evidence/{digest}");
    assert_eq!(world.send("nobody", "PUT", &path, body).status, 404);
    let wish = format!("/api/v1/devices/{device}/evidence/{digest}");
    assert_eq!(world.send("inspector", "POST", &wish, &[]).status, 202);
    let said = world.devices[0].say();
    assert_eq!(world.submit(&said)["wanted"], json!([digest.to_string()]));
    assert_eq!(world.send("nobody", "PUT", &path, b"{}").status, 422);
    assert_eq!(world.send("nobody", "PUT", &path, body).status, 204);
    assert_eq!(world.get("inspector", &path).body, body);
    assert_eq!(world.get("reader", &path).status, 403);
}

#[test]
fn an_erased_statement_is_gone_and_its_receipt_stays() {
    let mut world = World::new();
    let ordinals = world.minute();
    let receipt = world.receipt(ordinals[3]);
    let wish = json!({ "first": ordinals[3], "count": 1, "why": "a request" });
    assert_eq!(world.post("operator", "/api/v1/erasures", &wish).status, 403);
    let erased = world.post("administrator", "/api/v1/erasures", &wish);
    assert_eq!((erased.status, erased.json()["erased"].as_u64()), (200, Some(1)));
    let path = |ordinal: u64| format!("/api/v1/statements/{ordinal}");
    assert_eq!(world.get("administrator", &path(ordinals[3])).status, 404);
    assert_eq!(world.get("administrator", &path(ordinals[2])).status, 200);
    let again = world.receipt(ordinals[3]);
    assert!(tlog::Receipt::parse(&again).is_ok() && tlog::Receipt::parse(&receipt).is_ok());
}

#[test]
fn a_site_is_written_in_versions() {
    let world = World::new();
    let site = json!({ "operator": "acme", "place": "CN-BJ" });
    let answer = world.put("site-operator", "/api/v1/sites/acme-hall", &site);
    assert_eq!((answer.status, answer.json()["version"].as_u64()), (200, Some(2)), "{}", answer.text());
    let read = world.get("reader", "/api/v1/sites/acme-hall").json();
    assert_eq!((&read["place"], &read["version"]), (&"CN-BJ".into(), &2.into()));
}

#[test]
fn a_token_that_was_ended_opens_nothing_from_then_on() {
    let world = World::new();
    let wish = json!({ "name": "brief", "role": "reader", "operator": "acme" });
    let token = world.post("operator", "/api/v1/tokens", &wish).json()["token"].as_str().unwrap().to_owned();
    assert_eq!(world.get(&token, "/api/v1/devices").status, 200);
    assert_eq!(world.send("operator", "DELETE", "/api/v1/tokens/brief", &[]).status, 204);
    assert_eq!(world.get(&token, "/api/v1/devices").status, 401);
    let listed = world.get("administrator", "/api/v1/tokens").text();
    assert!(!listed.contains("brief") && !listed.contains(token.rsplit('_').next().unwrap()), "{listed}");
}

#[test]
fn a_backup_holds_the_store_and_no_key() {
    let world = World::new();
    let to = world.folder.path().join("copy");
    let wish = json!({ "folder": to.to_str().unwrap() });
    assert_eq!(world.post("operator", "/api/v1/backups", &wish).status, 403);
    let answer = world.post("administrator", "/api/v1/backups", &wish);
    assert_eq!(answer.status, 201, "{}", answer.text());
    assert!(to.join("store").is_dir() && !to.join("log.key").exists());
    assert_eq!(world.post("administrator", "/api/v1/backups", &json!({ "folder": "here" })).status, 400);
}
