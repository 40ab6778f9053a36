//! Checks beacon-like blocks: for each, aggregate BLS12-381 signatures of committees over attestations, a proposer's
//! signature and SHA-256 Merkle roots of the state, by `blst`. Blocks come in slots: `--size` gives the milliseconds
//! between two (0 unless told: blocks are there already, as when a node catches up).

use blst::BLST_ERROR;
use blst::min_pk::{AggregateSignature, PublicKey, SecretKey, Signature};
use sha2::{Digest, Sha256};

const TAG: &[u8] = b"BLS_SIG_BLS12381G2_XMD:SHA-256_SSWU_RO_POP_";
const COMMITTEE: usize = 64;

struct Attestation {
    root: [u8; 32],
    keys: Vec<PublicKey>,
    signature: Vec<u8>,
}

fn attestation(keys: &[SecretKey], slot: u8) -> Attestation {
    let root: [u8; 32] = Sha256::digest([slot]).into();
    let signatures: Vec<Signature> = keys.iter().map(|key| key.sign(&root, TAG, &[])).collect();
    let parts: Vec<&Signature> = signatures.iter().collect();
    let whole = AggregateSignature::aggregate(&parts, false).expect("signatures").to_signature();
    Attestation {
        root,
        keys: keys.iter().map(SecretKey::sk_to_pk).collect(),
        signature: whole.compress().to_vec(),
    }
}

fn check(attestation: &Attestation) {
    let signature = Signature::uncompress(&attestation.signature).expect("a point");
    let keys: Vec<&PublicKey> = attestation.keys.iter().collect();
    let result = signature.fast_aggregate_verify(true, &attestation.root, TAG, &keys);
    assert_eq!(result, BLST_ERROR::BLST_SUCCESS);
}

fn state_root(balances: &[u8]) -> [u8; 32] {
    let mut layer: Vec<[u8; 32]> = balances.chunks(32).map(|leaf| Sha256::digest(leaf).into()).collect();
    while layer.len() > 1 {
        layer = layer.chunks(2).map(|two| Sha256::digest(two.concat()).into()).collect();
    }
    layer[0]
}

fn main() {
    let options = runner::Options::read();
    let wait = std::time::Duration::from_millis(options.size.unwrap_or(0) as u64);
    let secret = |n: usize| SecretKey::key_gen(&Sha256::digest(n.to_le_bytes()), &[]).expect("a key");
    let keys: Vec<SecretKey> = (0..COMMITTEE).map(secret).collect();
    let block: Vec<Attestation> = (0..8).map(|slot| attestation(&keys, slot)).collect();
    options.run(|_, shift| {
        let mut balances = vec![0_u8; 8 * 2048];
        while shift.goes_on() {
            block.iter().for_each(check);
            balances[0] = balances[0].wrapping_add(1);
            std::hint::black_box(state_root(&balances));
            std::thread::sleep(wait);
        }
    });
}
