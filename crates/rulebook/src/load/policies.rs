//! The provisions of a rulebook, from Cedar text to drafts with conditions, and from drafts to tabulated provisions.

use super::provisions::provision;
use super::scope::Scope;
use crate::annotation::Annotations;
use crate::condition::Condition;
use crate::diagnostic::{Diagnostic, line_of};
use crate::provision::Provision;
use crate::rulebook::Rulebook;
use crate::schema;
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
