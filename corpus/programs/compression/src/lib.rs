//! What the compressors share: real data read from disk again and again, in blocks. No compressor lives here.

use std::io::Read;

/// Reads `--input` (or invented text from a scratch file) block by block, round and round, and hands each block on.
pub fn compress(options: &runner::Options, block: usize, work: impl Fn(&[u8]) -> usize + Sync) {
    let source = options.scratch("source");
    std::fs::write(&source.0, options.data(32 << 20)).expect("space");
    options.run(|_, shift| {
        let mut bytes = vec![0; block];
        let (mut taken, mut given) = (0_u64, 0_u64);
        loop {
            let mut file = std::fs::File::open(&source.0).expect("the file");
            while let Ok(read @ 1..) = file.read(&mut bytes) {
                taken += read as u64;
                given += work(&bytes[..read]) as u64;
                if !shift.goes_on() {
                    println!("{taken} bytes became {given}");
                    return;
                }
            }
        }
    });
}
