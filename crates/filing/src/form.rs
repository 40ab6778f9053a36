//! A filled form as plain data: every value with where it is from. Must not know how it is shown.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

/// The schema that a filing names.
pub const SCHEMA: &str = "overt.filing/1";

/// One filled form. The order of its parts is the order in the file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Filing {
    /// [`SCHEMA`].
    pub schema: String,
    /// The obligation that it answers.
    pub form: Form,
    /// The law that it follows.
    pub law: Law,
    /// First day that it covers, by the calendar of the place.
    pub from: Date,
    /// Last day that it covers.
    pub to: Date,
    /// The operator.
    pub operator: String,
    /// The site, for filings of one site.
    pub site: Option<String>,
    /// Single fields, in the order of the form.
    pub fields: Vec<FilledField>,
    /// Lists of the form.
    pub tables: Vec<Table>,
    /// What is missing, in the order of the form.
    pub gaps: Vec<Gap>,
    /// What a person should know before signing.
    pub notes: Vec<String>,
}

/// The obligation that a filing answers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Form {
    /// Its id, for instance `ru.miner-report`.
    pub obligation: String,
    /// Its title in English.
    pub title: String,
    /// Its title in the original language; may be empty.
    pub original: String,
    /// Who owes it.
    pub who: String,
    /// To whom.
    pub to: String,
    /// Name of the form; may be empty.
    pub form: String,
    /// What happens otherwise; may be empty.
    pub penalty: String,
    /// What is known of the official layout.
    pub layout: String,
}

/// The law that a filing follows: that of the last day it covers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Law {
    /// Jurisdiction of the rulebook.
    pub rulebook: String,
    /// Digest of the rulebook, hexadecimal.
    pub digest: String,
    /// Language of the original texts, BCP 47.
    pub language: String,
    /// Time zone in which days are counted, IANA.
    pub time_zone: String,
    /// The day whose law holds.
    pub as_of: Date,
    /// Title of the instrument.
    pub instrument: String,
    /// The article.
    pub article: String,
    /// Grade of evidence: VP, VS, U or INF.
    pub grade: String,
}

/// One field of the form.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FilledField {
    /// What is asked.
    pub column: Column,
    /// The answer.
    pub cell: Cell,
}

/// What is asked: a field by the dictionary that all forms share.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Column {
    /// Its name, for instance `energy.kwh_total`.
    pub name: String,
    /// What it means, in English.
    pub label: String,
    /// The same in Chinese.
    pub zh: String,
    /// Heading in the regime's own words, where a source gives one; otherwise empty.
    pub own: String,
    /// Unit of a number; may be empty.
    pub unit: String,
    /// Whether it is personal.
    pub sensitive: bool,
}

/// An answer with its source.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Cell {
    /// The value; none where it is missing.
    pub value: Option<String>,
    /// Where it is from.
    pub source: Source,
}

/// Where a value is from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case", deny_unknown_fields)]
pub enum Source {
    /// It was registered.
    Registered {
        /// The versions that say it.
        versions: Vec<Registered>,
    },
    /// It was read off a meter or counted, and handed in.
    Read {
        /// The meter or count.
        meter: String,
        /// Who handed it in.
        by: String,
        /// First day.
        from: Date,
        /// Last day.
        to: Date,
        /// Readings that were added up.
        readings: u32,
    },
    /// It was observed.
    Observed {
        /// Statements that were added up.
        statements: u64,
        /// Ordinal of the first in the log.
        first: u64,
        /// Ordinal of the last in the log.
        last: u64,
        /// How they were added up.
        how: String,
        /// Share of the time that statements cover, thousandths.
        coverage_permille: u16,
    },
    /// It was worked out.
    Computed {
        /// How.
        formula: String,
        /// From which fields, with their values.
        from: Vec<(String, String)>,
        /// By which rule.
        citation: String,
    },
    /// The law says it.
    Law {
        /// The instrument.
        instrument: String,
        /// The article.
        article: String,
    },
    /// A person typed it.
    Person {
        /// Who.
        name: String,
    },
    /// It is missing.
    Missing {
        /// Why it is asked, and what is known instead.
        why: String,
        /// What to do.
        todo: String,
    },
}

/// One version of a registration as a source.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Registered {
    /// `operator`, `site`, `device` or `workload`.
    pub subject: String,
    /// Its name.
    pub id: String,
    /// The version.
    pub version: u32,
    /// Ordinal of its record in the log.
    pub ordinal: u64,
    /// The field of it.
    pub field: String,
}

/// A list of the form.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Table {
    /// Its name.
    pub id: String,
    /// Its title.
    pub title: String,
    /// Its columns.
    pub columns: Vec<Column>,
    /// Its rows, each with a cell for each column.
    pub rows: Vec<Vec<Cell>>,
}

/// Something that is missing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Gap {
    /// The field.
    pub field: String,
    /// The table and its row, from 1, where it is missing in one.
    pub row: Option<(String, u32)>,
    /// Why it is asked, and what is known instead.
    pub why: String,
    /// What to do.
    pub todo: String,
}

impl Cell {
    /// A value with its source.
    #[must_use]
    pub fn of(value: impl Into<String>, source: Source) -> Self {
        Self { value: Some(value.into()), source }
    }

    /// A gap.
    #[must_use]
    pub fn missing(why: impl Into<String>, todo: impl Into<String>) -> Self {
        Self { value: None, source: Source::Missing { why: why.into(), todo: todo.into() } }
    }
}

impl Filing {
    /// The answer to a single field.
    #[must_use]
    pub fn field(&self, name: &str) -> Option<&Cell> {
        self.fields.iter().find(|f| f.column.name == name).map(|f| &f.cell)
    }

    /// A list by its name.
    #[must_use]
    pub fn table(&self, id: &str) -> Option<&Table> {
        self.tables.iter().find(|t| t.id == id)
    }

    /// The period in words.
    #[must_use]
    pub fn period(&self) -> String {
        if self.from == self.to { self.from.to_string() } else { format!("{} to {}", self.from, self.to) }
    }

    /// Lists what is missing, fields first, then tables.
    pub(crate) fn list_gaps(&mut self) {
        let gap = |field: &str, row: Option<(String, u32)>, cell: &Cell| match &cell.source {
            Source::Missing { why, todo } => {
                Some(Gap { field: field.to_owned(), row, why: why.clone(), todo: todo.clone() })
            }
            _ => None,
        };
        let mut gaps: Vec<Gap> =
            self.fields.iter().filter_map(|f| gap(&f.column.name, None, &f.cell)).collect();
        for table in &self.tables {
            for (row, number) in table.rows.iter().zip(1_u32..) {
                let cells = table.columns.iter().zip(row);
                gaps.extend(
                    cells.filter_map(|(c, cell)| gap(&c.name, Some((table.id.clone(), number)), cell)),
                );
            }
        }
        self.gaps = gaps;
    }
}

impl Table {
    /// A cell by row, from 0, and column name.
    #[must_use]
    pub fn cell(&self, row: usize, column: &str) -> Option<&Cell> {
        let at = self.columns.iter().position(|c| c.name == column)?;
        self.rows.get(row)?.get(at)
    }
}
