//! Double SHA-256 over an 80-byte header, as Bitcoin has it, by the `sha2` crate (SHA-NI where there is).

use miners::{top, with_nonce};
use sha2::{Digest, Sha256};

fn main() {
    let options = runner::Options::read();
    runner::pool::mine(
        &options,
        "sha256d",
        |_, _| (),
        |_, job, nonce| top(&Sha256::digest(Sha256::digest(with_nonce(&job.header, nonce)))),
    );
}
