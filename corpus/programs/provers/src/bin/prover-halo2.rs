//! PLONK proofs of a chain of squarings with an inner-product commitment on the Pasta curves, by `halo2_proofs`.
//! `--size` gives the bits of the row count (10 unless told).

use halo2_proofs::circuit::{Layouter, SimpleFloorPlanner, Value};
use halo2_proofs::pasta::{EqAffine, Fp};
use halo2_proofs::plonk::{
    Advice, Circuit, Column, ConstraintSystem, Error, Selector, create_proof, keygen_pk, keygen_vk,
};
use halo2_proofs::poly::Rotation;
use halo2_proofs::poly::commitment::Params;
use halo2_proofs::transcript::{Blake2bWrite, Challenge255};
use rand::SeedableRng;
use rand::rngs::StdRng;

#[derive(Clone)]
struct Columns {
    value: Column<Advice>,
    square: Selector,
}

#[derive(Clone)]
struct Squares {
    start: Value<Fp>,
    rows: usize,
}

impl Circuit<Fp> for Squares {
    type Config = Columns;
    type FloorPlanner = SimpleFloorPlanner;

    fn without_witnesses(&self) -> Self {
        Self { start: Value::unknown(), rows: self.rows }
    }

    fn configure(meta: &mut ConstraintSystem<Fp>) -> Columns {
        let (value, square) = (meta.advice_column(), meta.selector());
        meta.create_gate("square", |gate| {
            let now = gate.query_advice(value, Rotation::cur());
            let next = gate.query_advice(value, Rotation::next());
            let on = gate.query_selector(square);
            vec![on * (next - now.clone() * now)]
        });
        Columns { value, square }
    }

    fn synthesize(&self, columns: Columns, mut layouter: impl Layouter<Fp>) -> Result<(), Error> {
        layouter.assign_region(
            || "chain",
            |mut region| {
                let mut value = self.start;
                for row in 0..=self.rows {
                    region.assign_advice(|| "value", columns.value, row, || value)?;
                    if row < self.rows {
                        columns.square.enable(&mut region, row)?;
                    }
                    value = value.map(|v| v.square());
                }
                Ok(())
            },
        )
    }
}

fn main() {
    let options = runner::Options::read();
    let bits = options.size.unwrap_or(10) as u32;
    options.run(|number, shift| {
        let params: Params<EqAffine> = Params::new(bits);
        let circuit = Squares { start: Value::known(Fp::from(number as u64 + 2)), rows: (1 << bits) - 32 };
        let verifying = keygen_vk(&params, &circuit).expect("a key");
        let proving = keygen_pk(&params, verifying, &circuit).expect("a key");
        let mut random = StdRng::seed_from_u64(number as u64);
        while shift.goes_on() {
            let mut transcript = Blake2bWrite::<_, EqAffine, Challenge255<_>>::init(vec![]);
            create_proof(&params, &proving, &[circuit.clone()], &[&[]], &mut random, &mut transcript)
                .expect("a proof");
            std::hint::black_box(transcript.finalize());
        }
    });
}
