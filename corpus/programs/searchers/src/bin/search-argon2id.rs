//! Looks for the password behind an Argon2id hash. `--size` gives its KiB (4096 unless told).

use argon2::{Algorithm, Argon2, Params, Version};

fn main() {
    let options = runner::Options::read();
    let params = Params::new(options.size.unwrap_or(4096) as u32, 2, 1, Some(32)).expect("parameters");
    let hasher = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
    searchers::search(&options, 1, |candidate| {
        let mut out = [0; 32];
        hasher.hash_password_into(candidate, b"saltsaltsalt", &mut out).expect("lengths");
        out == [0x5a; 32]
    });
}
