//! Which missing facts bear on an answer, and where their values would lead.

use crate::fact::{Fact, Kind};
use crate::judge::{Decision, Judge, Resolved, Selected};
use crate::judgement::{Missing, Would};
use crate::region::{MISSING, Regions};
use crate::value::Value;
use std::collections::BTreeSet;

/// Tries the values of each missing fact, and keeps the facts that bear on the answer: alone, or with others that are missing.
pub fn missing(judge: &mut Judge<'_>, case: &Resolved, selected: &Selected, now: &Decision) -> Vec<Missing> {
    let rulebook = judge.rulebook();
    let slices = || std::iter::once(&selected.own).chain(&selected.within);
    let facts: BTreeSet<usize> = slices().flat_map(|s| s.deciding.iter().copied()).collect();
    let mut missing = Vec::new();
    for position in facts.into_iter().filter(|f| case.regions.get(*f) == Some(&MISSING)) {
        let (Some(fact), Some(regions)) =
            (rulebook.vocabulary.facts().get(position), rulebook.regions.get(position))
        else {
            continue;
        };
        let count = u8::try_from(regions.len()).unwrap_or(MISSING);
        let would = (0..count).map(|region| {
            let mut with = case.clone();
            if let Some(at) = with.regions.get_mut(position) {
                *at = region;
            }
            would(judge, &with, words(fact, regions, region))
        });
        keep(&mut missing, &fact.name, &fact.label, &fact.asked_of, would.collect(), now);
    }
    if slices().any(|s| s.by_operator) && case.operator == MISSING {
        let kinds = rulebook.vocabulary.operators().iter().zip(0_u8..);
        let would = kinds
            .map(|(kind, operator)| would(judge, &Resolved { operator, ..case.clone() }, kind.name.clone()));
        keep(&mut missing, "operator", "the kind of operator", "registration", would.collect(), now);
    }
    if now.imprecise_place {
        let places =
            (0..rulebook.places.len()).filter(|p| *p != case.place && rulebook.lies_within(*p, case.place));
        let would = places.filter_map(|place| {
            let name = rulebook.places.get(place)?.code.clone();
            Some(would(judge, &Resolved { place, ..case.clone() }, name))
        });
        keep(&mut missing, "place", "the place within the one named", "registration", would.collect(), now);
    }
    missing
}

fn would(judge: &mut Judge<'_>, with: &Resolved, value: String) -> Would {
    let decision = judge.decide_resolved(with);
    Would { value, disposition: decision.disposition, could_be: decision.could_be }
}

fn keep(
    missing: &mut Vec<Missing>,
    fact: &str,
    label: &str,
    asked_of: &str,
    mut would: Vec<Would>,
    now: &Decision,
) {
    if would.iter().all(|w| w.disposition == now.disposition && w.could_be == now.could_be) {
        return;
    }
    // Neighbouring ranges that lead to the same are one.
    would.dedup_by(|next, kept| {
        let same = next.could_be == kept.could_be && kept.value.contains(" to ");
        if same
            && let (Some((first, _)), Some((_, last))) =
                (kept.value.split_once(" to "), next.value.split_once(" to "))
        {
            kept.value = format!("{first} to {last}");
        }
        same
    });
    missing.push(Missing {
        fact: fact.to_owned(),
        label: label.to_owned(),
        asked_of: asked_of.to_owned(),
        would,
    });
}

/// A region in words, ranges as `first to last`.
fn words(fact: &Fact, regions: &Regions, region: u8) -> String {
    match (&fact.kind, regions.range(region)) {
        (Kind::Quantity { unit, .. }, Some((first, last))) => {
            let last = last.map_or_else(|| "any".to_owned(), |l| crate::show::quantity(l, unit));
            format!("{} to {last}", crate::show::quantity(first, unit))
        }
        _ => regions.samples().get(usize::from(region)).map(Value::to_string).unwrap_or_default(),
    }
}
