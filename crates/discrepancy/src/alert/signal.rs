//! What the engine watches: one figure for each key, made of differences.
//!
//! Must not decide whether a figure is too large: that is the engine's, by settings.

use crate::difference::{Difference, Kind};
use facts::Strength;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// One thing that may become an alert.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Signal {
    /// The same from one tick to the next while it is the same thing.
    pub key: String,
    /// The kind of difference, as a word.
    pub kind: String,
    /// The site.
    pub site: String,
    /// The device in hexadecimal, where it is about one.
    pub device: Option<String>,
    /// How large it is: hours times share of the device.
    pub size: f64,
    /// Its weight, bans; plain from the record where left out.
    pub weight: Option<f64>,
    /// Whether the rulebook prohibits what was seen.
    pub prohibited: bool,
    /// Whether it is contested and not answered.
    pub contested: bool,
    /// The sentence, English.
    pub en: String,
    /// The sentence, Chinese.
    pub zh: String,
}

/// Signals of differences. What an outcome overturned is none. Several of one kind at one site on different devices stay
/// apart; a silent site takes the place of the silence of its devices, which the comparison has seen to.
#[must_use]
pub fn signals(differences: &[Difference]) -> Vec<Signal> {
    let mut by_key: BTreeMap<String, Signal> = BTreeMap::new();
    for difference in differences.iter().filter(|d| !d.overturned()) {
        let signal = Signal::of(difference);
        match by_key.get_mut(&signal.key) {
            // The larger one stands; which came first must not matter.
            Some(held) if (held.size, &held.en) >= (signal.size, &signal.en) => {}
            Some(held) => *held = signal,
            None => {
                by_key.insert(signal.key.clone(), signal);
            }
        }
    }
    by_key.into_values().collect()
}

impl Signal {
    fn of(d: &Difference) -> Self {
        Self {
            key: d.key(),
            kind: d.kind.word().to_owned(),
            site: d.subject.site.to_string(),
            device: d.subject.device.map(|d| d.to_string()),
            size: if d.magnitude.size().is_finite() { d.magnitude.size() } else { 0.0 },
            weight: d.weight.map(facts::Weight::log10),
            prohibited: d.prohibited || d.kind == Kind::ProhibitedWork,
            contested: d.contests.iter().any(|c| c.outcome.is_none_or(|o| !o.closes())),
            en: d.sentence.en.clone(),
            zh: d.sentence.zh.clone(),
        }
    }

    /// Its weight in words.
    #[must_use]
    pub fn strength(&self) -> Option<Strength> {
        self.weight.map(|w| facts::Weight::new(w).strength())
    }
}
