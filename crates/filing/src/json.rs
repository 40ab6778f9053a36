//! A filing as JSON, in one form: written, and read back with bounds. Must not repair what it reads.

use crate::error::ReadError;
use crate::form::{Cell, Filing, SCHEMA, Source, Table};

/// Most bytes of a filing that is read.
pub const MAX_FILING: usize = 32 << 20;
/// Most cells of all tables of a filing.
pub const MAX_CELLS: usize = 1 << 18;
/// Most characters of foreign text in a message.
const SHOWN: usize = 80;

impl Filing {
    /// The filing as indented JSON with a final newline: the same filing gives the same bytes.
    #[must_use]
    pub fn to_json(&self) -> String {
        // Keys are strings and there are no floating-point numbers, so writing cannot fail.
        serde_json::to_string_pretty(self).unwrap_or_default() + "\n"
    }

    /// Reads a filing in its one form.
    ///
    /// # Errors
    ///
    /// [`ReadError`] if it is too long, of another schema, does not hold together, or stands in another form.
    pub fn from_json(text: &str) -> Result<Self, ReadError> {
        if text.len() > MAX_FILING {
            return Err(ReadError::TooLong { found: text.len(), most: MAX_FILING });
        }
        let filing: Self = serde_json::from_str(text).map_err(|e| ReadError::Form(short(&e.to_string())))?;
        if filing.schema != SCHEMA {
            return Err(ReadError::Schema { found: short(&filing.schema), expected: SCHEMA });
        }
        filing.check()?;
        let written = filing.to_json();
        if written != text {
            let at = written.bytes().zip(text.bytes()).take_while(|(a, b)| a == b).count();
            return Err(ReadError::NotTheForm { at });
        }
        Ok(filing)
    }

    fn check(&self) -> Result<(), ReadError> {
        let wrong = |at: &str, found: String, expected| ReadError::Inconsistent {
            at: short(at),
            found: short(&found),
            expected,
        };
        if self.to < self.from {
            return Err(wrong(
                "period",
                format!("{} to {}", self.from, self.to),
                "a first day not after the last",
            ));
        }
        for field in &self.fields {
            sound(&field.column.name, &field.cell)?;
        }
        let cells: usize = self.tables.iter().map(|t| t.rows.len().saturating_mul(t.columns.len())).sum();
        if cells > MAX_CELLS {
            return Err(wrong("tables", format!("{cells} cells"), "at most 262144"));
        }
        for table in &self.tables {
            table.check()?;
        }
        let mut listed = self.clone();
        listed.list_gaps();
        if listed.gaps != self.gaps {
            return Err(wrong(
                "gaps",
                format!("{} gaps", self.gaps.len()),
                "one for every cell without a value",
            ));
        }
        Ok(())
    }
}

impl Table {
    fn check(&self) -> Result<(), ReadError> {
        for row in &self.rows {
            if row.len() != self.columns.len() {
                return Err(ReadError::Inconsistent {
                    at: short(&self.id),
                    found: format!("a row of {} cells", row.len()),
                    expected: "a cell for each column",
                });
            }
            for (column, cell) in self.columns.iter().zip(row) {
                sound(&column.name, cell)?;
            }
        }
        Ok(())
    }
}

/// A cell has a value unless it is missing.
fn sound(at: &str, cell: &Cell) -> Result<(), ReadError> {
    let missing = matches!(cell.source, Source::Missing { .. });
    if missing == cell.value.is_none() {
        return Ok(());
    }
    let found = if missing { "a value of what is missing" } else { "no value of what has a source" };
    let expected = "a value, or why it is missing";
    Err(ReadError::Inconsistent { at: short(at), found: found.to_owned(), expected })
}

/// Foreign text as it may stand in a message.
pub(crate) fn short(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { '\u{fffd}' } else { c }).take(SHOWN).collect()
}
