//! Keys from small numbers.

use ed25519_zebra::{SigningKey, VerificationKeyBytes};
use tlog::VerifierKey;

pub fn secret(seed: u8) -> SigningKey {
    SigningKey::from([seed; 32])
}

pub fn log_key(name: &str, seed: u8) -> VerifierKey {
    VerifierKey::log(name, VerificationKeyBytes::from(&secret(seed)).into()).unwrap()
}

pub fn cosigner(name: &str, seed: u8) -> VerifierKey {
    VerifierKey::cosigner(name, VerificationKeyBytes::from(&secret(seed)).into()).unwrap()
}
