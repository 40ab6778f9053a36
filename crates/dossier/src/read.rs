//! An entry of a log as it is gathered. Must not judge what is in no form that is known here.

use statement::{Envelope, Kept, Record, Statement};

/// An entry, read once.
pub enum Read {
    /// A statement.
    Statement(Box<Statement>),
    /// A record.
    Record(Box<Record>),
    /// It stands as its hash.
    Hidden,
    /// It is in no form that is known here; that is for the check of the log to say.
    Nothing,
}

impl Read {
    /// Reads it.
    pub fn of(entry: &Kept) -> Self {
        match entry {
            Kept::Hash(_) => Self::Hidden,
            Kept::Record(bytes) => {
                Record::from_cbor(bytes).map_or(Self::Nothing, |record| Self::Record(Box::new(record)))
            }
            Kept::Statement(bytes) => {
                let envelope = Envelope::parse(bytes).ok();
                let statement = envelope.and_then(|e| Statement::from_cbor(e.payload).ok());
                statement.map_or(Self::Nothing, |statement| Self::Statement(Box::new(statement)))
            }
        }
    }
}
