//! Compresses a file, by `zstd`. `--size` gives the level (3 unless told).

fn main() {
    let options = runner::Options::read();
    let level = options.size.unwrap_or(3) as i32;
    compression::compress(&options, 1 << 18, |bytes| {
        zstd::bulk::compress(bytes, level).map_or(0, |out| out.len())
    });
}
