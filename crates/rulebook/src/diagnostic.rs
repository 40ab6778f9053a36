//! What is wrong with a rulebook, where, and what to do about it.

use serde::Serialize;
use std::fmt;

/// How bad it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Severity {
    /// The rulebook cannot be used.
    Error,
    /// The rulebook can be used; a person should look.
    Warning,
    /// Worth knowing.
    Note,
}

impl Severity {
    /// The word before the message.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warning => "warning",
            Self::Note => "note",
        }
    }
}

/// One thing found.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Diagnostic {
    /// The file within the rulebook.
    pub file: String,
    /// The line, from 1; 0 where the whole file is meant.
    pub line: usize,
    /// How bad it is.
    pub severity: Severity,
    /// Short stable name of the rule that found it.
    pub rule: &'static str,
    /// What was found and what was expected.
    pub message: String,
    /// What to do.
    pub help: String,
}

impl Diagnostic {
    /// An error.
    pub(crate) fn error(
        (file, line): (&str, usize),
        rule: &'static str,
        message: impl Into<String>,
        help: impl Into<String>,
    ) -> Self {
        Self {
            file: file.to_owned(),
            line,
            severity: Severity::Error,
            rule,
            message: message.into(),
            help: help.into(),
        }
    }

    /// The same as a warning.
    pub(crate) fn warning(self) -> Self {
        Self { severity: Severity::Warning, ..self }
    }

    /// The same as a note.
    pub(crate) fn note(self) -> Self {
        Self { severity: Severity::Note, ..self }
    }
}

impl fmt::Display for Diagnostic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {}[{}]: {}", self.file, self.line, self.severity.name(), self.rule, self.message)?;
        if self.help.is_empty() { Ok(()) } else { write!(f, "; {}", self.help) }
    }
}

/// The line, from 1, in which this byte of the text stands.
pub(crate) fn line_of(text: &str, byte: usize) -> usize {
    1 + text.bytes().take(byte).filter(|b| *b == b'\n').count()
}
