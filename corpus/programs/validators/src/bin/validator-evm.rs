//! Checks account transactions: recovers the sender of each from its signature by `k256`, then walks and rehashes a
//! hexary tree of accounts with SHA3. `--size` gives the transactions in a block (200 unless told).

use k256::ecdsa::{RecoveryId, Signature, SigningKey, VerifyingKey};
use sha2::{Digest, Sha512_256};
use std::collections::BTreeMap;

fn hash(bytes: &[u8]) -> [u8; 32] {
    Sha512_256::digest(bytes).into()
}

fn root(accounts: &BTreeMap<[u8; 32], u64>) -> [u8; 32] {
    let mut layer: Vec<[u8; 32]> =
        accounts.iter().map(|(k, v)| hash(&[&k[..], &v.to_le_bytes()].concat())).collect();
    while layer.len() > 1 {
        layer = layer.chunks(16).map(|nodes| hash(&nodes.concat())).collect();
    }
    layer[0]
}

fn main() {
    let options = runner::Options::read();
    let count = options.size.unwrap_or(200);
    let block: Vec<([u8; 32], Signature, RecoveryId)> = (0..count)
        .map(|n| {
            let key = SigningKey::from_slice(&hash(&[n as u8, 1])).expect("a key");
            let digest = hash(&n.to_le_bytes());
            let (signature, id) = key.sign_prehash_recoverable(&digest);
            (digest, signature, id)
        })
        .collect();
    options.run(|_, shift| {
        let mut accounts = BTreeMap::new();
        while shift.goes_on() {
            for (digest, signature, id) in &block {
                let sender = VerifyingKey::recover_from_prehash(digest, signature, *id).expect("a sender");
                *accounts.entry(hash(&sender.to_sec1_bytes())).or_insert(0) += 1;
                if !shift.goes_on() {
                    return;
                }
            }
            std::hint::black_box(root(&accounts));
        }
    });
}
