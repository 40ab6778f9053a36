//! kHeavyHash, as Kaspa has it: a Keccak, a product with a 64×64 matrix of nibbles, an xor, a Keccak.

use miners::top;
use tiny_keccak::{Hasher, Sha3};

type Matrix = [[u8; 64]; 64];

fn sha3(parts: &[&[u8]]) -> [u8; 32] {
    let mut out = [0; 32];
    let mut state = Sha3::v256();
    parts.iter().for_each(|part| state.update(part));
    state.finalize(&mut out);
    out
}

fn matrix(header: &[u8]) -> Matrix {
    let mut random = runner::Random(header.iter().fold(1, |n, &b| n * 257 ^ u64::from(b) ^ n >> 40 & 0xffff));
    std::array::from_fn(|_| std::array::from_fn(|_| (random.next() & 15) as u8))
}

fn heavy(matrix: &Matrix, header: &[u8], nonce: u64) -> u64 {
    let first = sha3(&[header, &nonce.to_le_bytes()]);
    let nibbles: [u8; 64] =
        std::array::from_fn(|i| if i % 2 == 0 { first[i / 2] >> 4 } else { first[i / 2] & 15 });
    let product: [u16; 64] = std::array::from_fn(|i| {
        matrix[i].iter().zip(&nibbles).map(|(&m, &v)| u16::from(m) * u16::from(v)).sum::<u16>() >> 10
    });
    let mixed: [u8; 32] =
        std::array::from_fn(|i| first[i] ^ (product[2 * i] << 4 | product[2 * i + 1]) as u8);
    top(&sha3(&[&mixed]))
}

fn main() {
    let options = runner::Options::read();
    let prepare = |_, job: &runner::pool::Job| (job.id.clone(), matrix(&job.header));
    runner::pool::mine(&options, "kheavyhash", prepare, |(id, table), job, nonce| {
        if *id != job.id {
            (*id, *table) = (job.id.clone(), matrix(&job.header));
        }
        heavy(table, &job.header[..40.min(job.header.len())], nonce)
    });
}
