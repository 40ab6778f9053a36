//! Which named computation fits what was seen.
//!
//! A computation is named only if everything it needs was seen. Among those that fit, the one that explains more
//! of what was seen, and asks for more, comes first: scrypt before plain SHA-256, X11 before each of its hashes.

use crate::Algorithm;
use crate::algorithm::is_mark;
use std::collections::{BTreeMap, BTreeSet};

/// A primitive near at least this share of the hot samples is not a minor part.
const MINOR: f64 = 0.5;

/// What was seen, looked up by name.
pub(crate) struct Seen<'a> {
    primitives: BTreeMap<&'a str, f64>,
    marks: BTreeSet<&'a str>,
}

impl<'a> Seen<'a> {
    pub(crate) fn new(primitives: &[(&'a str, f64)], marks: &[&'a str]) -> Self {
        let mut best: BTreeMap<&str, f64> = BTreeMap::new();
        for (name, share) in primitives.iter().filter(|(_, share)| share.is_finite() && *share > 0.0) {
            let held = best.entry(name).or_default();
            *held = held.max(share.min(1.0));
        }
        Self { primitives: best, marks: marks.iter().copied().collect() }
    }

    fn has(&self, name: &str) -> bool {
        if is_mark(name) { self.marks.contains(name) } else { self.primitives.contains_key(name) }
    }

    fn share(&self, name: &str) -> f64 {
        self.primitives.get(name).copied().unwrap_or(0.0)
    }
}

/// The algorithms that fit, best first; equal ones in the order of the book.
pub(crate) fn rank<'b>(algorithms: &'b [Algorithm], seen: &Seen<'_>) -> Vec<(&'b Algorithm, f64)> {
    let fitting = algorithms.iter().filter(|a| fits(a, seen));
    let mut ranked: Vec<_> = fitting.map(|a| (a, score(a, seen))).collect();
    ranked.sort_by(|a, b| b.1.total_cmp(&a.1));
    ranked
}

fn fits(algorithm: &Algorithm, seen: &Seen<'_>) -> bool {
    let minor = |name: &String| (f64::MIN_POSITIVE..MINOR).contains(&seen.share(name));
    algorithm.needs.iter().all(|group| group.iter().any(|name| seen.has(name)))
        && algorithm.minor.iter().all(minor)
        && algorithm.of.iter().filter(|name| seen.has(name)).count() >= algorithm.least
        && !algorithm.without.iter().any(|name| seen.has(name))
}

/// 0 to 1. The parts: how specific the rule is, how much of the hot samples its primitives are near, how much of
/// what was seen it explains, and how many independent things it asked for.
fn score(algorithm: &Algorithm, seen: &Seen<'_>) -> f64 {
    let vocabulary: BTreeSet<&str> = algorithm.vocabulary().map(String::as_str).collect();
    let all: f64 = seen.primitives.values().sum();
    let own: f64 =
        seen.primitives.iter().filter(|(n, _)| vocabulary.contains(*n)).map(|(_, share)| share).sum();
    let explained = if all > 0.0 { own / all } else { 1.0 };
    let near = if all > 0.0 && algorithm.vocabulary().any(|n| !is_mark(n)) {
        own.min(1.0).sqrt().sqrt()
    } else {
        1.0
    };
    let asked = algorithm.needs.len() + algorithm.minor.len() + algorithm.least;
    let also = algorithm.also.iter().filter(|name| seen.has(name)).count();
    let support = 1.0 - 0.3 / (asked as f64 + 0.5 * also as f64).max(1.0);
    algorithm.specific * near * support * (0.4 + 0.6 * explained)
}
