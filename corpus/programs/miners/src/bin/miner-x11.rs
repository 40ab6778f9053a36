//! A chain of 512-bit hashes over a header, as X11 has it, of those that are published in Rust: Groestl, JH, Keccak,
//! Skein, CubeHash, Whirlpool, SHA-512, BLAKE2b.

use cubehash::CubeHash512;
use groestl::Groestl512;
use jh::Jh512;
use miners::{top, with_nonce};
use sha2::{Digest, Sha512};
use skein::Skein512_512;
use tiny_keccak::{Hasher, Keccak};
use whirlpool::Whirlpool;

fn chain(header: &[u8]) -> u64 {
    let one = Groestl512::digest(header);
    let two = Jh512::digest(one);
    let mut three = [0; 64];
    let mut state = Keccak::v512();
    state.update(&two);
    state.finalize(&mut three);
    let four = Skein512_512::digest(three);
    let five = CubeHash512::digest(&four);
    let six = Whirlpool::digest(five);
    let seven = Sha512::digest(six);
    top(blake2b_simd::blake2b(&seven).as_bytes())
}

fn main() {
    let options = runner::Options::read();
    runner::pool::mine(&options, "x11", |_, _| (), |_, job, nonce| chain(&with_nonce(&job.header, nonce)));
}
