//! Cases as people and programs write them: JSON or TOML, facts nested by group or with dotted names.

use crate::case::{Case, CaseError};
use crate::value::{Value, shorten};
use crate::vocabulary::Vocabulary;
use jiff::civil::Date;
use serde::Deserialize;
use std::collections::BTreeMap;

/// A case before its names and values are checked.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CaseText {
    /// Code of the place.
    pub place: String,
    /// The day, `YYYY-MM-DD`.
    pub date: String,
    /// The kind of operator.
    #[serde(default)]
    pub operator: Option<String>,
    /// The activity.
    pub activity: String,
    /// What is known.
    #[serde(default)]
    pub facts: serde_json::Map<String, serde_json::Value>,
}

/// Why a case cannot be read.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum TextError {
    /// Not the form of a case.
    #[error("line {line}: {message}; expected place, date, activity and, where known, operator and facts")]
    Form {
        /// The line.
        line: usize,
        /// What is wrong.
        message: String,
    },
    /// No date.
    #[error("date '{0}' is no day that exists; expected YYYY-MM-DD")]
    Date(String),
    /// A value that is no fact.
    #[error("{name}: found {found}; expected true or false, a whole number, or text")]
    Shape {
        /// The fact.
        name: String,
        /// What was found.
        found: String,
    },
    /// A name or value that does not suit.
    #[error(transparent)]
    Case(#[from] CaseError),
}

/// Why a text is neither the JSON nor the TOML that was expected.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {message}")]
pub struct Misread {
    /// The line, from 1; 0 where it is not known.
    pub line: usize,
    /// What is wrong.
    pub message: String,
}

/// Reads a text that people write: JSON where it begins with a brace, otherwise TOML.
///
/// # Errors
///
/// [`Misread`] with the line.
pub fn structured<T: serde::de::DeserializeOwned>(text: &str) -> Result<T, Misread> {
    if text.trim_start().starts_with('{') {
        return serde_json::from_str(text)
            .map_err(|e| Misread { line: e.line(), message: shorten(&e.to_string()) });
    }
    toml::from_str(text).map_err(|e| Misread {
        line: e.span().map_or(0, |s| crate::diagnostic::line_of(text, s.start)),
        message: shorten(e.message()),
    })
}

/// Deepest nesting of facts: group and name.
const MAX_DEPTH: usize = 2;

impl CaseText {
    /// Reads a case from JSON (it begins with a brace) or TOML.
    ///
    /// # Errors
    ///
    /// [`TextError::Form`].
    pub fn parse(text: &str) -> Result<Self, TextError> {
        structured(text).map_err(|Misread { line, message }| TextError::Form { line, message })
    }

    /// Checks names and values.
    ///
    /// # Errors
    ///
    /// [`TextError`] names what is wrong and what was expected.
    pub fn case(&self, vocabulary: &Vocabulary) -> Result<Case, TextError> {
        let date: Date = self.date.parse().map_err(|_| TextError::Date(shorten(&self.date)))?;
        vocabulary.activity(&self.activity)?;
        if let Some(operator) = &self.operator {
            vocabulary.operator(operator)?;
        }
        Ok(Case {
            place: self.place.clone(),
            date,
            operator: self.operator.clone(),
            activity: self.activity.clone(),
            facts: facts(&self.facts, vocabulary)?,
        })
    }
}

/// Checks facts that are nested by group or have dotted names.
///
/// # Errors
///
/// [`TextError`] names the first that is wrong.
pub fn facts(
    map: &serde_json::Map<String, serde_json::Value>,
    vocabulary: &Vocabulary,
) -> Result<BTreeMap<String, Value>, TextError> {
    let mut facts = BTreeMap::new();
    flatten("", map, 0, &mut |name, value| {
        let value = match value {
            serde_json::Value::Bool(b) => Value::YesNo(*b),
            serde_json::Value::String(text) => Value::Choice(text.clone()),
            serde_json::Value::Number(n) if n.as_i64().is_some() => {
                Value::Quantity(n.as_i64().unwrap_or_default())
            }
            other => {
                return Err(TextError::Shape { name: shorten(name), found: shorten(&other.to_string()) });
            }
        };
        facts.insert(name.to_owned(), vocabulary.value(name, value)?);
        Ok(())
    })?;
    Ok(facts)
}

fn flatten(
    prefix: &str,
    map: &serde_json::Map<String, serde_json::Value>,
    depth: usize,
    with: &mut impl FnMut(&str, &serde_json::Value) -> Result<(), TextError>,
) -> Result<(), TextError> {
    for (key, value) in map {
        let name = if prefix.is_empty() { key.clone() } else { format!("{prefix}.{key}") };
        match value {
            serde_json::Value::Object(inner) if depth + 1 < MAX_DEPTH => {
                flatten(&name, inner, depth + 1, with)?
            }
            other => with(&name, other)?,
        }
    }
    Ok(())
}
