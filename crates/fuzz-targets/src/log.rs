//! The texts of a transparency log: notes, checkpoints, receipts, policies, requests to a witness, names of tiles.
//!
//! What is read must be written as the same bytes, since its signature is over bytes.

use ed25519_zebra::SigningKey;
use tlog::witness::{Reply, Request, Witness, read_reply};
use tlog::{
    Checkpoint, Hash, Head, Note, NoteSignature, Policy, Receipt, SignedCheckpoint, Tile, VerifierKey,
};

const ORIGIN: &str = "example.com/log";
const WITNESS: &str = "witness.example/w";
/// A moment for cosignatures.
const NOW: u64 = 1_679_315_147;
/// The verifier keys of the secrets below, so that signatures are looked at and not passed over.
const LOG_SECRET: [u8; 32] = [1; 32];
const WITNESS_SECRET: [u8; 32] = [2; 32];

fn log_keys() -> Vec<VerifierKey> {
    let key = SigningKey::from(LOG_SECRET).verification_key();
    VerifierKey::log(ORIGIN, key.into()).into_iter().collect()
}

fn witness_keys() -> Vec<VerifierKey> {
    let key = SigningKey::from(WITNESS_SECRET).verification_key();
    VerifierKey::cosigner(WITNESS, key.into()).into_iter().collect()
}

fn signed() -> Option<SignedCheckpoint> {
    let leaf = tlog::leaf_hash(b"entry");
    let root = tlog::node_hash(leaf, leaf);
    let checkpoint = Checkpoint::new(ORIGIN, Head { size: 2, root });
    let mut signed = SignedCheckpoint::sign(&checkpoint, &SigningKey::from(LOG_SECRET)).ok()?;
    signed.add(tlog::cosign(&checkpoint, WITNESS, &SigningKey::from(WITNESS_SECRET), NOW).ok()?).ok()?;
    Some(signed)
}

/// A signed note and its signatures; also a key in its text form, and lines as a witness answers them.
pub fn note(bytes: &[u8]) {
    if let Ok(note) = Note::parse(bytes) {
        assert_eq!(note.to_string().as_bytes(), bytes, "a note that is written otherwise than it was read");
        let _ = note.verify(&[log_keys(), witness_keys()].concat());
    }
    let text = String::from_utf8_lossy(bytes);
    if let Ok(lines) = NoteSignature::read_lines(&text) {
        let written: String = lines.iter().map(NoteSignature::line).collect();
        assert_eq!(written, text, "signature lines that are written otherwise than they were read");
    }
    if let Ok(key) = text.parse::<VerifierKey>() {
        assert_eq!(key.to_string().parse().as_ref(), Ok(&key), "a key that cannot be read back");
    }
}

/// A note, its signature lines, and keys.
pub fn note_seeds() -> Vec<Vec<u8>> {
    let keys = [log_keys(), witness_keys()].concat().into_iter().map(|key| key.to_string());
    let lines = signed().map(|signed| signed.note().signatures().iter().map(NoteSignature::line).collect());
    let texts = signed().map(|signed| signed.to_string()).into_iter().chain(lines).chain(keys);
    texts.map(String::into_bytes).collect()
}

/// A checkpoint, with and without signatures.
pub fn checkpoint(bytes: &[u8]) {
    if let Ok(signed) = SignedCheckpoint::parse(bytes) {
        assert_eq!(signed.to_string().as_bytes(), bytes, "a checkpoint that is written otherwise");
        assert_eq!(signed.checkpoint().to_string(), signed.note().text());
    }
    let text = String::from_utf8_lossy(bytes);
    if let Ok(checkpoint) = Checkpoint::from_text(&text) {
        assert_eq!(checkpoint.to_string(), text, "a checkpoint that is written otherwise than it was read");
    }
}

/// A checkpoint, signed and not.
pub fn checkpoint_seeds() -> Vec<Vec<u8>> {
    let Some(signed) = signed() else { return Vec::new() };
    let bare = format!("{}extension\n", signed.checkpoint());
    vec![signed.to_string().into_bytes(), bare.into_bytes()]
}

/// A receipt, held against a policy.
pub fn receipt(bytes: &[u8]) {
    let Ok(receipt) = Receipt::parse(bytes) else { return };
    assert_eq!(receipt.to_string().as_bytes(), bytes, "a receipt that is written otherwise than it was read");
    let leaf = tlog::leaf_hash(b"entry");
    let Ok(policy) = Policy::parse(b"quorum none\n") else { return };
    let evaluation = receipt.evaluate(leaf, &policy, &log_keys());
    let included = receipt.verify_inclusion(leaf).is_ok();
    let signed = receipt.checkpoint.verify(&log_keys()).is_ok();
    assert_eq!(evaluation.accepted(), included && signed, "what is accepted is signed and included");
}

/// A receipt with extra data.
pub fn receipt_seeds() -> Vec<Vec<u8>> {
    let path = vec![tlog::leaf_hash(b"entry")];
    let receipt = signed().map(|checkpoint| Receipt { extra: Some(vec![0x80]), index: 1, path, checkpoint });
    receipt.map(|receipt| receipt.to_string().into_bytes()).into_iter().collect()
}

/// A policy, held against a checkpoint.
pub fn policy(bytes: &[u8]) {
    let (Ok(policy), Some(signed)) = (Policy::parse(bytes), signed()) else { return };
    let evaluation = policy.evaluate(&signed, &log_keys());
    assert!(evaluation.witnesses().len() <= 1, "one witness cosigned");
    assert!(
        !evaluation.accepted() || !policy.asks_for_witnesses() || evaluation.witnesses().len() == 1,
        "a quorum of witnesses was met by none"
    );
}

/// A policy with groups in groups.
pub fn policy_seeds() -> Vec<Vec<u8>> {
    let key = |name: &str, seed: u8| {
        let key = SigningKey::from([seed; 32]).verification_key();
        VerifierKey::cosigner(name, key.into()).map(|key| key.to_string()).unwrap_or_default()
    };
    let logs: String = log_keys().iter().map(|key| format!("log {key} https://log.example/\n")).collect();
    let text = format!(
        "# who is believed\n{logs}witness W1 {}\nwitness W2\t{} https://w.example/\nwitness W3 {}\n\
         group two 2 W1 W2\ngroup G any two W3\nquorum G\n",
        key(WITNESS, 2),
        key("w2", 3),
        key("w3", 4)
    );
    vec![text.into_bytes(), b"quorum none\n".to_vec()]
}

/// A request to a witness that has stored nothing, and one that has; then the answer, as the log reads it.
pub fn witness(bytes: &[u8]) {
    let _ = signed()
        .map(|signed| [200, 409, 500].map(|status| read_reply(status, bytes, &signed, &witness_keys())));
    let Ok(request) = Request::parse(bytes) else { return };
    assert_eq!(request.to_string().as_bytes(), bytes, "a request that is written otherwise than it was read");
    let Ok(witness) = Witness::new(WITNESS, SigningKey::from(WITNESS_SECRET), log_keys()) else { return };
    let stored = Head { size: 1, root: tlog::leaf_hash(b"entry") };
    for stored in [None, Some(stored)] {
        let decision = witness.decide(&request, stored, NOW);
        assert!(decision.answer.body.ends_with('\n'), "a body without its last newline");
        assert!(
            decision.change.is_none() || decision.answer.status == 200,
            "a refusal that changes something"
        );
        if decision.answer.status == 200 {
            let body = decision.answer.body.as_bytes();
            let reply = read_reply(200, body, &request.checkpoint, &witness_keys());
            assert!(matches!(reply, Ok(Reply::Cosigned(_))), "a cosignature that its log does not take");
        }
    }
}

/// Requests from nothing and from one leaf, and the answer to one.
pub fn witness_seeds() -> Vec<Vec<u8>> {
    let Some(signed) = signed() else { return Vec::new() };
    let answer = signed.note().signatures().last().map(NoteSignature::line).unwrap_or_default();
    let from = |old: u64, proof: Vec<Hash>| Request { old, proof, checkpoint: signed.clone() }.to_string();
    let texts = [from(0, vec![]), from(1, vec![tlog::leaf_hash(b"entry")]), answer, "2\n".to_owned()];
    texts.map(String::into_bytes).to_vec()
}

/// The name of a tile; and a bundle of entries.
pub fn tile(bytes: &[u8]) {
    let name = String::from_utf8_lossy(bytes);
    if let Ok(tile) = name.parse::<Tile>() {
        assert_eq!(tile.to_string(), name, "a tile of two names");
    }
    for width in [1, 2, 256] {
        if let Ok(entries) = tlog::parse_bundle(bytes, width) {
            assert_eq!(entries.len(), usize::from(width));
            assert_eq!(
                tlog::encode_bundle(&entries).as_deref(),
                Ok(bytes),
                "a bundle that is written otherwise"
            );
        }
    }
}

/// Names, and a bundle of two entries.
pub fn tile_seeds() -> Vec<Vec<u8>> {
    let names = ["tile/0/x001/234.p/5", "tile/entries/000", "tile/63/x001/x234/067"];
    let bundle = tlog::encode_bundle(&[b"one".as_slice(), b"two"]).ok();
    names.map(|name| name.as_bytes().to_vec()).into_iter().chain(bundle).collect()
}
