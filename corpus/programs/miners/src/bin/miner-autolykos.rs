//! Indices into a large table and one BLAKE2b over their sum, as Autolykos has it. `--size` gives the MiB of the
//! table (256 unless told).

use miners::{top, with_nonce};
use std::sync::{Arc, OnceLock};

const PICKS: usize = 32;

fn blake(parts: &[&[u8]]) -> [u8; 32] {
    let mut state = blake2b_simd::Params::new().hash_length(32).to_state();
    parts.iter().for_each(|part| _ = state.update(part));
    let mut out = [0; 32];
    out.copy_from_slice(state.finalize().as_bytes());
    out
}

fn table(mib: usize) -> Vec<[u8; 32]> {
    let length = mib << 15;
    let mut rows = Vec::with_capacity(length);
    let mut random = runner::Random(11);
    for i in 0..length {
        let mut row = [0; 32];
        if i % 16 == 0 {
            row = blake(&[&(i as u64).to_le_bytes()])
        } else {
            random.fill(&mut row)
        }
        rows.push(row);
    }
    rows
}

fn hash(rows: &[[u8; 32]], header: &[u8], nonce: u64) -> u64 {
    let seed = blake(&[&with_nonce(header, nonce)]);
    let mut twice = [0; 36];
    twice[..32].copy_from_slice(&seed);
    twice[32..].copy_from_slice(&seed[..4]);
    let mut sum = [0_u64; 4];
    for pick in 0..PICKS {
        let index = u32::from_be_bytes([twice[pick], twice[pick + 1], twice[pick + 2], twice[pick + 3]])
            as usize
            % rows.len();
        let mut carry = 0;
        for (limb, bytes) in sum.iter_mut().zip(rows[index].chunks_exact(8)) {
            let add = u64::from_le_bytes(bytes.try_into().unwrap_or_default());
            let total = u128::from(*limb) + u128::from(add) + carry;
            *limb = total as u64;
            carry = total >> 64;
        }
    }
    let bytes: Vec<u8> = sum.iter().flat_map(|limb| limb.to_be_bytes()).collect();
    top(&blake(&[&bytes]))
}

fn main() {
    let options = runner::Options::read();
    let mib = options.size.unwrap_or(256);
    let shared: OnceLock<Arc<Vec<[u8; 32]>>> = OnceLock::new();
    let prepare = |_, _: &_| Arc::clone(shared.get_or_init(|| Arc::new(table(mib))));
    runner::pool::mine(&options, "autolykos", prepare, |rows, job, nonce| hash(rows, &job.header, nonce));
}
