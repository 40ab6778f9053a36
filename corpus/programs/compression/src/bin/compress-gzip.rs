//! Deflates a file, by `flate2`. `--size` gives the level (6 unless told).

use flate2::{Compression, write::GzEncoder};
use std::io::Write;

fn main() {
    let options = runner::Options::read();
    let level = Compression::new(options.size.unwrap_or(6) as u32);
    compression::compress(&options, 1 << 18, |bytes| {
        let mut encoder = GzEncoder::new(Vec::new(), level);
        encoder.write_all(bytes).and_then(|()| encoder.finish()).map_or(0, |out| out.len())
    });
}
