//! Golden cases: facts in; disposition, provisions and obligations out.

use crate::case_text::CaseText;
use crate::diagnostic::line_of;
use crate::effect::Disposition;
use crate::judge::Judge;
use crate::judgement::{Judgement, Standing};
use crate::rulebook::Rulebook;
use crate::source::{Source, is_cases};
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};
use toml::Spanned;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct CasesText {
    #[serde(default)]
    case: Vec<Golden>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Golden {
    name: Spanned<String>,
    place: String,
    date: String,
    operator: Option<String>,
    activity: String,
    #[serde(default)]
    facts: serde_json::Map<String, serde_json::Value>,
    expect: Expected,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Expected {
    disposition: String,
    /// Exactly the provisions that surely apply.
    provisions: Vec<String>,
    /// Provisions that must not apply, not even possibly.
    #[serde(default)]
    not: Vec<String>,
    /// Exactly the obligations that surely follow.
    obligations: Vec<String>,
    /// Obligations that may follow and do not surely.
    #[serde(default)]
    may: Vec<String>,
    code: Option<String>,
    could_be: Option<Vec<String>>,
    missing: Option<Vec<String>>,
    /// Identifier of the first charge and its amount in the currency, where energy is given.
    charge: Option<String>,
    amount: Option<String>,
}

/// How one case went.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outcome {
    /// The file.
    pub file: String,
    /// The line of its name.
    pub line: usize,
    /// Its name.
    pub name: String,
    /// What differs from what is expected; empty where nothing does.
    pub differs: Vec<String>,
}

/// How all cases of a rulebook went.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CaseReport {
    /// Each case.
    pub outcomes: Vec<Outcome>,
    /// Provisions of the rulebook's own files that no case shows to apply.
    pub never_applied: Vec<String>,
    /// Provisions of the rulebook's own files that no case shows not to apply.
    pub never_refused: Vec<String>,
}

impl CaseReport {
    /// Whether every case is as expected.
    #[must_use]
    pub fn passed(&self) -> bool {
        self.outcomes.iter().all(|o| o.differs.is_empty())
    }

    /// Whether every provision is decided by a positive and a negative case.
    #[must_use]
    pub fn complete(&self) -> bool {
        self.never_applied.is_empty() && self.never_refused.is_empty()
    }
}

/// Runs the golden cases that stand beside a rulebook.
#[must_use]
pub fn run(source: &Source, rulebook: &Rulebook) -> CaseReport {
    let mut report = CaseReport::default();
    let mut judge = Judge::new(rulebook);
    let (mut applied, mut refused) = (BTreeSet::new(), BTreeSet::new());
    for (file, text) in source.ending(".toml").filter(|(name, _)| is_cases(name)) {
        let cases: CasesText = match toml::from_str(text) {
            Ok(cases) => cases,
            Err(error) => {
                let line = error.span().map_or(0, |s| line_of(text, s.start));
                let differs = vec![format!("cannot be read: {}", error.message())];
                report.outcomes.push(Outcome {
                    file: file.to_owned(),
                    line,
                    name: "syntax".to_owned(),
                    differs,
                });
                continue;
            }
        };
        for case in cases.case {
            let differs = differences(&case, &mut judge);
            if differs.is_empty() {
                applied.extend(case.expect.provisions.iter().cloned());
                refused.extend(case.expect.not.iter().cloned());
            }
            let line = line_of(text, case.name.span().start);
            report.outcomes.push(Outcome {
                file: file.to_owned(),
                line,
                name: case.name.get_ref().clone(),
                differs,
            });
        }
    }
    let own = rulebook.provisions.iter().filter(|p| !p.file.contains('/')).map(|p| &p.id);
    report.never_applied = own.clone().filter(|id| !applied.contains(*id)).cloned().collect();
    report.never_refused = own.filter(|id| !refused.contains(*id)).cloned().collect();
    report
}

fn differences(golden: &Golden, judge: &mut Judge<'_>) -> Vec<String> {
    let text = CaseText {
        place: golden.place.clone(),
        date: golden.date.clone(),
        operator: golden.operator.clone(),
        activity: golden.activity.clone(),
        facts: golden.facts.clone(),
    };
    let case = match text.case(judge.rulebook().vocabulary()) {
        Ok(case) => case,
        Err(error) => return vec![error.to_string()],
    };
    let judgement = match judge.explain(&case) {
        Ok(judgement) => judgement,
        Err(error) => return vec![error.to_string()],
    };
    compare(&golden.expect, &judgement, judge.rulebook())
}

fn compare(expected: &Expected, found: &Judgement, rulebook: &Rulebook) -> Vec<String> {
    let mut differs = Vec::new();
    let mut say = |what: &str, found: String, expected: String| {
        if found != expected {
            differs.push(format!("{what}: found {found}; expected {expected}"));
        }
    };
    let disposition = Disposition::named(&expected.disposition).map_or("no disposition", Disposition::name);
    say("disposition", found.disposition.to_string(), disposition.to_owned());
    let sure =
        found.provisions.iter().filter(|p| p.standing != Standing::Depends).map(|p| p.provision.as_str());
    say("provisions", set(sure), set(expected.provisions.iter().map(String::as_str)));
    let certain = found.obligations.iter().filter(|o| o.certain).map(|o| o.obligation.as_str());
    say("obligations", set(certain), set(expected.obligations.iter().map(String::as_str)));
    for id in &expected.may {
        let may = found.obligations.iter().any(|o| !o.certain && o.obligation == *id);
        say(&format!("'{id}'"), if may { "may follow" } else { "no" }.to_owned(), "may follow".to_owned());
    }
    for id in &expected.not {
        let applies = found.provisions.iter().any(|p| p.provision == *id);
        say(&format!("'{id}'"), if applies { "it applies" } else { "not" }.to_owned(), "not".to_owned());
        say(
            &format!("'{id}'"),
            rulebook.provision(id).map_or("unknown", |_| "known").to_owned(),
            "known".to_owned(),
        );
    }
    if let Some(code) = &expected.code {
        say("code", found.code.as_ref().map_or_else(|| "none".to_owned(), |c| c.code.clone()), code.clone());
    }
    if let Some(could_be) = &expected.could_be {
        say(
            "could be",
            set(found.could_be.iter().map(|d| d.name())),
            set(could_be.iter().map(String::as_str)),
        );
    }
    if let Some(missing) = &expected.missing {
        say(
            "missing",
            set(found.missing.iter().map(|m| m.fact.as_str())),
            set(missing.iter().map(String::as_str)),
        );
    }
    let charges: BTreeMap<&str, Option<i64>> =
        found.charges.iter().map(|c| (c.charge.as_str(), c.amount_e2)).collect();
    if let Some(charge) = &expected.charge {
        say("charge", charges.contains_key(charge.as_str()).to_string(), true.to_string());
        if let Some(amount) = &expected.amount {
            let found = charges.get(charge.as_str()).copied().flatten();
            say("amount", format!("{found:?}"), format!("{:?}", crate::value::decimal(amount, 2)));
        }
    }
    differs
}

fn set<'a>(names: impl Iterator<Item = &'a str>) -> String {
    let names: BTreeSet<&str> = names.collect();
    if names.is_empty() { "none".to_owned() } else { names.into_iter().collect::<Vec<_>>().join(", ") }
}
