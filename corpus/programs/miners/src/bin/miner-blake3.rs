//! BLAKE3 of a header, twice, as Alephium has it.

use miners::{top, with_nonce};

fn main() {
    let options = runner::Options::read();
    runner::pool::mine(
        &options,
        "blake3",
        |_, _| (),
        |_, job, nonce| top(blake3::hash(blake3::hash(&with_nonce(&job.header, nonce)).as_bytes()).as_bytes()),
    );
}
