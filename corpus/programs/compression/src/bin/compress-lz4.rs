//! Compresses a file and back, by `lz4_flex`.

fn main() {
    compression::compress(&runner::Options::read(), 1 << 18, |bytes| {
        let small = lz4_flex::compress_prepend_size(bytes);
        std::hint::black_box(lz4_flex::decompress_size_prepended(&small).ok());
        small.len()
    });
}
