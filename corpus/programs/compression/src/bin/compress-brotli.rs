//! Compresses a file, by `brotli`. `--size` gives the quality (6 unless told).

use std::io::Write;

fn main() {
    let options = runner::Options::read();
    let quality = options.size.unwrap_or(6) as u32;
    compression::compress(&options, 1 << 17, |bytes| {
        let mut encoder = brotli::CompressorWriter::new(Vec::new(), 1 << 16, quality, 20);
        let _ = encoder.write_all(bytes);
        encoder.into_inner().len()
    });
}
