//! Groth16 proofs of a chain of squarings, by arkworks, over BLS12-381 or, with `--mode bn254`, BN254. `--size` gives
//! the number of constraints (4096 unless told).

use ark_ec::pairing::Pairing;
use ark_ff::{Field, UniformRand};
use ark_groth16::Groth16;
use ark_relations::gr1cs::{ConstraintSynthesizer, ConstraintSystemRef, SynthesisError};
use ark_relations::lc;
use ark_std::rand::{SeedableRng, rngs::StdRng};
use runner::{Options, Shift};

#[derive(Clone)]
struct Squares<F> {
    start: F,
    length: usize,
}

impl<F: Field> ConstraintSynthesizer<F> for Squares<F> {
    fn generate_constraints(self, cs: ConstraintSystemRef<F>) -> Result<(), SynthesisError> {
        let mut value = self.start;
        let mut variable = cs.new_input_variable(|| Ok(value))?;
        for _ in 0..self.length {
            value = value.square();
            let next = cs.new_witness_variable(|| Ok(value))?;
            cs.enforce_r1cs_constraint(|| lc!() + variable, || lc!() + variable, || lc!() + next)?;
            variable = next;
        }
        Ok(())
    }
}

fn prove<E: Pairing>(length: usize, number: usize, shift: &mut Shift) {
    let mut random = StdRng::seed_from_u64(number as u64);
    let circuit = Squares { start: E::ScalarField::rand(&mut random), length };
    let key =
        Groth16::<E>::generate_random_parameters_with_reduction(circuit.clone(), &mut random).expect("a key");
    while shift.goes_on() {
        let proof = Groth16::<E>::create_random_proof_with_reduction(circuit.clone(), &key, &mut random);
        std::hint::black_box(proof.expect("a proof"));
    }
}

fn main() {
    let options = Options::read();
    let length = options.size.unwrap_or(4096);
    options.run(|number, shift| match options.is("bn254") {
        true => prove::<ark_bn254::Bn254>(length, number, shift),
        false => prove::<ark_bls12_381::Bls12_381>(length, number, shift),
    });
}
