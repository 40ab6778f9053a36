//! The provisions of a rulebook, from Cedar text to drafts with conditions, and from drafts to tabulated provisions.

use crate::annotation::Annotations;
use crate::case::nearest;
use crate::condition::Condition;
use crate::diagnostic::{Diagnostic, line_of};
use crate::effect::Effect;
use crate::grade::Grade;
use crate::provision::{Polarity, Provision};
use crate::rulebook::{Rulebook, effects};
use crate::schema;
use crate::season::Season;
use crate::source::Source;
use crate::table::Table;
use crate::value::shorten;
use cedar_policy::{Policy, PolicySet, Schema, ValidationMode, Validator, pst};
use miette::Diagnostic as _;
use std::str::FromStr;

/// Most provisions of one rulebook, with those that it includes.
const MAX_PROVISIONS: usize = 2000;

/// A provision whose condition has been read and not yet evaluated.
pub struct Draft {
    /// What it asks of the facts.
    pub condition: Condition,
    clauses: Vec<pst::Clause>,
    provision: Provision,
}

/// Reads every `.cedar` file of a source.
pub fn read(prefix: &str, source: &Source, rulebook: &Rulebook, wrong: &mut Vec<Diagnostic>) -> Vec<Draft> {
    let mut drafts: Vec<Draft> = Vec::new();
    for (name, text) in source.ending(".cedar") {
        let file = format!("{prefix}{name}");
        match PolicySet::from_str(text) {
            Ok(set) => drafts.extend(set_of_drafts(&file, text, &set, rulebook, wrong)),
            Err(errors) => wrong.extend(errors.iter().map(|error| syntax(&file, text, error))),
        }
    }
    if drafts.len() > MAX_PROVISIONS {
        let message = format!("{} provisions; expected at most {MAX_PROVISIONS}", drafts.len());
        wrong.push(Diagnostic::error((prefix, 0), "too-many", message, "split the rulebook"));
        drafts.clear();
    }
    drafts
}

fn syntax(file: &str, text: &str, error: &cedar_policy::ParseError) -> Diagnostic {
    let byte = error.labels().and_then(|mut labels| labels.next()).map_or(0, |label| label.offset());
    let help = error.help().map_or_else(
        || "the Cedar policy language is described at docs.cedarpolicy.com".to_owned(),
        |h| h.to_string(),
    );
    Diagnostic::error((file, line_of(text, byte)), "syntax", shorten(&error.to_string()), help)
}

fn set_of_drafts(
    file: &str,
    text: &str,
    set: &PolicySet,
    rulebook: &Rulebook,
    wrong: &mut Vec<Diagnostic>,
) -> Vec<Draft> {
    if let Some(template) = set.templates().next() {
        let message = format!("the policy {} has slots", template.id());
        wrong.push(Diagnostic::error(
            (file, 0),
            "template",
            message,
            "a provision is a policy, not a template",
        ));
    }
    validate(file, text, set, rulebook, wrong);
    let mut policies: Vec<(usize, &Policy)> = set.policies().map(|p| (line(text, p), p)).collect();
    policies.sort_by_key(|(line, _)| *line);
    let mut seen = Vec::new();
    let mut drafts = Vec::new();
    for (line, policy) in policies {
        let id = policy.annotation("id").unwrap_or_default();
        if seen.contains(&id) {
            let message = format!("the provision '{}' is there twice", shorten(id));
            wrong.push(Diagnostic::error((file, line), "duplicate", message, "give one of them another @id"));
        }
        seen.push(id);
        drafts.extend(draft((file, line), policy, rulebook, wrong));
    }
    drafts
}

/// The line of the policy's id, or the first one if it has none.
fn line(text: &str, policy: &Policy) -> usize {
    let id = format!("@id(\"{}\")", policy.annotation("id").unwrap_or_default());
    // At the start of a line, so that a comment that names the provision is not taken for it.
    text.lines().position(|line| line.trim_start().starts_with(&id)).map_or(1, |index| index + 1)
}

/// Strict validation against the schema: unknown facts, wrong types, unknown effects.
fn validate(file: &str, text: &str, set: &PolicySet, rulebook: &Rulebook, wrong: &mut Vec<Diagnostic>) {
    let schema = match Schema::from_cedarschema_str(&schema::text(&rulebook.vocabulary, &rulebook.limits)) {
        Ok((schema, _)) => schema,
        Err(error) => {
            wrong.push(Diagnostic::error(
                (file, 0),
                "schema",
                error.to_string(),
                "look at the names of facts and limits",
            ));
            return;
        }
    };
    let result = Validator::new(schema).validate(set, ValidationMode::Strict);
    for error in result.validation_errors() {
        let line = set.policy(error.policy_id()).map_or(0, |policy| line(text, policy));
        let help = error.help().map_or_else(String::new, |h| h.to_string());
        wrong.push(Diagnostic::error((file, line), "schema", error.to_string(), help));
    }
}

fn draft(
    at: (&str, usize),
    policy: &Policy,
    rulebook: &Rulebook,
    wrong: &mut Vec<Diagnostic>,
) -> Option<Draft> {
    let notes = Annotations::new(policy, at, wrong);
    let read = match policy.to_pst() {
        Ok(read) => read,
        Err(error) => {
            wrong.push(Diagnostic::error(at, "syntax", error.to_string(), ""));
            return None;
        }
    };
    let body = read.body();
    let mut scope = Scope { at, rulebook, wrong };
    let effect = scope.effect(&body.action);
    let activities = scope.activities(&body.resource);
    let operators = scope.operators(&body.principal);
    let condition = scope.condition(body.clauses());
    let provision = provision(&notes, body.effect, effect?, rulebook, wrong);
    let (activities, operators, condition) = (activities?, operators?, condition?);
    Some(Draft {
        condition: condition.clone(),
        clauses: body.clauses().clone(),
        provision: Provision { activities, operators, condition, ..provision? },
    })
}

fn provision(
    notes: &Annotations<'_>,
    polarity: pst::Effect,
    effect: Effect,
    rulebook: &Rulebook,
    wrong: &mut Vec<Diagnostic>,
) -> Option<Provision> {
    let at = notes.at;
    let mut find = |annotation: &str, what: &str, name: &str, known: Vec<&str>| {
        let found = known.iter().position(|k| *k == name);
        if found.is_none() {
            let message = format!("@{annotation}: no {what} '{}'", shorten(name));
            let near = nearest(name, known.into_iter());
            let help = if near.is_empty() {
                format!("this rulebook has no {what}")
            } else {
                format!("did you mean '{near}'?")
            };
            wrong.push(Diagnostic::error(at, "reference", message, help));
        }
        found
    };
    let instruments = || rulebook.instruments.iter().map(|i| i.id.as_str()).collect();
    let instrument = find("instrument", "instrument", &notes.text("instrument"), instruments());
    let places = || rulebook.places.iter().map(|p| p.code.as_str()).collect();
    let mut held: Vec<usize> =
        notes.list("place").filter_map(|p| find("place", "place", p, places())).collect();
    let obligations = || rulebook.obligations.iter().map(|o| o.id.as_str()).collect();
    let obliges =
        notes.list("obliges").filter_map(|o| find("obliges", "obligation", o, obligations())).collect();
    let charges = || rulebook.charges.iter().map(|c| c.id.as_str()).collect();
    let charge = notes.list("charge").find_map(|c| find("charge", "charge", c, charges()));
    let codes: Vec<String> = rulebook.codes.iter().map(|c| code_name(rulebook, c)).collect();
    let code = notes
        .list("code")
        .find_map(|c| find("code", "industry code", c, codes.iter().map(String::as_str).collect()));
    let instrument = instrument?;
    let law = rulebook.instruments.get(instrument)?;
    if held.is_empty() {
        held.extend(root(at.0, rulebook));
    }
    let season_text = notes.text("season");
    let season = Season::parse(&season_text);
    if season.is_none() && !season_text.is_empty() {
        let message = format!("@season(\"{}\") is no part of the year", shorten(&season_text));
        wrong.push(Diagnostic::error(at, "date", message, "write MM-DD/MM-DD"));
    }
    let from = notes.date("from", wrong).or(law.from).unwrap_or(law.dated);
    let until = notes.date("until", wrong).or(law.until);
    if until.is_some_and(|u| u < from) {
        wrong.push(Diagnostic::error(
            at,
            "date",
            format!("it ends before it begins ({from})"),
            "look at @from and @until",
        ));
    }
    if law.from.is_some_and(|start| from < start)
        || law.until.is_some_and(|end| until.is_none_or(|u| u > end))
    {
        wrong.push(Diagnostic::error(
            at,
            "date",
            format!("it is in force outside of its instrument '{}'", law.id),
            "look at @from and @until",
        ));
    }
    let default = Grade::Inferred;
    Some(Provision {
        id: notes.text("id"),
        instrument,
        article: notes.text("article"),
        title: notes.text("title"),
        text: notes.text("text"),
        original: notes.text("original"),
        grade: notes.grade("grade", default, wrong),
        note: notes.text("note"),
        proposed: law.proposed,
        places: held,
        from,
        until,
        season,
        polarity: if polarity == pst::Effect::Permit { Polarity::Permit } else { Polarity::Forbid },
        effect,
        activities: 0,
        operators: 0,
        condition: Condition::All(Vec::new()),
        table: Table::default(),
        code,
        code_grade: notes.grade("code_grade", default, wrong),
        obliges,
        charge,
        file: at.0.to_owned(),
        line: at.1,
    })
}

/// The place that a provision holds in if it names none: the jurisdiction of the rulebook that it stands in.
fn root(file: &str, rulebook: &Rulebook) -> Option<usize> {
    match file.rsplit_once('/') {
        Some((included, _)) => rulebook.place(included),
        None => Some(0),
    }
}

/// `classification:code`, as provisions name a code.
fn code_name(rulebook: &Rulebook, code: &crate::rulebook::Code) -> String {
    let classification = rulebook.classifications.get(code.classification).map_or("", |c| c.id.as_str());
    format!("{classification}:{}", code.code)
}

/// The head of a policy.
struct Scope<'a> {
    at: (&'a str, usize),
    rulebook: &'a Rulebook,
    wrong: &'a mut Vec<Diagnostic>,
}

impl Scope<'_> {
    fn effect(&mut self, action: &pst::ActionConstraint) -> Option<Effect> {
        let effect = match action {
            pst::ActionConstraint::Eq(uid) => Effect::named(&uid.eid),
            _ => None,
        };
        if effect.is_none() {
            self.error(
                "effect",
                "no effect".to_owned(),
                format!("write action == Action::\"…\" with one of {}", effects()),
            );
        }
        effect
    }

    fn activities(&mut self, resource: &pst::ResourceConstraint) -> Option<u64> {
        use pst::ResourceConstraint::{Any, Eq, In};
        let named = match resource {
            Any => return Some(u64::MAX),
            Eq(pst::EntityOrSlot::Entity(uid)) | In(pst::EntityOrSlot::Entity(uid)) => uid,
            _ => {
                self.error(
                    "scope",
                    "an activity in a form that provisions do not have".to_owned(),
                    "write resource == Activity::\"…\" or in a group".to_owned(),
                );
                return None;
            }
        };
        let set = self.rulebook.vocabulary.activity_set(&named.eid);
        if set.is_none() {
            let vocabulary = &self.rulebook.vocabulary;
            let known = vocabulary
                .activities()
                .iter()
                .map(String::as_str)
                .chain(vocabulary.groups().iter().map(|g| g.name.as_str()));
            let help = format!("did you mean '{}'?", nearest(&named.eid, known));
            self.error("unknown-activity", format!("no activity '{}'", shorten(&named.eid)), help);
        }
        set
    }

    fn operators(&mut self, principal: &pst::PrincipalConstraint) -> Option<u8> {
        use pst::PrincipalConstraint::{Any, Eq, In};
        let named = match principal {
            Any => return Some(u8::MAX),
            Eq(pst::EntityOrSlot::Entity(uid)) | In(pst::EntityOrSlot::Entity(uid)) => uid,
            _ => {
                self.error(
                    "scope",
                    "an operator in a form that provisions do not have".to_owned(),
                    "write principal in OperatorKind::\"…\"".to_owned(),
                );
                return None;
            }
        };
        let set = self.rulebook.vocabulary.operator_set(&named.eid);
        if set.is_none() {
            let known: Vec<&str> =
                self.rulebook.vocabulary.operators().iter().map(|o| o.name.as_str()).collect();
            self.error(
                "unknown-operator",
                format!("no kind of operator '{}'", shorten(&named.eid)),
                format!("known are {}", known.join(", ")),
            );
        }
        set
    }

    fn condition(&mut self, clauses: &[pst::Clause]) -> Option<Condition> {
        match Condition::read(clauses, &self.rulebook.vocabulary, &self.rulebook.limits) {
            Ok(condition) => Some(condition),
            Err((message, help)) => {
                self.error("condition", message, help);
                None
            }
        }
    }

    fn error(&mut self, rule: &'static str, message: String, help: String) {
        self.wrong.push(Diagnostic::error(self.at, rule, message, help));
    }
}

impl Draft {
    /// Evaluates the condition for every combination of regions.
    pub fn finish(self, rulebook: &Rulebook, wrong: &mut Vec<Diagnostic>) -> Option<Provision> {
        let facts = self.condition.facts().into_iter().collect();
        match Table::new(&self.clauses, facts, &rulebook.regions, &rulebook.vocabulary, &rulebook.limits) {
            Ok(table) => Some(Provision { table, ..self.provision }),
            Err(error) => {
                let at = (self.provision.file.as_str(), self.provision.line);
                wrong.push(Diagnostic::error(
                    at,
                    "condition",
                    error.to_string(),
                    "split the provision into several",
                ));
                None
            }
        }
    }
}
