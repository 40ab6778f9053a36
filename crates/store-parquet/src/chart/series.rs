//! From lines of an answer to values a step: watts and busy processors by activity. It must not draw.

use super::{Chart, MAX_STEPS};
use crate::query::{Answer, Key};
use facts::Activity;
use std::collections::{BTreeMap, BTreeSet};

/// Values of one activity, one a step.
pub type Values = Vec<(Activity, Vec<f64>)>;

/// What is drawn.
pub struct Series {
    /// Beginning and end of each step, in Unix milliseconds.
    pub steps: Vec<(i64, i64)>,
    /// Whether statements cover the step.
    pub seen: Vec<bool>,
    /// Mean power in watts, of the findings whose energy is known.
    pub watts: Values,
    /// Mean number of busy processors.
    pub processors: Values,
    /// Part of the findings whose energy is known, 0 to 1; none without findings.
    pub metered: Option<f64>,
}

impl Series {
    /// Brings the lines of the answer into steps.
    pub fn of(chart: &Chart<'_>) -> Self {
        let steps = steps(chart);
        let place: BTreeMap<i64, usize> =
            steps.iter().enumerate().map(|(at, (start, _))| (*start, at)).collect();
        let clipped = |(start, end): &(i64, i64)| (*(start.max(&chart.from_ms)), *(end.min(&chart.to_ms)));
        let mut series = Self {
            seen: vec![false; steps.len()],
            steps: steps.iter().map(clipped).collect(),
            watts: Vec::new(),
            processors: Vec::new(),
            metered: metered(chart.answers),
        };
        let (mut watts, mut processors) = (BTreeMap::new(), BTreeMap::new());
        for answer in chart.answers {
            let at = answer.bucket_ms.and_then(|start| place.get(&start)).copied();
            let (Key::Activity(activity), Some(at)) = (&answer.key, at) else { continue };
            if let Some(seen) = series.seen.get_mut(at) {
                *seen = true;
            }
            let energy = answer.sums.energy_mj.unwrap_or(0);
            series.set(&mut watts, *activity, at, energy);
            series.set(&mut processors, *activity, at, answer.sums.cpu_ms);
        }
        series.watts = largest_last(watts);
        series.processors = largest_last(processors);
        series
    }

    /// Sets the mean over a step: millijoules a millisecond are watts, processor milliseconds a millisecond are processors.
    fn set(&self, into: &mut BTreeMap<Activity, Vec<f64>>, activity: Activity, at: usize, sum: u64) {
        let length = self.steps.get(at).map_or(1, |(start, end)| end.saturating_sub(*start).max(1));
        let values = into.entry(activity).or_insert_with(|| vec![0.0; self.steps.len()]);
        if let Some(value) = values.get_mut(at) {
            *value += sum as f64 / length as f64;
        }
    }

    /// The activities that are drawn, in the order of the word list.
    pub fn activities(&self) -> Vec<Activity> {
        let both = self.watts.iter().chain(&self.processors);
        both.map(|(activity, _)| *activity).collect::<BTreeSet<_>>().into_iter().collect()
    }

    /// The part of an activity in all values, 0 to 1; none if nothing is known of it.
    pub fn share(values: &Values, activity: Activity) -> Option<f64> {
        let sum = |values: &[f64]| values.iter().sum::<f64>();
        let all: f64 = values.iter().map(|(_, values)| sum(values)).sum();
        let (_, own) = values.iter().find(|(a, _)| *a == activity)?;
        (all > 0.0).then(|| sum(own) / all)
    }

    /// The largest sum of all activities in one step.
    pub fn peak(values: &Values, steps: usize) -> f64 {
        let sum = |at: usize| values.iter().filter_map(|(_, v)| v.get(at)).sum::<f64>();
        (0..steps).map(sum).fold(0.0, f64::max)
    }
}

/// Beginnings and ends of the steps of a chart.
fn steps(chart: &Chart<'_>) -> Vec<(i64, i64)> {
    let every = chart.bucket.every_ms.max(1);
    let first = chart.bucket.start(chart.from_ms);
    let start = |at: i64| first.saturating_add(at.saturating_mul(every));
    (0..MAX_STEPS)
        .map(|at| (start(at), start(at + 1)))
        .take_while(|(start, _)| *start < chart.to_ms)
        .collect()
}

/// Those that come to nothing left out, the largest at the bottom: it is the easiest to follow there.
fn largest_last(values: BTreeMap<Activity, Vec<f64>>) -> Values {
    let sum = |values: &[f64]| values.iter().sum::<f64>();
    let mut values: Values = values.into_iter().filter(|(_, values)| sum(values) > 0.0).collect();
    values.sort_by(|(_, a), (_, b)| sum(b).total_cmp(&sum(a)));
    values
}

fn metered(answers: &[Answer]) -> Option<f64> {
    let findings: u64 = answers.iter().map(|a| a.sums.findings).sum();
    let without: u64 = answers.iter().map(|a| a.sums.unmetered).sum();
    (findings > 0).then(|| 1.0 - without as f64 / findings as f64)
}
