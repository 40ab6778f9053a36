//! A witness cosigns what grew, refuses what did not, and says which of it.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

use tlog::witness::{Decision, Reply, ReplyError, Request, RequestError, SIZE_TYPE, Witness, read_reply};
use tlog::{Checkpoint, Hash, Head, MAX_SIZE, SignedCheckpoint, leaf_hash, root};

#[path = "shared/keys.rs"]
mod keys;
#[path = "shared/plain.rs"]
#[allow(dead_code)]
mod plain;

use keys::{cosigner, log_key, secret};

const ORIGIN: &str = "example.com/log";
const NOW: u64 = 1_679_315_147;

fn witness() -> Witness {
    let logs = vec![log_key(ORIGIN, 1), log_key(ORIGIN, 11), log_key("example.com/other", 3)];
    Witness::new("w", secret(2), logs).unwrap()
}

fn head(size: usize) -> Head {
    Head { size: size as u64, root: root(&plain::leaves(size)) }
}

fn signed(origin: &str, head: Head, seed: u8) -> SignedCheckpoint {
    SignedCheckpoint::sign(&Checkpoint::new(origin, head), &secret(seed)).unwrap()
}

fn request(old: usize, new: usize) -> Request {
    let proof = plain::consistency(old, &plain::leaves(new));
    Request { old: old as u64, proof, checkpoint: signed(ORIGIN, head(new), 1) }
}

/// The decision on what a request says once it was written and read.
fn decide(request: &Request, stored: Option<Head>) -> Decision {
    let read = Request::parse(request.to_string().as_bytes()).unwrap();
    assert_eq!(&read, request);
    witness().decide(&read, stored, NOW)
}

fn refused(request: &Request, stored: Option<Head>) -> (u16, String) {
    let decision = decide(request, stored);
    assert_eq!(decision.change, None, "what is refused must change nothing");
    (decision.answer.status, decision.answer.body)
}

#[test]
fn a_log_that_grows_is_cosigned_and_its_head_is_stored_first() {
    for (old, new) in [(0, 0), (0, 1), (0, 7), (1, 2), (3, 7), (4, 7), (7, 7), (6, 300)] {
        let stored = (old > 0).then(|| head(old));
        let request = request(old, new);
        let decision = decide(&request, stored);
        assert_eq!(decision.answer.status, 200, "{old} {new}: {}", decision.answer.body);
        let change = decision.change.map(|change| (change.origin, change.from, change.to));
        let expected = (stored != Some(head(new))).then(|| (ORIGIN.to_owned(), stored, head(new)));
        assert_eq!(change, expected);
        let body = decision.answer.body.as_bytes();
        let Reply::Cosigned(lines) = read_reply(200, body, &request.checkpoint, &[cosigner("w", 2)]).unwrap()
        else {
            panic!("not cosigned");
        };
        let mut checkpoint = request.checkpoint.clone();
        lines.into_iter().for_each(|line| checkpoint.add(line).unwrap());
        let verified = checkpoint.verify(&[witness().verifier_key().unwrap()]).unwrap().len();
        assert_eq!(verified, 1);
    }
}

#[test]
fn every_pair_of_small_sizes_is_cosigned_and_no_other_root_is() {
    let fork = Head { root: leaf_hash(b"fork"), ..head(1) };
    for new in 1..20 {
        for old in 1..=new {
            assert_eq!(decide(&request(old, new), Some(head(old))).answer.status, 200, "{old} {new}");
            let stored = Head { root: fork.root, ..head(old) };
            let expected = if old == new { 409 } else { 422 };
            assert_eq!(refused(&request(old, new), Some(stored)).0, expected, "{old} {new}");
        }
    }
}

#[test]
fn an_unknown_log_is_404_and_a_bad_signature_403() {
    let mut unknown = request(0, 5);
    unknown.checkpoint = signed("example.com/unknown", head(5), 1);
    assert_eq!(refused(&unknown, None).0, 404);
    let mut forged = request(0, 5);
    forged.checkpoint = signed(ORIGIN, head(5), 9);
    assert_eq!(refused(&forged, None).0, 403);
    // The key of another log that is known here speaks for that log only.
    forged.checkpoint = signed(ORIGIN, head(5), 3);
    assert_eq!(refused(&forged, None).0, 403);
    let mut rotated = request(0, 5);
    rotated.checkpoint = signed(ORIGIN, head(5), 11);
    assert_eq!(decide(&rotated, None).answer.status, 200);
}

#[test]
fn the_order_of_checks_is_that_of_the_document() {
    let mut all_wrong = request(0, 5);
    all_wrong.old = 9;
    assert_eq!(refused(&all_wrong, Some(head(3))).0, 400);
    all_wrong.checkpoint = signed(ORIGIN, head(5), 9);
    assert_eq!(refused(&all_wrong, Some(head(3))).0, 403);
    all_wrong.checkpoint = signed("example.com/unknown", head(5), 9);
    assert_eq!(refused(&all_wrong, Some(head(3))).0, 404);
}

#[test]
fn a_stale_old_size_is_answered_with_the_size_that_is_stored() {
    for old in [0, 2, 4, 7] {
        let decision = decide(&request(old, 7), Some(head(3)));
        assert_eq!((decision.answer.status, decision.answer.content_type), (409, SIZE_TYPE));
        let reply = read_reply(409, decision.answer.body.as_bytes(), &request(old, 7).checkpoint, &[]);
        assert_eq!(reply, Ok(Reply::LastSize(3)));
    }
    assert_eq!(refused(&request(3, 7), None), (409, "0\n".to_owned()));
}

#[test]
fn a_log_cannot_go_back() {
    assert_eq!(refused(&request(5, 5), Some(head(7))), (409, "7\n".to_owned()));
    let mut back = request(5, 5);
    back.old = 7;
    assert_eq!(refused(&back, Some(head(7))).0, 400);
}

#[test]
fn a_proof_that_does_not_hold_is_422() {
    let good = request(3, 7);
    for place in 0..good.proof.len() {
        let mut forged = good.clone();
        forged.proof[place].0[5] ^= 1;
        assert_eq!(refused(&forged, Some(head(3))).0, 422);
    }
    let mut other = good.clone();
    other.proof.push(leaf_hash(b"more"));
    assert_eq!(refused(&other, Some(head(3))).0, 422);
    other.proof.clear();
    assert_eq!(refused(&other, Some(head(3))).0, 422);
    let mut from_nothing = request(0, 7);
    from_nothing.proof = good.proof.clone();
    assert_eq!(refused(&from_nothing, None).0, 422);
    let mut same = request(7, 7);
    same.proof = good.proof;
    assert_eq!(refused(&same, Some(head(7))).0, 422);
}

#[test]
fn an_empty_log_has_one_root() {
    let mut sly = request(0, 0);
    sly.checkpoint = signed(ORIGIN, Head { size: 0, root: leaf_hash(b"x") }, 1);
    assert_eq!(refused(&sly, None).0, 409);
}

#[test]
fn a_body_that_is_no_request_is_400() {
    let good = request(3, 7).to_string();
    let hash = format!("{}\n", leaf_hash(b"h"));
    let refused = [
        (String::new(), RequestError::Old),
        (good.replace("old 3", "old 03"), RequestError::Old),
        (good.replace("old 3", "Old 3"), RequestError::Old),
        (good.replace("old 3\n", "old 3\nx\n"), RequestError::Proof(1)),
        (good.replace("old 3\n", &format!("old 3\n{}", hash.repeat(64))), RequestError::Proof(64)),
        ("old 3\n".to_owned(), RequestError::Cut),
        ("x".repeat(600_000), RequestError::TooLong),
    ];
    for (body, error) in refused {
        assert_eq!(Request::parse(body.as_bytes()), Err(error.clone()));
        assert_eq!(Witness::malformed(&error).status, 400);
    }
    let largest = request(0, 7).to_string().replace("old 0\n", &format!("old 0\n{}", hash.repeat(63)));
    assert_eq!(Request::parse(largest.as_bytes()).unwrap().proof.len(), 63);
}

#[test]
fn sizes_at_the_end_of_the_range_do_no_harm() {
    let checkpoint = signed(ORIGIN, Head { size: MAX_SIZE, root: Hash::empty() }, 1);
    for old in [0, 1, 2, MAX_SIZE - 1, MAX_SIZE, u64::MAX] {
        let request = Request { old, proof: vec![Hash::empty(); 63], checkpoint: checkpoint.clone() };
        let (status, _) = refused(&request, Some(Head { size: old, root: Hash::empty() }));
        assert_eq!(status, if old > MAX_SIZE { 400 } else { 422 });
    }
}

#[test]
fn a_log_takes_only_good_cosignatures_of_known_witnesses() {
    let checkpoint = request(0, 7).checkpoint;
    let decision = decide(&request(0, 7), None);
    let body = decision.answer.body;
    let known = [cosigner("w", 2)];
    assert!(read_reply(200, body.as_bytes(), &checkpoint, &[cosigner("w", 5)]).is_err());
    assert!(read_reply(200, body.as_bytes(), &request(0, 8).checkpoint, &known).is_err());
    assert!(read_reply(200, b"", &checkpoint, &known).is_err());
    assert!(read_reply(200, b"\xff\n", &checkpoint, &known).is_err());
    assert_eq!(read_reply(409, b"x\n", &checkpoint, &known), Err(ReplyError::NoSize));
    let why = "no log\u{7}".to_owned() + &"x".repeat(1000);
    let Err(ReplyError::Refused { status, why }) = read_reply(404, why.as_bytes(), &checkpoint, &known)
    else {
        panic!("accepted");
    };
    assert_eq!((status, why.len(), why.contains('\u{7}')), (404, 200, false));
}

#[test]
fn a_witness_knows_logs_by_keys_that_logs_sign_with() {
    assert!(Witness::new("w", secret(2), vec![cosigner("x", 1)]).is_err());
    assert!(Witness::new("a b", secret(2), vec![]).is_err());
}
