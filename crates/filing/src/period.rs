//! The days that a filing covers. Must not invent a period: a report covers the periods of its obligation.

use crate::error::FillError;
use crate::json::short;
use jiff::ToSpan;
use jiff::civil::Date;
use rulebook::due::Calendar;
use rulebook::{Due, Obligation, Rulebook};
use std::collections::BTreeMap;

/// First and last day that a filing covers, by the calendar of the place; for registrations, the day as of which it is filled.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Period {
    /// The first day.
    pub from: Date,
    /// The last day.
    pub to: Date,
}

impl Period {
    /// A period from a text: `2026`, `2026-Q3`, `2026-10`, `2026-10-05` or `2026-10-01/2026-10-31`. A single day stands for the
    /// period of the obligation that it lies in, where the obligation has periods, otherwise for itself.
    ///
    /// # Errors
    ///
    /// [`FillError::Period`] if the text is none of these.
    pub fn read(text: &str, rulebook: &Rulebook, obligation: &Obligation) -> Result<Self, FillError> {
        let wrong = || FillError::Period {
            found: format!("'{}'", short(text)),
            obligation: obligation.id.clone(),
            expected: "YYYY, YYYY-QN, YYYY-MM, YYYY-MM-DD or YYYY-MM-DD/YYYY-MM-DD".to_owned(),
        };
        if let Some((from, to)) = text.split_once('/') {
            let (from, to) = (from.parse().map_err(|_| wrong())?, to.parse().map_err(|_| wrong())?);
            return if from <= to { Ok(Self { from, to }) } else { Err(wrong()) };
        }
        if let Ok(day) = text.parse::<Date>() {
            return Ok(Self::around(day, rulebook, obligation));
        }
        named(text).ok_or_else(wrong)
    }

    /// The period of an obligation that a day lies in; the day itself where the obligation has no periods.
    #[must_use]
    pub fn around(day: Date, rulebook: &Rulebook, obligation: &Obligation) -> Self {
        let own = periods(rulebook, obligation, day, day);
        own.into_iter().find(|p| p.from <= day && day <= p.to).unwrap_or(Self { from: day, to: day })
    }

    /// Refuses what is no period of an obligation that has periods.
    pub(crate) fn check(self, rulebook: &Rulebook, obligation: &Obligation) -> Result<(), FillError> {
        let own = periods(rulebook, obligation, self.from, self.to);
        if own.is_empty() || own.contains(&self) {
            return Ok(());
        }
        let expected: Vec<String> = own
            .iter()
            .filter(|p| p.to >= self.from && p.from <= self.to)
            .take(3)
            .map(|p| format!("{} to {}", p.from, p.to))
            .collect();
        Err(FillError::Period {
            found: format!("{} to {}", self.from, self.to),
            obligation: obligation.id.clone(),
            expected: expected.join(" or "),
        })
    }
}

/// The periods of an obligation that lie around some days; none where it has no periods.
fn periods(rulebook: &Rulebook, obligation: &Obligation, from: Date, to: Date) -> Vec<Period> {
    if !matches!(obligation.due, Due::Every { .. }) {
        return Vec::new();
    }
    let (Ok(first), Ok(last)) = (from.checked_sub(1.year()), to.checked_add(2.years())) else {
        return Vec::new();
    };
    let dates = Calendar::of(rulebook).due(&obligation.due, &BTreeMap::new(), first, last);
    let covers = dates.unwrap_or_default().into_iter().filter_map(|d| d.covers);
    covers.map(|(from, to)| Period { from, to }).collect()
}

/// A year, quarter or month by its name.
fn named(text: &str) -> Option<Period> {
    let whole = |from: Date, length: jiff::Span| {
        Some(Period { from, to: from.checked_add(length).ok()?.yesterday().ok()? })
    };
    let year = |t: &str| t.parse::<i16>().ok().filter(|_| t.len() == 4);
    match text.split_once('-') {
        None => whole(Date::new(year(text)?, 1, 1).ok()?, 1.year()),
        Some((y, part)) => match part.strip_prefix('Q') {
            Some(quarter) => {
                let quarter = quarter.parse::<i8>().ok().filter(|q| (1..=4).contains(q))?;
                whole(Date::new(year(y)?, quarter * 3 - 2, 1).ok()?, 3.months())
            }
            None => {
                let month = part.parse::<i8>().ok().filter(|_| part.len() == 2)?;
                whole(Date::new(year(y)?, month, 1).ok()?, 1.month())
            }
        },
    }
}
