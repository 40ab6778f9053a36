//! Plots as Chia does at the start: a ChaCha8 key stream gives one value for each x, tables are sorted by value and
//! matched with BLAKE2b, and every table is written to disk. `--size` gives the bits of x (18 unless told).

use blake2::{Blake2b512, Digest};
use chacha20::ChaCha8;
use chacha20::cipher::{KeyIvInit, StreamCipher};
use std::io::Write;

fn first_table(bits: u32, seed: u8) -> Vec<(u32, u32)> {
    let mut stream = vec![0_u8; 4 << bits];
    ChaCha8::new(&[seed; 32].into(), &[0; 12].into()).apply_keystream(&mut stream);
    stream
        .chunks_exact(4)
        .zip(0..)
        .map(|(c, x)| (u32::from_le_bytes([c[0], c[1], c[2], c[3]]) >> (32 - bits), x))
        .collect()
}

fn next_table(table: &[(u32, u32)], bits: u32, shift: &mut runner::Shift) -> Vec<(u32, u32)> {
    let mut next = Vec::with_capacity(table.len());
    for (position, two) in table.windows(2).enumerate() {
        if two[1].0 - two[0].0 > 1 {
            continue;
        }
        if position % 4096 == 0 && !shift.goes_on() {
            return next;
        }
        let mut hash = Blake2b512::new();
        hash.update(two[0].0.to_le_bytes());
        hash.update(two[0].1.to_le_bytes());
        hash.update(two[1].1.to_le_bytes());
        let out = hash.finalize();
        next.push((u32::from_le_bytes([out[0], out[1], out[2], out[3]]) >> (32 - bits), position as u32));
    }
    next
}

fn write(table: &[(u32, u32)], file: &mut std::fs::File) {
    let bytes: Vec<u8> =
        table.iter().flat_map(|row| [row.0.to_le_bytes(), row.1.to_le_bytes()].concat()).collect();
    file.write_all(&bytes).expect("space");
}

fn main() {
    let options = runner::Options::read();
    let bits = options.size.unwrap_or(18) as u32;
    options.run(|thread, shift| {
        let path = options.scratch(&format!("plot-{thread}"));
        let mut seed = thread as u8;
        while shift.goes_on() {
            seed = seed.wrapping_add(1);
            let mut file = std::fs::File::create(&path.0).expect("a file");
            let mut table = first_table(bits, seed);
            for _ in 0..7 {
                table.sort_unstable();
                write(&table, &mut file);
                table = next_table(&table, bits, shift);
            }
            file.sync_data().expect("a disk");
        }
    });
}
