//! Answering questions: from the sums by the hour where they say enough, else from the rows. It must not change anything.

use crate::error::Error;
use crate::fold::Fold;
use crate::history::Facts;
use crate::hours::HOUR;
use crate::query::{Answer, Group, Query};
use crate::row::MAX_TIME;
use crate::scan::View;
use std::ops::Range;

impl Facts {
    /// Answers a question: lines by step of time, then by key.
    ///
    /// # Errors
    ///
    /// [`Error::Question`] or [`Error::TooLarge`] if it cannot be answered, [`Error::Damaged`] if a file cannot be read.
    pub fn query(&self, query: &Query) -> Result<Vec<Answer>, Error> {
        query.check()?;
        let mut fold = Fold::default();
        let window = query.from_ms.max(0)..query.to_ms.min(MAX_TIME + 1);
        match whole_hours(query, &window) {
            None => self.view().fold(query, &window, &mut fold)?,
            Some(hours) => {
                let (view, rest) = self.summed(query, &hours, &mut fold)?;
                let middle = hours.start * HOUR..hours.end * HOUR;
                view.fold(query, &(window.start..middle.start), &mut fold)?;
                rest.fold(query, &middle, &mut fold)?;
                view.fold(query, &(middle.end..window.end), &mut fold)?;
            }
        }
        Ok(fold.answers())
    }

    /// Adds the catalogue's sums of whole hours; returns what the history holds at the same moment, and what of that the
    /// catalogue does not know.
    fn summed(&self, query: &Query, hours: &Range<i64>, fold: &mut Fold) -> Result<(View, View), Error> {
        let state = self.state();
        state.catalogue.fold(query, hours.clone(), fold)?;
        let view = state.view.clone();
        drop(state);
        let parts = view.parts.iter().filter(|part| !part.summed).cloned().collect();
        let rest = View { parts, chunks: view.chunks.clone() };
        Ok((view, rest))
    }
}

/// The whole hours within a window, since 1970, if sums by the hour can answer the question.
fn whole_hours(query: &Query, window: &Range<i64>) -> Option<Range<i64>> {
    let known = !matches!(query.group, Group::Device | Group::Workload)
        && query.devices.is_empty()
        && query.workload.is_none()
        && !query.statements;
    let even = query.bucket.is_none_or(|b| b.every_ms % HOUR == 0 && b.origin_ms % HOUR == 0);
    let hours = window.start.saturating_add(HOUR - 1).div_euclid(HOUR)..window.end.div_euclid(HOUR);
    (known && even && !hours.is_empty()).then_some(hours)
}
