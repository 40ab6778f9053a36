//! Compresses a file, by `bzip2`.

use std::io::Write;

fn main() {
    compression::compress(&runner::Options::read(), 1 << 17, |bytes| {
        let mut encoder = bzip2::write::BzEncoder::new(Vec::new(), bzip2::Compression::best());
        encoder.write_all(bytes).and_then(|()| encoder.finish()).map_or(0, |out| out.len())
    });
}
