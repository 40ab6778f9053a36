//! The provisions that can concern one activity at one place on one day.
//!
//! Selecting them before evaluating is sound: a provision that is not in force, holds elsewhere or speaks of another activity
//! cannot apply, whatever the facts are.

use crate::effect::{Disposition, Effect};
use crate::provision::{Polarity, Provision};
use crate::rulebook::Rulebook;
use jiff::civil::Date;
use std::collections::BTreeSet;

/// A set of provisions of a slice, by their position in it.
pub type Mask = u128;
/// Most provisions of one slice.
pub const MAX_PROVISIONS: usize = Mask::BITS as usize;

/// The provisions that can concern one activity at one place on one day.
#[derive(Clone, Debug)]
pub struct Slice {
    /// Its number among the slices of a judge.
    pub number: usize,
    /// Positions in the rulebook.
    pub provisions: Vec<usize>,
    /// Facts that bear on the disposition, by position in the vocabulary.
    pub deciding: Vec<usize>,
    /// All facts that any provision here asks for.
    pub facts: Vec<usize>,
    /// Whether the kind of operator bears on the disposition.
    pub by_operator: bool,
    permits: [Mask; Effect::ALL.len()],
    forbids: [Mask; Effect::ALL.len()],
    strong: Mask,
}

impl Slice {
    /// Selects by date, place and activity.
    pub fn new(rulebook: &Rulebook, date: Date, place: usize, activity: u8) -> Self {
        let holds = |p: &Provision| p.places.iter().any(|there| rulebook.lies_within(place, *there));
        let chosen = rulebook.provisions.iter().enumerate();
        let chosen = chosen.filter(|(_, p)| p.concerns(activity) && p.in_force(date) && holds(p));
        let mut slice = Self {
            number: 0,
            provisions: Vec::new(),
            deciding: Vec::new(),
            facts: Vec::new(),
            by_operator: false,
            permits: [0; Effect::ALL.len()],
            forbids: [0; Effect::ALL.len()],
            strong: 0,
        };
        let (mut deciding, mut facts) = (BTreeSet::new(), BTreeSet::new());
        for (position, provision) in chosen.take(MAX_PROVISIONS) {
            let bit = 1 << slice.provisions.len();
            slice.provisions.push(position);
            facts.extend(&provision.table.facts);
            if provision.effect != Effect::Oblige {
                deciding.extend(&provision.table.facts);
                slice.by_operator |= provision.operators != u8::MAX;
            }
            let sets =
                if provision.polarity == Polarity::Permit { &mut slice.permits } else { &mut slice.forbids };
            if let Some(set) = sets.get_mut(provision.effect as usize) {
                *set |= bit;
            }
            if provision.decides() {
                slice.strong |= bit;
            }
        }
        slice.deciding = deciding.into_iter().collect();
        slice.facts = facts.into_iter().collect();
        slice
    }

    /// The same slice with its number.
    pub const fn numbered(mut self, number: usize) -> Self {
        self.number = number;
        self
    }

    /// The provisions whose scope and condition hold, where every fact and the kind of operator are given.
    pub fn applying(&self, rulebook: &Rulebook, operator: u8, region: impl Fn(usize) -> u8 + Copy) -> Mask {
        self.provisions.iter().enumerate().fold(0, |mask, (i, position)| {
            let provision = rulebook.provisions.get(*position);
            let applies = provision.is_some_and(|p| p.applies(operator, region));
            mask | (Mask::from(applies) << i)
        })
    }

    /// The provisions of a mask with their positions in the slice, in the order of the rulebook.
    pub fn of<'r>(&self, rulebook: &'r Rulebook, mask: Mask) -> impl Iterator<Item = (usize, &'r Provision)> {
        let chosen = self.provisions.iter().enumerate().filter(move |(i, _)| mask >> i & 1 == 1);
        chosen.filter_map(|(i, position)| rulebook.provisions.get(*position).map(|p| (i, p)))
    }

    /// What follows where exactly these provisions apply.
    ///
    /// An effect holds surely if a provision that may decide says so and none, however well known, lifts it; it holds
    /// possibly if any says so and none that may decide lifts it. The strictest sure effect is the disposition. Where an effect
    /// that holds only possibly would be stricter, or nothing holds surely, a person has to look.
    pub fn disposition(&self, applying: Mask) -> Disposition {
        let (sure, possible) = self.effects(applying);
        match (sure, possible) {
            (Some(sure), Some(possible)) if possible <= sure => {
                Disposition::of(sure).unwrap_or(Disposition::ManualReview)
            }
            _ => Disposition::ManualReview,
        }
    }

    /// The strictest effect that holds surely, and the strictest that holds possibly.
    pub fn effects(&self, applying: Mask) -> (Option<Effect>, Option<Effect>) {
        let (mut sure, mut possible) = (None, None);
        for effect in Effect::ALL.into_iter().filter(|e| *e != Effect::Oblige) {
            let permits = applying & self.permits.get(effect as usize).copied().unwrap_or_default();
            let forbids = applying & self.forbids.get(effect as usize).copied().unwrap_or_default();
            if permits & self.strong != 0 && forbids == 0 {
                sure = Some(effect);
            }
            if permits != 0 && forbids & self.strong == 0 {
                possible = Some(effect);
            }
        }
        (sure, possible)
    }

    /// Of these provisions, those that carry an effect that is not lifted by any other of them.
    pub fn effective(&self, applying: Mask) -> Mask {
        Effect::ALL.into_iter().fold(0, |mask, effect| {
            let forbids = applying & self.forbids.get(effect as usize).copied().unwrap_or_default();
            let permits = applying & self.permits.get(effect as usize).copied().unwrap_or_default();
            if forbids & self.strong == 0 { mask | permits } else { mask }
        })
    }

    /// Of provisions that only oblige, those that no other of `lifting` lifts.
    pub fn unlifted(&self, duties: Mask, lifting: Mask) -> Mask {
        let oblige = Effect::Oblige as usize;
        let forbids = lifting & self.forbids.get(oblige).copied().unwrap_or_default();
        if forbids & self.strong == 0 {
            duties & self.permits.get(oblige).copied().unwrap_or_default()
        } else {
            0
        }
    }
}
