//! BLAKE3 over a file's bytes, as `b3sum` does.

fn main() {
    let options = runner::Options::read();
    ciphers::stream(&options, 1 << 16, blake3::Hasher::new, |hasher, bytes| {
        hasher.update(bytes);
        std::hint::black_box(hasher.count());
    });
}
