//! The figures of the evaluation.

use super::cases::Case;
use facts::{Activity, TokenState};
use identify::Model;
use std::collections::{BTreeMap, BTreeSet};

/// What held-out weights made of one case.
pub struct Judgement<'a> {
    /// The case.
    pub case: &'a Case,
    /// What was concluded from the whole recording.
    pub activity: Activity,
    /// The named computation.
    pub algorithm: Option<String>,
    /// Probability of mining.
    pub mining: f64,
    /// Probability of what was concluded.
    pub probability: f64,
    /// Milliseconds from the begin of work to the first moment from which every verdict was right.
    pub right_after_ms: Option<u64>,
}

impl<'a> Judgement<'a> {
    /// Judges a case.
    pub fn of(case: &'a Case, model: &Model) -> Option<Self> {
        let verdicts: Vec<(u64, identify::Judged)> =
            case.moments.iter().map(|m| (m.at_ms, m.example.judge(model))).collect();
        let Some((_, last)) = verdicts.last().filter(|_| case.busy()) else { return Some(Self::idle(case)) };
        let p = |activity| last.probabilities.iter().find(|(a, _)| *a == activity).map_or(0.0, |(_, p)| *p);
        let right = |j: &identify::Judged| merged(j.activity) == merged(case.label.activity);
        let wrong_until = verdicts.iter().rposition(|(_, j)| !right(j));
        let first = wrong_until.map_or(0, |i| i + 1);
        let right_after_ms = verdicts.get(first).map(|(at, _)| at.saturating_sub(case.label.began_ms));
        Some(Self {
            case,
            activity: last.activity,
            algorithm: last.algorithm.clone(),
            mining: p(Activity::Mining),
            probability: p(last.activity),
            right_after_ms,
        })
    }

    fn idle(case: &'a Case) -> Self {
        let right_after_ms = (case.label.activity == Activity::Idle).then_some(0);
        let activity = Activity::Idle;
        Self { case, activity, algorithm: None, mining: 0.0, probability: 1.0, right_after_ms }
    }

    /// Whether the label is mining.
    pub fn mines(&self) -> bool {
        self.case.label.activity == Activity::Mining
    }
}

/// Training and inference count as one in the figures at family level, called training.
pub fn merged(activity: Activity) -> Activity {
    if activity == Activity::Inference { Activity::Training } else { activity }
}

/// Number of families.
pub fn families(cases: &[Case]) -> usize {
    cases.iter().map(|c| c.label.family.as_str()).collect::<BTreeSet<_>>().len()
}

/// Confusions at family level: every family weighs one, split evenly over its recordings.
pub fn confusion(judged: &[Judgement<'_>]) -> BTreeMap<(Activity, Activity), f64> {
    let mut sizes: BTreeMap<(Activity, &str), f64> = BTreeMap::new();
    let key = |j: &Judgement<'_>| merged(j.case.label.activity);
    for j in judged {
        *sizes.entry((key(j), j.case.label.family.as_str())).or_default() += 1.0;
    }
    let mut cells = BTreeMap::new();
    for j in judged {
        let size = sizes.get(&(key(j), j.case.label.family.as_str())).copied().unwrap_or(1.0);
        *cells.entry((key(j), merged(j.activity))).or_default() += 1.0 / size;
    }
    cells
}

/// Precision, recall and F1 of each labelled activity.
pub fn f1s(judged: &[Judgement<'_>]) -> BTreeMap<Activity, (f64, f64, f64)> {
    let cells = confusion(judged);
    let labels: BTreeSet<Activity> = cells.keys().map(|(label, _)| *label).collect();
    labels
        .into_iter()
        .map(|a| {
            let hit = cells.get(&(a, a)).copied().unwrap_or(0.0);
            let labelled: f64 = cells.iter().filter(|((l, _), _)| *l == a).map(|(_, n)| n).sum();
            let said: f64 = cells.iter().filter(|((_, s), _)| *s == a).map(|(_, n)| n).sum();
            let precision = if said > 0.0 { hit / said } else { 0.0 };
            let recall = if labelled > 0.0 { hit / labelled } else { 0.0 };
            let f1 = if hit > 0.0 { 2.0 * precision * recall / (precision + recall) } else { 0.0 };
            (a, (precision, recall, f1))
        })
        .collect()
}

/// Mean F1 over the labelled activities.
pub fn macro_f1(judged: &[Judgement<'_>]) -> f64 {
    let all = f1s(judged);
    all.values().map(|(_, _, f1)| f1).sum::<f64>() / all.len().max(1) as f64
}

/// Recordings of something else that were called mining.
pub fn false_mining<'j, 'a>(judged: &'j [Judgement<'a>]) -> Vec<&'j Judgement<'a>> {
    judged.iter().filter(|j| !j.mines() && j.activity == Activity::Mining).collect()
}

/// Recordings labelled as earning no token for which a token link was nevertheless seen.
pub fn false_token<'j, 'a>(judged: &'j [Judgement<'a>]) -> Vec<&'j Judgement<'a>> {
    let seen = |state| state == Some(TokenState::Seen);
    judged.iter().filter(|j| seen(j.case.token) && !seen(j.case.label.token_link)).collect()
}

/// Wilson's score interval for `hits` of `n` at 95 % (Wilson 1927).
pub fn wilson(hits: usize, n: usize) -> (f64, f64) {
    if n == 0 {
        return (0.0, 1.0);
    }
    let z = 1.959_964_f64;
    let (p, n) = (hits as f64 / n as f64, n as f64);
    let centre = p + z * z / (2.0 * n);
    let spread = z * (p * (1.0 - p) / n + z * z / (4.0 * n * n)).sqrt();
    let scale = 1.0 + z * z / n;
    (((centre - spread) / scale).max(0.0), ((centre + spread) / scale).min(1.0))
}

/// The log-likelihood-ratio cost of mining against the rest (Brümmer and du Preez 2006). Probabilities are
/// turned into likelihood ratios by the prior odds of the cases themselves.
pub fn cllr(judged: &[Judgement<'_>]) -> f64 {
    let mines = judged.iter().filter(|j| j.mines()).count() as f64;
    let others = judged.len() as f64 - mines;
    if mines == 0.0 || others == 0.0 {
        return f64::NAN;
    }
    let prior = mines / others;
    let cost = |ratio: f64| (1.0 + ratio).log2();
    let (mut of_mining, mut of_others) = (0.0, 0.0);
    for j in judged {
        let p = j.mining.clamp(1e-6, 1.0 - 1e-6);
        let ratio = p / (1.0 - p) / prior;
        if j.mines() { of_mining += cost(1.0 / ratio) } else { of_others += cost(ratio) }
    }
    0.5 * (of_mining / mines + of_others / others)
}

/// The middle value.
pub fn median(mut values: Vec<u64>) -> Option<u64> {
    values.sort_unstable();
    values.get(values.len() / 2).copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wilson_gives_the_known_interval_for_none_of_hundred() {
        let (low, high) = wilson(0, 100);
        assert!(low == 0.0 && (high - 0.0370).abs() < 5e-4, "{low} {high}");
    }

    #[test]
    fn the_median_of_nothing_is_nothing() {
        assert_eq!(median(vec![]), None);
        assert_eq!(median(vec![5, 1, 9]), Some(5));
    }
}
