//! A second way from the files of a rulebook to an answer, plain enough to be checked by reading it.
//!
//! The engine in `rulebook` cuts facts into regions, tabulates conditions, selects slices and works on sets of bits. This one
//! does none of that: it reads the raw texts itself, interprets each policy in the form of its JSON, compares dates as text,
//! and tries every value of what is missing, one after another. It exists to be held against the engine, so it must share
//! nothing with it but the files, and must not become fast by becoming clever.

mod answer;
mod book;
mod expression;
mod policy;
mod scope;

pub use answer::Answer;
pub use book::Book;

use serde_json::Value;
use std::collections::BTreeMap;

/// Texts of the files of one rulebook, by their names.
pub type Files = BTreeMap<String, String>;

/// What is asked: everything as text, as it stands in a file of a case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Question {
    /// Code of the place.
    pub place: String,
    /// The day, `YYYY-MM-DD`.
    pub date: String,
    /// The activity.
    pub activity: String,
    /// The kind of operator, where known.
    pub operator: Option<String>,
    /// Known facts by `group.name`: true or false, a whole number, or text.
    pub facts: BTreeMap<String, Value>,
}

/// Why the plain evaluator has no answer.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PlainError {
    /// A file that is not TOML or not Cedar.
    #[error("{file}: {message}")]
    Syntax {
        /// The file.
        file: String,
        /// What its parser said.
        message: String,
    },
    /// Something that must be there is not.
    #[error("{place}: found no {what}")]
    Missing {
        /// Where it was looked for.
        place: String,
        /// What was looked for.
        what: String,
    },
    /// A construction that this evaluator does not know.
    #[error("found {0}, which the plain evaluator does not interpret")]
    Unknown(String),
}

impl PlainError {
    fn missing(place: &str, what: &str) -> Self {
        Self::Missing { place: place.to_owned(), what: what.to_owned() }
    }
}
