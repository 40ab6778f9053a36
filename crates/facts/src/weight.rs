//! How strongly evidence bears on a question.

use serde::{Deserialize, Serialize};
use std::fmt;

/// log10 of a likelihood ratio: 1.0 means that the observation is ten times as probable if the claim holds.
///
/// Negative weights speak against the claim. Always finite.
#[derive(Clone, Copy, Debug, Default, PartialEq, PartialOrd, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Weight(f64);

impl Weight {
    /// The largest weight that is ever claimed: a million to one. Rarer errors of the observer itself
    /// (a mislabelled process, a broken sensor) make larger claims dishonest.
    pub const MAX: f64 = 6.0;

    /// A weight held within ±[`Weight::MAX`]; not-a-number counts as nothing.
    #[must_use]
    pub fn new(log10: f64) -> Self {
        Self(if log10.is_nan() { 0.0 } else { log10.clamp(-Self::MAX, Self::MAX) })
    }

    /// The weight that leads from even prior odds to `probability`.
    #[must_use]
    pub fn from_probability(probability: f64) -> Self {
        let p = probability.clamp(1e-9, 1.0 - 1e-9);
        Self::new((p / (1.0 - p)).log10())
    }

    /// log10 of the likelihood ratio.
    #[must_use]
    pub const fn log10(self) -> f64 {
        self.0
    }

    /// The weight in words.
    #[must_use]
    pub fn strength(self) -> Strength {
        match self.0.abs() {
            w if w < 0.30 => Strength::Neutral,
            w if w < 1.0 => Strength::Weak,
            w if w < 2.0 => Strength::Moderate,
            w if w < 3.0 => Strength::ModeratelyStrong,
            w if w < 4.0 => Strength::Strong,
            w if w < 5.0 => Strength::VeryStrong,
            _ => Strength::ExtremelyStrong,
        }
    }
}

/// The verbal scale for likelihood ratios of forensic science.
///
/// Source: ENFSI guideline for evaluative reporting in forensic science (2015), table 1: 2–10 weak, 10–100
/// moderate, 100–1,000 moderately strong, 1,000–10,000 strong, 10,000–1,000,000 very strong, above that
/// extremely strong. overt splits at 100,000 because it never claims more than a million.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Strength {
    /// Less than 2 to 1.
    Neutral,
    /// 2 to 10.
    Weak,
    /// 10 to 100.
    Moderate,
    /// 100 to 1,000.
    ModeratelyStrong,
    /// 1,000 to 10,000.
    Strong,
    /// 10,000 to 100,000.
    VeryStrong,
    /// More than 100,000.
    ExtremelyStrong,
}

impl Strength {
    /// The words for it.
    #[must_use]
    pub const fn words(self) -> &'static str {
        match self {
            Self::Neutral => "neutral",
            Self::Weak => "weak",
            Self::Moderate => "moderate",
            Self::ModeratelyStrong => "moderately strong",
            Self::Strong => "strong",
            Self::VeryStrong => "very strong",
            Self::ExtremelyStrong => "extremely strong",
        }
    }
}

impl fmt::Display for Strength {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.words())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_follow_the_scale_at_its_edges() {
        let words = |w: f64| Weight::new(w).strength().words();
        assert_eq!(words(0.1), "neutral");
        assert_eq!(words(0.5), "weak");
        assert_eq!(words(1.0), "moderate");
        assert_eq!(words(-2.5), "moderately strong");
        assert_eq!(words(3.0), "strong");
        assert_eq!(words(4.2), "very strong");
        assert_eq!(words(99.0), "extremely strong");
    }

    #[test]
    fn a_weight_is_always_finite_and_bounded() {
        assert_eq!(Weight::new(f64::INFINITY).log10(), Weight::MAX);
        assert_eq!(Weight::new(f64::NAN).log10(), 0.0);
        assert!(Weight::from_probability(1.0).log10() <= Weight::MAX);
    }
}
