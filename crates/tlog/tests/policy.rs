//! Policies: how they are read, and whose signatures are enough.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

use proptest::prelude::*;
use tlog::{
    Checkpoint, Evaluation, Fault, Head, KeyKind, MAX_POLICY_ITEMS, NoteSignature, Policy, PolicyError,
    SignedCheckpoint, VerifierKey, cosign, leaf_hash,
};

#[path = "shared/keys.rs"]
mod keys;

use keys::{cosigner, log_key, secret};

const ORIGIN: &str = "example.com/log";

fn name(witness: u8) -> String {
    format!("witness.example/{witness}")
}

/// A checkpoint of the log with the cosignatures of these witnesses, at times 1000, 1001, …
fn checkpoint(witnesses: &[u8]) -> SignedCheckpoint {
    let checkpoint = Checkpoint::new(ORIGIN, Head { size: 9, root: leaf_hash(b"root") });
    let mut signed = SignedCheckpoint::sign(&checkpoint, &secret(100)).unwrap();
    for (time, witness) in (1000..).zip(witnesses) {
        signed.add(cosign(&checkpoint, &name(*witness), &secret(*witness), time).unwrap()).unwrap();
    }
    signed
}

fn policy(text: &str) -> Policy {
    Policy::parse(text.as_bytes()).unwrap()
}

/// A policy with the log, witnesses `W1` to `W6`, and these lines.
fn with(lines: &str) -> String {
    let witnesses: String =
        (1..=6).map(|seed| format!("witness W{seed} {}\n", cosigner(&name(seed), seed))).collect();
    format!("log {}\n{witnesses}{lines}", log_key(ORIGIN, 100))
}

fn texts(evaluation: &Evaluation) -> Vec<String> {
    evaluation.steps().iter().map(|step| step.text.clone()).collect()
}

/// The example of the document: two of three witnesses of one operator, and one of three of another.
const TWO_LEVELS: &str =
    "# two operators\n\tgroup X 2 W1 W2 W3\ngroup  Y any W4 W5 W6\n\ngroup both all X Y \nquorum both\n";

#[test]
fn the_quorum_of_the_document_is_met_by_those_who_meet_it() {
    let policy = policy(&with(TWO_LEVELS));
    for chosen in 0_u8..64 {
        let witnesses: Vec<u8> = (1..=6).filter(|seed| chosen >> (seed - 1) & 1 == 1).collect();
        let met = (chosen & 7).count_ones() >= 2 && chosen >> 3 != 0;
        let evaluation = policy.evaluate(&checkpoint(&witnesses), &[]);
        assert_eq!(evaluation.accepted(), met, "{witnesses:?}");
        assert_eq!(evaluation.witnesses().len(), witnesses.len());
    }
}

#[test]
fn each_step_is_told_in_words() {
    let evaluation = policy(&with(TWO_LEVELS)).evaluate(&checkpoint(&[1, 4]), &[]);
    assert!(!evaluation.accepted());
    assert_eq!(
        texts(&evaluation),
        [
            "the log \"example.com/log\" signed 9 leaves",
            "witness W1 cosigned at 1970-01-01T00:16:40Z",
            "witness W2 did not cosign",
            "witness W3 did not cosign",
            "witness W4 cosigned at 1970-01-01T00:16:41Z",
            "witness W5 did not cosign",
            "witness W6 did not cosign",
            "group X: 1 of 3 witnessed, 2 needed; missing: W2, W3",
            "group Y: 1 of 3 witnessed, 1 needed",
            "group both: 1 of 2 witnessed, 2 needed; missing: X",
            "the quorum both is not met",
        ]
    );
}

#[test]
fn a_quorum_of_one_witness_and_of_none() {
    assert!(policy(&with("quorum W3\n")).evaluate(&checkpoint(&[3]), &[]).accepted());
    assert!(!policy(&with("quorum W3\n")).evaluate(&checkpoint(&[1, 2]), &[]).accepted());
    let none = policy(&with("quorum none"));
    assert!(none.evaluate(&checkpoint(&[]), &[]).accepted() && !none.asks_for_witnesses());
}

#[test]
fn a_log_must_have_signed_under_its_own_name() {
    let known = log_key(ORIGIN, 100);
    let nobody = policy("quorum none\n");
    assert!(!nobody.evaluate(&checkpoint(&[]), &[]).accepted());
    assert!(nobody.evaluate(&checkpoint(&[]), &[known]).accepted());
    assert!(!nobody.evaluate(&checkpoint(&[]), &[log_key(ORIGIN, 101)]).accepted());
    assert!(!nobody.evaluate(&checkpoint(&[]), &[log_key("example.com/other", 100)]).accepted());
    // A log that is believed cannot speak for another: here it signed a checkpoint with the other's origin.
    let sly = Checkpoint::new("example.com/victim", Head::empty());
    let mut note = tlog::Note::new(sly.to_string()).unwrap();
    note.sign(ORIGIN, &secret(100)).unwrap();
    let sly = SignedCheckpoint::parse(note.to_string().as_bytes()).unwrap();
    let evaluation = policy(&with("quorum none\n")).evaluate(&sly, &[]);
    assert!(!evaluation.accepted());
    assert!(texts(&evaluation)[0].contains("none of the logs"), "{:?}", texts(&evaluation));
}

#[test]
fn a_forged_cosignature_refuses_even_where_the_quorum_is_met() {
    let policy = policy(&with("group all-but-one 2 W1 W2 W3\nquorum all-but-one\n"));
    let mut forged = checkpoint(&[1, 2]);
    let id = cosigner(&name(3), 3).id();
    forged.add(NoteSignature { name: name(3), id, bytes: vec![0; 72] }).unwrap();
    assert!(!policy.evaluate(&forged, &[]).accepted());
    let mut unknown = checkpoint(&[1, 2]);
    unknown.add(NoteSignature { name: name(3), id: id ^ 1, bytes: vec![0; 72] }).unwrap();
    assert!(policy.evaluate(&unknown, &[]).accepted());
}

#[test]
fn a_witness_is_not_counted_for_what_it_signed_as_another() {
    let checkpoint_text = Checkpoint::new(ORIGIN, Head { size: 9, root: leaf_hash(b"root") });
    let mut signed = checkpoint(&[]);
    let cosignature = cosign(&checkpoint_text, &name(1), &secret(1), 5).unwrap();
    for witness in 2..=6 {
        signed.add(NoteSignature { name: name(witness), ..cosignature.clone() }).unwrap();
    }
    assert!(!policy(&with("group G any W1 W2 W3 W4 W5 W6\nquorum G\n")).evaluate(&signed, &[]).accepted());
}

#[test]
fn a_post_quantum_witness_is_named_and_not_counted() {
    let key = VerifierKey::of("pq", KeyKind::MlDsa44, &[9; 1312]).unwrap();
    let policy = policy(&with(&format!("witness PQ {key}\ngroup G 2 W1 PQ\nquorum G\n")));
    let mut signed = checkpoint(&[1]);
    signed.add(NoteSignature { name: "pq".to_owned(), id: key.id(), bytes: vec![1; 2428] }).unwrap();
    let evaluation = policy.evaluate(&signed, &[]);
    assert!(!evaluation.accepted() && evaluation.witnesses().len() == 1);
    assert!(texts(&evaluation).iter().any(|text| text.contains("cannot be checked here")));
}

#[test]
fn addresses_are_kept_for_those_who_ask_witnesses() {
    let key = cosigner("w", 9);
    let policy = policy(&format!("witness W {key} https://witness.example/\nquorum W\n"));
    assert_eq!(policy.witnesses()[0].url(), Some("https://witness.example/"));
    assert_eq!(policy.witnesses()[0].key(), &key);
    assert!(policy.logs().is_empty());
}

#[test]
fn names_are_octets() {
    let key = cosigner("w", 9);
    let text = [b"witness \xff\xfe ", key.to_string().as_bytes(), b"\nquorum \xff\xfe\n"].concat();
    assert_eq!(Policy::parse(&text).unwrap().witnesses()[0].name(), "\u{fffd}\u{fffd}");
    let kelvin = [b"witness K ", key.to_string().as_bytes(), "\nquorum \u{212a}\n".as_bytes()].concat();
    assert!(Policy::parse(&kelvin).is_err());
}

#[test]
fn what_a_policy_cannot_say_is_refused_with_its_line() {
    let (log, other) = (log_key(ORIGIN, 100), log_key("other", 100));
    let witness = cosigner("w", 1);
    let refused = [
        ("quorum W7", Fault::Unknown("W7".to_owned())),
        ("quorum W1\nquorum W1", Fault::SecondQuorum),
        ("group G any none", Fault::Unknown("none".to_owned())),
        ("group none any W1", Fault::Taken("none".to_owned())),
        ("group W1 any W2", Fault::Taken("W1".to_owned())),
        ("group G any G", Fault::Unknown("G".to_owned())),
        ("group G any W1 W1", Fault::Twice("W1".to_owned())),
        ("group G any W1\ngroup H any W1", Fault::Twice("W1".to_owned())),
        ("group G 0 W1", Fault::Threshold("0".to_owned())),
        ("group G 2 W1", Fault::Threshold("2".to_owned())),
        ("group G 01 W1", Fault::Threshold("01".to_owned())),
        ("group G some W1", Fault::Threshold("some".to_owned())),
        ("group G any", Fault::Form),
        ("group", Fault::Form),
        ("Quorum W1", Fault::Form),
        ("quorum W1 W2", Fault::Form),
        ("quorum W1\r", Fault::Control),
        ("# com\u{7f}ment", Fault::Control),
        (&format!("log {log}"), Fault::SameKey),
        (&format!("log {other}"), Fault::SameKey),
        (&format!("log {witness}"), Fault::Kind(4)),
        (&format!("witness L {log}"), Fault::Kind(1)),
        (&format!("witness again {witness}"), Fault::SameKey),
    ];
    for (lines, fault) in refused {
        let text = with(lines);
        let line = text.lines().count();
        assert_eq!(Policy::parse(text.as_bytes()), Err(PolicyError::Line { line, fault }), "{lines:?}");
    }
    assert_eq!(Policy::parse(with("").as_bytes()), Err(PolicyError::NoQuorum));
    assert_eq!(Policy::parse(&vec![b'\n'; 600_000]), Err(PolicyError::TooLong));
}

#[test]
fn the_number_of_groups_is_bounded() {
    let group = |at: usize, of: String| format!("group G{at} any {of}\n");
    let chain: String = (1..=MAX_POLICY_ITEMS)
        .map(|at| group(at, if at == 1 { "W1".to_owned() } else { format!("G{}", at - 1) }))
        .collect();
    let deepest = format!("quorum G{MAX_POLICY_ITEMS}\n");
    assert!(policy(&with(&format!("{chain}{deepest}"))).evaluate(&checkpoint(&[1]), &[]).accepted());
    let more = with(&format!("{chain}{}", group(MAX_POLICY_ITEMS + 1, "W2".to_owned())));
    assert!(matches!(Policy::parse(more.as_bytes()), Err(PolicyError::Line { fault: Fault::TooMany, .. })));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]

    #[test]
    fn k_of_n_is_met_by_k_and_not_by_fewer(n in 1_usize..=6, k in 1_usize..=6, chosen in 0_u8..64) {
        prop_assume!(k <= n);
        let members: String = (1..=n).map(|at| format!(" W{at}")).collect();
        let policy = policy(&with(&format!("group G {k}{members}\nquorum G\n")));
        let witnesses: Vec<u8> = (1..=6).filter(|seed| chosen >> (seed - 1) & 1 == 1).collect();
        let met = witnesses.iter().filter(|seed| usize::from(**seed) <= n).count() >= k;
        prop_assert_eq!(policy.evaluate(&checkpoint(&witnesses), &[]).accepted(), met);
    }
}
