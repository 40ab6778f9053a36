//! scrypt with N=1024, r=1, p=1 over an 80-byte header, as Litecoin has it.

use miners::{top, with_nonce};

fn main() {
    let options = runner::Options::read();
    let params = scrypt::Params::new(10, 1, 1).expect("valid parameters");
    runner::pool::mine(
        &options,
        "scrypt",
        |_, _| (),
        |_, job, nonce| {
            let header = with_nonce(&job.header, nonce);
            let mut hash = [0; 32];
            scrypt::scrypt(&header, &header, &params, &mut hash).expect("valid length");
            top(&hash)
        },
    );
}
