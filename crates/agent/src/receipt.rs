//! Receipts.

use statement::Digest;

/// What.
#[derive(Clone, Debug)]
pub struct Receipted {
    statement: Digest,
}

impl Receipted {
    /// The statement.
    #[must_use]
    pub fn statement(&self) -> Digest {
        self.statement
    }
}
