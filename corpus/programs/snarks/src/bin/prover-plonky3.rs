//! STARK proofs of a Fibonacci sequence over the BabyBear field with Poseidon2, by the `p3` crates. `--size` gives the
//! bits of its steps (16 unless told).

use p3_air::{Air, AirBuilder, AirBuilderWithPublicValues, BaseAir};
use p3_baby_bear::{BabyBear, Poseidon2BabyBear};
use p3_challenger::DuplexChallenger;
use p3_commit::ExtensionMmcs;
use p3_dft::Radix2DitParallel;
use p3_field::extension::BinomialExtensionField;
use p3_field::{Field, PrimeCharacteristicRing};
use p3_fri::{TwoAdicFriPcs, create_benchmark_fri_params};
use p3_matrix::{Matrix, dense::RowMajorMatrix};
use p3_merkle_tree::MerkleTreeMmcs;
use p3_symmetric::{PaddingFreeSponge, TruncatedPermutation};
use p3_uni_stark::{StarkConfig, prove};
use rand::{SeedableRng, rngs::SmallRng};
use runner::Options;

type Permutation = Poseidon2BabyBear<16>;
type Hash = PaddingFreeSponge<Permutation, 16, 8, 8>;
type Compress = TruncatedPermutation<Permutation, 2, 8, 16>;
type Packed = <BabyBear as Field>::Packing;
type Tree = MerkleTreeMmcs<Packed, Packed, Hash, Compress, 8>;
type Extension = BinomialExtensionField<BabyBear, 4>;
type ExtensionTree = ExtensionMmcs<BabyBear, Extension, Tree>;
type Transform = Radix2DitParallel<BabyBear>;
type Commitments = TwoAdicFriPcs<BabyBear, Transform, Tree, ExtensionTree>;
type Challenger = DuplexChallenger<BabyBear, Permutation, 16, 8>;

/// Eight pairs side by side, each the next pair of a Fibonacci sequence.
struct Sequences;

const PAIRS: usize = 8;

impl<F> BaseAir<F> for Sequences {
    fn width(&self) -> usize {
        2 * PAIRS
    }
}

impl<AB: AirBuilderWithPublicValues> Air<AB> for Sequences {
    fn eval(&self, builder: &mut AB) {
        let main = builder.main();
        let now = main.row_slice(0).expect("a row");
        let next = main.row_slice(1).expect("a second row");
        for pair in 0..PAIRS {
            let (a, b) = (now[2 * pair].clone(), now[2 * pair + 1].clone());
            let mut step = builder.when_transition();
            step.assert_eq(b.clone(), next[2 * pair].clone());
            step.assert_eq(a + b, next[2 * pair + 1].clone());
        }
    }
}

fn trace(bits: usize) -> RowMajorMatrix<BabyBear> {
    let mut values = Vec::with_capacity(2 * PAIRS << bits);
    let mut row: Vec<BabyBear> = (0..2 * PAIRS as u32).map(BabyBear::from_u32).collect();
    for _ in 0..1 << bits {
        values.extend_from_slice(&row);
        for pair in row.chunks_mut(2) {
            (pair[0], pair[1]) = (pair[1], pair[0] + pair[1]);
        }
    }
    RowMajorMatrix::new(values, 2 * PAIRS)
}

fn main() {
    let options = Options::read();
    let bits = options.size.unwrap_or(16);
    options.run(|_, shift| {
        let permutation = Permutation::new_from_rng_128(&mut SmallRng::seed_from_u64(1));
        let tree = Tree::new(Hash::new(permutation.clone()), Compress::new(permutation.clone()));
        let parameters = create_benchmark_fri_params(ExtensionTree::new(tree.clone()));
        let commitments = Commitments::new(Transform::default(), tree, parameters);
        let config: StarkConfig<Commitments, Extension, Challenger> =
            StarkConfig::new(commitments, Challenger::new(permutation));
        while shift.goes_on() {
            std::hint::black_box(prove(&config, &Sequences, trace(bits), &Vec::new()));
        }
    });
}
