//! What follows for a case.
//!
//! Where a fact is missing, every value that a provision could tell apart is tried. If all of them lead to one disposition,
//! that is the answer; otherwise a person has to look, and the answer says what it depends on. So nothing is ever permitted
//! because a fact is absent: leaving a fact out keeps the disposition or turns it into manual review.

use crate::activity;
use crate::case::{Case, CaseError};
use crate::effect::Disposition;
use crate::region::{MISSING, Regions};
use crate::rulebook::Rulebook;
use crate::slice::{Mask, Slice};
use crate::value::{Value, shorten};
use jiff::civil::Date;
use std::collections::HashMap;
use std::sync::Arc;

/// Most combinations of missing facts that are tried; beyond them a person has to look.
pub const MAX_COMPLETIONS: usize = 1 << 14;
/// Most answers that are remembered. What is forgotten is worked out again.
const MAX_REMEMBERED: usize = 1 << 16;

/// A case whose names have been looked up.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Resolved {
    pub date: Date,
    pub place: usize,
    pub activity: u8,
    /// Position of the kind of operator, or [`MISSING`].
    pub operator: u8,
    /// Regions of all facts of the vocabulary.
    pub regions: Vec<u8>,
}

/// What follows for a case, in short.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decision {
    /// The disposition.
    pub disposition: Disposition,
    /// Every disposition that some value of the missing facts leads to.
    pub could_be: Vec<Disposition>,
    /// Provisions that apply whatever the missing facts are, by position in the slice.
    pub(crate) sure: Mask,
    /// Provisions that apply for some value of the missing facts.
    pub(crate) possible: Mask,
    /// Whether so much is missing that not everything was tried.
    pub truncated: bool,
}

/// Judges cases by one rulebook, and remembers what it worked out.
#[derive(Debug)]
pub struct Judge<'r> {
    rulebook: &'r Rulebook,
    slices: HashMap<(Date, usize, u8), Arc<Slice>>,
    /// The same provisions on many days are one slice.
    distinct: HashMap<Vec<usize>, Arc<Slice>>,
    remembered: HashMap<(Vec<usize>, Vec<u8>), Decision>,
}

impl<'r> Judge<'r> {
    /// A judge that has not judged anything.
    #[must_use]
    pub fn new(rulebook: &'r Rulebook) -> Self {
        Self { rulebook, slices: HashMap::new(), distinct: HashMap::new(), remembered: HashMap::new() }
    }

    /// The rulebook by which is judged.
    #[must_use]
    pub const fn rulebook(&self) -> &'r Rulebook {
        self.rulebook
    }

    /// What follows for a case.
    ///
    /// # Errors
    ///
    /// [`CaseError`] if the case names something that does not exist or says what makes no sense.
    pub fn decide(&mut self, case: &Case) -> Result<Decision, CaseError> {
        let resolved = self.resolve(case)?;
        Ok(self.decide_resolved(&resolved))
    }

    /// Looks up the names of a case.
    pub(crate) fn resolve(&self, case: &Case) -> Result<Resolved, CaseError> {
        let vocabulary = self.rulebook.vocabulary();
        let place = self.rulebook.place(&case.place).ok_or_else(|| CaseError::UnknownPlace {
            name: shorten(&case.place),
            expected: self.rulebook.places.iter().map(|p| p.code.as_str()).collect::<Vec<_>>().join(", "),
        })?;
        vocabulary.activity(&case.activity)?;
        let activity = activity::position(vocabulary, &case.activity).unwrap_or(MISSING);
        let operator = match &case.operator {
            None => MISSING,
            Some(name) => {
                vocabulary.operator(name)?;
                let position = vocabulary.operators().iter().position(|o| o.name == *name);
                position.and_then(|i| u8::try_from(i).ok()).unwrap_or(MISSING)
            }
        };
        let mut regions = vec![MISSING; vocabulary.facts().len()];
        for (name, value) in &case.facts {
            let value = vocabulary.value(name, value.clone())?;
            let position = vocabulary.position(name);
            if let Some((at, region)) = position.and_then(|p| Some((regions.get_mut(p)?, self.rulebook.regions.get(p)?))) {
                *at = region.of(&value);
            }
        }
        contradiction(case)?;
        Ok(Resolved { date: case.date, place, activity, operator, regions })
    }

    /// The slice of a resolved case.
    pub(crate) fn slice(&mut self, case: &Resolved) -> Arc<Slice> {
        let key = (case.date, case.place, case.activity);
        if let Some(slice) = self.slices.get(&key) {
            return Arc::clone(slice);
        }
        let slice = Slice::new(self.rulebook, case.date, case.place, case.activity);
        let slice = Arc::clone(self.distinct.entry(slice.provisions.clone()).or_insert_with(|| Arc::new(slice)));
        if self.slices.len() >= MAX_REMEMBERED {
            self.slices.clear();
        }
        self.slices.insert(key, Arc::clone(&slice));
        slice
    }

    /// What follows for a case whose names have been looked up.
    pub(crate) fn decide_resolved(&mut self, case: &Resolved) -> Decision {
        let slice = self.slice(case);
        let known = |fact: &usize| case.regions.get(*fact).copied().unwrap_or(MISSING);
        let mut cell: Vec<u8> = slice.facts.iter().map(known).collect();
        cell.push(case.operator);
        let key = (slice.provisions.clone(), cell);
        if let Some(decision) = self.remembered.get(&key) {
            return decision.clone();
        }
        let decision = work_out(self.rulebook, &slice, case);
        if self.remembered.len() >= MAX_REMEMBERED {
            self.remembered.clear();
        }
        self.remembered.insert(key, decision.clone());
        decision
    }
}

/// Facts that cannot hold together, whatever the rules are.
fn contradiction(case: &Case) -> Result<(), CaseError> {
    let quantity = |name: &str| match case.facts.get(name) {
        Some(Value::Quantity(n)) => Some(*n),
        _ => None,
    };
    for (part, whole) in [("energy.mining_wh", "energy.account_wh"), ("site.it_power_w", "site.load_w")] {
        if let (Some(p), Some(w)) = (quantity(part), quantity(whole))
            && p > w
        {
            let why = format!("a part of {p} is larger than its whole of {w}");
            return Err(CaseError::Contradiction { first: part.to_owned(), second: whole.to_owned(), why });
        }
    }
    Ok(())
}

/// Tries every value of what is missing.
fn work_out(rulebook: &Rulebook, slice: &Slice, case: &Resolved) -> Decision {
    let mut deciding = Completions::new(rulebook, &slice.deciding, slice.by_operator, case);
    let truncated = deciding.count > MAX_COMPLETIONS;
    let (mut sure, mut possible, mut could_be) = (Mask::MAX, 0, Vec::new());
    for _ in 0..deciding.count.min(MAX_COMPLETIONS) {
        let applying = slice.applying(rulebook, deciding.operator(), |fact| deciding.region(fact));
        sure &= applying;
        possible |= applying;
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
    let (duties_sure, duties_possible, duties) = duties(rulebook, slice, case);
    sure = sure & !duties | duties_sure;
    possible = possible & !duties | duties_possible;
    Decision { disposition, could_be, sure, possible, truncated }
}

/// Provisions that only oblige have no part in the disposition: each is tried over its own missing facts. Gives those that
/// apply surely, possibly, and all of them.
fn duties(rulebook: &Rulebook, slice: &Slice, case: &Resolved) -> (Mask, Mask, Mask) {
    let (mut sure, mut possible, mut all) = (0, 0, 0);
    for (i, position) in slice.provisions.iter().enumerate() {
        let Some(provision) = rulebook.provisions.get(*position) else { continue };
        if provision.effect != crate::effect::Effect::Oblige {
            continue;
        }
        let mut own = Completions::new(rulebook, &provision.table.facts, provision.operators != u8::MAX, case);
        let (mut every, mut any) = (own.count <= MAX_COMPLETIONS, false);
        for _ in 0..own.count.min(MAX_COMPLETIONS) {
            let applies = provision.operators >> own.operator() & 1 == 1 && provision.table.holds(|f| own.region(f));
            every &= applies;
            any |= applies;
            own.next();
        }
        all |= 1 << i;
        sure |= Mask::from(every) << i;
        possible |= Mask::from(any) << i;
    }
    (sure, possible, all)
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
        self.current.get(fact).copied().unwrap_or_else(|| self.case.regions.get(fact).copied().unwrap_or_default())
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
