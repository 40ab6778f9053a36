//! Facts that provisions ask for, fields that forms ask for, and the terms for activities and operators.

use serde::{Deserialize, Serialize};

/// What kind of value a fact has.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Kind {
    /// Yes or no.
    YesNo,
    /// One of a list.
    Choice {
        /// The list.
        values: Vec<String>,
    },
    /// A whole number.
    Quantity {
        /// Its base unit.
        unit: String,
        /// The largest value that makes sense.
        max: i64,
    },
}

impl Kind {
    /// What is expected, in words.
    #[must_use]
    pub fn words(&self) -> String {
        match self {
            Self::YesNo => "true or false".to_owned(),
            Self::Choice { values } => format!("one of {}", values.join(", ")),
            Self::Quantity { unit, .. } => format!("a whole number of {unit}, or text with a unit"),
        }
    }
}

/// A fact that a provision may ask for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fact {
    /// `group.name`, with the unit at the end of quantities.
    pub name: String,
    /// The kind of its value.
    #[serde(flatten)]
    pub kind: Kind,
    /// What it means, in English.
    pub label: String,
    /// The same in Chinese.
    pub zh: String,
    /// Where it comes from: a finding, a registration, history.
    pub asked_of: String,
}

/// A name with its meaning in two languages.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Term {
    /// The name.
    pub name: String,
    /// What it means, in English.
    pub label: String,
    /// The same in Chinese.
    pub zh: String,
    /// For a group, what belongs to it.
    #[serde(default)]
    pub members: Vec<String>,
}

/// What a field of a form holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum FieldType {
    /// Free text.
    Text,
    /// A number, in the field's unit.
    Number,
    /// A day.
    Date,
    /// Yes or no.
    YesNo,
    /// Several texts.
    List,
    /// A document to attach.
    File,
}

/// A field that a form may ask for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Field {
    /// `group.name`.
    pub name: String,
    /// What it holds.
    #[serde(rename = "type")]
    pub kind: FieldType,
    /// The unit of a number.
    #[serde(default)]
    pub unit: String,
    /// What it means, in English.
    pub label: String,
    /// The same in Chinese.
    pub zh: String,
    /// Whether it is personal and kept from those who need not see it.
    #[serde(default)]
    pub sensitive: bool,
}
