//! The data files of a rulebook as they are written, before references are followed.

use crate::diagnostic::{Diagnostic, line_of};
use crate::grade::Grade;
use crate::source::{Source, is_cases};
use serde::Deserialize;
use toml::Spanned;

/// One data file: any of the tables may stand in any file.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Document {
    pub rulebook: Option<Meta>,
    #[serde(default)]
    pub place: Vec<PlaceText>,
    #[serde(default)]
    pub instrument: Vec<InstrumentText>,
    #[serde(default)]
    pub limit: Vec<LimitText>,
    #[serde(default)]
    pub classification: Vec<ClassificationText>,
    #[serde(default)]
    pub code: Vec<CodeText>,
    #[serde(default)]
    pub charge: Vec<ChargeText>,
    #[serde(default)]
    pub obligation: Vec<ObligationText>,
    #[serde(default)]
    pub holiday: Vec<HolidayText>,
    #[serde(default)]
    pub formula: Vec<FormulaText>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Meta {
    pub jurisdiction: Spanned<String>,
    pub name: String,
    pub original: String,
    pub language: String,
    pub time_zone: Spanned<String>,
    pub currency: String,
    pub as_of: Spanned<String>,
    #[serde(default)]
    pub about: String,
    #[serde(default)]
    pub includes: Vec<String>,
    #[serde(default)]
    pub weekend: Vec<Spanned<String>>,
    #[serde(default)]
    pub several_charges: Option<Spanned<String>>,
    #[serde(default)]
    pub second_person: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PlaceText {
    pub code: Spanned<String>,
    pub name: String,
    #[serde(default)]
    pub original: String,
    pub within: Option<Spanned<String>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct InstrumentText {
    pub id: Spanned<String>,
    pub title: String,
    pub original: String,
    #[serde(default)]
    pub number: String,
    pub issuer: String,
    pub dated: Spanned<String>,
    pub from: Option<Spanned<String>>,
    pub until: Option<Spanned<String>>,
    #[serde(default)]
    pub status: Option<Spanned<String>>,
    pub grade: Grade,
    pub sources: Vec<String>,
    #[serde(default)]
    pub note: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LimitText {
    pub id: Spanned<String>,
    pub value: i64,
    pub unit: Spanned<String>,
    pub text: String,
    pub grade: Grade,
    pub instrument: Spanned<String>,
    pub article: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ClassificationText {
    pub id: Spanned<String>,
    pub name: String,
    pub original: String,
    pub instrument: Spanned<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CodeText {
    pub classification: Spanned<String>,
    pub code: Spanned<String>,
    pub name: String,
    #[serde(default)]
    pub original: String,
    pub grade: Grade,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ChargeText {
    pub id: Spanned<String>,
    pub rate: Spanned<String>,
    pub base: Spanned<String>,
    pub text: String,
    pub grade: Grade,
    pub instrument: Spanned<String>,
    pub article: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ObligationText {
    pub id: Spanned<String>,
    pub title: String,
    #[serde(default)]
    pub original: String,
    pub who: String,
    pub to: String,
    #[serde(default)]
    pub form: String,
    #[serde(default)]
    pub fields: Vec<Spanned<String>>,
    pub due: Spanned<DueText>,
    #[serde(default)]
    pub penalty: String,
    pub grade: Grade,
    pub instrument: Spanned<String>,
    pub article: String,
    #[serde(default)]
    pub note: String,
}

/// When something falls due, in one of the ways that `due.rs` knows.
#[derive(Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DueText {
    pub every: Option<String>,
    pub weekday: Option<String>,
    pub month: Option<i8>,
    pub day: Option<i8>,
    pub count: Option<i32>,
    pub within: Option<i32>,
    pub unit: Option<String>,
    pub after: Option<String>,
    pub before: Option<String>,
    pub days: Option<i32>,
    pub by: Option<String>,
    pub on: Option<String>,
    pub unknown: Option<String>,
    pub shift: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FormulaText {
    pub id: Spanned<String>,
    pub title: String,
    pub field: Spanned<String>,
    pub numerator: Vec<Spanned<String>>,
    pub denominator: Spanned<String>,
    #[serde(default = "one")]
    pub scale: f64,
    #[serde(default)]
    pub least: f64,
    pub most: Option<f64>,
    pub instrument: Spanned<String>,
    pub article: String,
    pub grade: Grade,
    pub from: Option<Spanned<String>>,
    pub until: Option<Spanned<String>>,
}

fn one() -> f64 {
    1.0
}

/// A day on which offices are closed: `MM-DD` each year, or a full date.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HolidayText {
    pub day: Spanned<String>,
    pub name: String,
    pub grade: Grade,
}

/// Reads every data file of a source; what cannot be read is reported and left out.
pub fn read<'a>(source: &'a Source, wrong: &mut Vec<Diagnostic>) -> Vec<(&'a str, &'a str, Document)> {
    let mut documents = Vec::new();
    for (name, text) in source.ending(".toml").filter(|(name, _)| !is_cases(name)) {
        match toml::from_str::<Document>(text) {
            Ok(document) => documents.push((name, text, document)),
            Err(error) => {
                let line = error.span().map_or(0, |s| line_of(text, s.start));
                wrong.push(Diagnostic::error(
                    (name, line),
                    "syntax",
                    error.message().trim(),
                    "docs/rulebooks.md lists the tables and their fields",
                ));
            }
        }
    }
    documents
}
