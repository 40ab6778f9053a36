//! Named computations and what must be seen to name them.

use crate::BookError;
use facts::Activity;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

const FILE: &str = "algorithms.toml";
const SECTION: &str = "algorithm";

/// A named computation.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Algorithm {
    /// Its name, such as `randomx`.
    pub name: String,
    /// What it is, in one line.
    pub what: String,
    /// Groups of primitives and marks: of each group at least one must be seen.
    #[serde(default)]
    pub needs: Vec<Vec<String>>,
    /// Primitives that must be seen, but near less than half of the hot samples.
    #[serde(default)]
    pub minor: Vec<String>,
    /// Primitives of which at least `least` must be seen.
    #[serde(default)]
    pub of: Vec<String>,
    /// How many of `of`.
    #[serde(default)]
    pub least: usize,
    /// Primitives and marks that speak for it, but need not be seen.
    #[serde(default)]
    pub also: Vec<String>,
    /// Primitives and marks that must not be seen.
    #[serde(default)]
    pub without: Vec<String>,
    /// Activities in which it occurs, most usual first.
    pub activities: Vec<Activity>,
    /// How surely its needs single it out, 0 to 1.
    pub specific: f64,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Page {
    #[serde(default)]
    algorithm: Vec<Algorithm>,
}

/// Reads the book of algorithms; `primitives` are those of the book of constants.
pub(crate) fn parse(text: &str, primitives: &BTreeSet<&str>) -> Result<Vec<Algorithm>, BookError> {
    let page: Page = toml::from_str(text).map_err(|e| BookError::form(FILE, &e))?;
    let mut names = BTreeSet::new();
    for entry in &page.algorithm {
        check(entry, primitives)?;
        if !names.insert(entry.name.as_str()) {
            return Err(wrong(entry, "the name a second time".into(), "each name once"));
        }
    }
    Ok(page.algorithm)
}

fn check(entry: &Algorithm, primitives: &BTreeSet<&str>) -> Result<(), BookError> {
    if !(0.0..=1.0).contains(&entry.specific) {
        return Err(wrong(entry, format!("specific = {}", entry.specific), "0 to 1"));
    }
    if entry.needs.is_empty() && entry.minor.is_empty() && entry.least == 0 {
        return Err(wrong(entry, "no needs".into(), "needs, minor, or of with least"));
    }
    if entry.needs.iter().any(Vec::is_empty) || entry.least > entry.of.len() || entry.activities.is_empty() {
        return Err(wrong(entry, "an empty group or list".into(), "groups that can be met, and an activity"));
    }
    if let Some(mark) = entry.minor.iter().chain(&entry.of).find(|name| is_mark(name)) {
        return Err(wrong(entry, format!("'{mark}'"), "primitives in minor and of"));
    }
    match entry.vocabulary().chain(&entry.without).find(|n| !is_mark(n) && !primitives.contains(n.as_str())) {
        Some(unknown) => {
            Err(wrong(entry, format!("'{unknown}'"), "a primitive of the book of constants, or a mark"))
        }
        None => Ok(()),
    }
}

fn wrong(entry: &Algorithm, found: String, expected: &'static str) -> BookError {
    BookError::Entry { file: FILE, section: SECTION, entry: entry.name.clone(), found, expected }
}

/// Marks are observations about code other than constants: `class:aes`, `code:anonymous`.
pub(crate) fn is_mark(name: &str) -> bool {
    name.starts_with("class:") || name.starts_with("code:")
}

impl Algorithm {
    /// All primitives and marks that speak for it.
    pub(crate) fn vocabulary(&self) -> impl Iterator<Item = &String> {
        self.needs.iter().flatten().chain(&self.minor).chain(&self.of).chain(&self.also)
    }

    /// Whether all that `other` is named by is part of this one: while this one runs, the other may well be named.
    pub(crate) fn shows_as(&self, other: &Self) -> bool {
        let own: BTreeSet<&String> = self.vocabulary().collect();
        // What is seen of instructions alone tells no two algorithms apart.
        let part = |name: &String| is_mark(name) || own.contains(name);
        let of = other.of.iter().filter(|name| own.contains(name)).count();
        other.needs.iter().all(|group| group.iter().any(part))
            && other.minor.iter().all(part)
            && of >= other.least
    }
}
