//! What a rulebook cites: places, instruments, thresholds, industry codes, charges.

use crate::grade::Grade;
use jiff::civil::Date;
use serde::Serialize;

/// Which charge is owed where several apply.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Several {
    /// The one with the highest rate.
    Highest,
    /// All of them.
    All,
}

/// A place with rules of its own, or within one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Place {
    /// Its code, ISO 3166-2 where there is one.
    pub code: String,
    /// Its name in English.
    pub name: String,
    /// Its name in the original language.
    pub original: String,
    /// The place that it lies in.
    pub within: Option<usize>,
}

/// A law, notice, order or draft.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Instrument {
    /// Its name within the rulebook.
    pub id: String,
    /// Its title in English.
    pub title: String,
    /// Its title in the original language.
    pub original: String,
    /// Its number.
    pub number: String,
    /// Who issued it.
    pub issuer: String,
    /// The day it bears.
    pub dated: Date,
    /// The first day in force; none for a proposal.
    pub from: Option<Date>,
    /// The last day in force.
    pub until: Option<Date>,
    /// Whether it is only proposed: it never decides.
    pub proposed: bool,
    /// How well it is known.
    pub grade: Grade,
    /// Where it was read.
    pub sources: Vec<String>,
    /// What a reader should know.
    pub note: String,
}

/// A threshold.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Limit {
    /// Its name, with its unit at the end.
    pub id: String,
    /// Its value in that unit.
    pub value: i64,
    /// The unit.
    pub unit: String,
    /// What it limits.
    pub text: String,
    /// How well it is known.
    pub grade: Grade,
    /// Position of its instrument.
    pub instrument: usize,
    /// The article.
    pub article: String,
}

/// A classification of industry.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Classification {
    /// Its name within the rulebook.
    pub id: String,
    /// Its short name.
    pub name: String,
    /// Its title in the original language.
    pub original: String,
    /// Position of its instrument.
    pub instrument: usize,
}

/// A code of a classification.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Code {
    /// Position of the classification.
    pub classification: usize,
    /// The code.
    pub code: String,
    /// Its name in English.
    pub name: String,
    /// Its name in the original language.
    pub original: String,
    /// How well code and name are known.
    pub grade: Grade,
}

/// Which energy a charge is taken on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Base {
    /// All energy of the account.
    Account,
    /// What mining used.
    Mining,
}

/// An amount by energy.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Charge {
    /// Its name within the rulebook.
    pub id: String,
    /// Ten-thousandths of the currency's unit for one kWh.
    pub rate_e4: i64,
    /// Which energy it is taken on.
    pub base: Base,
    /// What it is.
    pub text: String,
    /// How well it is known.
    pub grade: Grade,
    /// Position of its instrument.
    pub instrument: usize,
    /// The article.
    pub article: String,
}
