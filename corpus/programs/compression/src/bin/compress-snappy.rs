//! Compresses a file and back, by `snap`.

fn main() {
    compression::compress(&runner::Options::read(), 1 << 18, |bytes| {
        let small = snap::raw::Encoder::new().compress_vec(bytes).unwrap_or_default();
        std::hint::black_box(snap::raw::Decoder::new().decompress_vec(&small).ok());
        small.len()
    });
}
