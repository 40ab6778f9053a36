//! Seals a sector as depth-robust labelling does: layer by layer, each 32-byte label is a SHA-256 over parents in the
//! layer and below, then the data is added and a Merkle tree built over the replica, which is written to disk.
//! `--size` gives the KiB of a sector (2048 unless told), `--input` the data.

use sha2::{Digest, Sha256};
use std::io::Write;

const PARENTS: usize = 14;
const LAYERS: usize = 4;

fn layer(below: &[[u8; 32]], nodes: usize, number: usize, shift: &mut runner::Shift) -> Vec<[u8; 32]> {
    let mut labels: Vec<[u8; 32]> = Vec::with_capacity(nodes);
    for node in 0..nodes {
        let mut hash = Sha256::new();
        hash.update((node as u64).to_be_bytes());
        let mut random = runner::Random((node * 31 + number) as u64);
        for parent in 0..PARENTS {
            let pick = random.next() as usize;
            if parent < 6 && node > 0 {
                hash.update(labels[node - 1 - pick % node.min(1 << (2 * parent + 1))]);
            } else if !below.is_empty() {
                hash.update(below[pick % nodes]);
            }
        }
        labels.push(hash.finalize().into());
        if node % 512 == 0 && !shift.goes_on() {
            labels.resize(nodes, [0; 32]);
            return labels;
        }
    }
    labels
}

fn root(mut nodes: Vec<[u8; 32]>) -> [u8; 32] {
    while nodes.len() > 1 {
        nodes = nodes.chunks(2).map(|two| Sha256::digest(two.concat()).into()).collect();
    }
    nodes[0]
}

fn main() {
    let options = runner::Options::read();
    let nodes = options.size.unwrap_or(2048) * 32;
    let data = options.data(nodes * 32);
    options.run(|thread, shift| {
        let file = options.scratch(&format!("sector-{thread}"));
        while shift.goes_on() {
            let labels = (0..LAYERS).fold(Vec::new(), |below, number| layer(&below, nodes, number, shift));
            let replica: Vec<[u8; 32]> = labels
                .iter()
                .zip(data.chunks(32).cycle())
                .map(|(l, d)| std::array::from_fn(|i| l[i] ^ d.get(i).unwrap_or(&0)))
                .collect();
            let mut out = std::fs::File::create(&file.0).expect("a file");
            out.write_all(&replica.concat()).expect("space");
            out.sync_data().expect("a disk");
            std::hint::black_box(root(replica));
        }
    });
}
