//! Work of which nothing speaks, for some token link or kind of operator, or between two dates.

use super::at;
use crate::activity;
use crate::diagnostic::Diagnostic;
use crate::effect::Effect;
use crate::provision::Provision;
use crate::rulebook::Rulebook;
use crate::slice::Slice;
use jiff::civil::Date;
use std::collections::BTreeSet;

/// Activities of which nothing in the jurisdiction speaks, whatever token link and operator: they are left to a person.
pub fn gaps(rulebook: &Rulebook, day: Date) -> Option<Diagnostic> {
    let silent = |(_, activity): &(&String, u8)| {
        let slice = Slice::new(rulebook, day, 0, *activity);
        !slice
            .provisions
            .iter()
            .filter_map(|p| rulebook.provisions.get(*p))
            .any(|p| p.effect != Effect::Oblige)
    };
    let names: Vec<&str> = rulebook
        .vocabulary()
        .activities()
        .iter()
        .zip(0_u8..)
        .filter(silent)
        .map(|(n, _)| n.as_str())
        .collect();
    let partial = partly(rulebook, day);
    let mut message = Vec::new();
    if !names.is_empty() {
        message.push(format!("nothing speaks of {}", names.join(", ")));
    }
    message.extend(partial);
    (!message.is_empty()).then(|| {
        let message = format!("in {} on {day}: {}", rulebook.jurisdiction, message.join("; "));
        Diagnostic::error(
            ("provisions.cedar", 0),
            "gap",
            message,
            "what nothing speaks of is left to a person",
        )
        .note()
    })
}

/// Activities that are spoken of, but for some token link or kind of operator never: each with that part of the space.
fn partly(rulebook: &Rulebook, day: Date) -> Vec<String> {
    let vocabulary = rulebook.vocabulary();
    let mut found = Vec::new();
    let token = vocabulary.position("work.token_link");
    for (name, activity) in vocabulary.activities().iter().zip(0_u8..) {
        let slice = Slice::new(rulebook, day, 0, activity);
        let speaks: Vec<&Provision> = slice
            .provisions
            .iter()
            .filter_map(|p| rulebook.provisions.get(*p))
            .filter(|p| p.effect != Effect::Oblige)
            .collect();
        if speaks.is_empty() {
            continue;
        }
        let links = token.and_then(|t| Some((t, rulebook.regions.get(t)?)));
        let mut holes = Vec::new();
        for (kind, operator) in vocabulary.operators().iter().zip(0_u8..) {
            for (link, region) in links.iter().flat_map(|(_, r)| r.samples().iter().zip(0_u8..)) {
                let can = |p: &&Provision| {
                    p.operators >> operator & 1 == 1 && p.table.can_hold(token.unwrap_or(usize::MAX), region)
                };
                if !speaks.iter().any(can) {
                    holes.push((link.to_string(), kind.name.as_str()));
                }
            }
        }
        let links: BTreeSet<&str> = holes.iter().map(|(l, _)| l.as_str()).collect();
        for link in links {
            let kinds: Vec<&str> = holes.iter().filter(|(l, _)| l == link).map(|(_, k)| *k).collect();
            let who = if kinds.len() == vocabulary.operators().len() {
                String::new()
            } else {
                format!(" by {}", kinds.join(", "))
            };
            found.push(format!("nothing speaks of {name}{who} with token link {link}"));
        }
    }
    found
}

/// Days between two provisions on the same work on which none is in force.
pub fn holes(rulebook: &Rulebook) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    for name in rulebook.vocabulary().activities() {
        let Some(activity) = activity::position(rulebook.vocabulary(), name) else { continue };
        let mut spans: Vec<&Provision> = rulebook
            .provisions
            .iter()
            .filter(|p| {
                p.concerns(activity)
                    && p.effect != Effect::Oblige
                    && p.season.is_none()
                    && p.places.contains(&0)
            })
            .collect();
        spans.sort_by_key(|p| p.from);
        let mut covered: Option<Date> = None;
        for span in spans {
            if let Some(end) = covered
                && end.tomorrow().is_ok_and(|next| next < span.from)
            {
                let message = format!("nothing on {name} is in force between {end} and {}", span.from);
                found.push(
                    Diagnostic::error(
                        at(span),
                        "hole",
                        message,
                        "look at the dates of the provisions before it",
                    )
                    .warning(),
                );
            }
            let end = span.until.unwrap_or(Date::MAX);
            covered = Some(covered.map_or(end, |c| c.max(end)));
        }
    }
    found
}
