//! Proves that a file is stored: reads 256-byte segments at challenged places of a real file on disk and gives BLAKE2b
//! Merkle paths for them, as possession proofs do. `--size` gives the MiB of the file (64 unless told).

use blake2::{Blake2s256, Digest};
use std::io::{Read, Seek, SeekFrom};

const SEGMENT: usize = 256;
const SEGMENTS: usize = 1024;

fn hash(bytes: &[u8]) -> [u8; 32] {
    Blake2s256::digest(bytes).into()
}

fn path(chunk: &[u8], challenge: usize) -> Vec<[u8; 32]> {
    let mut layer: Vec<[u8; 32]> = chunk.chunks(SEGMENT).map(hash).collect();
    let (mut path, mut at) = (Vec::new(), challenge % layer.len().max(1));
    while layer.len() > 1 {
        path.push(layer[(at ^ 1).min(layer.len() - 1)]);
        layer = layer.chunks(2).map(|two| hash(&two.concat())).collect();
        at /= 2;
    }
    path
}

fn main() {
    let options = runner::Options::read();
    let length = options.size.unwrap_or(64) << 20;
    let stored = options.scratch("stored");
    std::fs::write(&stored.0, options.data(length)).expect("space");
    options.run(|thread, shift| {
        let mut file = std::fs::File::open(&stored.0).expect("the file");
        let length = file.metadata().expect("the file").len();
        let mut random = runner::Random(thread as u64);
        let mut chunk = vec![0; SEGMENT * SEGMENTS];
        while shift.goes_on() {
            let start = random.next() % length.saturating_sub(chunk.len() as u64).max(1);
            file.seek(SeekFrom::Start(start)).expect("the file");
            let read = file.read(&mut chunk).expect("the file");
            std::hint::black_box(path(&chunk[..read.max(1)], random.next() as usize));
        }
    });
}
