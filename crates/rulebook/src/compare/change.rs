//! A comparison as plain data.

use crate::effect::Disposition;
use crate::value::Value;
use serde::Serialize;
use std::collections::BTreeMap;

/// Which way an answer changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Direction {
    /// The new rule is more lenient.
    Widens,
    /// The new rule is stricter.
    Narrows,
    /// What was decided is now left to a person.
    ToReview,
    /// What was left to a person is now decided.
    FromReview,
}

impl Direction {
    pub(super) const fn of(old: Disposition, new: Disposition) -> Self {
        match (old, new) {
            (_, Disposition::ManualReview) => Self::ToReview,
            (Disposition::ManualReview, _) => Self::FromReview,
            _ if (new as u8) < (old as u8) => Self::Widens,
            _ => Self::Narrows,
        }
    }

    /// The direction in words.
    #[must_use]
    pub const fn words(self) -> &'static str {
        match self {
            Self::Widens => "widens",
            Self::Narrows => "narrows",
            Self::ToReview => "is left to a person",
            Self::FromReview => "is decided now",
        }
    }
}

/// How it was found that these are all changes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Method {
    /// Every combination was tried.
    Exhaustive,
    /// A solver proved that there are no others.
    Symbolic,
    /// Not everything was tried; why.
    Partial(String),
}

/// A change of the answer, with a case that shows it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Change {
    /// Which way.
    pub direction: Direction,
    /// The activity.
    pub activity: String,
    /// The places where it happens.
    pub places: Vec<String>,
    /// The disposition by the old rulebook.
    pub old: Disposition,
    /// The disposition by the new one.
    pub new: Disposition,
    /// The kind of operator in the case that shows it; none where it does not matter.
    pub operator: Option<String>,
    /// The facts of that case.
    pub witness: BTreeMap<String, Value>,
    /// Provisions that apply to that case by the old rulebook.
    pub old_provisions: Vec<String>,
    /// Provisions that apply to that case by the new one.
    pub new_provisions: Vec<String>,
}

/// How two rulebooks differ.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Comparison {
    /// Every kind of change.
    pub changes: Vec<Change>,
    /// How they were found.
    pub method: Method,
    /// How many combinations were tried, or questions asked of the solver.
    pub tried: usize,
    /// Places that only one of the two knows.
    pub unmatched_places: Vec<String>,
}
