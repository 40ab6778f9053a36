//! What a dossier is about and what it holds, file by file with the hash of each: its first member.

use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};
use statement::Name;

/// Name of the member.
pub const CONTENTS: &str = "dossier.json";
/// The schema of this form.
pub const SCHEMA: &str = "overt.dossier/1";
/// Most bytes of it.
pub const MAX_CONTENTS: u64 = 16 << 20;
/// Longest period in days.
pub const MAX_DAYS: i32 = 3_700;

/// What it is about.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Scope {
    /// Whose dossier.
    pub operator: String,
    /// First day, by the calendar of the zone.
    pub from: Date,
    /// Last day.
    pub to: Date,
    /// IANA name of the time zone.
    pub zone: String,
}

/// What it holds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Contents {
    /// `overt.dossier/1`.
    pub schema: String,
    /// Version of the program that made it.
    pub made_by: String,
    /// What set its documents; none where it holds none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub typesetter: Option<String>,
    /// What it is about.
    pub scope: Scope,
    /// Every other member, in their order in the file.
    pub files: Vec<Listed>,
}

/// One member.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Listed {
    /// Its name.
    pub name: String,
    /// Its bytes.
    pub bytes: u64,
    /// SHA-256 of it, hexadecimal.
    pub sha256: String,
}

/// Why contents cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum ContentsError {
    /// Not in the form.
    #[error("{CONTENTS}: {0}")]
    Json(#[from] serde_json::Error),
    /// In the form, written otherwise.
    #[error("{CONTENTS} is not written as overt writes it: it was changed")]
    Form,
    /// Another schema.
    #[error("{CONTENTS} has the schema '{found}', expected '{SCHEMA}'")]
    Schema {
        /// What was found.
        found: String,
    },
    /// A scope that is none.
    #[error("{CONTENTS}: {what}")]
    Scope {
        /// What is wrong.
        what: String,
    },
}

impl Contents {
    /// The one form.
    #[must_use]
    pub fn text(&self) -> String {
        // Strings, numbers and lists of them: this cannot fail.
        serde_json::to_string_pretty(self).unwrap_or_default() + "\n"
    }

    /// Reads the one form.
    ///
    /// # Errors
    ///
    /// [`ContentsError`].
    pub fn read(text: &[u8]) -> Result<Self, ContentsError> {
        let contents: Self = serde_json::from_slice(text)?;
        if contents.schema != SCHEMA {
            return Err(ContentsError::Schema { found: contents.schema.chars().take(64).collect() });
        }
        if contents.text().as_bytes() != text {
            return Err(ContentsError::Form);
        }
        contents.scope.span()?;
        Ok(contents)
    }
}

impl Scope {
    /// The beginning of each of its days and the end of the last, milliseconds since 1970.
    ///
    /// # Errors
    ///
    /// [`ContentsError::Scope`]: no such zone or operator, an end before the beginning, or too long.
    pub fn days(&self) -> Result<Vec<(Date, u64)>, ContentsError> {
        let wrong = |what: String| ContentsError::Scope { what };
        let zone =
            TimeZone::get(&self.zone).map_err(|_| wrong(format!("'{}' is no time zone", self.zone)))?;
        let length = (self.to - self.from).get_days();
        if self.to < self.from || length > MAX_DAYS {
            let what = format!("{} to {}: expected 1 to {MAX_DAYS} days", self.from, self.to);
            return Err(wrong(what));
        }
        let mut days = Vec::new();
        let mut day = self.from;
        loop {
            let start = day.to_zoned(zone.clone()).map_err(|e| wrong(e.to_string()))?;
            let ms = u64::try_from(start.timestamp().as_millisecond()).unwrap_or(0);
            days.push((day, ms));
            if day > self.to {
                return Ok(days);
            }
            day = day.tomorrow().map_err(|e| wrong(e.to_string()))?;
        }
    }

    /// Its begin and end, milliseconds since 1970; the end is not part of it.
    ///
    /// # Errors
    ///
    /// As [`Scope::days`].
    pub fn span(&self) -> Result<(u64, u64), ContentsError> {
        let days = self.days()?;
        let first = days.first().map_or(0, |d| d.1);
        Ok((first, days.last().map_or(0, |d| d.1)))
    }

    /// The operator's name.
    ///
    /// # Errors
    ///
    /// [`ContentsError::Scope`].
    pub fn operator(&self) -> Result<Name, ContentsError> {
        self.operator.parse().map_err(|e: statement::NameError| ContentsError::Scope { what: e.to_string() })
    }
}
