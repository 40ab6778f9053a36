//! Checks entries of a proof-of-history chain: Ed25519 batches by `ed25519-dalek` and the sequence of hashes between
//! them. `--size` gives the transactions in an entry (64 unless told).

use ed25519_dalek::{Signature, Signer, SigningKey, Verifier, VerifyingKey};
use sha2::{Digest, Sha256};

const TICKS: usize = 800;

fn main() {
    let options = runner::Options::read();
    let count = options.size.unwrap_or(64);
    let entries: Vec<(VerifyingKey, Vec<u8>, Signature)> = (0..count)
        .map(|n| {
            let mut seed = [0; 32];
            let mut message = vec![0; 220];
            runner::Random(n as u64).fill(&mut seed);
            runner::Random(n as u64 + 99).fill(&mut message);
            let key = SigningKey::from_bytes(&seed);
            let signature = key.sign(&message);
            (key.verifying_key(), message, signature)
        })
        .collect();
    options.run(|_, shift| {
        let mut tick = [0_u8; 32];
        while shift.goes_on() {
            for (key, message, signature) in &entries {
                key.verify(message, signature).expect("signed");
            }
            for _ in 0..TICKS {
                tick = Sha256::digest(tick).into();
            }
            std::hint::black_box(tick);
        }
    });
}
