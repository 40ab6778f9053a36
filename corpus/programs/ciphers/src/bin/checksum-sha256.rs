//! SHA-256 over a file's bytes, as `sha256sum` does, by the `sha2` crate; SHA-512 with `--mode sha512`.

use sha2::{Digest, Sha256, Sha512};

fn main() {
    let options = runner::Options::read();
    if options.is("sha512") {
        ciphers::stream(&options, 1 << 15, Sha512::new, |hasher, bytes| hasher.update(bytes));
    } else {
        ciphers::stream(&options, 1 << 15, Sha256::new, |hasher, bytes| hasher.update(bytes));
    }
}
