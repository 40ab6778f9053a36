//! Lyra2 over a header, by the `lyra2` crate: Lyra2REv3, or Lyra2Z with `--mode z`.

use miners::{top, with_nonce};

fn main() {
    let options = runner::Options::read();
    let z = options.is("z");
    runner::pool::mine(
        &options,
        "lyra2",
        |_, _| (),
        |_, job, nonce| {
            let header = with_nonce(&job.header, nonce).to_vec();
            top(&if z { lyra2::lyra2z::sum(header) } else { lyra2::lyra2rev3::sum(header) })
        },
    );
}
