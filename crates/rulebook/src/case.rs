//! One case to be judged: where, when, who, which activity, and the facts that are known.

use crate::value::{Value, ValueError, checked, shorten};
use crate::vocabulary::Vocabulary;
use jiff::civil::Date;
use std::collections::BTreeMap;

/// A workload, found or declared, at a place and date.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Case {
    /// Code of the place, for instance `CN-SC`.
    pub place: String,
    /// The day of the event that is judged.
    pub date: Date,
    /// The kind of operator, where known.
    pub operator: Option<String>,
    /// The activity.
    pub activity: String,
    /// Known facts by name; what is absent is not known.
    pub facts: BTreeMap<String, Value>,
}

/// Why a fact or a name in a case is refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CaseError {
    /// No such fact.
    #[error("'{name}' is not a fact; did you mean '{near}'?")]
    UnknownFact {
        /// What was found.
        name: String,
        /// The fact with the nearest name.
        near: String,
    },
    /// A value that does not suit the fact.
    #[error("{name}: {error}")]
    Value {
        /// The fact.
        name: String,
        /// What is wrong.
        error: ValueError,
    },
    /// No such activity.
    #[error("'{name}' is not an activity that can be judged; expected one of {expected}")]
    UnknownActivity {
        /// What was found.
        name: String,
        /// All that can be.
        expected: String,
    },
    /// No such kind of operator.
    #[error("'{name}' is not a kind of operator; expected one of {expected}")]
    UnknownOperator {
        /// What was found.
        name: String,
        /// All that can be.
        expected: String,
    },
    /// No such place in this rulebook.
    #[error("'{name}' is not a place of this rulebook; expected one of {expected}")]
    UnknownPlace {
        /// What was found.
        name: String,
        /// All that can be.
        expected: String,
    },
    /// Facts that say opposite things.
    #[error("{first} and {second} cannot both hold: {why}")]
    Contradiction {
        /// The one.
        first: String,
        /// The other.
        second: String,
        /// Why not.
        why: String,
    },
}

impl Case {
    /// A case without facts.
    #[must_use]
    pub fn new(place: &str, date: Date, activity: &str) -> Self {
        Self {
            place: place.to_owned(),
            date,
            operator: None,
            activity: activity.to_owned(),
            facts: BTreeMap::new(),
        }
    }

    /// The same case with one more fact.
    #[must_use]
    pub fn with(mut self, name: &str, value: Value) -> Self {
        self.facts.insert(name.to_owned(), value);
        self
    }

    /// The same case of a kind of operator.
    #[must_use]
    pub fn by(mut self, operator: &str) -> Self {
        self.operator = Some(operator.to_owned());
        self
    }
}

impl Vocabulary {
    /// Checks the value of a fact; text is read as a choice or as a quantity with its unit.
    ///
    /// # Errors
    ///
    /// [`CaseError`] if there is no such fact or the value does not suit it.
    pub fn value(&self, name: &str, value: Value) -> Result<Value, CaseError> {
        let fact = self.fact(name).ok_or_else(|| CaseError::UnknownFact {
            name: shorten(name),
            near: nearest(name, self.facts().iter().map(|f| f.name.as_str())).to_owned(),
        })?;
        checked(value, &fact.kind).map_err(|error| CaseError::Value { name: name.to_owned(), error })
    }

    /// Checks a kind of operator.
    ///
    /// # Errors
    ///
    /// [`CaseError::UnknownOperator`].
    pub fn operator(&self, name: &str) -> Result<(), CaseError> {
        if self.operators().iter().any(|o| o.name == name) {
            return Ok(());
        }
        let known: Vec<&str> = self.operators().iter().map(|o| o.name.as_str()).collect();
        Err(CaseError::UnknownOperator { name: shorten(name), expected: known.join(", ") })
    }

    /// Checks an activity.
    ///
    /// # Errors
    ///
    /// [`CaseError::UnknownActivity`].
    pub fn activity(&self, name: &str) -> Result<(), CaseError> {
        if self.activities().iter().any(|a| a == name) {
            return Ok(());
        }
        Err(CaseError::UnknownActivity { name: shorten(name), expected: self.activities().join(", ") })
    }
}

/// The known name that differs in the fewest letters.
pub fn nearest<'a>(name: &str, known: impl Iterator<Item = &'a str>) -> &'a str {
    let name: String = name.chars().take(COMPARED).collect();
    known.min_by_key(|candidate| strsim::levenshtein(&name, candidate)).unwrap_or_default()
}

/// Most characters of a foreign name that are compared.
const COMPARED: usize = 64;
