//! Statements from submission to proof, and what is refused on the way.

use crate::world::World;
use statement::Key;
use verify::Keys;

#[test]
fn a_statement_goes_from_submission_to_a_proof_that_verifies_offline() {
    let mut world = World::new();
    let said = world.devices[0].say();
    let answer = world.submit(&said);
    let ordinal = answer["accepted"][0]["first"].as_u64().unwrap();
    let receipt = world.receipt(ordinal);
    let kept = world.get("operator", &format!("/api/v1/statements/{ordinal}"));
    assert_eq!((kept.media.as_str(), kept.body), ("application/cose", said.clone()));
    let mut keys = Keys::default();
    let public = world.devices[0].key.public();
    keys.trust(Key::from_bytes(&public.to_bytes()).unwrap(), public.device());
    let report = verify::statement(&said, &receipt, &world.policy(), &keys);
    assert!(report.holds(), "{report:?}");
    let mut forged = said;
    *forged.last_mut().unwrap() ^= 1;
    assert!(!verify::statement(&forged, &receipt, &world.policy(), &keys).holds());
    let by_number = format!("/api/v1/devices/{}/receipts/0", public.device());
    assert_eq!(world.get("nobody", &by_number).status, 200);
    let status = world.get("administrator", "/api/v1/status").json();
    assert_eq!((&status["accepted"], &status["devices"]), (&1.into(), &4.into()), "{status}");
    assert_eq!(status["published"], status["entries"], "{status}");
}

#[test]
fn what_comes_again_is_a_duplicate_and_what_is_refused_has_a_reason() {
    let mut world = World::new();
    let (first, second) = (world.devices[0].say(), world.devices[0].say());
    let mut forged = world.devices[1].say();
    *forged.last_mut().unwrap() ^= 1;
    assert_eq!(world.submit(&first)["accepted"][0]["count"], 1);
    let answer = world.submit(&[first, forged, second].concat());
    assert_eq!(answer["duplicates"][0]["index"], 0, "{answer}");
    assert_eq!(answer["refused"][0]["index"], 1, "{answer}");
    assert_eq!(answer["refused"][0]["reason"], "bad-signature", "{answer}");
    assert_eq!(answer["refused"][0]["later"], false, "{answer}");
    assert_eq!(answer["accepted"][0]["index"], 2, "{answer}");
}

#[test]
fn a_body_that_is_no_sequence_is_refused_as_a_whole() {
    let mut world = World::new();
    let mut body = world.devices[0].say();
    body.extend([0x5b, 0xff]);
    let answer = world.send("nobody", "POST", "/api/v1/statements", &body);
    assert_eq!((answer.status, answer.media.as_str()), (400, "application/problem+json"));
    assert_eq!(world.get("administrator", "/api/v1/status").json()["accepted"], 0);
}

#[test]
fn a_body_of_one_byte_too_many_is_refused() {
    let world = World::new();
    let answer = world.send("nobody", "POST", "/api/v1/statements", &vec![0; registry::MAX_BODY + 1]);
    assert_eq!((answer.status, answer.media.as_str()), (413, "application/problem+json"));
}

#[test]
fn nothing_of_a_revoked_device_is_admitted() {
    let mut world = World::new();
    let path = format!("/api/v1/devices/{}", world.devices[0].id());
    let answer = world.send("operator", "DELETE", &path, br#"{"why":"lost"}"#);
    assert_eq!(answer.status, 204, "{}", answer.text());
    let said = world.devices[0].say();
    let answer = world.submit(&said);
    assert_eq!(answer["refused"][0]["reason"], "ended-key", "{answer}");
}
