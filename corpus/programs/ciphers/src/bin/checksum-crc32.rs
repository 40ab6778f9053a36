//! CRC-32 and Adler-like sums over a file's bytes, by `crc32fast`.

fn main() {
    let options = runner::Options::read();
    ciphers::stream(
        &options,
        1 << 15,
        || (crc32fast::Hasher::new(), 1_u32),
        |(hasher, sum), bytes| {
            hasher.update(bytes);
            *sum = bytes.iter().fold(*sum, |s, &b| s.wrapping_add(u32::from(b)).rotate_left(1));
            std::hint::black_box(*sum);
        },
    );
}
