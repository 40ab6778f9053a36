//! Legal effects and what the rulebook says in the end.

use serde::{Deserialize, Serialize};
use std::fmt;

/// What a provision does where it applies. Ordered from lenient to strict; `Oblige` has no part in the order of dispositions
/// and only adds duties.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Effect {
    /// Adds obligations and decides nothing.
    Oblige,
    /// The work stands on the positive list, with an industry code.
    DataIndustry,
    /// Allowed, with registration or licence and reports.
    RegisterAndReport,
    /// Tolerated at a penalty tariff or fee by energy.
    Surcharge,
    /// Belongs to the financial overseer.
    Financial,
    /// Forbidden.
    Prohibited,
}

impl Effect {
    /// Every effect, lenient first.
    pub const ALL: [Self; 6] = [
        Self::Oblige,
        Self::DataIndustry,
        Self::RegisterAndReport,
        Self::Surcharge,
        Self::Financial,
        Self::Prohibited,
    ];

    /// The name as it stands in policies, records and on screens.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Oblige => "oblige",
            Self::DataIndustry => "data-industry",
            Self::RegisterAndReport => "register-and-report",
            Self::Surcharge => "surcharge",
            Self::Financial => "financial",
            Self::Prohibited => "prohibited",
        }
    }

    /// The effect of that name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|e| e.name() == name)
    }
}

impl fmt::Display for Effect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// What the rulebook says of a workload.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Disposition {
    /// On the positive list, with an industry code.
    DataIndustry,
    /// Allowed, with registration or licence and reports.
    RegisterAndReport,
    /// Tolerated at a penalty tariff or fee by energy.
    Surcharge,
    /// Belongs to the financial overseer.
    Financial,
    /// Forbidden.
    Prohibited,
    /// No provision decides, or only an unverified one would, or a missing fact decides: a person has to look.
    ManualReview,
}

impl Disposition {
    /// Every disposition, lenient first, with manual review at the end.
    pub const ALL: [Self; 6] = [
        Self::DataIndustry,
        Self::RegisterAndReport,
        Self::Surcharge,
        Self::Financial,
        Self::Prohibited,
        Self::ManualReview,
    ];

    /// The disposition that an effect leads to where it is the strictest; `Oblige` leads to none.
    #[must_use]
    pub const fn of(effect: Effect) -> Option<Self> {
        match effect {
            Effect::Oblige => None,
            Effect::DataIndustry => Some(Self::DataIndustry),
            Effect::RegisterAndReport => Some(Self::RegisterAndReport),
            Effect::Surcharge => Some(Self::Surcharge),
            Effect::Financial => Some(Self::Financial),
            Effect::Prohibited => Some(Self::Prohibited),
        }
    }

    /// The name as it stands in records and on screens.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::DataIndustry => "data-industry",
            Self::RegisterAndReport => "register-and-report",
            Self::Surcharge => "surcharge",
            Self::Financial => "financial",
            Self::Prohibited => "prohibited",
            Self::ManualReview => "manual-review",
        }
    }

    /// The disposition of that name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|d| d.name() == name)
    }
}

impl fmt::Display for Disposition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}
