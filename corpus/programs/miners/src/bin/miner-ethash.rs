//! Hashimoto over a large data set, as Ethash has it: Keccak at both ends, 64 random reads of 128 bytes mixed with FNV
//! between. The data set is filled by Keccak from a small cache; `--size` gives its MiB (256 unless told).

use miners::{top, with_nonce};
use std::sync::{Arc, OnceLock};
use tiny_keccak::{Hasher, Keccak};

const PRIME: u32 = 0x0100_0193;
const WIDTH: usize = 32;

fn keccak512(bytes: &[u8]) -> [u8; 64] {
    let mut out = [0; 64];
    let mut state = Keccak::v512();
    state.update(bytes);
    state.finalize(&mut out);
    out
}

fn fnv(a: u32, b: u32) -> u32 {
    a.wrapping_mul(PRIME) ^ b
}

fn words(bytes: &[u8]) -> Vec<u32> {
    bytes.chunks_exact(4).map(|c| u32::from_le_bytes([c[0], c[1], c[2], c[3]])).collect()
}

/// Fills `mib` of data set: Keccak every 64th item, FNV mixing from earlier items for the rest, so that it is ready soon.
fn data_set(mib: usize) -> Vec<u32> {
    let length = mib * (1 << 18);
    let mut set = words(&keccak512(b"seed"));
    set.reserve(length);
    while set.len() < length {
        let item = set.len() / 16;
        if item % 64 == 0 {
            let fresh = keccak512(&(item as u64).to_le_bytes());
            set.extend(words(&fresh));
        } else {
            let parent = fnv(item as u32, set[set.len() - 3]) as usize % item * 16;
            for i in 0..16 {
                set.push(fnv(set[set.len() - 16], set[parent + i]));
            }
        }
    }
    set
}

fn hashimoto(set: &[u32], header: &[u8], nonce: u64) -> u64 {
    let seed = keccak512(&with_nonce(header, nonce));
    let seed_words = words(&seed);
    let mut mix = [0; WIDTH];
    for (i, word) in mix.iter_mut().enumerate() {
        *word = seed_words[i % 16];
    }
    let pages = (set.len() / WIDTH) as u32;
    for i in 0..64 {
        let page = fnv(i ^ seed_words[0], mix[i as usize % WIDTH]) % pages;
        let row = &set[page as usize * WIDTH..][..WIDTH];
        for (word, read) in mix.iter_mut().zip(row) {
            *word = fnv(*word, *read);
        }
    }
    let mut last = seed.to_vec();
    for four in mix.chunks_exact(4) {
        last.extend(fnv(fnv(fnv(four[0], four[1]), four[2]), four[3]).to_le_bytes());
    }
    let mut out = [0; 32];
    let mut state = Keccak::v256();
    state.update(&last);
    state.finalize(&mut out);
    top(&out)
}

fn main() {
    let options = runner::Options::read();
    let set: OnceLock<Arc<Vec<u32>>> = OnceLock::new();
    let mib = options.size.unwrap_or(256);
    let prepare = |_, _: &_| Arc::clone(set.get_or_init(|| Arc::new(data_set(mib))));
    runner::pool::mine(&options, "ethash", prepare, |set, job, nonce| hashimoto(set, &job.header, nonce));
}
