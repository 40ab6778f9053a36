//! Which fields a site's rulebook still asks for, of whom, and why.
//!
//! Every declared activity of the site is judged on the day; each obligation that follows or may follow names its fields.
//! Must not decide that something is complete because nothing was declared: then every activity is tried, and it says so.

use crate::register::{Entry, Register};
use crate::subject::{Home, home};
use jiff::civil::Date;
use rulebook::{Case, CaseError, Judge, Obligation, Rulebook, Value};
use statement::{Kind, Name};
use std::collections::{BTreeMap, BTreeSet};

/// Of what is asked.
#[derive(Clone, Copy, Debug)]
pub struct Asking<'a> {
    /// What is registered.
    pub register: &'a Register,
    /// The operator.
    pub operator: &'a Name,
    /// Its kind, where known.
    pub operator_kind: Option<&'a str>,
    /// The site.
    pub site: &'a Name,
    /// Code of its place.
    pub place: &'a str,
    /// Its declared facts.
    pub facts: &'a BTreeMap<String, Value>,
    /// Activities that are meant beside those of declared workloads.
    pub activities: &'a BTreeSet<String>,
    /// The day.
    pub day: Date,
}

/// Why a field is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Why {
    /// The obligation.
    pub obligation: String,
    /// Its title.
    pub title: String,
    /// Its title in the original language.
    pub original: String,
    /// Title of the instrument.
    pub instrument: String,
    /// The article.
    pub article: String,
    /// Who owes it.
    pub who: String,
    /// To whom.
    pub to: String,
    /// Whether it follows, whatever the missing facts are; otherwise it may.
    pub certain: bool,
    /// The activities from which it follows.
    pub activities: BTreeSet<String>,
}

/// A field that is missing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Gap {
    /// Of what kind of subject.
    pub kind: Kind,
    /// The field.
    pub field: String,
    /// What it means.
    pub label: String,
    /// The same in Chinese.
    pub zh: String,
    /// The unit of a number.
    pub unit: String,
    /// Whether it is personal.
    pub sensitive: bool,
    /// The subjects that lack it; empty where there is no such subject yet.
    pub lacking: Vec<Name>,
    /// How many subjects were looked at.
    pub of: usize,
    /// Why, what is certain first.
    pub why: Vec<Why>,
}

/// A fact about the site or its work that would change the judgement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Open {
    /// The fact, or `operator` for the kind of operator, `place` for a smaller place.
    pub fact: String,
    /// What it means.
    pub label: String,
    /// For which activities.
    pub activities: BTreeSet<String>,
}

/// What is missing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Missing {
    /// The activities that were judged.
    pub activities: BTreeSet<String>,
    /// Whether none was declared, so that every one was tried.
    pub undeclared: bool,
    /// Workloads without an activity.
    pub silent: Vec<Name>,
    /// Missing fields: by kind, then those that surely are asked for.
    pub gaps: Vec<Gap>,
    /// Missing facts that a registration or declaration would give.
    pub open: Vec<Open>,
    /// How many fields were asked for and are there.
    pub answered: usize,
}

/// Finds what is missing of a site and its operator.
///
/// # Errors
///
/// [`CaseError`] where place, kind of operator, an activity or a fact is not one.
pub fn missing(rulebook: &Rulebook, asking: &Asking<'_>) -> Result<Missing, CaseError> {
    let workloads = there(asking, Kind::Workload);
    let activity = |e: &Entry| e.registration.field("work.activity").map(str::to_owned);
    let mut cases: BTreeSet<(String, Option<&str>)> =
        asking.activities.iter().map(|a| (a.clone(), None)).collect();
    for workload in &workloads {
        let token = workload.registration.field("work.token_reward");
        cases.extend(activity(workload).map(|activity| (activity, token)));
    }
    let undeclared = cases.is_empty();
    if undeclared {
        cases.extend(rulebook.vocabulary().activities().iter().map(|a| (a.clone(), None)));
    }
    let silent = workloads.iter().filter(|w| activity(w).is_none()).map(|w| w.registration.id.clone());
    let mut missing = Missing { undeclared, silent: silent.collect(), ..Missing::default() };
    let mut owed: BTreeMap<&str, (&Obligation, Why)> = BTreeMap::new();
    let mut judge = Judge::new(rulebook);
    for (activity, token) in cases {
        let judged = judge.explain(&case(asking, &activity, token))?;
        missing.activities.insert(activity.clone());
        for one in &judged.obligations {
            let Some(obligation) = rulebook.obligation(&one.obligation) else { continue };
            let (_, why) =
                owed.entry(&obligation.id).or_insert_with(|| (obligation, why(rulebook, obligation)));
            why.certain |= one.certain && !undeclared;
            why.activities.insert(activity.clone());
        }
        let asked = judged
            .missing
            .iter()
            .filter(|m| m.asked_of.contains("registration") || m.asked_of.contains("declaration"));
        for fact in asked {
            open(&mut missing.open, &fact.fact, &fact.label, &activity);
        }
    }
    let subjects = [
        asking.register.on(Kind::Operator, asking.operator, asking.day).into_iter().collect(),
        asking.register.on(Kind::Site, asking.site, asking.day).into_iter().collect(),
        there(asking, Kind::Device),
        workloads,
    ];
    gaps(rulebook, &subjects, owed.into_values(), &mut missing);
    Ok(missing)
}

/// What stands in the site on the day.
fn there<'a>(asking: &Asking<'a>, kind: Kind) -> Vec<&'a Entry> {
    let within = asking.register.within(kind, asking.site, asking.day, asking.day);
    within.into_iter().filter_map(|(_, stretches)| stretches.first().map(|s| s.entry)).collect()
}

fn case(asking: &Asking<'_>, activity: &str, token: Option<&str>) -> Case {
    let mut case = Case::new(asking.place, asking.day, activity);
    case.operator = asking.operator_kind.map(str::to_owned);
    case.facts = asking.facts.clone();
    let link = match token {
        Some("yes") => "seen",
        Some("no") => "not-seen",
        _ => return case,
    };
    case.facts.entry("work.token_link".to_owned()).or_insert_with(|| Value::Choice(link.to_owned()));
    case
}

fn why(rulebook: &Rulebook, obligation: &Obligation) -> Why {
    Why {
        obligation: obligation.id.clone(),
        title: obligation.title.clone(),
        original: obligation.original.clone(),
        instrument: rulebook
            .instruments
            .get(obligation.instrument)
            .map(|i| i.title.clone())
            .unwrap_or_default(),
        article: obligation.article.clone(),
        who: obligation.who.clone(),
        to: obligation.to.clone(),
        certain: false,
        activities: BTreeSet::new(),
    }
}

fn open(open: &mut Vec<Open>, fact: &str, label: &str, activity: &str) {
    if let Some(known) = open.iter_mut().find(|o| o.fact == fact) {
        known.activities.insert(activity.to_owned());
        return;
    }
    let activities = BTreeSet::from([activity.to_owned()]);
    open.push(Open { fact: fact.to_owned(), label: label.to_owned(), activities });
}

fn gaps<'r>(
    rulebook: &Rulebook,
    subjects: &[Vec<&Entry>; 4],
    owed: impl Iterator<Item = (&'r Obligation, Why)>,
    missing: &mut Missing,
) {
    let mut asked: BTreeMap<(Kind, &str), Vec<Why>> = BTreeMap::new();
    for (obligation, why) in owed {
        for field in &obligation.fields {
            if let Some(Home::Of(kind)) = home(field) {
                asked.entry((kind, field)).or_default().push(why.clone());
            }
        }
    }
    for ((kind, field), mut why) in asked {
        let of: Vec<&&Entry> = Kind::ALL
            .iter()
            .zip(subjects)
            .find(|(k, _)| **k == kind)
            .map_or(Vec::new(), |(_, s)| s.iter().collect());
        // Work of another activity than those that it follows from is not asked.
        let concerned = |e: &Entry| match (kind, e.registration.field("work.activity")) {
            (Kind::Workload, Some(activity)) => why.iter().any(|w| w.activities.contains(activity)),
            _ => true,
        };
        let of: Vec<&&Entry> = of.into_iter().filter(|e| concerned(e)).collect();
        let lacks = |e: &&&Entry| e.registration.field(field).is_none();
        let lacking: Vec<Name> =
            of.iter().copied().filter(lacks).map(|e| e.registration.id.clone()).collect();
        if lacking.is_empty() && !of.is_empty() {
            missing.answered += 1;
            continue;
        }
        let Some(known) = rulebook.vocabulary().field(field) else { continue };
        why.sort_by_key(|w| !w.certain);
        missing.gaps.push(Gap {
            kind,
            field: field.to_owned(),
            label: known.label.clone(),
            zh: known.zh.clone(),
            unit: known.unit.clone(),
            sensitive: known.sensitive,
            lacking,
            of: of.len(),
            why,
        });
    }
    missing.gaps.sort_by_key(|g| (g.kind, !g.why.iter().any(|w| w.certain)));
}
