//! yescrypt with N=2048, r=8, as small CPU coins have it.

use miners::{top, with_nonce};

fn main() {
    let options = runner::Options::read();
    let params = yescrypt::Params::new(yescrypt::Mode::default(), 2048, 8, 1).expect("valid parameters");
    runner::pool::mine(
        &options,
        "yescrypt",
        |_, _| (),
        |_, job, nonce| {
            let header = with_nonce(&job.header, nonce);
            let mut hash = [0; 32];
            yescrypt::yescrypt(&header, &header, &params, &mut hash).expect("valid length");
            top(&hash)
        },
    );
}
