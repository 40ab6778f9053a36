//! Builds Poseidon Merkle trees over a sector's 32-byte nodes and opens challenged leaves, by `light-poseidon` on BN254.
//! `--size` gives the leaves (512 unless told), `--input` the data; nodes are written to disk.

use ark_bn254::Fr;
use ark_ff::{BigInteger, PrimeField};
use light_poseidon::{Poseidon, PoseidonHasher};

fn main() {
    let options = runner::Options::read();
    let leaves = options.size.unwrap_or(512).next_power_of_two();
    let data = options.data(leaves * 31 * 64);
    options.run(|thread, shift| {
        let mut hasher = Poseidon::<Fr>::new_circom(2).expect("parameters");
        let file = options.scratch(&format!("tree-{thread}"));
        for sector in data.chunks(leaves * 31).cycle() {
            let mut layer: Vec<Fr> = sector.chunks(31).map(Fr::from_le_bytes_mod_order).collect();
            layer.resize(leaves, Fr::from(0_u64));
            let mut tree = Vec::new();
            while layer.len() > 1 {
                let mut next = Vec::with_capacity(layer.len() / 2);
                for two in layer.chunks_exact(2) {
                    if !shift.goes_on() {
                        return;
                    }
                    next.push(hasher.hash(two).expect("two inputs"));
                }
                tree.extend(layer.iter().flat_map(|node| node.into_bigint().to_bytes_le()));
                layer = next;
            }
            std::fs::write(&file.0, &tree).expect("space");
        }
    });
}
