//! Keccak-256 of a header, as Maxcoin has it; `--mode sha3d` hashes twice with SHA3-256.

use miners::{top, with_nonce};
use tiny_keccak::{Hasher, Keccak, Sha3};

fn main() {
    let options = runner::Options::read();
    let twice = options.is("sha3d");
    runner::pool::mine(
        &options,
        "keccak",
        |_, _| (),
        |_, job, nonce| {
            let header = with_nonce(&job.header, nonce);
            let mut out = [0; 32];
            if twice {
                let mut state = Sha3::v256();
                state.update(&header);
                state.finalize(&mut out);
                let mut state = Sha3::v256();
                state.update(&out);
                state.finalize(&mut out);
            } else {
                let mut state = Keccak::v256();
                state.update(&header);
                state.finalize(&mut out);
            }
            top(&out)
        },
    );
}
