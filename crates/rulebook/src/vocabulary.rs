//! The facts, activities and kinds of operators that provisions may speak of.

use crate::diagnostic::{Diagnostic, line_of};
use crate::fact::{Fact, Field, Kind, Term};
use crate::value::Unit;
use facts::Activity;
use serde::Deserialize;
use std::collections::BTreeMap;

/// Name of the file that holds the vocabulary.
pub const FILE: &str = "vocabulary.toml";
/// Name of the file that holds the fields of forms.
pub const FIELDS: &str = "fields.toml";
/// Most activities, observed and declared: a set of them is a word of 64 bits.
const MAX_ACTIVITIES: usize = 64;
/// Most kinds of operators: a set of them is a byte.
const MAX_OPERATORS: usize = 8;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FieldsText {
    field: Vec<Field>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Text {
    facts: Vec<Fact>,
    activities: Vec<Term>,
    declared: Vec<Term>,
    operators: Vec<Term>,
}

/// The facts, activities and kinds of operators that provisions may speak of.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Vocabulary {
    facts: Vec<Fact>,
    fields: Vec<Field>,
    index: BTreeMap<String, usize>,
    activities: Vec<String>,
    groups: Vec<Term>,
    declared: Vec<Term>,
    operators: Vec<Term>,
    operator_groups: Vec<Term>,
}

impl Vocabulary {
    /// Reads the texts of `vocabulary.toml` and `fields.toml`.
    ///
    /// # Errors
    ///
    /// Everything that is wrong with them, with lines.
    pub fn parse(text: &str, fields: &str) -> Result<Self, Vec<Diagnostic>> {
        let read: Text = parsed(FILE, text)?;
        let fields: FieldsText = parsed(FIELDS, fields)?;
        let observed =
            Activity::ALL.into_iter().filter(|a| !matches!(a, Activity::Idle | Activity::Undetermined));
        let activities: Vec<String> = observed
            .map(|a| a.name().to_owned())
            .chain(read.declared.iter().map(|d| d.name.clone()))
            .collect();
        let (operator_groups, operators) =
            read.operators.into_iter().partition(|o: &Term| !o.members.is_empty());
        let index = read.facts.iter().enumerate().map(|(i, f)| (f.name.clone(), i)).collect();
        let vocabulary = Self {
            facts: read.facts,
            fields: fields.field,
            index,
            activities,
            groups: read.activities,
            declared: read.declared,
            operators,
            operator_groups,
        };
        let wrong = vocabulary.faults(text);
        if wrong.is_empty() { Ok(vocabulary) } else { Err(wrong) }
    }

    fn faults(&self, text: &str) -> Vec<Diagnostic> {
        let at = |name: &str| text.find(&format!("name = \"{name}\"")).map_or(0, |byte| line_of(text, byte));
        let mut wrong = Vec::new();
        let mut say = |name: &str, rule, message: String| {
            wrong.push(Diagnostic::error((FILE, at(name)), rule, message, ""));
        };
        if self.activities.len() > MAX_ACTIVITIES || self.operators.len() > MAX_OPERATORS {
            say(
                "",
                "too-many",
                format!(
                    "expected at most {MAX_ACTIVITIES} activities and {MAX_OPERATORS} kinds of operators"
                ),
            );
        }
        if self.index.len() != self.facts.len() {
            say("", "duplicate", "a fact is listed twice".to_owned());
        }
        for fact in &self.facts {
            if fact.name.split('.').filter(|part| is_word(part)).count() != 2 {
                say(
                    &fact.name,
                    "name",
                    format!("found the fact '{}'; expected group.name in small letters", fact.name),
                );
            }
            match &fact.kind {
                Kind::Quantity { unit, .. } if !Unit::named(unit).is_some_and(Unit::is_base) => {
                    say(&fact.name, "unit", format!("'{unit}' is not a base unit"));
                }
                Kind::Quantity { unit, .. } if !fits(&fact.name, unit) => {
                    say(
                        &fact.name,
                        "unit",
                        format!("'{}' does not say in its name that it is in {unit}", fact.name),
                    );
                }
                Kind::Choice { values } if values.len() < 2 => {
                    say(&fact.name, "values", "expected at least two values".to_owned());
                }
                _ => {}
            }
        }
        for group in &self.groups {
            for member in group.members.iter().filter(|m| !self.activities.contains(m)) {
                say(&group.name, "unknown-activity", format!("'{member}' is not an activity"));
            }
        }
        wrong
    }

    /// All facts, in the order of the file.
    #[must_use]
    pub fn facts(&self) -> &[Fact] {
        &self.facts
    }

    /// The place of a fact in [`Self::facts`].
    #[must_use]
    pub fn position(&self, name: &str) -> Option<usize> {
        self.index.get(name).copied()
    }

    /// The fact of that name.
    #[must_use]
    pub fn fact(&self, name: &str) -> Option<&Fact> {
        self.facts.get(self.position(name)?)
    }

    /// All fields of forms, in the order of the file.
    #[must_use]
    pub fn fields(&self) -> &[Field] {
        &self.fields
    }

    /// The field of that name.
    #[must_use]
    pub fn field(&self, name: &str) -> Option<&Field> {
        self.fields.iter().find(|f| f.name == name)
    }

    /// Every activity: those that can be observed, then those that are only declared.
    #[must_use]
    pub fn activities(&self) -> &[String] {
        &self.activities
    }

    /// Groups of activities.
    #[must_use]
    pub fn groups(&self) -> &[Term] {
        &self.groups
    }

    /// Activities that are only declared.
    #[must_use]
    pub fn declared(&self) -> &[Term] {
        &self.declared
    }

    /// Kinds of operators.
    #[must_use]
    pub fn operators(&self) -> &[Term] {
        &self.operators
    }

    /// Groups of kinds of operators.
    #[must_use]
    pub fn operator_groups(&self) -> &[Term] {
        &self.operator_groups
    }

    /// Whether a name stands for a group of activities or of kinds of operators.
    pub(crate) fn is_group(&self, name: &str) -> bool {
        self.groups.iter().chain(&self.operator_groups).any(|g| g.name == name)
    }

    /// The set that an activity or a group of activities stands for.
    pub(crate) fn activity_set(&self, name: &str) -> Option<u64> {
        let one = |name: &str| self.activities.iter().position(|a| a == name).map(|i| 1_u64 << i);
        one(name).or_else(|| {
            let group = self.groups.iter().find(|g| g.name == name)?;
            Some(group.members.iter().filter_map(|m| one(m)).fold(0, |a, b| a | b))
        })
    }

    /// The set that a kind of operator or a group of them stands for.
    pub(crate) fn operator_set(&self, name: &str) -> Option<u8> {
        let one = |name: &str| self.operators.iter().position(|o| o.name == name).map(|i| 1_u8 << i);
        one(name).or_else(|| {
            let group = self.operator_groups.iter().find(|g| g.name == name)?;
            Some(group.members.iter().filter_map(|m| one(m)).fold(0, |a, b| a | b))
        })
    }
}

fn parsed<T: serde::de::DeserializeOwned>(file: &str, text: &str) -> Result<T, Vec<Diagnostic>> {
    toml::from_str(text).map_err(|e| {
        let line = e.span().map_or(0, |s| line_of(text, s.start));
        vec![Diagnostic::error(
            (file, line),
            "syntax",
            e.message(),
            "see the comments at the head of the file",
        )]
    })
}

fn is_word(part: &str) -> bool {
    !part.is_empty() && part.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_')
}

/// Whether the name of a quantity says its unit.
fn fits(name: &str, unit: &str) -> bool {
    let suffix = suffix(unit);
    name.ends_with(suffix) || name.contains(&format!("{suffix}_"))
}

/// How a unit is written in names of facts and limits.
pub(crate) fn suffix(unit: &str) -> &str {
    match unit {
        "W" => "_w",
        "Wh" => "_wh",
        "‰" => "_permille",
        "tce" => "_tce",
        "t" => "_t",
        "USD" => "_usd",
        "mKZT/kWh" => "_mkzt_kwh",
        "PFLOP" => "_pflop",
        "m2" => "_m2",
        "m3" => "_m3",
        "kg" => "_kg",
        "h" => "_h",
        "days" => "_days",
        _ => "_",
    }
}
