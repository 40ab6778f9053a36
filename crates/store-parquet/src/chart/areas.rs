//! One panel: axes, stacked areas, gaps, names within the areas. It must not know units or words.

use super::series::{Series, Values};
use super::svg::{Svg, number};
use super::{Chart, LEFT, RIGHT, TALL, WIDTH, palette, ticks};
use std::fmt::Write;

/// Least height of an area that bears its name.
const NAMED_HEIGHT: f64 = 17.0;
/// Least width of an area that bears its name.
const NAMED_WIDTH: f64 = 76.0;

/// One panel.
pub struct Panel<'a> {
    pub name: &'a str,
    pub unit: &'a str,
    pub values: &'a Values,
    /// What stands there if there are no values.
    pub nothing: &'a str,
    /// Upper edge of its areas.
    pub top: f64,
}

impl Panel<'_> {
    /// Draws the panel.
    pub fn draw(&self, svg: &mut Svg, chart: &Chart<'_>, series: &Series) {
        svg.text("oc-panel", 16.0, self.top - 12.0, "start", self.name);
        let marks = ticks::values(Series::peak(self.values, series.steps.len()));
        let most = marks.last().copied().unwrap_or(1.0);
        self.gaps(svg, chart, series);
        for mark in marks.iter().filter(|_| !self.values.is_empty()) {
            let y = self.y(*mark / most);
            svg.line("oc-grid", (LEFT, y), (RIGHT, y));
            svg.text("oc-tick", LEFT - 6.0, y + 4.0, "end", &ticks::value(*mark, self.unit));
        }
        self.stack(svg, chart, series, most);
        self.time(svg, chart);
        if self.values.is_empty() {
            svg.text("oc-note", WIDTH / 2.0, self.top + TALL / 2.0, "middle", self.nothing);
        }
    }

    fn y(&self, part: f64) -> f64 {
        self.top + TALL * (1.0 - part)
    }

    fn time(&self, svg: &mut Svg, chart: &Chart<'_>) {
        let bottom = self.top + TALL;
        svg.line("oc-axis", (LEFT, bottom), (RIGHT, bottom));
        for (ms, label) in ticks::times(chart.from_ms, chart.to_ms, &chart.zone, chart.language) {
            let x = x(chart, ms);
            svg.line("oc-axis", (x, bottom), (x, bottom + 4.0));
            svg.text("oc-tick", x, bottom + 17.0, "middle", &label);
        }
    }

    /// Marks the time that no statement covers.
    fn gaps(&self, svg: &mut Svg, chart: &Chart<'_>, series: &Series) {
        for (start, end) in runs(&series.seen, false) {
            let (from, to) = (edge(chart, series, start), edge(chart, series, end));
            svg.rect("oc-gap", "", (from, self.top), (to - from, TALL));
        }
    }

    fn stack(&self, svg: &mut Svg, chart: &Chart<'_>, series: &Series, most: f64) {
        let mut below = vec![0.0; series.steps.len()];
        for (activity, values) in self.values {
            let above: Vec<f64> = below.iter().zip(values).map(|(b, v)| b + v).collect();
            let fill = palette::fill(*activity);
            let mut path = String::new();
            for (start, end) in runs(&series.seen, true) {
                let edges: Vec<f64> = (start..=end).map(|at| edge(chart, series, at)).collect();
                let part = |values: &[f64]| -> Vec<f64> {
                    values.get(start..end).unwrap_or_default().iter().map(|v| self.y(v / most)).collect()
                };
                steps(&mut path, &edges, &part(&above), &part(&below));
            }
            svg.raw(&format!("<path class=\"oc-area\" fill=\"{fill}\" d=\"{path}\"/>\n"));
            below = above;
        }
        self.names(svg, chart, series, most);
    }

    /// Writes each activity's name where its area is high enough for long enough.
    fn names(&self, svg: &mut Svg, chart: &Chart<'_>, series: &Series, most: f64) {
        let names = chart.language.words();
        let mut below = vec![0.0; series.steps.len()];
        for (activity, values) in self.values {
            let above: Vec<f64> = below.iter().zip(values).map(|(b, v)| b + v).collect();
            let best = room(chart, series, &below, &above, NAMED_HEIGHT * most / TALL);
            if let Some((from, to, low, high)) = best {
                let y = self.y((low + high) / 2.0 / most) + 4.0;
                svg.text("oc-direct", (from + to) / 2.0, y, "middle", names.activity(*activity));
            }
            below = above;
        }
    }
}

/// The widest place where a level band of `least` fits between two lines: left, right, lower and upper edge.
fn room(
    chart: &Chart<'_>,
    series: &Series,
    below: &[f64],
    above: &[f64],
    least: f64,
) -> Option<(f64, f64, f64, f64)> {
    let mut best: Option<(f64, f64, f64, f64)> = None;
    for start in 0..series.steps.len() {
        let (mut low, mut high) = (f64::MIN, f64::MAX);
        for end in start..series.steps.len() {
            let seen = series.seen.get(end).copied().unwrap_or(false);
            low = low.max(below.get(end).copied().unwrap_or(0.0));
            high = high.min(above.get(end).copied().unwrap_or(0.0));
            if !seen || high - low < least {
                break;
            }
            let (from, to) = (edge(chart, series, start), edge(chart, series, end + 1));
            if to - from >= NAMED_WIDTH && best.is_none_or(|(l, r, ..)| to - from > r - l) {
                best = Some((from, to, low, high));
            }
        }
    }
    best
}

/// Where a time stands.
fn x(chart: &Chart<'_>, ms: i64) -> f64 {
    let length = chart.to_ms.saturating_sub(chart.from_ms).max(1) as f64;
    LEFT + (RIGHT - LEFT) * (ms.saturating_sub(chart.from_ms) as f64 / length).clamp(0.0, 1.0)
}

/// The left edge of a step, or the right edge of the last.
fn edge(chart: &Chart<'_>, series: &Series, at: usize) -> f64 {
    let ms = series.steps.get(at).map(|step| step.0);
    x(chart, ms.or(series.steps.last().map(|step| step.1)).unwrap_or(chart.to_ms))
}

/// Runs of steps that are seen, or are not: first, and behind the last.
fn runs(seen: &[bool], wanted: bool) -> Vec<(usize, usize)> {
    let mut runs: Vec<(usize, usize)> = Vec::new();
    for (at, _) in seen.iter().enumerate().filter(|(_, seen)| **seen == wanted) {
        match runs.last_mut() {
            Some((_, end)) if *end == at => *end = at + 1,
            _ => runs.push((at, at + 1)),
        }
    }
    runs
}

/// Adds an outline in steps: along the top, and back along the bottom.
fn steps(path: &mut String, edges: &[f64], top: &[f64], bottom: &[f64]) {
    let level = |path: &mut String, x: f64, y: f64| {
        let sign = if path.is_empty() || path.ends_with('Z') { 'M' } else { 'L' };
        let _ = write!(path, "{sign}{} {}", number(x), number(y));
    };
    let sides = || edges.iter().zip(edges.iter().skip(1));
    for ((left, right), y) in sides().zip(top) {
        level(path, *left, *y);
        level(path, *right, *y);
    }
    for ((left, right), y) in sides().zip(bottom).rev() {
        level(path, *right, *y);
        level(path, *left, *y);
    }
    path.push('Z');
}
