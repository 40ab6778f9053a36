//! Splitting by family, fitting, and judging what was held out.

use super::cases::{Case, Moment};
use super::metrics::Judgement;
use facts::{Activity, EvidenceKind};
use identify::fit::{Labelled, Settings};
use identify::{Features, Model};
use std::collections::{BTreeMap, BTreeSet};

/// Parts into which the families are split.
const FOLDS: usize = 10;
/// The penalty on weights. It and [`UNNAMED`] were chosen among a few by the mean, over the folds, of macro-F1 and log
/// loss on splits of what each fold learns from: near to nested, and not quite.
const SETTINGS: Settings = Settings { ridge: 0.0004, steps: 400 };
/// How much of each example is shown without names of files and functions, so that the rest of the evidence learns
/// to stand alone: a new program's names are in no book.
const UNNAMED: f64 = 0.3;
/// Moments of a recording that are learned from, milliseconds: short looks must work too.
const LEARNED_AT: [u64; 2] = [1_500, u64::MAX];

/// Judges every case by weights fitted without its family. `names` says whether names may count.
pub fn held_out(cases: &[Case], names: bool) -> Vec<Judgement<'_>> {
    let fold = folds(cases);
    let models: Vec<Model> = std::thread::scope(|scope| {
        let workers: Vec<_> = (0..2)
            .map(|worker| {
                let fold = &fold;
                scope.spawn(move || {
                    (0..FOLDS)
                        .filter(|k| k % 2 == worker)
                        .map(|k| {
                            let rest: Vec<&Case> =
                                cases.iter().filter(|c| fold.get(&c.label.family) != Some(&k)).collect();
                            (k, fit(&rest, names))
                        })
                        .collect::<Vec<_>>()
                })
            })
            .collect();
        let mut all: Vec<(usize, Model)> =
            workers.into_iter().filter_map(|w| w.join().ok()).flatten().collect();
        all.sort_by_key(|(k, _)| *k);
        all.into_iter().map(|(_, model)| model).collect()
    });
    cases
        .iter()
        .filter_map(|case| {
            let model = fold.get(&case.label.family).and_then(|k| models.get(*k))?;
            Judgement::of(case, model)
        })
        .collect()
}

/// Families dealt out to folds, activity by activity, so that each fold holds some of each.
pub fn folds(cases: &[Case]) -> BTreeMap<String, usize> {
    let mut by_activity: BTreeMap<Activity, BTreeSet<&str>> = BTreeMap::new();
    for case in cases {
        by_activity.entry(case.label.activity).or_default().insert(&case.label.family);
    }
    let mut folds = BTreeMap::new();
    let mut next = 0;
    for family in by_activity.into_values().flatten() {
        folds.entry(family.to_owned()).or_insert_with(|| {
            next += 1;
            next % FOLDS
        });
    }
    folds
}

/// Fits on the given cases. Each family counts the same.
pub fn fit(cases: &[&Case], names: bool) -> Model {
    let mut rows: BTreeMap<(Activity, &str), usize> = BTreeMap::new();
    for case in cases {
        *rows.entry((case.label.activity, &case.label.family)).or_default() += 1;
    }
    let mut examples = Vec::new();
    for case in cases {
        let activity = case.label.activity;
        let of_family = rows.get(&(activity, case.label.family.as_str())).copied().unwrap_or(1) as f64;
        for moment in learned(&case.moments) {
            let mut add = |features, share: f64| {
                examples.push(Labelled { features, activity, weight: share / of_family });
            };
            if names {
                add(moment.example.features.clone(), 1.0 - UNNAMED);
            }
            add(unnamed(&moment.example.features), if names { UNNAMED } else { 1.0 });
        }
    }
    identify::fit::fit(&examples, SETTINGS)
}

fn learned(moments: &[Moment]) -> impl Iterator<Item = &Moment> {
    LEARNED_AT.into_iter().filter_map(|at| moments.iter().rev().find(|m| m.at_ms <= at))
}

fn unnamed(features: &Features) -> Features {
    Features(features.0.iter().filter(|f| f.group != EvidenceKind::Symbols).cloned().collect())
}
