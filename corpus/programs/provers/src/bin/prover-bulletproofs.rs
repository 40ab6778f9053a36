//! Aggregated range proofs on Ristretto, by `bulletproofs`. `--size` gives the values in each proof (8 unless told).

use bulletproofs::{BulletproofGens, PedersenGens, RangeProof};
use curve25519_dalek::scalar::Scalar;
use merlin::Transcript;

fn main() {
    let options = runner::Options::read();
    let values = options.size.unwrap_or(8).next_power_of_two();
    options.run(|number, shift| {
        let (pedersen, generators) = (PedersenGens::default(), BulletproofGens::new(64, values));
        let mut random = runner::Random(number as u64);
        while shift.goes_on() {
            let secrets: Vec<u64> = (0..values).map(|_| random.next()).collect();
            let blindings: Vec<Scalar> = (0..values).map(|_| Scalar::from(random.next())).collect();
            let mut transcript = Transcript::new(b"corpus");
            let proof =
                RangeProof::prove_multiple(&generators, &pedersen, &mut transcript, &secrets, &blindings, 64);
            std::hint::black_box(proof.expect("a proof"));
        }
    });
}
