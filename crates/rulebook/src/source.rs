//! The files of one rulebook, before anything is read from them.

use sha2::{Digest, Sha256};
use std::collections::BTreeMap;

/// Most files of one rulebook.
pub const MAX_FILES: usize = 64;
/// Most bytes of one file.
pub const MAX_FILE: usize = 1 << 20;

/// The files of one rulebook by their names, for instance `provisions.cedar`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Source {
    files: BTreeMap<String, String>,
}

/// Why a file cannot be part of a rulebook.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SourceError {
    /// Too many files.
    #[error("more than {MAX_FILES} files in one rulebook")]
    TooMany,
    /// Too long.
    #[error("{file}: {size} bytes; expected at most {MAX_FILE}")]
    TooLong {
        /// The file.
        file: String,
        /// Its size in bytes.
        size: usize,
    },
    /// No text.
    #[error("{file}: not UTF-8 text")]
    NotText {
        /// The file.
        file: String,
    },
}

impl Source {
    /// Adds a file.
    ///
    /// # Errors
    ///
    /// [`SourceError`] if the file is no text, too long, or one too many.
    pub fn add(&mut self, name: &str, bytes: &[u8]) -> Result<(), SourceError> {
        if self.files.len() >= MAX_FILES {
            return Err(SourceError::TooMany);
        }
        if bytes.len() > MAX_FILE {
            return Err(SourceError::TooLong { file: name.to_owned(), size: bytes.len() });
        }
        let text = std::str::from_utf8(bytes).map_err(|_| SourceError::NotText { file: name.to_owned() })?;
        self.files.insert(name.to_owned(), text.to_owned());
        Ok(())
    }

    /// Files whose name ends so, in the order of their names.
    pub fn ending<'a>(&'a self, suffix: &'a str) -> impl Iterator<Item = (&'a str, &'a str)> {
        self.files
            .iter()
            .filter(move |(name, _)| name.ends_with(suffix))
            .map(|(n, t)| (n.as_str(), t.as_str()))
    }

    /// The text of a file.
    #[must_use]
    pub fn file(&self, name: &str) -> Option<&str> {
        self.files.get(name).map(String::as_str)
    }

    /// Whether there is no file.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.files.is_empty()
    }

    /// SHA-256 over names and texts of all files that judge (cases do not), each with its length before it, as hexadecimal.
    #[must_use]
    pub fn digest(&self) -> String {
        let mut hash = Sha256::new();
        for (name, text) in self.files.iter().filter(|(name, _)| !is_cases(name)) {
            for part in [name.as_bytes(), text.as_bytes()] {
                hash.update((part.len() as u64).to_be_bytes());
                hash.update(part);
            }
        }
        hash.finalize().iter().map(|b| format!("{b:02x}")).collect()
    }
}

/// Whether a file holds golden cases rather than rules.
pub fn is_cases(name: &str) -> bool {
    name.starts_with("cases") && name.ends_with(".toml")
}
