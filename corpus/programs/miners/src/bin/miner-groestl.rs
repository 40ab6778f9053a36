//! Double Groestl-512 over a header, as Groestlcoin has it.

use groestl::{Digest, Groestl512};
use miners::{top, with_nonce};

fn main() {
    let options = runner::Options::read();
    runner::pool::mine(
        &options,
        "groestl",
        |_, _| (),
        |_, job, nonce| top(&Groestl512::digest(Groestl512::digest(with_nonce(&job.header, nonce)))),
    );
}
