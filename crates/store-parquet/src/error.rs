//! What can go wrong with the history, in words that name the file. It must not hide which file was concerned.

use std::path::Path;

/// Why the history did not do what it was asked to.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A row that breaks a bound of [`crate::Row`].
    #[error("row of ordinal {ordinal}: {what} is {found}, expected {expected}")]
    Row {
        /// The statement concerned.
        ordinal: u64,
        /// Which field.
        what: &'static str,
        /// What was found.
        found: String,
        /// What was expected.
        expected: String,
    },
    /// Rows that do not go on where the history ends.
    #[error("rows up to ordinal {found} were given, expected them to go on at {expected}")]
    Order {
        /// The ordinal found.
        found: u64,
        /// The ordinal expected.
        expected: u64,
    },
    /// Two files claim the same statements.
    #[error("{one} and {other} hold the same ordinals")]
    Overlap {
        /// The first file.
        one: String,
        /// The second file.
        other: String,
    },
    /// A file is not what was written.
    #[error("{file} is damaged: {why}")]
    Damaged {
        /// Which file.
        file: String,
        /// What is wrong with it.
        why: String,
    },
    /// A question whose answer would be too large.
    #[error("the answer has more than {most} lines; ask for less time, fewer devices or longer steps")]
    TooLarge {
        /// The most lines of an answer.
        most: usize,
    },
    /// A question that makes no sense.
    #[error("the question cannot be answered: {why}")]
    Question {
        /// Why not.
        why: String,
    },
    /// The medium failed.
    #[error("{what}: {error}")]
    Medium {
        /// What was being done.
        what: String,
        /// What the medium said.
        error: Box<dyn std::error::Error + Send + Sync>,
    },
}

impl Error {
    /// An error of the medium.
    pub(crate) fn medium(
        what: impl std::fmt::Display,
        error: impl Into<Box<dyn std::error::Error + Send + Sync>>,
    ) -> Self {
        Self::Medium { what: what.to_string(), error: error.into() }
    }

    /// A damaged file.
    pub(crate) fn damaged(file: &Path, why: impl std::fmt::Display) -> Self {
        Self::Damaged { file: file.display().to_string(), why: why.to_string() }
    }
}
