//! How far a conclusion of identification bears: what the evaluation on held-out programs found it to be worth.
//!
//! The errors of identification belong to programs, not to minutes: the same program looks the same wrong way every
//! minute, so that repetition adds nothing. What bounds a difference is how often work of the declared kind has looked
//! like this. Must not be made from what it is used to judge.

use crate::declared::alike;
use facts::Activity;
use std::collections::BTreeMap;

/// The table that ships.
const SHIPPED: &str = include_str!("reliability.toml");
/// How many families the rate over all kinds of work counts for, where a kind has few of its own.
const PRIOR: f64 = 5.0;

/// Families by what they are and what was concluded of them.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Reliability {
    cells: BTreeMap<(Activity, Activity), f64>,
}

/// Why a table is refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ReliabilityError {
    /// Not TOML of this form.
    #[error(
        "the table of reliability is malformed: {why}; expected a table for each activity, families by conclusion"
    )]
    Malformed {
        /// What the reader says.
        why: String,
    },
}

impl Reliability {
    /// The table of the evaluation that came with this build; `None` never, which a test proves.
    #[must_use]
    pub fn shipped() -> Self {
        Self::parse(SHIPPED).unwrap_or_default()
    }

    /// Reads a table: one for each labelled activity, with families by concluded activity.
    ///
    /// # Errors
    ///
    /// [`ReliabilityError`].
    pub fn parse(text: &str) -> Result<Self, ReliabilityError> {
        let malformed = |why: String| ReliabilityError::Malformed { why };
        let rows: BTreeMap<Activity, BTreeMap<Activity, f64>> =
            toml::from_str(text).map_err(|e| malformed(e.to_string()))?;
        let cells =
            rows.into_iter().flat_map(|(row, cells)| cells.into_iter().map(move |(c, n)| (row, c, n)));
        let mut table = Self::default();
        for (labelled, concluded, families) in cells {
            if !families.is_finite() || families < 0.0 {
                return Err(malformed(format!(
                    "{labelled} as {concluded} is {families}, expected at least 0"
                )));
            }
            table.count(labelled, concluded, families);
        }
        Ok(table)
    }

    /// Adds families, or parts of one, that are `labelled` and were `concluded`.
    pub fn count(&mut self, labelled: Activity, concluded: Activity, families: f64) {
        *self.cells.entry((merged(labelled), merged(concluded))).or_default() += families;
    }

    /// Weight of a conclusion against all that was declared, bans: how much more often work of this kind is concluded so
    /// than the declared kind that is most often mistaken for it. Against nothing declared: than any other work.
    #[must_use]
    pub fn weight(&self, concluded: Activity, declared: impl IntoIterator<Item = Activity>) -> f64 {
        let pooled = self.pooled(concluded);
        let rivals = declared.into_iter().filter(|d| !alike(*d, concluded));
        let mistaken = rivals.map(|d| self.rate(d, concluded, pooled)).fold(pooled, f64::max);
        let right = self.rate(concluded, concluded, 0.5);
        (right / mistaken).log10()
    }

    /// Part of the families of other kinds that were concluded to be this one; half a family is added to what was seen.
    fn pooled(&self, concluded: Activity) -> f64 {
        let others = self.cells.iter().filter(|((labelled, _), _)| *labelled != merged(concluded));
        let (mut wrong, mut all) = (0.5, 1.0);
        for ((_, said), families) in others {
            all += families;
            wrong += if *said == merged(concluded) { *families } else { 0.0 };
        }
        (wrong / all).min(1.0)
    }

    fn rate(&self, labelled: Activity, concluded: Activity, prior: f64) -> f64 {
        let (labelled, concluded) = (merged(labelled), merged(concluded));
        let all: f64 = self.cells.iter().filter(|((l, _), _)| *l == labelled).map(|(_, n)| n).sum();
        let so = self.cells.get(&(labelled, concluded)).copied().unwrap_or(0.0);
        (so + PRIOR * prior) / (all + PRIOR)
    }
}

fn merged(activity: Activity) -> Activity {
    if activity == Activity::Inference { Activity::Training } else { activity }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn the_table_that_ships_reads_and_mining_is_rarely_mistaken() {
        assert!(Reliability::parse(SHIPPED).unwrap().cells.len() > 40);
        let table = Reliability::shipped();
        let mining = table.weight(Activity::Mining, [Activity::Scientific]);
        let cryptography = table.weight(Activity::Cryptography, [Activity::StorageProving]);
        assert!(mining > 2.0, "{mining}");
        assert!(cryptography < 0.7, "storage proving often looks like cryptography: {cryptography}");
    }

    #[test]
    fn an_empty_table_bears_nothing() {
        assert!(Reliability::default().weight(Activity::Mining, []) < 0.31);
        assert!(Reliability::parse("[mining]\nmining = -1.0").is_err());
        assert!(Reliability::parse("[minning]\nmining = 1.0").is_err());
    }
}
