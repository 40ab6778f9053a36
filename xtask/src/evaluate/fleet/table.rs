//! What was found of what was planted, and what was reported of honest devices, as text.

use super::draw::Fleet;
use super::plant::Plant;
use super::{Corpus, Half};
use crate::evaluate::metrics::wilson;
use discrepancy::{Comparison, Difference};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

/// Which families stand in this half.
pub(super) fn families(corpus: &Corpus<'_>, half: Half) -> String {
    let of = |wanted: Half| -> BTreeSet<&str> {
        let families = corpus.cases.iter().map(|c| c.label.family.as_str());
        families.filter(|f| wanted == Half::Both || corpus.half(f) == wanted).collect()
    };
    let (drawn, other) = match half {
        Half::Reported => (of(Half::Reported), of(Half::Chosen)),
        Half::Chosen => (of(Half::Chosen), of(Half::Reported)),
        Half::Both => (of(Half::Both), BTreeSet::new()),
    };
    let names: Vec<&str> = drawn.iter().copied().collect();
    format!(
        "devices play recordings of {} families; thresholds and reliability come from {}\nfamilies: {}\n\n",
        drawn.len(),
        match half {
            Half::Reported => format!("{} others", other.len()),
            Half::Chosen => "the same".to_owned(),
            Half::Both => "what ships; weights and table have seen these families".to_owned(),
        },
        names.join(", ")
    )
}

/// Sums over fleets.
#[derive(Default)]
pub(super) struct Sums {
    of: BTreeMap<Plant, (usize, usize)>,
    honest: usize,
    alarmed: usize,
    extra: usize,
    lines: String,
    wrong: Vec<String>,
}

impl Sums {
    /// Counts one fleet; `detail` keeps a line for each planted device.
    pub fn add(&mut self, fleet: &Fleet, comparison: &Comparison, detail: bool) {
        for device in &fleet.devices {
            let about: Vec<&Difference> =
                comparison.differences.iter().filter(|d| d.subject.device == Some(device.id)).collect();
            let Some(plant) = device.plant else {
                self.honest += 1;
                self.alarmed += usize::from(!about.is_empty());
                self.wrong.extend(
                    about
                        .iter()
                        .map(|d| format!("{} ({}): {}", device.plays, device.activity, d.sentence.en)),
                );
                continue;
            };
            let found = about.iter().find(|d| plant.is(d, device.guest));
            let sums = self.of.entry(plant).or_default();
            sums.0 += usize::from(found.is_some());
            sums.1 += 1;
            let others = about.iter().filter(|d| !plant.is(d, device.guest));
            let others: Vec<String> = others.map(|d| d.sentence.en.clone()).collect();
            self.extra += others.len();
            if detail {
                let said = found.map_or("not found", |d| d.sentence.en.as_str());
                let _ = writeln!(self.lines, "{:28} {:60} {said}", plant.words(), device.plays);
            }
            self.wrong.extend(
                others.into_iter().map(|o| format!("{} (beside what was planted): {o}", device.plays)),
            );
        }
        // What is about a site is about nobody's device: every one is false here.
        let sites = comparison.differences.iter().filter(|d| d.subject.device.is_none());
        for site in sites {
            self.alarmed += 1;
            self.wrong.push(site.sentence.en.clone());
        }
    }

    pub fn found(&self) -> usize {
        self.of.values().map(|(found, _)| found).sum()
    }

    fn planted(&self) -> usize {
        self.of.values().map(|(_, all)| all).sum()
    }

    pub fn false_alarms(&self) -> usize {
        self.alarmed
    }

    pub fn text(&self) -> String {
        let mut out = self.lines.clone();
        let _ = writeln!(out, "\nplanted                       found");
        for (plant, (found, all)) in &self.of {
            let _ = writeln!(out, "{:28} {found:3} of {all}", plant.words());
        }
        let rate = |hits: usize, n: usize| {
            let (low, high) = wilson(hits, n);
            format!("{hits} of {n} (95 % Wilson {low:.3} to {high:.3})")
        };
        let _ = writeln!(out, "\nfound: {}", rate(self.found(), self.planted()));
        let _ = writeln!(out, "honest devices with a difference: {}", rate(self.alarmed, self.honest));
        let _ = writeln!(out, "further differences on devices with something planted: {}", self.extra);
        if !self.wrong.is_empty() {
            let _ = writeln!(out, "\nreported beside what was planted");
        }
        for line in &self.wrong {
            let _ = writeln!(out, "{line}");
        }
        out
    }
}
