//! Features to calibrated probabilities: one linear score for each activity, then a softmax.
//!
//! Linear on purpose: the contribution of every reading to every activity can be stated, added up and
//! contested. The weights are fitted by `cargo xtask fit` on the recorded corpus and lie in
//! `signatures/fusion.toml`.

use crate::features::{Feature, Features, Group};
use facts::Activity;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::sync::OnceLock;

/// The activities that can be concluded from evidence; `idle` and `undetermined` are decided by rules.
pub(crate) const CLASSES: [Activity; 15] = [
    Activity::Mining,
    Activity::Validation,
    Activity::StorageProving,
    Activity::Training,
    Activity::Inference,
    Activity::HashSearch,
    Activity::ZkProving,
    Activity::Scientific,
    Activity::Media,
    Activity::Compression,
    Activity::Cryptography,
    Activity::Build,
    Activity::Data,
    Activity::Edge,
    Activity::General,
];

/// Weights in natural-log units, by feature name.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Model {
    /// Score of each activity before any evidence, in the order of the classes.
    pub prior: Vec<f64>,
    /// For a feature that bears on all activities: one weight each, in the order of the classes.
    pub spread: BTreeMap<String, Vec<f64>>,
    /// For a pointed feature: the one weight.
    pub pointed: BTreeMap<String, f64>,
}

/// Why a model was refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ModelError {
    /// Not TOML of the right shape.
    #[error("the fusion weights are malformed: {0}")]
    Malformed(String),
    /// A row of the wrong length.
    #[error(
        "the fusion weights of '{feature}' have {found} entries; expected {expected}, one for each activity"
    )]
    Length {
        /// Which row.
        feature: String,
        /// Entries it has.
        found: usize,
        /// Entries it should have.
        expected: usize,
    },
}

/// A pointed feature with this begin carries knowledge that no corpus can teach: its weight is fixed.
pub(crate) const KNOWN: &str = "known:";
/// That weight, natural-log units: ten thousand to one, and no more, since the reading itself can be wrong.
const KNOWN_WEIGHT: f64 = 4.0 * std::f64::consts::LN_10;

impl Model {
    fn pointed_weight(&self, name: &str) -> f64 {
        if name.starts_with(KNOWN) { KNOWN_WEIGHT } else { self.pointed.get(name).copied().unwrap_or(0.0) }
    }

    /// The model that ships with this build.
    pub fn shipped() -> &'static Self {
        static MODEL: OnceLock<Model> = OnceLock::new();
        // A build whose own weights do not parse falls back to an even prior; a test proves that ours do.
        MODEL.get_or_init(|| Self::parse(include_str!("../../../signatures/fusion.toml")).unwrap_or_default())
    }

    /// Reads weights.
    ///
    /// # Errors
    ///
    /// Refuses malformed TOML and rows of the wrong length.
    pub fn parse(text: &str) -> Result<Self, ModelError> {
        let model: Self = toml::from_str(text).map_err(|e| ModelError::Malformed(e.to_string()))?;
        let rows =
            model.spread.iter().map(|(name, row)| (name.as_str(), row)).chain([("prior", &model.prior)]);
        for (feature, row) in rows {
            if row.len() != CLASSES.len() && !(feature == "prior" && row.is_empty()) {
                let (found, expected) = (row.len(), CLASSES.len());
                return Err(ModelError::Length { feature: feature.to_owned(), found, expected });
            }
        }
        Ok(model)
    }

    /// Score of each class, natural-log units; `use_feature` chooses which features count.
    fn scores(&self, features: &Features, use_feature: impl Fn(Group) -> bool) -> Vec<f64> {
        let mut scores: Vec<f64> =
            CLASSES.iter().enumerate().map(|(i, _)| self.prior.get(i).copied().unwrap_or(0.0)).collect();
        for feature in features.0.iter().filter(|f| use_feature(f.group)) {
            match feature.toward {
                Some(activity) => {
                    let weight = self.pointed_weight(&feature.name);
                    if let Some(score) =
                        CLASSES.iter().position(|c| *c == activity).and_then(|i| scores.get_mut(i))
                    {
                        *score += weight * feature.value;
                    }
                }
                None => {
                    let Some(row) = self.spread.get(&feature.name) else { continue };
                    scores.iter_mut().zip(row).for_each(|(score, w)| *score += w * feature.value);
                }
            }
        }
        scores
    }

    /// Probability of each class.
    pub(crate) fn probabilities(&self, features: &Features, use_feature: impl Fn(Group) -> bool) -> Vec<f64> {
        softmax(&self.scores(features, use_feature))
    }

    /// What each feature adds to each class beyond what it adds, on the mean, to the rival classes weighted by
    /// their probability: log10 units, by the place of the feature. Features of weight 0 are left out.
    pub(crate) fn contributions(&self, features: &Features) -> Vec<(Activity, Vec<(usize, f64)>)> {
        let probabilities = self.probabilities(features, |_| true);
        let rows: Vec<Row<'_>> = features.0.iter().map(|feature| self.row(feature)).collect();
        let of = |own: usize| {
            let mut rivals = probabilities.clone();
            if let Some(p) = rivals.get_mut(own) {
                *p = 0.0;
            }
            let total: f64 = rivals.iter().sum::<f64>().max(1e-12);
            let beyond = |row: &Row<'_>| {
                let against: f64 = rivals.iter().enumerate().map(|(i, p)| p / total * row.weight(i)).sum();
                row.weight(own) - against
            };
            let all =
                rows.iter().zip(&features.0).map(|(row, f)| beyond(row) * f.value / std::f64::consts::LN_10);
            all.enumerate().filter(|(_, w)| w.abs() > 1e-9).collect()
        };
        CLASSES.into_iter().enumerate().map(|(own, class)| (class, of(own))).collect()
    }

    fn row(&self, feature: &Feature) -> Row<'_> {
        match feature.toward {
            Some(activity) => Row::Pointed(
                CLASSES.iter().position(|class| *class == activity),
                self.pointed_weight(&feature.name),
            ),
            None => Row::Spread(self.spread.get(&feature.name).map_or(&[], Vec::as_slice)),
        }
    }
}

/// The weights of one feature.
enum Row<'a> {
    /// One weight toward one class.
    Pointed(Option<usize>, f64),
    /// One weight for each class, or none at all.
    Spread(&'a [f64]),
}

impl Row<'_> {
    fn weight(&self, class: usize) -> f64 {
        match self {
            Self::Pointed(toward, weight) if *toward == Some(class) => *weight,
            Self::Pointed(..) => 0.0,
            Self::Spread(weights) => weights.get(class).copied().unwrap_or(0.0),
        }
    }
}

/// Exponentials over their sum, safe for large scores.
pub(crate) fn softmax(scores: &[f64]) -> Vec<f64> {
    let top = scores.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let powers: Vec<f64> = scores.iter().map(|s| (s - top).exp()).collect();
    let sum: f64 = powers.iter().sum();
    powers.into_iter().map(|p| p / sum).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_weights_that_ship_are_well_formed() {
        let model = Model::parse(include_str!("../../../signatures/fusion.toml")).unwrap();
        assert_eq!(model.prior.len(), CLASSES.len(), "run `cargo xtask fit`");
    }

    #[test]
    fn a_row_of_the_wrong_length_is_named() {
        let error = Model::parse("prior = []\n[spread]\n\"class:xor\" = [1.0]\n[pointed]\n").unwrap_err();
        assert!(error.to_string().contains("class:xor"), "{error}");
    }

    #[test]
    fn probabilities_sum_to_one_for_any_scores() {
        for scores in [vec![0.0; 15], vec![1e9, -1e9, 3.0], vec![-800.0, -801.0]] {
            assert!((softmax(&scores).iter().sum::<f64>() - 1.0).abs() < 1e-9);
        }
    }
}
