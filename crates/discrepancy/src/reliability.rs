//! How far a conclusion of identification bears: what the evaluation on held-out programs found it to be worth.
//!
//! The errors of identification belong to programs, not to minutes: the same program looks the same wrong way every
//! minute, so that repetition adds nothing. What bounds a difference is how often work of the declared kind has looked
//! like this. Must not be made from what it is used to judge.

use crate::declared::alike;
use facts::Activity;
use std::collections::BTreeMap;
use std::fmt::Write;

/// The table that ships.
const SHIPPED: &str = include_str!("reliability.toml");
/// How many families the rate over all kinds of work counts for, where a kind has few of its own.
const PRIOR: f64 = 5.0;

/// Families by what they are and what was concluded of them.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Reliability {
    activities: Table<Activity>,
    algorithms: Table<String>,
}

/// Counts by truth and conclusion.
#[derive(Clone, Debug, PartialEq)]
struct Table<K>(BTreeMap<(K, K), f64>);

impl<K> Default for Table<K> {
    fn default() -> Self {
        Self(BTreeMap::new())
    }
}

impl<K: Ord + Clone> Table<K> {
    fn count(&mut self, labelled: K, concluded: K, families: f64) {
        *self.0.entry((labelled, concluded)).or_default() += families;
    }

    /// log10 of how much more often the truth is concluded so than the rival that is most often mistaken for it.
    fn weight(&self, concluded: &K, rivals: impl Iterator<Item = K>) -> f64 {
        let pooled = self.pooled(concluded);
        let mistaken = rivals.map(|rival| self.rate(&rival, concluded, pooled)).fold(pooled, f64::max);
        (self.rate(concluded, concluded, self.right()) / mistaken).log10()
    }

    /// Part of all families that were concluded rightly.
    fn right(&self) -> f64 {
        let all: f64 = self.0.values().sum();
        let right: f64 = self.0.iter().filter(|((labelled, said), _)| labelled == said).map(|(_, n)| n).sum();
        (right + 0.5) / (all + 1.0)
    }

    /// Part of the families of other kinds that were concluded to be this one; half a family is added to what was seen.
    fn pooled(&self, concluded: &K) -> f64 {
        let (mut wrong, mut all) = (0.5, 1.0);
        for ((_, said), families) in self.0.iter().filter(|((labelled, _), _)| labelled != concluded) {
            all += families;
            wrong += if said == concluded { *families } else { 0.0 };
        }
        (wrong / all).min(1.0)
    }

    fn rate(&self, labelled: &K, concluded: &K, prior: f64) -> f64 {
        let all: f64 = self.0.iter().filter(|((l, _), _)| l == labelled).map(|(_, n)| n).sum();
        let so = self.0.get(&(labelled.clone(), concluded.clone())).copied().unwrap_or(0.0);
        (so + PRIOR * prior) / (all + PRIOR)
    }
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

    /// Reads a table: one for each labelled activity, with families by concluded activity; the same for algorithms of
    /// mining under `algorithm`.
    ///
    /// # Errors
    ///
    /// [`ReliabilityError`].
    pub fn parse(text: &str) -> Result<Self, ReliabilityError> {
        let malformed = |why: String| ReliabilityError::Malformed { why };
        let form: Form = toml::from_str(text).map_err(|e| malformed(e.to_string()))?;
        let mut table = Self::default();
        for (labelled, concluded, families) in cells(form.activities) {
            table.count(labelled, concluded, families);
        }
        for (labelled, named, families) in cells(form.algorithm) {
            table.count_algorithm(&labelled, &named, families);
        }
        let all = table.activities.0.values().chain(table.algorithms.0.values());
        match all.into_iter().find(|n| !n.is_finite() || **n < 0.0) {
            Some(wrong) => Err(malformed(format!("a count is {wrong}, expected at least 0"))),
            None => Ok(table),
        }
    }

    /// The table as a file.
    #[must_use]
    pub fn to_toml(&self) -> String {
        let mut out = String::new();
        rows(&mut out, "", self.activities.0.iter().map(|((a, b), n)| (a.name(), b.name(), *n)));
        rows(
            &mut out,
            "algorithm.",
            self.algorithms.0.iter().map(|((a, b), n)| (a.as_str(), b.as_str(), *n)),
        );
        out
    }

    /// Adds families, or parts of one, that are `labelled` and were `concluded`.
    pub fn count(&mut self, labelled: Activity, concluded: Activity, families: f64) {
        self.activities.count(merged(labelled), merged(concluded), families);
    }

    /// The same for named algorithms; what was given no name is not counted.
    pub fn count_algorithm(&mut self, labelled: &str, named: &str, families: f64) {
        self.algorithms.count(labelled.to_owned(), named.to_owned(), families);
    }

    /// Weight of a conclusion against all that was declared, bans: how much more often work of this kind is concluded so
    /// than the declared kind that is most often mistaken for it. Against nothing declared: than any other work.
    #[must_use]
    pub fn weight(&self, concluded: Activity, declared: impl IntoIterator<Item = Activity>) -> f64 {
        let rivals = declared.into_iter().filter(|d| !alike(*d, concluded)).map(merged);
        self.activities.weight(&merged(concluded), rivals)
    }

    /// The same for an algorithm against the declared ones.
    #[must_use]
    pub fn algorithm(&self, named: &str, declared: &[String]) -> f64 {
        self.algorithms.weight(&named.to_owned(), declared.iter().cloned())
    }
}

/// The table as a file.
#[derive(serde::Deserialize)]
struct Form {
    #[serde(default)]
    algorithm: BTreeMap<String, BTreeMap<String, f64>>,
    #[serde(flatten)]
    activities: BTreeMap<Activity, BTreeMap<Activity, f64>>,
}

fn rows<'a>(out: &mut String, under: &str, cells: impl Iterator<Item = (&'a str, &'a str, f64)>) {
    let mut last = None;
    for (labelled, concluded, families) in cells {
        if last.replace(labelled) != Some(labelled) {
            let _ = writeln!(out, "[{under}{labelled}]");
        }
        let _ = writeln!(out, "{concluded} = {families:.2}");
    }
}

fn cells<K: Clone>(rows: BTreeMap<K, BTreeMap<K, f64>>) -> impl Iterator<Item = (K, K, f64)> {
    rows.into_iter().flat_map(|(row, cells)| cells.into_iter().map(move |(cell, n)| (row.clone(), cell, n)))
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
        assert!(Reliability::parse(SHIPPED).unwrap().activities.0.len() > 40);
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
