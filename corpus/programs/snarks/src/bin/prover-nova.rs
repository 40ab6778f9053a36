//! Steps of a folded computation, by `nova-snark` over bn254 and Grumpkin or, with `--mode pasta`, the Pasta curves.
//! `--size` gives the constraints of a step (4096 unless told).

use nova_snark::nova::{PublicParams, RecursiveSNARK};
use nova_snark::provider::{Bn256EngineIPA, GrumpkinEngine, PallasEngine, VestaEngine};
use nova_snark::traits::circuit::NonTrivialCircuit;
use nova_snark::traits::{Engine, snark::default_ck_hint};
use runner::{Options, Shift};

fn fold<E1, E2>(size: usize, shift: &mut Shift)
where
    E1: Engine<Base = <E2 as Engine>::Scalar>,
    E2: Engine<Base = <E1 as Engine>::Scalar>,
{
    let step = NonTrivialCircuit::<E1::Scalar>::new(size);
    let parameters = PublicParams::<E1, E2, _>::setup(&step, &*default_ck_hint(), &*default_ck_hint())
        .expect("parameters");
    let start = [E1::Scalar::from(2_u64)];
    while shift.goes_on() {
        let mut proof = RecursiveSNARK::<E1, E2, _>::new(&parameters, &step, &start).expect("a start");
        for _ in 0..50 {
            if !shift.goes_on() {
                return;
            }
            proof.prove_step(&parameters, &step).expect("a step");
        }
    }
}

fn main() {
    let options = Options::read();
    let size = options.size.unwrap_or(4096);
    options.run(|_, shift| match options.is("pasta") {
        true => fold::<PallasEngine, VestaEngine>(size, shift),
        false => fold::<Bn256EngineIPA, GrumpkinEngine>(size, shift),
    });
}
