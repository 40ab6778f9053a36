//! Answering questions: from the sums by the hour where they say enough, else from the rows. It must not change anything.

use crate::error::Error;
use crate::fold::Fold;
use crate::history::Facts;
use crate::query::{Answer, Query};

impl Facts {
    /// Answers a question: lines by step of time, then by key.
    ///
    /// # Errors
    ///
    /// [`Error::Question`] or [`Error::TooLarge`] if it cannot be answered, [`Error::Damaged`] if a file cannot be read.
    pub fn query(&self, query: &Query) -> Result<Vec<Answer>, Error> {
        query.check()?;
        let mut fold = Fold::default();
        self.view().fold(query, &query.window(), &mut fold)?;
        Ok(fold.answers())
    }
}
