//! The two halves of most provers, by arkworks: multi-scalar multiplication on BN254's first group and number-theoretic
//! transforms over its scalar field. `--mode ntt` does the transforms only; `--size` gives the bits (13 unless told).

use ark_bn254::{Fr, G1Affine, G1Projective};
use ark_ec::{CurveGroup, VariableBaseMSM};
use ark_ff::UniformRand;
use ark_poly::{EvaluationDomain, Radix2EvaluationDomain};
use ark_std::rand::{SeedableRng, rngs::StdRng};

fn main() {
    let options = runner::Options::read();
    let length = 1 << options.size.unwrap_or(13);
    let transforms_only = options.is("ntt");
    options.run(|number, shift| {
        let mut random = StdRng::seed_from_u64(number as u64);
        let mut scalars: Vec<Fr> = (0..length).map(|_| Fr::rand(&mut random)).collect();
        let points: Vec<G1Affine> = (0..if transforms_only { 0 } else { length })
            .map(|_| G1Projective::rand(&mut random).into_affine())
            .collect();
        let domain = Radix2EvaluationDomain::<Fr>::new(length).expect("a domain");
        while shift.goes_on() {
            domain.fft_in_place(&mut scalars);
            if !transforms_only {
                let _ = std::hint::black_box(G1Projective::msm(&points, &scalars).expect("equal lengths"));
            }
        }
    });
}
