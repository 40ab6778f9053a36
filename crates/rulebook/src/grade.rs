//! How well a provision is known.

use serde::{Deserialize, Serialize};
use std::fmt;

/// Evidence grade of a provision, limit, charge or obligation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Grade {
    /// Inferred from texts, not law.
    #[serde(rename = "INF")]
    Inferred,
    /// From general knowledge, unverified.
    #[serde(rename = "U")]
    Unverified,
    /// Read in a secondary source that quotes the text.
    #[serde(rename = "VS")]
    Secondary,
    /// The text itself was read, or a verbatim copy.
    #[serde(rename = "VP")]
    Primary,
}

impl Grade {
    /// Whether a provision of this grade may decide alone. An unverified or inferred one never may.
    #[must_use]
    pub const fn decides(self) -> bool {
        matches!(self, Self::Primary | Self::Secondary)
    }

    /// The mark as it stands in rulebooks.
    #[must_use]
    pub const fn mark(self) -> &'static str {
        match self {
            Self::Primary => "VP",
            Self::Secondary => "VS",
            Self::Unverified => "U",
            Self::Inferred => "INF",
        }
    }

    /// The grade in words.
    #[must_use]
    pub const fn words(self) -> &'static str {
        match self {
            Self::Primary => "text read",
            Self::Secondary => "read in a secondary source, confirm the text",
            Self::Unverified => "unverified",
            Self::Inferred => "inferred, not law",
        }
    }

    /// The grade of that mark.
    #[must_use]
    pub fn marked(mark: &str) -> Option<Self> {
        [Self::Primary, Self::Secondary, Self::Unverified, Self::Inferred]
            .into_iter()
            .find(|g| g.mark() == mark)
    }
}

impl fmt::Display for Grade {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.mark())
    }
}
