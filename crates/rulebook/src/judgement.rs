//! An answer as plain data: what people are shown and records hold.

use crate::effect::{Disposition, Effect};
use crate::grade::Grade;
use crate::law::Base;
use crate::obligation::Due;
use crate::value::Value;
use serde::Serialize;
use std::collections::BTreeMap;

/// What part a provision has in an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Standing {
    /// It decides the disposition.
    Decides,
    /// It applies, and a stricter one decides, or it only adds duties.
    Applies,
    /// It applies but may not decide: it is unverified, inferred or only proposed.
    MayNotDecide,
    /// Whether it applies depends on a missing fact.
    Depends,
}

/// A provision in an answer.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Cited {
    /// Its part in the answer.
    pub standing: Standing,
    /// Its id.
    pub provision: String,
    /// What it does.
    pub effect: Effect,
    /// Whether it lifts the effect instead.
    pub lifts: bool,
    /// Title of the instrument.
    pub instrument: String,
    /// Its title in the original language.
    pub instrument_original: String,
    /// Number of the instrument.
    pub number: String,
    /// The article.
    pub article: String,
    /// Title of the provision.
    pub title: String,
    /// Its text.
    pub text: String,
    /// Its text in the original language.
    pub original: String,
    /// How well it is known.
    pub grade: Grade,
    /// Whether its instrument is only proposed.
    pub proposed: bool,
    /// The known facts that it asked for.
    pub used: BTreeMap<String, Value>,
    /// The missing facts that it asked for.
    pub lacks: Vec<String>,
}

/// An industry code.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct CodeNamed {
    /// Classification, for instance GB/T 4754-2017.
    pub classification: String,
    /// The code.
    pub code: String,
    /// Its name.
    pub name: String,
    /// Its name in the original language.
    pub original: String,
    /// How well it is known that this work belongs to it.
    pub grade: Grade,
}

/// An obligation that follows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Owed {
    /// Its id.
    pub obligation: String,
    /// Its title.
    pub title: String,
    /// Its title in the original language.
    pub original: String,
    /// Who owes it.
    pub who: String,
    /// To whom.
    pub to: String,
    /// When.
    pub due: Due,
    /// How well it is known.
    pub grade: Grade,
    /// The provision that imposes it.
    pub provision: String,
    /// Whether its provision is only proposed.
    pub proposed: bool,
    /// Whether it follows from provisions that may decide, whatever the missing facts are.
    pub certain: bool,
}

/// A charge that follows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Charged {
    /// Its id.
    pub charge: String,
    /// What it is.
    pub text: String,
    /// Ten-thousandths of the currency's unit for one kWh.
    pub rate_e4: i64,
    /// ISO 4217 code.
    pub currency: String,
    /// Which energy it is taken on.
    pub base: Base,
    /// The amount in hundredths of the currency's unit, rounded down, where the energy is known.
    pub amount_e2: Option<i64>,
    /// How well it is known.
    pub grade: Grade,
    /// Whether it follows from a provision that may decide, whatever the missing facts are.
    pub certain: bool,
}

/// A value of a missing fact, and where it would lead.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Would {
    /// The value or range, in words.
    pub value: String,
    /// The disposition with this value alone known.
    pub disposition: Disposition,
    /// Every disposition that then remains open.
    pub could_be: Vec<Disposition>,
}

/// A missing fact that bears on the answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Missing {
    /// Its name, or `operator` for the kind of operator.
    pub fact: String,
    /// What it means.
    pub label: String,
    /// Where it comes from.
    pub asked_of: String,
    /// Where its values would lead.
    pub would: Vec<Would>,
}

/// An answer with everything that led to it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Judgement {
    /// The disposition.
    pub disposition: Disposition,
    /// Every disposition that the missing facts leave open.
    pub could_be: Vec<Disposition>,
    /// Other effects that surely apply beside it.
    pub also: Vec<Effect>,
    /// Why a person has to look, where that is the answer.
    pub review: Option<String>,
    /// The industry code, for data industry.
    pub code: Option<CodeNamed>,
    /// The provisions, those that decide first.
    pub provisions: Vec<Cited>,
    /// What follows.
    pub obligations: Vec<Owed>,
    /// What is to be paid.
    pub charges: Vec<Charged>,
    /// Which missing facts would change the answer.
    pub missing: Vec<Missing>,
    /// Jurisdiction of the rulebook.
    pub rulebook: String,
    /// Digest of the rulebook.
    pub digest: String,
}
