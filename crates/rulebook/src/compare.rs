//! What a rulebook decides otherwise than another: what widens, what narrows, each with a concrete case.
//!
//! Facts are compared with constants only, so the values of each fact fall into finitely many regions, and trying one value of
//! every region of both rulebooks together is a proof, not a sample. A solver does the same where there are too many.

mod change;

use crate::activity;
use crate::effect::Disposition;
use crate::fact::Kind;
use crate::region::Regions;
use crate::rulebook::Rulebook;
use crate::slice::{Mask, Slice};
use crate::smt;
use crate::value::Value;
pub use change::{Change, Comparison, Direction, Method};
use jiff::civil::Date;
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// Most combinations of one activity at one place that are tried without a solver.
pub const MAX_GRID: usize = 1 << 20;

/// A rulebook on a day.
#[derive(Clone, Copy, Debug)]
pub struct Side<'a> {
    /// The rulebook.
    pub rulebook: &'a Rulebook,
    /// The day.
    pub date: Date,
}

/// Runs a solver: SMT-LIB text in, its answer out, or why there is none.
pub type Solver<'s> = &'s mut dyn FnMut(&str) -> Result<String, String>;

/// Compares two rulebooks, or one on two days.
///
/// With a solver, questions are asked of it; where it fails, and without one, every combination is tried.
pub fn compare(old: Side<'_>, new: Side<'_>, solver: Option<Solver<'_>>) -> Comparison {
    let codes =
        |side: &Side<'_>| side.rulebook.places.iter().map(|p| p.code.clone()).collect::<BTreeSet<_>>();
    let (a, b) = (codes(&old), codes(&new));
    let mut comparing =
        Comparing { old, new, solver, known: HashMap::new(), tried: 0, partial: None, symbolic: true };
    comparing.symbolic = comparing.solver.is_some();
    let mut changes: Vec<Change> = Vec::new();
    // In the order of the new rulebook's places: the jurisdiction first.
    for place in new.rulebook.places.iter().map(|p| p.code.as_str()).filter(|p| a.contains(*p)) {
        for activity in new.rulebook.vocabulary().activities() {
            for change in comparing.activity(place, activity) {
                let same = |c: &&mut Change| {
                    c.activity == change.activity && c.old == change.old && c.new == change.new
                };
                match changes.iter_mut().find(same) {
                    Some(known) => known.places.extend(change.places),
                    None => changes.push(change),
                }
            }
        }
    }
    changes.sort_by(|x, y| (x.direction, &x.activity).cmp(&(y.direction, &y.activity)));
    let method = match comparing.partial {
        Some(why) => Method::Partial(why),
        None if comparing.symbolic => Method::Symbolic,
        None => Method::Exhaustive,
    };
    let unmatched_places = a.symmetric_difference(&b).cloned().collect();
    Comparison { changes, method, tried: comparing.tried, unmatched_places }
}

/// What was found for a pair of slices: the two dispositions, the operator and the values.
#[derive(Clone)]
pub(crate) struct Found {
    pub old: Disposition,
    pub new: Disposition,
    pub operator: u8,
    pub values: BTreeMap<usize, Value>,
}

struct Comparing<'a, 's> {
    old: Side<'a>,
    new: Side<'a>,
    solver: Option<Solver<'s>>,
    /// Slices that have been compared, by their provisions.
    known: HashMap<(Vec<usize>, Vec<usize>), Vec<Found>>,
    tried: usize,
    partial: Option<String>,
    symbolic: bool,
}

impl Comparing<'_, '_> {
    fn activity(&mut self, place: &str, name: &str) -> Vec<Change> {
        let slice = |side: &Side<'_>| {
            let position = side.rulebook.place(place)?;
            Some(Slice::new(
                side.rulebook,
                side.date,
                position,
                activity::position(side.rulebook.vocabulary(), name)?,
            ))
        };
        let (Some(old), Some(new)) = (slice(&self.old), slice(&self.new)) else { return Vec::new() };
        let key = (old.provisions.clone(), new.provisions.clone());
        if !self.known.contains_key(&key) {
            let found = self.slices(&old, &new);
            self.known.insert(key.clone(), found);
        }
        let found = self.known.get(&key).cloned().unwrap_or_default();
        let by_operator = old.by_operator || new.by_operator;
        found
            .into_iter()
            .map(|Found { old: d_old, new: d_new, operator, values }| {
                let facts = self.new.rulebook.vocabulary().facts();
                let kinds = self.new.rulebook.vocabulary().operators();
                let kind = kinds.get(usize::from(operator)).map(|o| o.name.clone());
                Change {
                    direction: Direction::of(d_old, d_new),
                    activity: name.to_owned(),
                    places: vec![place.to_owned()],
                    old: d_old,
                    new: d_new,
                    operator: kind.filter(|_| by_operator),
                    old_provisions: applying(self.old.rulebook, &old, operator, &values).1,
                    new_provisions: applying(self.new.rulebook, &new, operator, &values).1,
                    witness: values
                        .iter()
                        .filter_map(|(f, v)| Some((facts.get(*f)?.name.clone(), v.clone())))
                        .collect(),
                }
            })
            .collect()
    }

    /// One example of every pair of different dispositions.
    fn slices(&mut self, old: &Slice, new: &Slice) -> Vec<Found> {
        if let Some(solver) = self.solver.as_mut() {
            match smt::differences((self.old.rulebook, old), (self.new.rulebook, new), solver) {
                Ok((found, asked)) => {
                    self.tried += asked;
                    return found;
                }
                Err(why) => {
                    self.symbolic = false;
                    self.solver = None;
                    self.partial.get_or_insert(format!(
                        "the solver failed ({why}); what followed was tried one by one"
                    ));
                }
            }
        }
        self.grid(old, new)
    }

    fn grid(&mut self, old: &Slice, new: &Slice) -> Vec<Found> {
        let facts: BTreeSet<usize> = old.deciding.iter().chain(&new.deciding).copied().collect();
        let axes: Vec<(usize, Vec<Value>)> = facts.into_iter().map(|f| (f, self.samples(f))).collect();
        let kinds = if old.by_operator || new.by_operator {
            self.new.rulebook.vocabulary().operators().len()
        } else {
            1
        };
        let cells = axes.iter().map(|(_, v)| v.len()).fold(kinds, usize::saturating_mul);
        if cells > MAX_GRID {
            self.partial.get_or_insert(format!("{cells} combinations for one activity, of which {MAX_GRID} were tried; a solver could prove more"));
        }
        let mut found: Vec<Found> = Vec::new();
        for cell in 0..cells.min(MAX_GRID) {
            self.tried += 1;
            let operator = u8::try_from(cell % kinds).unwrap_or_default();
            let values = values(&axes, cell / kinds);
            let d_old = old.disposition(applying(self.old.rulebook, old, operator, &values).0);
            let d_new = new.disposition(applying(self.new.rulebook, new, operator, &values).0);
            if d_old != d_new && !found.iter().any(|f| f.old == d_old && f.new == d_new) {
                found.push(Found { old: d_old, new: d_new, operator, values });
            }
        }
        found
    }

    /// One value of every region that either rulebook tells apart.
    fn samples(&self, fact: usize) -> Vec<Value> {
        let of = |rulebook: &Rulebook| {
            rulebook.regions.get(fact).map(|r: &Regions| r.samples().to_vec()).unwrap_or_default()
        };
        let mut samples = of(self.old.rulebook);
        samples.extend(of(self.new.rulebook));
        samples.sort();
        samples.dedup();
        samples
    }
}

fn values(axes: &[(usize, Vec<Value>)], mut cell: usize) -> BTreeMap<usize, Value> {
    let mut values = BTreeMap::new();
    for (fact, samples) in axes {
        if let Some(value) = samples.get(cell % samples.len().max(1)) {
            values.insert(*fact, value.clone());
        }
        cell /= samples.len().max(1);
    }
    values
}

/// The provisions that apply to values, as a mask and by id. A fact without value is taken at its first one, which only
/// happens for facts that bear on nothing but duties.
pub(crate) fn applying(
    rulebook: &Rulebook,
    slice: &Slice,
    operator: u8,
    values: &BTreeMap<usize, Value>,
) -> (Mask, Vec<String>) {
    let region = |fact: usize| match (values.get(&fact), rulebook.regions.get(fact)) {
        (Some(value), Some(regions)) => regions.of(value),
        _ => 0,
    };
    let mask = slice.applying(rulebook, operator, region);
    let applies = slice.of(rulebook, mask).map(|(_, p)| p);
    let provisions = applies.filter(|p| p.effect != crate::Effect::Oblige);
    (mask, provisions.map(|p| p.id.clone()).collect())
}

/// The largest value of a quantity, for a solver.
pub(crate) fn maximum(kind: &Kind) -> i64 {
    match kind {
        Kind::YesNo => 1,
        Kind::Choice { values } => i64::try_from(values.len()).unwrap_or(i64::MAX).saturating_sub(1),
        Kind::Quantity { max, .. } => *max,
    }
}
