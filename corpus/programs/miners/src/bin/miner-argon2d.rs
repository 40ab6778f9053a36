//! Argon2d over a header with little memory, as small CPU coins have it; `--size` gives its KiB (1024 unless told).

use argon2::{Algorithm, Argon2, Block, Params, Version};
use miners::{top, with_nonce};

fn main() {
    let options = runner::Options::read();
    let kib = options.size.unwrap_or(1024) as u32;
    let params = Params::new(kib, 1, 1, Some(32)).expect("valid parameters");
    let blocks = params.block_count();
    let hasher = Argon2::new(Algorithm::Argon2d, Version::V0x10, params);
    runner::pool::mine(
        &options,
        "argon2d",
        |_, _| vec![Block::default(); blocks],
        |memory, job, nonce| {
            let header = with_nonce(&job.header, nonce);
            let mut hash = [0; 32];
            hasher
                .hash_password_into_with_memory(&header, &header[..32], &mut hash, memory)
                .expect("valid lengths");
            top(&hash)
        },
    );
}
