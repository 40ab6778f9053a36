//! What a person should look at in a rulebook that can be used: provisions that never apply, conflicts, gaps, dates, dead
//! references.

mod gaps;

use crate::compare::applying;
use crate::diagnostic::Diagnostic;
use crate::effect::Effect;
use crate::provision::Provision;
use crate::rulebook::Rulebook;
use crate::slice::{MAX_PROVISIONS, Slice};
use crate::value::Value;
use gaps::{gaps, holes};
use jiff::civil::Date;
use std::collections::{BTreeMap, BTreeSet};

/// Most combinations of one activity that are tried in search of conflicts.
const MAX_TRIED: usize = 4096;

/// Looks through a rulebook. Errors of reading come from [`crate::load`]; what is found here does not keep it from being used.
#[must_use]
pub fn check(rulebook: &Rulebook) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    for provision in rulebook.provisions.iter().filter(|p| own(p)) {
        found.extend(condition(provision));
        found.extend(dates(provision, rulebook));
    }
    found.extend(overlaps(rulebook));
    found.extend(unused(rulebook));
    for day in days(rulebook) {
        found.extend(crowded(rulebook, day));
    }
    if let Some(day) = days(rulebook).last() {
        found.extend(conflicts(rulebook, *day));
        found.extend(gaps(rulebook, *day));
    }
    found.extend(holes(rulebook));
    found.sort();
    found.dedup();
    found
}

/// Whether a provision stands in the rulebook's own files rather than in an included one.
fn own(provision: &Provision) -> bool {
    !provision.file.contains('/')
}

fn at(provision: &Provision) -> (&str, usize) {
    (&provision.file, provision.line)
}

/// The day whose law the rulebook is, after every day on which something changed before it.
fn days(rulebook: &Rulebook) -> Vec<Date> {
    let mut days: Vec<Date> = rulebook.turning_days().into_iter().filter(|d| *d < rulebook.as_of).collect();
    days.push(rulebook.as_of);
    days
}

fn condition(provision: &Provision) -> Option<Diagnostic> {
    if provision.table.never() {
        let message = format!("'{}' can never apply: its condition holds for no facts", provision.id);
        Some(
            Diagnostic::error(at(provision), "dead", message, "look for a condition that contradicts itself")
                .warning(),
        )
    } else if provision.table.idle() {
        let message = format!("'{}' asks for facts and holds whatever they are", provision.id);
        Some(
            Diagnostic::error(at(provision), "idle", message, "leave the condition out, or mend it")
                .warning(),
        )
    } else {
        None
    }
}

fn dates(provision: &Provision, rulebook: &Rulebook) -> Option<Diagnostic> {
    let begins_later = provision.from > rulebook.as_of && !provision.proposed;
    begins_later.then(|| {
        let message = format!(
            "'{}' comes into force on {}, after the day of this rulebook",
            provision.id, provision.from
        );
        Diagnostic::error(at(provision), "future", message, "that is fine where the law is known in advance")
            .note()
    })
}

/// Two provisions that say the same of the same work at the same time.
fn overlaps(rulebook: &Rulebook) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    for (i, a) in rulebook.provisions.iter().enumerate() {
        for b in rulebook.provisions.iter().skip(i + 1) {
            let same = a.effect == b.effect
                && a.polarity == b.polarity
                && a.condition == b.condition
                && a.title == b.title;
            let scope = a.activities == b.activities
                && a.operators == b.operators
                && a.places == b.places
                && a.season == b.season;
            let together = a.until.is_none_or(|u| b.from <= u) && b.until.is_none_or(|u| a.from <= u);
            if same && scope && together {
                let message = format!("'{}' and '{}' say the same and are in force together", a.id, b.id);
                found.push(
                    Diagnostic::error(at(b), "overlap", message, "end the older one with @until").warning(),
                );
            }
        }
    }
    found
}

/// Data that nothing refers to.
fn unused(rulebook: &Rulebook) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    let mut say = |file: &str, what: &str, id: &str, help: &str| {
        let message = format!("the {what} '{id}' is never used");
        found.push(Diagnostic::error((file, 0), "unused", message, help).warning());
    };
    let provisions = &rulebook.provisions;
    let limits: BTreeSet<usize> = provisions.iter().flat_map(|p| p.condition.limits()).collect();
    for (_, limit) in rulebook.limits.iter().enumerate().filter(|(i, _)| !limits.contains(i)) {
        say("limits.toml", "limit", &limit.id, "name it as context.limit.… or remove it");
    }
    let obliged: BTreeSet<usize> = provisions.iter().flat_map(|p| p.obliges.iter().copied()).collect();
    for (_, obligation) in rulebook.obligations.iter().enumerate().filter(|(i, _)| !obliged.contains(i)) {
        say("obligations.toml", "obligation", &obligation.id, "name it in @obliges or remove it");
    }
    let charged: BTreeSet<usize> = provisions.iter().filter_map(|p| p.charge).collect();
    for (_, charge) in rulebook.charges.iter().enumerate().filter(|(i, _)| !charged.contains(i)) {
        say("charges.toml", "charge", &charge.id, "name it in @charge or remove it");
    }
    let cited = provisions.iter().map(|p| p.instrument);
    let cited = cited
        .chain(rulebook.limits.iter().map(|l| l.instrument))
        .chain(rulebook.charges.iter().map(|c| c.instrument));
    let cited = cited.chain(rulebook.obligations.iter().map(|o| o.instrument));
    let cited: BTreeSet<usize> = cited.chain(rulebook.classifications.iter().map(|c| c.instrument)).collect();
    for (_, instrument) in rulebook.instruments.iter().enumerate().filter(|(i, _)| !cited.contains(i)) {
        let message = format!("no provision cites the instrument '{}'", instrument.id);
        found.push(
            Diagnostic::error(("instruments.toml", 0), "unused", message, "it is shown for readers only")
                .note(),
        );
    }
    found
}

/// Activities of which more provisions speak at once than the engine holds.
fn crowded(rulebook: &Rulebook, day: Date) -> Option<Diagnostic> {
    let crowded = rulebook.vocabulary().activities().iter().zip(0_u8..).find(|(_, activity)| {
        rulebook.provisions.iter().filter(|p| p.concerns(*activity) && p.in_force(day)).count()
            > MAX_PROVISIONS
    });
    crowded.map(|(name, _)| {
        let message = format!("more than {MAX_PROVISIONS} provisions speak of {name} on {day}");
        Diagnostic::error(("provisions.cedar", 0), "too-many", message, "split the rulebook by place")
    })
}

/// Work that stands on the positive list and is forbidden, at once.
fn conflicts(rulebook: &Rulebook, day: Date) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    for place in 0..rulebook.places.len() {
        for (name, activity) in rulebook.vocabulary().activities().iter().zip(0_u8..) {
            let slice = Slice::new(rulebook, day, place, activity);
            let Some((facts, ids)) = conflict(rulebook, &slice) else { continue };
            let place = rulebook.places.get(place).map_or("", |p| p.code.as_str());
            let witness = facts.iter().map(|(n, v)| format!("{n} = {v}")).collect::<Vec<_>>().join(", ");
            let first = ids.first().and_then(|id| rulebook.provision(id));
            let message = format!(
                "{name} at {place} is on the positive list and forbidden at once ({}) where {witness}",
                ids.join(", ")
            );
            let help = "the stricter one decides; if that is meant, lift the other with forbid";
            found.push(
                Diagnostic::error(first.map_or(("provisions.cedar", 0), at), "conflict", message, help)
                    .warning(),
            );
        }
    }
    found
}

type Witness = (BTreeMap<String, Value>, Vec<String>);

fn conflict(rulebook: &Rulebook, slice: &Slice) -> Option<Witness> {
    let axes: Vec<(usize, &[Value])> =
        slice.deciding.iter().filter_map(|f| Some((*f, rulebook.regions.get(*f)?.samples()))).collect();
    let cells = axes.iter().map(|(_, v)| v.len()).fold(1, usize::saturating_mul);
    for cell in 0..cells.min(MAX_TRIED) {
        let mut rest = cell;
        let mut values = BTreeMap::new();
        for (fact, samples) in &axes {
            values.extend(samples.get(rest % samples.len().max(1)).map(|v| (*fact, v.clone())));
            rest /= samples.len().max(1);
        }
        let (mask, _) = applying(rulebook, slice, 0, &values);
        let effective = slice.effective(mask);
        let these: Vec<&Provision> =
            slice.of(rulebook, effective).map(|(_, p)| p).filter(|p| p.decides()).collect();
        let listed = these.iter().find(|p| p.effect == Effect::DataIndustry);
        let barred = these.iter().find(|p| p.effect == Effect::Prohibited);
        if let (Some(listed), Some(barred)) = (listed, barred) {
            let facts = rulebook.vocabulary().facts();
            let values =
                values.into_iter().filter_map(|(f, v)| Some((facts.get(f)?.name.clone(), v))).collect();
            return Some((values, vec![listed.id.clone(), barred.id.clone()]));
        }
    }
    None
}
