//! Keys, notes, checkpoints and cosignatures: what is read, what is written, and what is refused.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

use tlog::{
    Checkpoint, CheckpointError, Hash, Head, KeyError, KeyKind, MAX_SIGNATURES, MAX_TEXT, Note, NoteError,
    NoteSignature, SignedCheckpoint, Standing, VerifierKey, cosign, leaf_hash,
};

#[path = "shared/keys.rs"]
mod keys;

use keys::{cosigner, log_key, secret};

/// The example in the documentation of Go's package `note`, made by another implementation.
const FOREIGN_KEY: &str = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW";
const FOREIGN_NOTE: &str = "If you think cryptography is the answer to your problem,\n\
    then you don't know what your problem is.\n\n\
    — PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n";

fn checkpoint() -> Checkpoint {
    Checkpoint::new("example.com/log", Head { size: 70_000, root: leaf_hash(b"root") })
}

#[test]
fn a_note_of_another_implementation_is_verified() {
    let key: VerifierKey = FOREIGN_KEY.parse().unwrap();
    let note = Note::parse(FOREIGN_NOTE.as_bytes()).unwrap();
    assert_eq!(note.verify(std::slice::from_ref(&key)).unwrap()[0].standing, Standing::Signed);
    assert_eq!((key.to_string(), note.to_string()), (FOREIGN_KEY.to_owned(), FOREIGN_NOTE.to_owned()));
}

#[test]
fn a_key_is_read_as_it_is_written_and_otherwise_refused() {
    for key in [log_key("example.com/log", 1), cosigner("witness.example/w", 2), ml_dsa("w")] {
        assert_eq!(key.to_string().parse::<VerifierKey>().unwrap(), key);
    }
    let good = log_key("example.com/log", 1).to_string();
    let (name, rest) = good.split_once('+').unwrap();
    let (id, public) = rest.split_once('+').unwrap();
    let refused = [
        String::new(),
        name.to_owned(),
        format!("{name}+{id}"),
        format!("+{id}+{public}"),
        format!("{name}+{id}+{public} "),
        format!("{name}+{id}+{public}="),
        format!("{name}+{id}+"),
        format!("a b+{id}+{public}"),
        format!("other+{id}+{public}"),
        format!("{name}+0{id}+{public}"),
        format!("{name}++1234567+{public}"),
        format!("{}+{id}+{public}", "n".repeat(256)),
        format!("{name}+{id}+{}", "A".repeat(100_000)),
    ];
    for text in refused {
        assert!(text.parse::<VerifierKey>().is_err(), "{text}");
    }
}

#[test]
fn a_weak_key_is_refused_whatever_its_encoding() {
    let order_8 = "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05";
    let order_8 = (0..32).map(|i| u8::from_str_radix(&order_8[2 * i..2 * i + 2], 16).unwrap());
    let mut minus_one = [0xff_u8; 32];
    (minus_one[0], minus_one[31]) = (0xec, 0x7f);
    let mut identity = [0_u8; 32];
    identity[0] = 1;
    // The same point in a form that RFC 8032 would not write: y = p + 1.
    let mut identity_again = [0xff_u8; 32];
    (identity_again[0], identity_again[31]) = (0xee, 0x7f);
    for weak in
        [[0; 32], identity, identity_again, minus_one, order_8.collect::<Vec<u8>>().try_into().unwrap()]
    {
        assert!(matches!(VerifierKey::log("n", weak), Err(KeyError::Weak(_))), "{weak:?}");
        assert!(matches!(VerifierKey::cosigner("n", weak), Err(KeyError::Weak(_))), "{weak:?}");
    }
}

#[test]
fn what_is_no_note_is_refused() {
    let line = "— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n";
    let refused = [
        String::new(),
        "\n\n".to_owned(),
        "text\n".to_owned(),
        "text\n\n".to_owned(),
        format!("text\n{line}"),
        format!("text\n\n{}", line.trim_end()),
        format!("text\n\n{line}\n"),
        format!("te\txt\n\n{line}"),
        format!("te\rxt\n\n{line}"),
        format!("text\n\n- PeterNeumann {}", &line[18..]),
        format!("text\n\n{}", line.replace("= \n", "\n").replace('=', "")),
        format!("text\n\n{}", line.replace("PeterNeumann", "Peter Neumann")),
        format!("text\n\n{}", line.replace("PeterNeumann", "Peter+Neumann")),
        format!("text\n\n{}", line.replace("PeterNeumann", "Peter\u{2003}Neumann")),
        "text\n\n— n AAAAAA==\n".to_owned(),
        format!("text\n\n{}", line.repeat(MAX_SIGNATURES + 1)),
        format!("{}\n\n{line}", "x".repeat(MAX_TEXT)),
    ];
    for note in refused {
        assert!(Note::parse(note.as_bytes()).is_err(), "{note:?}");
    }
    assert!(Note::parse(b"te\xffxt\n\n").is_err());
    assert!(Note::parse(format!("text\n\n{}", line.repeat(MAX_SIGNATURES)).as_bytes()).is_ok());
}

#[test]
fn signatures_of_unknown_keys_are_passed_over_even_with_a_known_name_or_id() {
    let key: VerifierKey = FOREIGN_KEY.parse().unwrap();
    let others = "— PeterNeumann AAAAAAAAAAA=\n— Other x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZI=\n";
    let note = Note::parse(format!("{FOREIGN_NOTE}{others}").as_bytes()).unwrap();
    assert_eq!(note.signatures().len(), 3);
    assert_eq!(note.verify(&[key]).unwrap().len(), 1);
    assert_eq!(note.verify(&[log_key("PeterNeumann", 1)]), Err(NoteError::Unsigned));
    assert_eq!(note.verify(&[]), Err(NoteError::Unsigned));
}

#[test]
fn one_bad_signature_of_a_known_key_refuses_the_note() {
    let key: VerifierKey = FOREIGN_KEY.parse().unwrap();
    let bad = NoteSignature { name: "PeterNeumann".to_owned(), id: key.id(), bytes: vec![7; 64] };
    let mut note = Note::parse(FOREIGN_NOTE.as_bytes()).unwrap();
    note.add(bad).unwrap();
    assert_eq!(note.verify(&[key]), Err(NoteError::Forged("PeterNeumann".to_owned())));
}

#[test]
fn a_checkpoint_is_read_as_it_is_written() {
    let mut written = checkpoint();
    written.extensions = vec!["first".to_owned(), "second line".to_owned()];
    let signed = SignedCheckpoint::sign(&written, &secret(1)).unwrap();
    let read = SignedCheckpoint::parse(signed.to_string().as_bytes()).unwrap();
    assert_eq!((read.checkpoint(), &read), (&written, &signed));
    assert_eq!(read.verify(&[log_key("example.com/log", 1)]).unwrap().len(), 1);
    assert!(read.verify(&[log_key("example.com/log", 2)]).is_err());
}

#[test]
fn what_is_no_checkpoint_is_refused_with_its_line() {
    let root = leaf_hash(b"root");
    let refused = [
        (String::new(), 1),
        (format!("\n1\n{root}\n"), 1),
        ("o\n".to_owned(), 2),
        (format!("o\n01\n{root}\n"), 2),
        (format!("o\n+1\n{root}\n"), 2),
        (format!("o\n9223372036854775808\n{root}\n"), 2),
        ("o\n1\n".to_owned(), 3),
        (format!("o\n1\n{root}=\n"), 3),
        (format!("o\n1\n{}\n", &root.to_string()[..40]), 3),
        (format!("o\n1\n{}9=\n", &root.to_string()[..42]), 3),
        (format!("o\n1\n{root}\n\nmore\n"), 4),
        (format!("o\n1\n{root}\n{}", "x\n".repeat(17)), 20),
        (format!("{}\n1\n{root}\n", "o".repeat(256)), 1),
    ];
    for (text, line) in refused {
        assert_eq!(Checkpoint::from_text(&text), Err(CheckpointError::Line(line)), "{text:?}");
    }
    let mut sly = checkpoint();
    sly.origin = "example.com/log\n5".to_owned();
    assert!(SignedCheckpoint::sign(&sly, &secret(1)).is_err());
    sly.origin = "two words".to_owned();
    assert!(SignedCheckpoint::sign(&sly, &secret(1)).is_err());
}

#[test]
fn every_bit_of_a_signed_checkpoint_matters() {
    let signed = SignedCheckpoint::sign(&checkpoint(), &secret(1)).unwrap().to_string().into_bytes();
    let keys = [log_key("example.com/log", 1)];
    let believed = |bytes: &[u8]| SignedCheckpoint::parse(bytes).is_ok_and(|read| read.verify(&keys).is_ok());
    assert!(believed(&signed));
    for bit in 0..signed.len() * 8 {
        let mut forged = signed.clone();
        forged[bit / 8] ^= 1 << (bit % 8);
        assert!(!believed(&forged), "bit {bit}");
    }
    for end in 0..signed.len() {
        assert!(!believed(&signed[..end]), "cut at {end}");
    }
}

#[test]
fn every_bit_of_a_cosignature_matters() {
    let key = cosigner("witness.example/w", 2);
    let text = checkpoint().to_string();
    let cosignature = cosign(&checkpoint(), "witness.example/w", &secret(2), 1_679_315_147).unwrap();
    assert_eq!(cosignature.id, key.id());
    assert_eq!(key.check(&text, &cosignature.bytes), Standing::Cosigned(1_679_315_147));
    for bit in 0..cosignature.bytes.len() * 8 {
        let mut forged = cosignature.bytes.clone();
        forged[bit / 8] ^= 1 << (bit % 8);
        assert_eq!(key.check(&text, &forged), Standing::Bad, "bit {bit}");
    }
    let bytes = &cosignature.bytes;
    let mut longer = bytes.clone();
    longer.push(0);
    assert!((0..bytes.len()).all(|end| key.check(&text, &bytes[..end]) == Standing::Bad));
    assert_eq!(key.check(&text, &longer), Standing::Bad);
    assert_eq!(key.check(&text.replace("70000", "70001"), bytes), Standing::Bad);
    assert_eq!(cosigner("witness.example/w", 3).check(&text, bytes), Standing::Bad);
}

#[test]
fn a_cosignature_covers_extension_lines_and_is_no_log_signature() {
    let (log, witness) = (log_key("n", 2), cosigner("n", 2));
    assert_ne!(log.id(), witness.id());
    let cosignature = cosign(&checkpoint(), "n", &secret(2), 5).unwrap();
    assert_eq!(log.check(&checkpoint().to_string(), &cosignature.bytes[8..]), Standing::Bad);
    let mut extended = checkpoint();
    extended.extensions.push("more".to_owned());
    assert_eq!(witness.check(&extended.to_string(), &cosignature.bytes), Standing::Bad);
}

#[test]
fn a_time_beyond_63_bits_is_not_cosigned() {
    let cosignature = cosign(&checkpoint(), "n", &secret(2), u64::MAX).unwrap();
    let standing = cosigner("n", 2).check(&checkpoint().to_string(), &cosignature.bytes);
    assert_eq!(standing, Standing::Cosigned(u64::MAX >> 1));
}

#[test]
fn what_is_no_checkpoint_cannot_be_cosigned() {
    let text = "just a text\n";
    let message = format!("cosignature/v1\ntime 5\n{text}");
    let signature = secret(2).sign(message.as_bytes()).to_bytes();
    let bytes = [5_u64.to_be_bytes().as_slice(), &signature].concat();
    assert_eq!(cosigner("n", 2).check(text, &bytes), Standing::Bad);
}

#[test]
fn a_post_quantum_cosignature_is_known_by_sight_and_never_counts() {
    let key = ml_dsa("w");
    assert_eq!(key.kind(), KeyKind::MlDsa44);
    let mut signed = SignedCheckpoint::sign(&checkpoint(), &secret(1)).unwrap();
    signed.add(NoteSignature { name: "w".to_owned(), id: key.id(), bytes: vec![1; 2428] }).unwrap();
    let read = SignedCheckpoint::parse(signed.to_string().as_bytes()).unwrap();
    assert_eq!(read.note().standing(&key), Some(Standing::Unchecked));
    assert_eq!(read.verify(std::slice::from_ref(&key)), Err(NoteError::Unsigned));
    assert_eq!(read.verify(&[key, log_key("example.com/log", 1)]).unwrap().len(), 2);
}

#[test]
fn the_empty_tree_has_a_checkpoint() {
    let empty = Checkpoint::new("o", Head::empty());
    assert_eq!(Checkpoint::from_text(&empty.to_string()).unwrap(), empty);
    assert_eq!(empty.root, Hash::empty());
}

fn ml_dsa(name: &str) -> VerifierKey {
    VerifierKey::of(name, KeyKind::MlDsa44, &[9; 1312]).unwrap()
}
