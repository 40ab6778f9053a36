//! Signatures of persons: what OpenSSH wrote holds, and nothing else does.

// A test fails by panicking.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

use ed25519_zebra::{SigningKey, VerificationKey};
use proptest::prelude::*;
use ssh_key::public::{Ed25519PublicKey, KeyData, SkEd25519};
use ssh_key::{Algorithm, HashAlg, LineEnding, Signature, SshSig};
use statement::Digest;
use statement::person::{FILING, MAX_SIGNATURE, key_of, signed_by};

/// By OpenSSH 9.2: `ssh-keygen -Y sign -n overt.filing -f key filing.json`.
const BY_OPENSSH: &str = include_str!("../../dossier/tests/filing.sig");
/// As `ssh-keygen -l` names that key.
const FINGERPRINT: &str = "SHA256:qJzNRfv1C2pHcWXKzsGFBpDLhK1pqFfGVnEW4SvsAvc";
const DOCUMENT: &[u8] = b"{\"kwh\": 12}\n";

fn key() -> SigningKey {
    SigningKey::from([7; 32])
}

fn public() -> Ed25519PublicKey {
    Ed25519PublicKey(VerificationKey::from(&key()).into())
}

fn armoured(key: KeyData, purpose: &str, kind: Algorithm, signature: Vec<u8>) -> String {
    let signature = Signature::new(kind, signature).unwrap();
    SshSig::new(key, purpose, HashAlg::Sha512, signature).unwrap().to_pem(LineEnding::LF).unwrap()
}

/// As a key in a file signs.
fn by_file(purpose: &str) -> String {
    let message = SshSig::signed_data(purpose, HashAlg::Sha512, DOCUMENT).unwrap();
    let signature: [u8; 64] = key().sign(&message).into();
    armoured(KeyData::Ed25519(public()), purpose, Algorithm::Ed25519, signature.to_vec())
}

/// As a security key signs: what it is used for, its flags and counter go before the message.
fn by_security_key(flags: u8) -> String {
    let message = SshSig::signed_data(FILING, HashAlg::Sha512, DOCUMENT).unwrap();
    let trailer = [flags, 0, 0, 0, 9];
    let whole = [&Digest::of(b"ssh:").0[..], &trailer, &Digest::of(&message).0].concat();
    let signature: [u8; 64] = key().sign(&whole).into();
    let key = KeyData::SkEd25519(SkEd25519::new(public(), "ssh:"));
    armoured(key, FILING, Algorithm::SkEd25519, [&signature[..], &trailer].concat())
}

fn refused(signature: &str, document: &[u8], why: &str) {
    let error = signed_by(signature, FILING, document).unwrap_err().to_string();
    assert!(error.contains(why), "{error}");
}

#[test]
fn what_openssh_signed_holds_and_names_the_key_as_openssh_does() {
    let key = signed_by(BY_OPENSSH, FILING, DOCUMENT).unwrap();
    assert_eq!(key.to_string(), FINGERPRINT);
    assert_eq!(key_of(BY_OPENSSH).unwrap(), key);
}

#[test]
fn a_key_in_a_file_and_a_security_key_that_was_touched_sign() {
    assert!(signed_by(&by_file(FILING), FILING, DOCUMENT).is_ok());
    assert!(signed_by(&by_security_key(1), FILING, DOCUMENT).is_ok());
    refused(&by_security_key(0), DOCUMENT, "touch");
}

#[test]
fn a_signature_of_another_document_or_for_another_purpose_is_refused() {
    refused(BY_OPENSSH, b"{\"kwh\": 13}\n", "not of this document");
    refused(&by_security_key(1), b"", "not of this document");
    refused(&by_file("git"), DOCUMENT, "signature for 'git', expected 'overt.filing'");
}

#[test]
fn what_is_no_signature_is_refused_with_what_to_do() {
    refused("", DOCUMENT, "ssh-keygen -Y sign");
    refused(&"x".repeat(MAX_SIGNATURE + 1), DOCUMENT, "expected at most 4096");
    refused(&BY_OPENSSH.replace("BEGIN SSH SIGNATURE", "BEGIN CERTIFICATE"), DOCUMENT, "ssh-keygen");
    let weak = KeyData::Ed25519(Ed25519PublicKey([0; 32]));
    refused(&armoured(weak, FILING, Algorithm::Ed25519, vec![0; 64]), DOCUMENT, "weak public key");
    let mixed = armoured(KeyData::Ed25519(public()), FILING, Algorithm::SkEd25519, vec![0; 69]);
    refused(&mixed, DOCUMENT, "two kinds");
}

proptest! {
    #[test]
    fn any_text_is_refused_and_not_panicked_over(text in "\\PC{0,600}") {
        prop_assert!(signed_by(&text, FILING, DOCUMENT).is_err());
        let wrapped = format!("-----BEGIN SSH SIGNATURE-----\n{text}\n-----END SSH SIGNATURE-----\n");
        prop_assert!(signed_by(&wrapped, FILING, DOCUMENT).is_err());
    }

    #[test]
    fn a_signature_with_any_byte_of_its_body_changed_is_no_signature_of_the_key(at in 0_usize..240, bit in 0_u8..8) {
        use base64::Engine;
        let engine = base64::engine::general_purpose::STANDARD;
        let body: String = BY_OPENSSH.lines().filter(|l| !l.starts_with("---")).collect();
        let mut bytes = engine.decode(body).unwrap();
        let at = at % bytes.len();
        bytes[at] ^= 1 << bit;
        let lines: Vec<String> = engine
            .encode(&bytes)
            .as_bytes()
            .chunks(70)
            .map(|l| String::from_utf8(l.to_vec()).unwrap())
            .collect();
        let changed =
            format!("-----BEGIN SSH SIGNATURE-----\n{}\n-----END SSH SIGNATURE-----\n", lines.join("\n"));
        prop_assert!(signed_by(&changed, FILING, DOCUMENT).is_err());
    }
}
