//! `overt rules facts`: what a file of facts may say.

use crate::Failure;
use crate::rules::backtest::table;
use crate::table::{DIM, PLAIN};
use rulebook::{Kind, Vocabulary, shipped_vocabulary};
use serde_json::json;
use std::io::Write;

/// Lists activities, kinds of operators and facts.
pub fn run(json: bool) -> Result<(), Failure> {
    let vocabulary = shipped_vocabulary();
    let text = if json { as_json(vocabulary) } else { as_text(vocabulary) };
    Ok(write!(anstream::stdout(), "{text}")?)
}

fn as_json(vocabulary: &Vocabulary) -> String {
    let (declared, operators) = (vocabulary.declared(), vocabulary.operators());
    let document = json!({
        "schema": "overt.rule-facts/1", "activities": vocabulary.activities(), "declared": declared,
        "operators": operators, "facts": vocabulary.facts(),
    });
    format!("{document:#}\n")
}

fn as_text(vocabulary: &Vocabulary) -> String {
    let operators: Vec<&str> = vocabulary.operators().iter().map(|o| o.name.as_str()).collect();
    let mut out = format!("{DIM}activity{PLAIN}  {}\n", vocabulary.activities().join(", "));
    out += &format!("{DIM}operator{PLAIN}  {}\n\n", operators.join(", "));
    let rows = vocabulary.facts().iter().map(|fact| {
        let values = match &fact.kind {
            Kind::YesNo => "true, false".to_owned(),
            Kind::Choice { values } => values.join(", "),
            Kind::Quantity { unit, .. } => format!("number of {unit}"),
        };
        vec![fact.name.clone(), values, fact.label.clone(), fact.asked_of.clone()]
    });
    out + &table(&["FACT", "VALUES", "MEANING", "FROM"], rows, usize::MAX)
}
