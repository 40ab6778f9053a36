//! Naming computations from the primitives and marks that were seen.

use signatures::Book;
use std::collections::BTreeSet;

fn best(primitives: &[(&str, f64)], marks: &[&str]) -> Option<&'static str> {
    Book::shipped().name_algorithm(primitives, marks).first().map(|(a, _)| a.name.as_str())
}

const INTEGER: [&str; 3] = ["class:vector-xor", "class:vector-shift", "class:vector-add"];

#[test]
fn the_book_names_at_least_60_computations() {
    let names: BTreeSet<&str> = Book::shipped().algorithms().iter().map(|a| a.name.as_str()).collect();
    assert!(names.len() >= 60, "{}", names.len());
}

#[test]
fn four_hashes_of_the_chain_are_x11_and_one_is_itself() {
    let four = [("groestl", 0.2), ("skein", 0.1), ("jh", 0.1), ("luffa", 0.2)];
    assert_eq!(best(&four, &INTEGER), Some("x11"));
    assert_eq!(best(&[("groestl", 0.9)], &INTEGER), Some("groestl"));
}

#[test]
fn little_sha256_beside_much_mixing_is_scrypt_and_much_sha256_is_not() {
    assert_eq!(best(&[("sha256", 0.08)], &INTEGER), Some("scrypt"));
    assert_eq!(best(&[("sha256", 0.95), ("sha2-iv32", 0.4)], &INTEGER), Some("sha256"));
}

#[test]
fn multiplications_turn_scrypt_into_yescrypt() {
    let marks = [INTEGER.as_slice(), &["class:vector-multiply"]].concat();
    assert_eq!(best(&[("sha256", 0.05)], &marks), Some("yescrypt"));
}

#[test]
fn randomx_is_told_from_cryptonight_and_plain_aes() {
    let aes = ["class:aes", "class:wide-multiply"];
    assert_eq!(best(&[("randomx-aes", 0.1)], &["class:aes", "code:anonymous"]), Some("randomx"));
    assert_eq!(best(&[("keccak", 0.02)], &aes), Some("cryptonight"));
    assert_eq!(best(&[], &["class:aes"]), Some("aes"));
    assert_eq!(best(&[], &["class:aes", "class:carryless-multiply"]), Some("aes-gcm"));
}

#[test]
fn ethash_needs_keccak_beside_fnv() {
    assert_eq!(best(&[("fnv", 0.8), ("keccak", 0.1)], &[]), Some("ethash"));
    assert_ne!(best(&[("fnv", 0.8)], &[]), Some("ethash"));
}

#[test]
fn single_computations_are_named_by_their_constants() {
    for (primitive, name) in [
        ("blake3", "blake3"),
        ("keccak", "keccak"),
        ("kheavyhash", "kheavyhash"),
        ("bls12-381", "bls12-381"),
        ("pasta", "halo2-pasta"),
        ("poseidon-goldilocks", "plonky2"),
        ("zstd", "zstd"),
        ("lzma", "lzma"),
        ("av1", "av1"),
        ("blowfish", "bcrypt"),
        ("des", "des-crypt"),
        ("p256", "ecdsa-p256"),
        ("md-roots", "ntlm"),
    ] {
        assert_eq!(best(&[(primitive, 0.6)], &[]), Some(name));
    }
}

#[test]
fn nothing_seen_names_nothing_and_unknown_words_do_no_harm() {
    assert_eq!(best(&[], &[]), None);
    assert_eq!(best(&[("no such thing", 1.0)], &["class:none"]), None);
    assert_eq!(best(&[("sha256", f64::NAN), ("sha512", -1.0)], &[]), None);
}

#[test]
fn scores_lie_between_0_and_1_and_fall() {
    let seen = [("sha256", 0.4), ("fnv", 0.2), ("keccak", 0.3), ("chacha", 0.1), ("zstd", 1.0)];
    let ranked = Book::shipped().name_algorithm(&seen, &INTEGER);
    assert!(ranked.len() > 4);
    assert!(ranked.iter().all(|(_, score)| (0.0..=1.0).contains(score)));
    assert!(ranked.is_sorted_by(|a, b| a.1 >= b.1));
}
