//! Checks Bitcoin-like blocks: an ECDSA signature for every input by the C library `libsecp256k1`, double SHA-256
//! transaction ids and the Merkle root. `--size` gives the transactions in a block (500 unless told).

use secp256k1::{Message, PublicKey, SecretKey, ecdsa::Signature};
use sha2::{Digest, Sha256};

fn hash(bytes: &[u8]) -> [u8; 32] {
    Sha256::digest(Sha256::digest(bytes)).into()
}

struct Transaction {
    bytes: Vec<u8>,
    key: PublicKey,
    signature: Signature,
}

fn transaction(n: usize) -> Transaction {
    let mut bytes = vec![0; 250];
    runner::Random(n as u64).fill(&mut bytes);
    let secret = SecretKey::from_secret_bytes(hash(&n.to_le_bytes())).expect("a key");
    let message = Message::from_digest(hash(&bytes));
    Transaction {
        key: PublicKey::from_secret_key(&secret),
        signature: secp256k1::ecdsa::sign(message, &secret),
        bytes,
    }
}

fn check(block: &[Transaction], shift: &mut runner::Shift) -> [u8; 32] {
    let mut ids = Vec::new();
    for transaction in block {
        if !shift.goes_on() {
            return [0; 32];
        }
        let id = hash(&transaction.bytes);
        transaction.signature.verify(Message::from_digest(id), &transaction.key).expect("signed");
        ids.push(id);
    }
    while ids.len() > 1 {
        ids = ids.chunks(2).map(|two| hash(&two.concat())).collect();
    }
    ids[0]
}

fn main() {
    let options = runner::Options::read();
    let block: Vec<Transaction> = (0..options.size.unwrap_or(500)).map(transaction).collect();
    options.run(|_, shift| {
        while shift.goes_on() {
            std::hint::black_box(check(&block, shift));
        }
    });
}
