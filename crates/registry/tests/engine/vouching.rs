//! The word of authorities and TPMs: by Ed25519 and P-256, and by a stranger's program.

use crate::enrolment::{alone, asks, refused, request, together};
use crate::world::*;
use p256::ecdsa::signature::Signer as _;
use registry::Command;
use statement::{Authority, DeviceKey, Enrol, Operator, Vouch, Voucher};
use std::process::{Command as Program, Stdio};

/// A voucher that signs.
trait Vouches {
    fn voucher(&self) -> Voucher;
    fn signature(&self, message: &[u8]) -> Vec<u8>;

    fn authority(&self, kind: &str) -> Command {
        let (operator, kind, label) = (name("acme"), kind.to_owned(), "office".to_owned());
        Command::Authority(Authority { key: self.voucher(), operator, kind, label })
    }

    fn word(&self, n: u16) -> (Enrol, DeviceKey) {
        let (request, key) = request(n, None);
        let signature = self.signature(&Enrol::vouched(&request.key, &request.site, &request.label));
        let vouch = Some(Vouch { voucher: self.voucher().id(), signature });
        (Enrol { vouch, ..request }, key)
    }
}

impl Vouches for DeviceKey {
    fn voucher(&self) -> Voucher {
        Voucher::Ed25519(self.public().to_bytes().to_vec())
    }
    fn signature(&self, message: &[u8]) -> Vec<u8> {
        self.sign(message).to_vec()
    }
}

/// ECDSA on P-256, with signatures in DER or in 64 bytes.
struct P256(p256::ecdsa::SigningKey, bool);

impl P256 {
    fn new(n: u8, der: bool) -> Self {
        Self(p256::ecdsa::SigningKey::from_slice(&[n; 32]).unwrap(), der)
    }
}

impl Vouches for P256 {
    fn voucher(&self) -> Voucher {
        Voucher::P256(self.0.verifying_key().to_sec1_point(false).as_bytes().to_vec())
    }
    fn signature(&self, message: &[u8]) -> Vec<u8> {
        let signature: p256::ecdsa::Signature = self.0.sign(message);
        if self.1 { signature.to_der().as_bytes().to_vec() } else { signature.to_bytes().to_vec() }
    }
}

/// A stranger's program that knows nothing of this one.
struct OpenSsl(std::path::PathBuf);

impl OpenSsl {
    fn new(folder: &str) -> Option<Self> {
        let folder = std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).join(folder);
        std::fs::create_dir_all(&folder).unwrap();
        let key = folder.join("key.pem");
        let made = Program::new("openssl")
            .args(["ecparam", "-name", "prime256v1", "-genkey", "-noout", "-out"])
            .arg(&key)
            .stderr(Stdio::null())
            .status();
        made.is_ok_and(|status| status.success()).then_some(Self(key))
    }
}

impl Vouches for OpenSsl {
    fn voucher(&self) -> Voucher {
        let mut program = Program::new("openssl");
        let made = program.args(["ec", "-pubout", "-outform", "DER", "-in"]).arg(&self.0);
        let der = made.stderr(Stdio::null()).output().unwrap().stdout;
        // The point is the end of a SubjectPublicKeyInfo (RFC 5480).
        Voucher::P256(der[der.len() - 65..].to_vec())
    }
    fn signature(&self, message: &[u8]) -> Vec<u8> {
        let file = self.0.with_extension("message");
        std::fs::write(&file, message).unwrap();
        let signed =
            Program::new("openssl").args(["dgst", "-sha256", "-sign"]).arg(&self.0).arg(&file).output();
        signed.unwrap().stdout
    }
}

fn lets_in(voucher: &dyn Vouches, kind: &str) {
    let registry = settled(Memory::default());
    refused(alone(&registry, asks(voucher.word(1))), "no authority");
    wish(&registry, voucher.authority(kind));
    // The word of one device is not that of another, nor for another label.
    let (theirs, key) = voucher.word(1);
    let (other, other_key) = request(2, None);
    refused(
        alone(&registry, asks((Enrol { vouch: theirs.vouch.clone(), ..other }, other_key))),
        "does not hold",
    );
    refused(
        alone(&registry, asks((Enrol { label: "other".into(), ..theirs.clone() }, key.clone()))),
        "does not hold",
    );
    assert_eq!(alone(&registry, asks((theirs, key))), None);
    let device = Speaker::new(1).device;
    assert_eq!(registry.core().state.devices[&device].grade, kind);
    // Once its word does not count any more, it lets in nobody; whom it let in stays.
    wish(&registry, Command::EndAuthority(voucher.voucher().id()));
    refused(alone(&registry, asks(voucher.word(3))), "no authority");
    assert!(registry.core().state.devices.contains_key(&device));
    let again = open(registry.store().clone());
    assert_eq!(told(&again.core().state, true), told(&registry.core().state, true));
}

#[test]
fn an_authority_lets_in_whom_it_vouches_for() {
    lets_in(&DeviceKey::from_seed([90; 32]), "authority");
}

#[test]
fn a_tpm_lets_in_whom_it_vouches_for_in_either_form_of_signature() {
    lets_in(&P256::new(91, false), "tpm");
    lets_in(&P256::new(92, true), "tpm");
}

#[test]
fn a_signature_made_by_a_strangers_program_lets_in_whom_it_vouches_for() {
    match OpenSsl::new("vouch") {
        Some(stranger) => lets_in(&stranger, "tpm"),
        None => eprintln!("openssl is not installed: not tried"),
    }
}

#[test]
fn an_authority_that_ends_lets_in_nobody_in_the_same_call() {
    let registry = settled(Memory::default());
    let authority = DeviceKey::from_seed([90; 32]);
    wish(&registry, authority.authority("authority"));
    let answers =
        together(&registry, vec![Command::EndAuthority(authority.voucher().id()), asks(authority.word(1))]);
    assert_eq!(answers[0], None);
    refused(answers[1].clone(), "no authority");
}

#[test]
fn an_authority_of_another_operator_or_with_a_weak_key_is_none() {
    let registry = settled(Memory::default());
    let title = "Other".to_owned();
    wish(&registry, Command::Operator(Operator { id: name("other"), version: 0, title, kind: None }));
    let (key, kind, label) = (DeviceKey::from_seed([90; 32]), "authority".to_owned(), "office".to_owned());
    let authority = Authority { key: key.voucher(), operator: name("other"), kind, label };
    wish(&registry, Command::Authority(authority.clone()));
    refused(alone(&registry, asks(key.word(1))), "no authority");
    let weak = Authority { key: Voucher::Ed25519(vec![0; 32]), ..authority.clone() };
    refused(alone(&registry, Command::Authority(weak)), "weak public key");
    let none = Authority { key: Voucher::P256(vec![4; 65]), ..authority };
    refused(alone(&registry, Command::Authority(none)), "not a point on P-256");
}
