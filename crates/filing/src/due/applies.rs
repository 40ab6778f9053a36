//! Whether an obligation applies to a site over some days, by what was declared and what was observed. Must not decide
//! anything itself: the rulebook's judge does.

use super::{Certainty, DueInputs};
use crate::ground;
use crate::observed::Span;
use facts::{Activity, TokenState};
use jiff::civil::Date;
use jiff::tz::TimeZone;
use rulebook::readings::token_fact;
use rulebook::{Case, Grade, Judge, Judgement};
use statement::{Kind, Name};
use std::collections::{BTreeMap, BTreeSet};

/// That an obligation applies, or may.
#[derive(Clone, Debug)]
pub struct Applying {
    pub certainty: Certainty,
    pub activities: BTreeSet<String>,
    pub grade: Grade,
}

/// What follows for a site over some days, by obligation.
type Answers = BTreeMap<String, Applying>;

/// Judges sites, and remembers what it was told.
pub struct Judging<'a> {
    inputs: &'a DueInputs<'a>,
    judge: Judge<'a>,
    zone: TimeZone,
    remembered: BTreeMap<(Name, Date, Date), Answers>,
}

impl<'a> Judging<'a> {
    pub fn new(inputs: &'a DueInputs<'a>) -> Self {
        let zone = TimeZone::get(&inputs.rulebook.time_zone).unwrap_or(TimeZone::UTC);
        Self { inputs, judge: Judge::new(inputs.rulebook), zone, remembered: BTreeMap::new() }
    }

    /// Whether an obligation applies to a site for what was done there over some days, by the law of the last of them.
    pub fn applies(&mut self, obligation: &str, site: &Name, from: Date, to: Date) -> Option<Applying> {
        let key = (site.clone(), from, to);
        if !self.remembered.contains_key(&key) {
            let answers = self.answers(site, from, to);
            self.remembered.insert(key.clone(), answers);
        }
        self.remembered.get(&key)?.get(obligation).cloned()
    }

    fn answers(&mut self, site: &Name, from: Date, to: Date) -> Answers {
        let mut answers = Answers::new();
        for case in self.cases(site, from, to) {
            // A name that the rulebook does not know leads to no obligation; registering it was refused or will be.
            let Ok(judgement) = self.judge.explain(&case) else { continue };
            for (obligation, applying) in self.owed(&judgement, &case.activity) {
                match answers.get_mut(&obligation) {
                    Some(known) => {
                        known.certainty = known.certainty.clone().min(applying.certainty);
                        known.activities.extend(applying.activities);
                    }
                    None => {
                        answers.insert(obligation, applying);
                    }
                }
            }
        }
        answers
    }

    fn owed(&self, judgement: &Judgement, activity: &str) -> Vec<(String, Applying)> {
        let rulebook = self.inputs.rulebook;
        let lacks = |obligation: &str| -> Vec<String> {
            let position = rulebook.obligations.iter().position(|o| o.id == obligation);
            let imposing = judgement.provisions.iter().filter(|cited| {
                let provision = rulebook.provision(&cited.provision);
                provision.is_some_and(|p| position.is_some_and(|o| p.obliges.contains(&o)))
            });
            let facts: BTreeSet<String> = imposing.flat_map(|cited| cited.lacks.iter().cloned()).collect();
            facts.into_iter().collect()
        };
        let applying = |owed: &rulebook::Owed| {
            let facts = lacks(&owed.obligation);
            let certainty = match (owed.certain, facts.is_empty()) {
                (true, _) => Certainty::Certain,
                (false, false) => Certainty::Depends { facts },
                (false, true) => Certainty::Unverified,
            };
            let activities = BTreeSet::from([activity.to_owned()]);
            (owed.obligation.clone(), Applying { certainty, activities, grade: owed.grade })
        };
        judgement.obligations.iter().map(applying).collect()
    }

    /// The cases of a site: one for each declared workload and each activity that was observed; one without an activity of its
    /// own where there is neither, because some duties follow from the site alone.
    fn cases(&self, site: &Name, from: Date, to: Date) -> Vec<Case> {
        let DueInputs { register, rulebook, operator, known, .. } = *self.inputs;
        let Some(ground) = ground::case(register, rulebook, known, (operator, site), to) else {
            return Vec::new();
        };
        let mut cases: Vec<Case> = Vec::new();
        for (_, stretches) in register.within(Kind::Workload, site, from, to) {
            let Some(entry) = stretches.last().map(|s| s.entry) else { continue };
            let Some(activity) = entry.registration.field("work.activity") else { continue };
            let mut case = Case { activity: activity.to_owned(), ..ground.clone() };
            ground::declare(&mut case, rulebook, entry);
            cases.push(case);
        }
        for (activity, token) in self.observed(site, from, to) {
            let mut case = Case { activity: activity.name().to_owned(), ..ground.clone() };
            case.facts.extend(token_fact(token).map(|value| ("work.token_link".to_owned(), value)));
            let alike = |c: &Case| {
                c.activity == case.activity && case.facts.iter().all(|(f, v)| c.facts.get(f) == Some(v))
            };
            if !cases.iter().any(alike) {
                cases.push(case);
            }
        }
        if cases.is_empty() {
            cases.push(ground);
        }
        cases
    }

    fn observed(&self, site: &Name, from: Date, to: Date) -> BTreeSet<(Activity, TokenState)> {
        let Some(span) = Span::of(from, to, &self.zone) else { return BTreeSet::new() };
        let here = self.inputs.observed.iter().filter(|row| row.site == *site && span.touches(row));
        let named = here.filter(|row| !matches!(row.activity, Activity::Idle | Activity::Undetermined));
        named.map(|row| (row.activity, row.token)).collect()
    }
}
