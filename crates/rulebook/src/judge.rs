//! What follows for a case.
//!
//! Where a fact is missing, every value that a provision could tell apart is tried. If all of them lead to one disposition,
//! that is the answer; otherwise a person has to look, and the answer says what it depends on. So nothing is ever permitted
//! because a fact is absent: leaving a fact out keeps the disposition or turns it into manual review.

use crate::activity;
use crate::case::{Case, CaseError};
use crate::completion::work_out;
use crate::effect::Disposition;
use crate::region::MISSING;
use crate::rulebook::Rulebook;
use crate::slice::{Mask, Slice};
use crate::value::{Value, shorten};
use jiff::civil::Date;
use std::collections::{BTreeSet, HashMap};
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

/// The slices that bear on an activity at a place on a day, by their numbers.
#[derive(Debug)]
pub struct Selected {
    /// The slice of the place itself.
    pub own: Arc<Slice>,
    /// Slices of places within it that have rules of their own.
    pub within: Vec<Arc<Slice>>,
}

impl PartialEq for Selected {
    fn eq(&self, other: &Self) -> bool {
        self.numbers().eq(other.numbers())
    }
}

impl Eq for Selected {}

impl std::hash::Hash for Selected {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        self.numbers().for_each(|n| n.hash(state));
    }
}

impl Selected {
    fn numbers(&self) -> impl Iterator<Item = usize> + '_ {
        std::iter::once(&self.own).chain(&self.within).map(|s| s.number)
    }
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
    /// Those of the sure ones whose effect nothing lifts, whatever the missing facts are.
    pub(crate) effective: Mask,
    /// Those of the possible ones whose effect nothing lifts, for some value of the missing facts.
    pub(crate) maybe_effective: Mask,
    /// Obligations, by position, that follow from provisions that may decide whatever the missing facts are.
    pub(crate) owed: BTreeSet<usize>,
    /// Whether places within the one named have rules of their own that lead elsewhere.
    pub imprecise_place: bool,
    /// Whether so much is missing that not everything was tried.
    pub truncated: bool,
}

/// Judges cases by one rulebook, and remembers what it worked out.
#[derive(Debug)]
pub struct Judge<'r> {
    rulebook: &'r Rulebook,
    slices: HashMap<(Date, usize, u8), Arc<Selected>>,
    /// The same provisions on many days are one slice.
    distinct: HashMap<Vec<usize>, Arc<Slice>>,
    remembered: HashMap<(Arc<Selected>, Vec<u8>), Decision>,
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
            if let Some((at, region)) =
                position.and_then(|p| Some((regions.get_mut(p)?, self.rulebook.regions.get(p)?)))
            {
                *at = region.of(&value);
            }
        }
        contradiction(case)?;
        Ok(Resolved { date: case.date, place, activity, operator, regions })
    }

    /// The slices of a resolved case.
    pub(crate) fn selected(&mut self, case: &Resolved) -> Arc<Selected> {
        let key = (case.date, case.place, case.activity);
        if let Some(selected) = self.slices.get(&key) {
            return Arc::clone(selected);
        }
        let own = self.slice(case.date, case.place, case.activity);
        let mut within: Vec<Arc<Slice>> = Vec::new();
        for place in (0..self.rulebook.places.len()).filter(|p| *p != case.place) {
            if self.rulebook.lies_within(place, case.place) {
                let slice = self.slice(case.date, place, case.activity);
                if slice.number != own.number && within.iter().all(|s| s.number != slice.number) {
                    within.push(slice);
                }
            }
        }
        if self.slices.len() >= MAX_REMEMBERED {
            self.slices.clear();
        }
        let selected = Arc::new(Selected { own, within });
        self.slices.insert(key, Arc::clone(&selected));
        selected
    }

    fn slice(&mut self, date: Date, place: usize, activity: u8) -> Arc<Slice> {
        let slice = Slice::new(self.rulebook, date, place, activity);
        let number = self.distinct.len();
        Arc::clone(
            self.distinct.entry(slice.provisions.clone()).or_insert_with(|| Arc::new(slice.numbered(number))),
        )
    }

    /// What follows for a case whose names have been looked up.
    pub(crate) fn decide_resolved(&mut self, case: &Resolved) -> Decision {
        let selected = self.selected(case);
        let known = |fact: &usize| case.regions.get(*fact).copied().unwrap_or(MISSING);
        let slices = || std::iter::once(&selected.own).chain(&selected.within);
        let mut cell: Vec<u8> = slices().flat_map(|s| &s.facts).map(known).collect();
        cell.push(case.operator);
        let key = (Arc::clone(&selected), cell);
        if let Some(decision) = self.remembered.get(&key) {
            return decision.clone();
        }
        let mut decision = work_out(self.rulebook, &selected.own, case);
        let within: Vec<Decision> =
            selected.within.iter().map(|slice| work_out(self.rulebook, slice, case)).collect();
        for there in &within {
            decision.owed.retain(|obligation| there.owed.contains(obligation));
        }
        let elsewhere: Vec<Vec<Disposition>> = within.into_iter().map(|there| there.could_be).collect();
        if elsewhere.iter().any(|there| *there != decision.could_be) {
            decision.imprecise_place = true;
            decision.could_be.extend(elsewhere.concat());
            decision.could_be.sort_unstable();
            decision.could_be.dedup();
            decision.disposition = Disposition::ManualReview;
        }
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
