//! A contested finding as a case for the evaluation: schema `overt.case/1`, published as `schemas/overt.case-1.schema.json`.
//!
//! A case is a folder; this is its `case.json`, which names every other file with its SHA-256. Must not say more than the log
//! does: what somebody adds stands with who added it.

use facts::{Activity, TokenState};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The schema that the document names.
pub const SCHEMA: &str = "overt.case/1";
/// The name of the document in its folder.
pub const FILE: &str = "case.json";
/// Most bytes of the document.
pub const MAX_CASE: u64 = 16 << 20;
/// Most statements of a case: four hours, one a minute.
pub const MAX_STATEMENTS: usize = 240;
/// Most files of a case.
pub const MAX_FILES: usize = 1_000;

/// The document.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Case {
    /// [`SCHEMA`].
    pub schema: String,
    /// The name of the matter in its registry.
    pub id: String,
    /// The device, 32 hexadecimal digits.
    pub device: String,
    /// The workload, 16 hexadecimal digits.
    pub workload: String,
    /// The first statement by its number.
    pub first: u64,
    /// The last statement by its number.
    pub last: u64,
    /// The entry that says that the operator agreed.
    pub agreed: Said,
    /// What was said against the finding.
    pub contested: Contested,
    /// What was answered, oldest first.
    pub answers: Vec<Answer>,
    /// The finding as it was, statement by statement.
    pub found: Vec<Found>,
    /// What it should have been.
    pub label: Label,
    /// Whether today's identification can be asked about it.
    pub again: Again,
    /// Every other file of the folder: its path with `/`, and its SHA-256.
    pub files: BTreeMap<String, String>,
    /// Where it is from.
    pub made: Made,
}

/// Who said something, when, and which entry of the log keeps it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Said {
    /// The name of the token that said it.
    pub by: String,
    /// When, milliseconds since 1970.
    pub at_ms: u64,
    /// The ordinal of its record in the log.
    pub ordinal: u64,
}

/// What was said against the finding.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Contested {
    /// Who, when, where.
    pub said: Said,
    /// The grounds.
    pub grounds: String,
    /// Material by name, with its SHA-256.
    pub material: BTreeMap<String, String>,
}

/// One answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Answer {
    /// Who, when, where.
    pub said: Said,
    /// `upheld`, `overturned`, `partly-overturned`, `withdrawn`, `more-asked`.
    pub outcome: String,
    /// The reasons.
    pub reasons: String,
}

/// What one statement said of the workload.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Found {
    /// The statement by its number.
    pub sequence: u64,
    /// Begin of its interval, milliseconds since 1970.
    pub from_ms: u64,
    /// Length of its interval, milliseconds.
    pub duration_ms: u32,
    /// The name of the workload.
    pub name: String,
    /// What it may be doing with probabilities, likeliest first.
    pub readings: Vec<facts::Reading>,
    /// Its parts, where it did several things.
    pub mixture: Vec<facts::Share>,
    /// The named computation.
    pub algorithm: Option<String>,
    /// Whether it earns a token.
    pub token_link: TokenState,
    /// The evidence in short.
    pub evidence: Vec<Item>,
    /// SHA-256 of the bulky evidence, which may be among the files.
    pub detail: Option<String>,
    /// Version of the program that said it.
    pub agent: String,
}

/// One item of evidence in short.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Item {
    /// What kind.
    pub kind: facts::EvidenceKind,
    /// What it speaks for.
    pub supports: Activity,
    /// Its weight, log10 of the likelihood ratio.
    pub weight: f64,
}

/// What the finding should have been.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Label {
    /// The outcome that closed the matter.
    pub outcome: String,
    /// What was concluded most often.
    pub was: Activity,
    /// What it is not; an outcome alone says no more.
    pub is_not: Option<Activity>,
    /// What it is.
    pub is: Option<Activity>,
    /// Who says what it is: `outcome` where the finding was upheld, `exporter` where whoever made the case says so.
    pub is_by: Option<Source>,
}

/// Who says what a workload is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Source {
    /// The outcome itself.
    Outcome,
    /// Whoever made the case.
    Exporter,
}

/// Whether today's identification can be asked about a case.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Again {
    /// Recordings among the files.
    pub recordings: Vec<String>,
    /// What that means, a sentence.
    pub note: String,
}

/// Where a case is from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Made {
    /// Version of the program that made it.
    pub by: String,
    /// The name of the log.
    pub origin: String,
    /// When, milliseconds since 1970.
    pub at_ms: u64,
}

/// Why a case is refused.
#[derive(Debug, thiserror::Error)]
pub enum CaseError {
    /// Too long.
    #[error("a case of {found} bytes, expected at most {MAX_CASE}")]
    Long {
        /// How many.
        found: u64,
    },
    /// Not in its form.
    #[error("the case is malformed: {0}; expected one JSON document of schema {SCHEMA}")]
    Malformed(#[from] serde_json::Error),
    /// Another schema.
    #[error("the case has schema '{found}', expected '{SCHEMA}'")]
    Schema {
        /// What it says.
        found: String,
    },
    /// Too many statements or files.
    #[error("a case of {found} {what}, expected at most {most}")]
    Many {
        /// Of what.
        what: &'static str,
        /// How many.
        found: usize,
        /// What is allowed.
        most: usize,
    },
    /// A file that does not lie in the folder.
    #[error("the case names the file '{found}', expected FOLDER/NAME of a-z A-Z 0-9 . _ -")]
    Path {
        /// What it names.
        found: String,
    },
    /// A recording that is not among its files.
    #[error("the recording '{found}' is not among the files of the case")]
    Recording {
        /// What it names.
        found: String,
    },
}

impl Case {
    /// Reads a document.
    ///
    /// # Errors
    ///
    /// [`CaseError`].
    pub fn from_json(bytes: &[u8]) -> Result<Self, CaseError> {
        let length = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
        if length > MAX_CASE {
            return Err(CaseError::Long { found: length });
        }
        let case: Self = serde_json::from_slice(bytes)?;
        if case.schema != SCHEMA {
            return Err(CaseError::Schema { found: shown(&case.schema) });
        }
        for (what, found, most) in
            [("statements", case.found.len(), MAX_STATEMENTS), ("files", case.files.len(), MAX_FILES)]
        {
            if found > most {
                return Err(CaseError::Many { what, found, most });
            }
        }
        if let Some(path) = case.files.keys().find(|path| !inside(path)) {
            return Err(CaseError::Path { found: shown(path) });
        }
        if let Some(path) = case.again.recordings.iter().find(|path| !case.files.contains_key(*path)) {
            return Err(CaseError::Recording { found: shown(path) });
        }
        Ok(case)
    }

    /// The document as indented JSON with a final newline.
    ///
    /// # Errors
    ///
    /// Never in practice: every value is finite and every key a string.
    pub fn to_json(&self) -> serde_json::Result<String> {
        serde_json::to_string_pretty(self).map(|text| text + "\n")
    }
}

/// Whether a path stays in its folder and can be written anywhere.
fn inside(path: &str) -> bool {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-');
    let parts: Vec<&str> = path.split('/').collect();
    parts.len() <= 2 && parts.iter().all(|p| !p.is_empty() && !p.starts_with('.') && p.chars().all(plain))
}

fn shown(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).take(80).collect()
}

#[cfg(test)]
mod tests {
    use super::inside;

    #[test]
    fn a_file_of_a_case_lies_in_its_folder() {
        for good in ["trust.policy", "statements/7.cose", "recordings/a_b-1.json.gz"] {
            assert!(inside(good), "{good}");
        }
        for bad in ["", "/etc/passwd", "../x", "a/../x", "a/b/c", "a\\b", "a b", ".hidden", "a/"] {
            assert!(!inside(bad), "{bad}");
        }
    }
}
