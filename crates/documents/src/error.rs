//! Why a document cannot be set. Must not hold text of the document beyond a few words.

/// Why a document cannot be set.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// The typesetter is not built in.
    #[error("this program sets no PDF: it was built without `--features documents`")]
    NotBuilt,
    /// Over a bound.
    #[error("found {found} {what}, expected at most {most}")]
    TooMuch {
        /// Of what.
        what: &'static str,
        /// How much there is.
        found: usize,
        /// How much may be.
        most: usize,
    },
    /// A row that does not fit its table.
    #[error("found a row of {found} cells, expected one for each of {expected} columns")]
    Row {
        /// Cells of the row.
        found: usize,
        /// Columns of the table.
        expected: usize,
    },
    /// A name or media type of an attachment that cannot be.
    #[error("found the attachment '{found}', expected {expected}")]
    Attachment {
        /// What was found.
        found: String,
        /// What was expected.
        expected: &'static str,
    },
    /// A day that is none.
    #[error("found the date {}-{}-{}, expected a day from year 1 to 9999", .found.0, .found.1, .found.2)]
    Date {
        /// Year, month, day.
        found: (u16, u8, u8),
    },
    /// The typesetter does not take it.
    #[error("the typesetter refuses the document: {why}")]
    Refused {
        /// Why, in its words.
        why: String,
    },
}
