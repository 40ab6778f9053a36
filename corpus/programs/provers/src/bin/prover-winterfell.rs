//! STARK proofs that a long chain of cubings was worked out, by `winterfell`. `--size` gives the bits of the steps (12
//! unless told).

use winterfell::crypto::{DefaultRandomCoin, MerkleTree, hashers::Blake3_256};
use winterfell::math::{FieldElement, ToElements, fields::f128::BaseElement};
use winterfell::matrix::ColMatrix;
use winterfell::{
    Air, AirContext, Assertion, AuxRandElements, BatchingMethod, CompositionPoly, CompositionPolyTrace,
    ConstraintCompositionCoefficients, DefaultConstraintCommitment, DefaultConstraintEvaluator,
    DefaultTraceLde, EvaluationFrame, FieldExtension, PartitionOptions, ProofOptions, Prover, StarkDomain,
    Trace, TraceInfo, TracePolyTable, TraceTable, TransitionConstraintDegree,
};

const ADDED: u32 = 7;

struct Ends(BaseElement, BaseElement);

impl ToElements<BaseElement> for Ends {
    fn to_elements(&self) -> Vec<BaseElement> {
        vec![self.0, self.1]
    }
}

struct Chain {
    context: AirContext<BaseElement>,
    ends: Ends,
}

impl Air for Chain {
    type BaseField = BaseElement;
    type PublicInputs = Ends;

    fn new(info: TraceInfo, ends: Ends, options: ProofOptions) -> Self {
        let context = AirContext::new(info, vec![TransitionConstraintDegree::new(3)], 2, options);
        Self { context, ends }
    }

    fn evaluate_transition<E: FieldElement + From<BaseElement>>(
        &self,
        frame: &EvaluationFrame<E>,
        _: &[E],
        result: &mut [E],
    ) {
        result[0] = frame.next()[0] - (frame.current()[0].exp(3u32.into()) + E::from(ADDED));
    }

    fn get_assertions(&self) -> Vec<Assertion<BaseElement>> {
        vec![Assertion::single(0, 0, self.ends.0), Assertion::single(0, self.trace_length() - 1, self.ends.1)]
    }

    fn context(&self) -> &AirContext<BaseElement> {
        &self.context
    }
}

struct ChainProver(ProofOptions);

impl Prover for ChainProver {
    type BaseField = BaseElement;
    type Air = Chain;
    type Trace = TraceTable<BaseElement>;
    type HashFn = Blake3_256<BaseElement>;
    type VC = MerkleTree<Self::HashFn>;
    type RandomCoin = DefaultRandomCoin<Self::HashFn>;
    type TraceLde<E: FieldElement<BaseField = BaseElement>> = DefaultTraceLde<E, Self::HashFn, Self::VC>;
    type ConstraintCommitment<E: FieldElement<BaseField = BaseElement>> =
        DefaultConstraintCommitment<E, Self::HashFn, Self::VC>;
    type ConstraintEvaluator<'a, E: FieldElement<BaseField = BaseElement>> =
        DefaultConstraintEvaluator<'a, Chain, E>;

    fn get_pub_inputs(&self, trace: &Self::Trace) -> Ends {
        Ends(trace.get(0, 0), trace.get(0, trace.length() - 1))
    }

    fn options(&self) -> &ProofOptions {
        &self.0
    }

    fn new_trace_lde<E: FieldElement<BaseField = BaseElement>>(
        &self,
        info: &TraceInfo,
        trace: &ColMatrix<BaseElement>,
        domain: &StarkDomain<BaseElement>,
        partition: PartitionOptions,
    ) -> (Self::TraceLde<E>, TracePolyTable<E>) {
        DefaultTraceLde::new(info, trace, domain, partition)
    }

    fn build_constraint_commitment<E: FieldElement<BaseField = BaseElement>>(
        &self,
        trace: CompositionPolyTrace<E>,
        columns: usize,
        domain: &StarkDomain<BaseElement>,
        partition: PartitionOptions,
    ) -> (Self::ConstraintCommitment<E>, CompositionPoly<E>) {
        DefaultConstraintCommitment::new(trace, columns, domain, partition)
    }

    fn new_evaluator<'a, E: FieldElement<BaseField = BaseElement>>(
        &self,
        air: &'a Chain,
        random: Option<AuxRandElements<E>>,
        coefficients: ConstraintCompositionCoefficients<E>,
    ) -> Self::ConstraintEvaluator<'a, E> {
        DefaultConstraintEvaluator::new(air, random, coefficients)
    }
}

fn main() {
    let options = runner::Options::read();
    let steps = 1 << options.size.unwrap_or(12);
    options.run(|number, shift| {
        let batching = BatchingMethod::Linear;
        let prover =
            ChainProver(ProofOptions::new(32, 8, 0, FieldExtension::None, 8, 31, batching, batching));
        while shift.goes_on() {
            let mut trace = TraceTable::new(1, steps);
            trace.fill(
                |state| state[0] = BaseElement::new(number as u128 + 3),
                |_, state| state[0] = state[0].exp(3u32.into()) + BaseElement::from(ADDED),
            );
            std::hint::black_box(prover.prove(trace).expect("a proof"));
        }
    });
}
