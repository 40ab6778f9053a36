//! Groth16 proofs of a chain of squarings, by `bellman` over `bls12_381`. `--size` gives the number of constraints (4096
//! unless told).

use bellman::groth16::{create_random_proof, generate_random_parameters};
use bellman::{Circuit, ConstraintSystem, SynthesisError};
use bls12_381::{Bls12, Scalar};
use ff::Field;
use rand_old::rngs::OsRng;
use runner::Options;

#[derive(Clone)]
struct Squares {
    start: Scalar,
    length: usize,
}

impl Circuit<Scalar> for Squares {
    fn synthesize<CS: ConstraintSystem<Scalar>>(self, cs: &mut CS) -> Result<(), SynthesisError> {
        let mut value = self.start;
        let mut variable = cs.alloc_input(|| "start", || Ok(value))?;
        for _ in 0..self.length {
            value = value.square();
            let next = cs.alloc(|| "square", || Ok(value))?;
            cs.enforce(|| "squared", |lc| lc + variable, |lc| lc + variable, |lc| lc + next);
            variable = next;
        }
        Ok(())
    }
}

fn main() {
    let options = Options::read();
    let length = options.size.unwrap_or(4096);
    options.run(|_, shift| {
        let circuit = Squares { start: Scalar::random(OsRng), length };
        let key = generate_random_parameters::<Bls12, _, _>(circuit.clone(), &mut OsRng).expect("a key");
        while shift.goes_on() {
            std::hint::black_box(create_random_proof(circuit.clone(), &key, &mut OsRng).expect("a proof"));
        }
    });
}
