//! Skein-512 then SHA-256 over a header, as Myriad has it.

use miners::{top, with_nonce};
use skein::{Digest, Skein512_512};

fn main() {
    let options = runner::Options::read();
    runner::pool::mine(
        &options,
        "skein",
        |_, _| (),
        |_, job, nonce| top(&sha2::Sha256::digest(Skein512_512::digest(with_nonce(&job.header, nonce)))),
    );
}
