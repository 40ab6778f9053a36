//! Fitting the weights of [`Model`] on labelled features: multinomial logistic regression with a ridge.
//!
//! Full-batch gradient descent with Adam's step sizes (Kingma and Ba, 2015), a fixed number of steps from zero,
//! so that the same examples always give the same weights. Must not choose examples or split them: that is
//! the caller's duty, by family.

use crate::features::{Feature, Features};
use crate::fusion::{CLASSES, KNOWN, Model, softmax};
use facts::Activity;
use std::collections::BTreeMap;

/// One labelled example with its weight in the fit.
#[derive(Clone, Debug)]
pub struct Labelled {
    /// What was read.
    pub features: Features,
    /// What it was.
    pub activity: Activity,
    /// How much it counts; positive.
    pub weight: f64,
}

/// How to fit.
#[derive(Clone, Copy, Debug)]
pub struct Settings {
    /// Penalty on squared weights, relative to the mean loss of the examples.
    pub ridge: f64,
    /// Steps of descent.
    pub steps: usize,
}

/// Pointed features whose weight cannot fall below 0: seeing them never speaks against what they point at.
const RATE: f64 = 0.06;

struct Columns {
    spread: BTreeMap<String, usize>,
    pointed: BTreeMap<String, usize>,
}

/// One example as positions and values.
struct Row {
    spread: Vec<(usize, f64)>,
    pointed: Vec<(usize, usize, f64)>,
    class: usize,
    weight: f64,
}

/// Fits a model.
#[must_use]
pub fn fit(examples: &[Labelled], settings: Settings) -> Model {
    let columns = Columns::of(examples);
    let rows: Vec<Row> = examples.iter().filter_map(|e| columns.row(e)).collect();
    let k = CLASSES.len();
    let width = 1 + columns.spread.len();
    let mut weights = vec![0.0; width * k + columns.pointed.len()];
    let (mut mean, mut square) = (vec![0.0; weights.len()], vec![0.0; weights.len()]);
    let total: f64 = rows.iter().map(|r| r.weight).sum::<f64>().max(1e-12);
    for step in 1..=settings.steps {
        let gradient = gradient(&rows, &weights, width * k, total, settings.ridge);
        descend(&mut weights, &gradient, &mut mean, &mut square, step);
        for weight in weights.iter_mut().skip(width * k) {
            *weight = weight.max(0.0);
        }
    }
    columns.model(&weights, k)
}

fn gradient(rows: &[Row], weights: &[f64], base: usize, total: f64, ridge: f64) -> Vec<f64> {
    let k = CLASSES.len();
    // The prior (the first block) is not penalised.
    let mut gradient: Vec<f64> =
        weights.iter().enumerate().map(|(i, w)| if i < k { 0.0 } else { ridge * w }).collect();
    for row in rows {
        let mut errors = softmax(&row.scores(weights, base));
        if let Some(own) = errors.get_mut(row.class) {
            *own -= 1.0;
        }
        for (column, value) in row.spread.iter().chain([&(0, 1.0)]) {
            let at = column * k;
            if let Some(block) = gradient.get_mut(at..at + k) {
                let scale = value * row.weight / total;
                block.iter_mut().zip(&errors).for_each(|(g, e)| *g += e * scale);
            }
        }
        for (column, class, value) in &row.pointed {
            if let (Some(g), Some(e)) = (gradient.get_mut(base + column), errors.get(*class)) {
                *g += e * value * row.weight / total;
            }
        }
    }
    gradient
}

fn descend(weights: &mut [f64], gradient: &[f64], mean: &mut [f64], square: &mut [f64], step: usize) {
    let (b1, b2) = (0.9_f64, 0.999_f64);
    let t = i32::try_from(step).unwrap_or(i32::MAX);
    let (c1, c2) = (1.0 - b1.powi(t), 1.0 - b2.powi(t));
    for (((w, g), m), s) in weights.iter_mut().zip(gradient).zip(mean).zip(square) {
        *m = b1 * *m + (1.0 - b1) * g;
        *s = b2 * *s + (1.0 - b2) * g * g;
        *w -= RATE * (*m / c1) / ((*s / c2).sqrt() + 1e-8);
    }
}

impl Row {
    fn scores(&self, weights: &[f64], base: usize) -> Vec<f64> {
        let k = CLASSES.len();
        let mut scores = vec![0.0; k];
        for (column, value) in self.spread.iter().chain([&(0, 1.0)]) {
            let block = weights.get(column * k..column * k + k).unwrap_or(&[]);
            scores.iter_mut().zip(block).for_each(|(s, w)| *s += w * value);
        }
        for (column, class, value) in &self.pointed {
            if let (Some(s), Some(w)) = (scores.get_mut(*class), weights.get(base + column)) {
                *s += w * value;
            }
        }
        scores
    }
}

impl Columns {
    fn of(examples: &[Labelled]) -> Self {
        let mut columns = Self { spread: BTreeMap::new(), pointed: BTreeMap::new() };
        let learned = |f: &&Feature| !f.name.starts_with(KNOWN);
        for feature in examples.iter().flat_map(|e| &e.features.0).filter(learned) {
            let (side, first) =
                if feature.toward.is_some() { (&mut columns.pointed, 0) } else { (&mut columns.spread, 1) };
            let next = side.len() + first;
            side.entry(feature.name.clone()).or_insert(next);
        }
        columns
    }

    fn row(&self, example: &Labelled) -> Option<Row> {
        let class = |a: Activity| CLASSES.iter().position(|c| *c == a);
        let mut row =
            Row { spread: vec![], pointed: vec![], class: class(example.activity)?, weight: example.weight };
        for feature in &example.features.0 {
            match feature.toward {
                None => row.spread.extend(self.spread.get(&feature.name).map(|i| (*i, feature.value))),
                Some(activity) => row.pointed.extend(
                    self.pointed.get(&feature.name).zip(class(activity)).map(|(i, c)| (*i, c, feature.value)),
                ),
            }
        }
        Some(row)
    }

    fn model(&self, weights: &[f64], k: usize) -> Model {
        // Four decimals are far finer than the evidence, and keep the file readable.
        let rounded = |w: f64| (w * 1e4).round() / 1e4 + 0.0;
        let block =
            |i: usize| weights.get(i * k..i * k + k).unwrap_or(&[]).iter().map(|w| rounded(*w)).collect();
        let base = (1 + self.spread.len()) * k;
        let single = |i: usize| weights.get(base + i).copied().map_or(0.0, rounded);
        Model {
            prior: block(0),
            spread: self.spread.iter().map(|(name, i)| (name.clone(), block(*i))).collect(),
            pointed: self.pointed.iter().map(|(name, i)| (name.clone(), single(*i))).collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::features::Group;

    fn example(name: &str, value: f64, activity: Activity) -> Labelled {
        let feature = Feature { name: name.into(), group: Group::HotCode, value, toward: None };
        Labelled { features: Features(vec![feature]), activity, weight: 1.0 }
    }

    #[test]
    fn a_feature_that_goes_with_an_activity_comes_to_speak_for_it() {
        let examples: Vec<Labelled> = (0..10)
            .flat_map(|_| {
                [example("aes", 1.0, Activity::Cryptography), example("fma", 1.0, Activity::Scientific)]
            })
            .collect();
        let model = fit(&examples, Settings { ridge: 0.01, steps: 200 });
        let top = |e: &Labelled| {
            let p = model.probabilities(&e.features, |_| true);
            CLASSES[(0..p.len()).max_by(|a, b| p[*a].total_cmp(&p[*b])).unwrap()]
        };
        assert_eq!(top(&examples[0]), Activity::Cryptography);
        assert_eq!(top(&examples[1]), Activity::Scientific);
    }

    #[test]
    fn the_same_examples_give_the_same_weights() {
        let examples = [example("aes", 0.3, Activity::Cryptography), example("fma", 0.7, Activity::Training)];
        let settings = Settings { ridge: 0.01, steps: 20 };
        assert_eq!(fit(&examples, settings), fit(&examples, settings));
    }
}
