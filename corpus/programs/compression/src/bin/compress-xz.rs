//! Compresses a file as xz does, by `lzma-rust2`. `--size` gives the preset (4 unless told).

use lzma_rust2::{XzOptions, XzWriter};
use std::io::Write;

fn main() {
    let options = runner::Options::read();
    let preset = options.size.unwrap_or(4) as u32;
    compression::compress(&options, 1 << 16, |bytes| {
        let mut writer = XzWriter::new(Vec::new(), XzOptions::with_preset(preset)).expect("a preset");
        writer.write_all(bytes).and_then(|()| writer.finish()).map_or(0, |out| out.len())
    });
}
