//! What is wrong with a file: line by line, with help, and with an end.

use crate::shorten;
use std::fmt;

/// Most mistakes that are listed of one file; then reading stops.
pub const MAX_MISTAKES: usize = 100;

/// What is wrong in a line.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// Bytes that are not UTF-8.
    #[error("this is not UTF-8; it looks like {looks}")]
    Encoding {
        /// What it looks like.
        looks: &'static str,
        /// The name that `iconv` knows it by.
        iconv: &'static str,
    },
    /// Text that is not of the form at all.
    #[error("{message}")]
    Form {
        /// What was found.
        message: String,
    },
    /// The source failed.
    #[error("cannot read on: {why}")]
    Source {
        /// What failed.
        why: String,
    },
    /// One row that does not end.
    #[error("this row is longer than {most} bytes")]
    Endless {
        /// Most bytes of a row.
        most: usize,
    },
    /// Too many rows.
    #[error("more than {most} rows")]
    Rows {
        /// Most rows of a file.
        most: u64,
    },
    /// A row of another width than the head.
    #[error("{found} cells, and the first line names {expected} columns")]
    Width {
        /// Cells of the row.
        found: usize,
        /// Columns of the head.
        expected: usize,
    },
    /// A name that the dictionary does not have.
    #[error("'{name}' is no field")]
    Unknown {
        /// What was found.
        name: String,
        /// The nearest name.
        near: String,
    },
    /// A column that is needed.
    #[error("no column '{name}'")]
    NoColumn {
        /// Its name.
        name: &'static str,
    },
    /// The same column again.
    #[error("the column '{name}' stands there twice")]
    Column {
        /// Its name.
        name: String,
    },
    /// The same name again.
    #[error("{what} '{name}' stands in line {first} already")]
    Again {
        /// What has the name.
        what: &'static str,
        /// The name.
        name: String,
        /// The line that had it first.
        first: u64,
    },
    /// A cell that a spreadsheet would calculate.
    #[error("{field}: a value that begins with '{with}' is a formula to a spreadsheet")]
    Formula {
        /// The field.
        field: String,
        /// What it begins with.
        with: char,
    },
    /// A value that is too long.
    #[error("{field}: {found} bytes, expected at most {most}")]
    Long {
        /// The field.
        field: String,
        /// Its bytes.
        found: usize,
        /// Most bytes.
        most: usize,
    },
    /// A value of another kind.
    #[error("{field}: found '{found}', expected {expected}")]
    Value {
        /// The field.
        field: String,
        /// What was found, shortened.
        found: String,
        /// What was expected.
        expected: String,
    },
    /// A day that cannot be meant.
    #[error("{field}: {found} lies outside of {first} to {last}")]
    Day {
        /// The field.
        field: &'static str,
        /// The day.
        found: String,
        /// First day that is taken.
        first: String,
        /// Last day that is taken.
        last: String,
    },
    /// An end before the beginning.
    #[error("until {until} is before from {from}")]
    Order {
        /// The first day.
        from: String,
        /// The last day.
        until: String,
    },
    /// Something that belongs to nothing.
    #[error("no {what} is named")]
    Nowhere {
        /// What is missing: operator or site.
        what: &'static str,
    },
    /// Something that nobody knows.
    #[error("there is no {what} '{name}'")]
    Stranger {
        /// operator or site.
        what: &'static str,
        /// The name.
        name: String,
        /// The nearest known name; empty where nothing is near.
        near: String,
    },
}

impl Fault {
    /// A value of another kind, shortened for the message.
    pub(crate) fn value(field: &str, found: &str, expected: impl Into<String>) -> Self {
        Self::Value { field: field.to_owned(), found: shorten(found), expected: expected.into() }
    }

    /// What to do about it; empty where the message says it.
    #[must_use]
    pub fn help(&self) -> String {
        match self {
            Self::Encoding { iconv, .. } => {
                format!(
                    "convert the file: iconv -f {iconv} -t UTF-8 FILE > NEW; all lines have to be of one encoding"
                )
            }
            Self::Endless { .. } => "a quote that is not closed swallows what follows it".to_owned(),
            Self::Rows { .. } => "split the file: each part is applied on its own".to_owned(),
            Self::Width { .. } => "a comma inside a value needs quotes around the value".to_owned(),
            Self::Unknown { near, .. } if near.is_empty() => String::new(),
            Self::Unknown { near, .. } => format!("did you mean '{near}'?"),
            Self::NoColumn { name } => {
                format!("the first line names the columns; one of them has to be '{name}'")
            }
            Self::Again { .. } => "one file says one thing of each; take one of the lines out".to_owned(),
            Self::Formula { .. } => {
                "if it is meant as it stands, write an apostrophe before it, as in a spreadsheet".to_owned()
            }
            Self::Nowhere { what } => format!("name the {what}, in the file or with --{what}"),
            Self::Stranger { what, near, .. } if near.is_empty() => format!("register the {what} first"),
            Self::Stranger { near, .. } => format!("did you mean '{near}'?"),
            _ => String::new(),
        }
    }
}

/// A fault with its line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mistake {
    /// The line, from 1; 0 where it is not known.
    pub line: u64,
    /// What is wrong.
    pub fault: Fault,
}

impl fmt::Display for Mistake {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.line > 0 {
            write!(f, "line {}: ", self.line)?;
        }
        let help = self.fault.help();
        write!(f, "{}{}{help}", self.fault, if help.is_empty() { "" } else { "; " })
    }
}

/// The mistakes of a file, in order of lines.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Mistakes {
    /// At most [`MAX_MISTAKES`].
    pub list: Vec<Mistake>,
    /// Whether reading stopped before the end, so that there may be more.
    pub cut: bool,
}

impl Mistakes {
    /// Takes one in.
    pub(crate) fn add(&mut self, line: u64, fault: Fault) {
        if self.list.len() < MAX_MISTAKES {
            self.list.push(Mistake { line, fault });
        } else {
            self.cut = true;
        }
    }

    /// Takes one in after which nothing can be read.
    pub(crate) fn stop(&mut self, line: u64, fault: Fault) {
        self.add(line, fault);
        self.cut = true;
    }

    /// Whether there are so many that reading on is of no use.
    pub(crate) fn full(&self) -> bool {
        self.cut || self.list.len() >= MAX_MISTAKES
    }

    /// What was read, if nothing was wrong.
    pub(crate) fn or<T>(mut self, read: T) -> Result<T, Self> {
        self.list.sort_by_key(|m| m.line);
        if self.list.is_empty() { Ok(read) } else { Err(self) }
    }
}

impl From<Mistake> for Mistakes {
    fn from(mistake: Mistake) -> Self {
        Self { list: vec![mistake], cut: true }
    }
}
