//! What can be wrong with a book.

use thiserror::Error;

/// A book that cannot be used, and what was expected in it.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum BookError {
    /// The text is not TOML of the expected form.
    #[error("{file}: {message}")]
    Form {
        /// Which of the three texts.
        file: &'static str,
        /// What the reader found and what it expected, with line and column.
        message: String,
    },
    /// One entry is wrong.
    #[error("{file}: {section} '{entry}': found {found}, expected {expected}")]
    Entry {
        /// Which of the three texts.
        file: &'static str,
        /// The section, such as `constant`.
        section: &'static str,
        /// The name of the entry.
        entry: String,
        /// What stands there.
        found: String,
        /// What should stand there.
        expected: &'static str,
    },
}

impl BookError {
    pub(crate) fn form(file: &'static str, error: &toml::de::Error) -> Self {
        Self::Form { file, message: error.to_string().trim_end().to_owned() }
    }
}
