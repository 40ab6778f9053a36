//! Every value of what is missing, tried.

use crate::effect::{Disposition, Effect};
use crate::judge::{Decision, MAX_COMPLETIONS, Resolved};
use crate::region::{MISSING, Regions};
use crate::rulebook::Rulebook;
use crate::slice::{Mask, Slice};
use std::collections::BTreeSet;

/// Tries every value of what is missing.
pub fn work_out(rulebook: &Rulebook, slice: &Slice, case: &Resolved) -> Decision {
    let mut deciding = Completions::new(rulebook, &slice.deciding, slice.by_operator, case);
    let truncated = deciding.count > MAX_COMPLETIONS;
    let duties = Duties::new(rulebook, slice, case);
    let (mut sure, mut possible, mut could_be) = (Mask::MAX, 0, Vec::new());
    let (mut effective, mut maybe_effective, mut owed) = (Mask::MAX, 0, None::<BTreeSet<usize>>);
    for _ in 0..deciding.count.min(MAX_COMPLETIONS) {
        let applying = slice.applying(rulebook, deciding.operator(), |fact| deciding.region(fact));
        sure &= applying;
        possible |= applying;
        let carried = slice.effective(applying);
        effective &= carried;
        maybe_effective |= carried;
        let here = obligations(rulebook, slice, carried & !duties.all);
        owed = Some(owed.map_or_else(|| here.clone(), |known| known.intersection(&here).copied().collect()));
        let disposition = slice.disposition(applying);
        if !could_be.contains(&disposition) {
            could_be.push(disposition);
        }
        deciding.next();
    }
    could_be.sort_unstable();
    let disposition = match could_be.as_slice() {
        [one] if !truncated => *one,
        _ => Disposition::ManualReview,
    };
    let merged = |others: Mask, own: Mask| others & !duties.all | own;
    let (sure, possible) = (merged(sure, duties.sure), merged(possible, duties.possible));
    let (certain, maybe) =
        (slice.unlifted(duties.sure, duties.possible), slice.unlifted(duties.possible, duties.sure));
    let mut owed = owed.unwrap_or_default();
    owed.extend(obligations(rulebook, slice, certain));
    let (effective, maybe_effective) = (merged(effective, certain), merged(maybe_effective, maybe));
    let imprecise_place = false;
    Decision {
        disposition,
        could_be,
        sure,
        possible,
        effective,
        maybe_effective,
        owed,
        imprecise_place,
        truncated,
    }
}

/// Obligations that these provisions impose: provisions that may decide, and obligations that are known well enough.
fn obligations(rulebook: &Rulebook, slice: &Slice, carried: Mask) -> BTreeSet<usize> {
    let these = slice.of(rulebook, carried).map(|(_, p)| p).filter(|p| p.decides());
    let imposed = these.flat_map(|p| p.obliges.iter().copied());
    imposed.filter(|o| rulebook.obligations.get(*o).is_some_and(|o| o.grade.decides())).collect()
}

/// Provisions that only oblige have no part in the disposition: each is tried over its own missing facts.
#[derive(Default)]
struct Duties {
    all: Mask,
    sure: Mask,
    possible: Mask,
}

impl Duties {
    fn new(rulebook: &Rulebook, slice: &Slice, case: &Resolved) -> Self {
        let mut duties = Self::default();
        for (i, position) in slice.provisions.iter().enumerate() {
            let Some(provision) = rulebook.provisions.get(*position) else { continue };
            if provision.effect != Effect::Oblige {
                continue;
            }
            let mut own =
                Completions::new(rulebook, &provision.table.facts, provision.operators != u8::MAX, case);
            let (mut every, mut any) = (own.count <= MAX_COMPLETIONS, false);
            for _ in 0..own.count.min(MAX_COMPLETIONS) {
                let applies = provision.applies(own.operator(), |f| own.region(f));
                every &= applies;
                any |= applies;
                own.next();
            }
            duties.all |= 1 << i;
            duties.sure |= Mask::from(every) << i;
            duties.possible |= Mask::from(any) << i;
        }
        duties
    }
}

/// Every combination of regions of what is missing, one after another.
struct Completions<'a> {
    case: &'a Resolved,
    /// Regions of all facts, with a current value for each missing one.
    current: Vec<u8>,
    operator: u8,
    /// Missing facts with the number of their regions.
    missing: Vec<(usize, usize)>,
    /// Kinds of operators to try; 0 if the kind is known or does not matter.
    operators: u8,
    /// How many combinations there are.
    count: usize,
}

impl<'a> Completions<'a> {
    fn new(rulebook: &Rulebook, facts: &[usize], by_operator: bool, case: &'a Resolved) -> Self {
        let mut current = case.regions.clone();
        let mut missing = Vec::new();
        for fact in facts {
            if let Some(region) = current.get_mut(*fact).filter(|r| **r == MISSING) {
                *region = 0;
                missing.push((*fact, rulebook.regions.get(*fact).map_or(1, Regions::len)));
            }
        }
        let kinds = u8::try_from(rulebook.vocabulary().operators().len()).unwrap_or(u8::MAX);
        let open = case.operator == MISSING && by_operator;
        let operators = if open { kinds } else { 0 };
        let product = missing.iter().map(|(_, n)| *n).chain([usize::from(operators.max(1))]);
        let count = product.fold(1_usize, usize::saturating_mul);
        // Where the kind does not matter every provision accepts every kind, so the first one stands for all.
        let operator = if case.operator == MISSING { 0 } else { case.operator };
        Self { case, current, operator, missing, operators, count }
    }

    fn operator(&self) -> u8 {
        self.operator
    }

    fn region(&self, fact: usize) -> u8 {
        self.current
            .get(fact)
            .copied()
            .unwrap_or_else(|| self.case.regions.get(fact).copied().unwrap_or_default())
    }

    fn next(&mut self) {
        for (fact, size) in &self.missing {
            if let Some(region) = self.current.get_mut(*fact) {
                *region += 1;
                if usize::from(*region) < *size {
                    return;
                }
                *region = 0;
            }
        }
        if self.operators > 0 {
            self.operator = (self.operator + 1) % self.operators;
        }
    }
}
