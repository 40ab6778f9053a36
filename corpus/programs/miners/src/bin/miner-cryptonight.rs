//! A 2 MiB scratchpad walked with AES rounds and 64-bit products, as CryptoNight has it: filled by AES from a Keccak
//! state, 2^17 dependent steps (`--size` gives the bits), Keccak at the end. Needs AES instructions.

use miners::{top, with_nonce};
use tiny_keccak::{Hasher, Keccak};

const PAD: usize = 1 << 21;

#[cfg(target_arch = "x86_64")]
fn aes_round(block: u128, key: u128) -> u128 {
    use std::arch::x86_64::{__m128i, _mm_aesenc_si128};
    #[target_feature(enable = "aes")]
    fn round(block: __m128i, key: __m128i) -> __m128i {
        _mm_aesenc_si128(block, key)
    }
    // SAFETY: `main` ends the program where the processor has no AES; both types are 16 plain bytes.
    unsafe {
        std::mem::transmute(round(
            std::mem::transmute::<u128, __m128i>(block),
            std::mem::transmute::<u128, __m128i>(key),
        ))
    }
}

#[cfg(not(target_arch = "x86_64"))]
fn aes_round(block: u128, key: u128) -> u128 {
    block.rotate_left(37).wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ key
}

fn supported() -> bool {
    #[cfg(target_arch = "x86_64")]
    return std::arch::is_x86_feature_detected!("aes");
    #[cfg(not(target_arch = "x86_64"))]
    true
}

fn hash(pad: &mut [u128], header: &[u8], steps: usize) -> u64 {
    let mut state = [0_u8; 64];
    let mut keccak = Keccak::v512();
    keccak.update(header);
    keccak.finalize(&mut state);
    let part = |i: usize| u128::from_le_bytes(state[16 * i..16 * i + 16].try_into().unwrap_or_default());
    let (mut a, mut b, key) = (part(0) ^ part(2), part(1) ^ part(3), part(2));
    let mut fill = part(3);
    for cell in pad.iter_mut() {
        for _ in 0..10 {
            fill = aes_round(fill, key);
        }
        *cell = fill;
    }
    let mask = pad.len() - 1;
    for _ in 0..steps {
        let at = (a >> 4) as usize & mask;
        let c = aes_round(pad[at], a);
        pad[at] = b ^ c;
        let at = (c >> 4) as usize & mask;
        let d = pad[at];
        let product = u128::from(c as u64) * u128::from(d as u64);
        let high = ((a >> 64) as u64).wrapping_add(product as u64);
        let low = (a as u64).wrapping_add((product >> 64) as u64);
        let sum = u128::from(high) << 64 | u128::from(low);
        pad[at] = sum;
        a = sum ^ d;
        b = c;
    }
    let mut last = a ^ b;
    for cell in pad.iter() {
        last = aes_round(last ^ cell, key);
    }
    let mut out = [0; 32];
    let mut keccak = Keccak::v256();
    keccak.update(&last.to_le_bytes());
    keccak.finalize(&mut out);
    top(&out)
}

fn main() {
    assert!(supported(), "this processor has no AES instructions");
    let options = runner::Options::read();
    let steps = 1 << options.size.unwrap_or(17);
    runner::pool::mine(
        &options,
        "cryptonight",
        |_, _| vec![0_u128; PAD / 16],
        |pad, job, nonce| hash(pad, &with_nonce(&job.header, nonce), steps),
    );
}
