//! A rulebook that has been read and checked.

use crate::effect::Effect;
use crate::formula::Formula;
use crate::law::{Charge, Classification, Code, Instrument, Limit, Place, Several};
use crate::obligation::{Holiday, Obligation, Weekday};
use crate::provision::Provision;
use crate::region::Regions;
use crate::vocabulary::Vocabulary;
use jiff::civil::Date;
use std::sync::Arc;

/// The rules of one place, with those it includes.
#[derive(Clone, Debug)]
pub struct Rulebook {
    /// Code of the jurisdiction, the same as its root place.
    pub jurisdiction: String,
    /// Its name in English.
    pub name: String,
    /// Its name in the original language.
    pub original: String,
    /// Language of the original texts, BCP 47.
    pub language: String,
    /// IANA name of the time zone in which days are counted.
    pub time_zone: String,
    /// ISO 4217 code of the currency of its charges.
    pub currency: String,
    /// The day whose law this is.
    pub as_of: Date,
    /// What the rulebook does, in a sentence or two.
    pub about: String,
    /// Which charge is owed where several apply.
    pub several: Several,
    /// Kinds of registrations (`operator`, `site`, `device`, `workload`) that a second person has to approve.
    pub second_person: Vec<String>,
    /// Days of the week on which offices are closed.
    pub weekend: Vec<Weekday>,
    /// Days of the year on which offices are closed: month and day, with the year where it is not every year's.
    pub holidays: Vec<Holiday>,
    /// Figures that are worked out from others.
    pub formulas: Vec<Formula>,
    /// SHA-256 of the files that judge, as hexadecimal, this rulebook's and those it includes.
    pub digest: String,
    /// Its places; the first is the jurisdiction.
    pub places: Vec<Place>,
    /// Its instruments.
    pub instruments: Vec<Instrument>,
    /// Its thresholds.
    pub limits: Vec<Limit>,
    /// Its classifications of industry.
    pub classifications: Vec<Classification>,
    /// Codes of those.
    pub codes: Vec<Code>,
    /// Its charges by energy.
    pub charges: Vec<Charge>,
    /// Its obligations.
    pub obligations: Vec<Obligation>,
    /// Its provisions, in the order of the files.
    pub provisions: Vec<Provision>,
    pub(crate) vocabulary: Arc<Vocabulary>,
    /// Regions of each fact of the vocabulary.
    pub(crate) regions: Vec<Regions>,
}

impl Rulebook {
    /// What the provisions speak of.
    #[must_use]
    pub fn vocabulary(&self) -> &Vocabulary {
        &self.vocabulary
    }

    /// The provision of that id.
    #[must_use]
    pub fn provision(&self, id: &str) -> Option<&Provision> {
        self.provisions.iter().find(|p| p.id == id)
    }

    /// The instrument of a provision.
    #[must_use]
    pub fn instrument_of(&self, provision: &Provision) -> Option<&Instrument> {
        self.instruments.get(provision.instrument)
    }

    /// The obligation of that id.
    #[must_use]
    pub fn obligation(&self, id: &str) -> Option<&Obligation> {
        self.obligations.iter().find(|o| o.id == id)
    }

    /// The position of a place.
    #[must_use]
    pub fn place(&self, code: &str) -> Option<usize> {
        self.places.iter().position(|p| p.code == code)
    }

    /// Whether a place lies within another, or is it.
    #[must_use]
    pub fn lies_within(&self, place: usize, other: usize) -> bool {
        let mut at = Some(place);
        // A chain of places is never longer than their number, so a loop in the data ends here.
        for _ in 0..=self.places.len() {
            match at {
                Some(here) if here == other => return true,
                Some(here) => at = self.places.get(here).and_then(|p| p.within),
                None => return false,
            }
        }
        false
    }

    /// Days on which what is in force changes, in order: the first day of each new state.
    #[must_use]
    pub fn turning_days(&self) -> Vec<Date> {
        let mut days: Vec<Date> = self
            .provisions
            .iter()
            .flat_map(|p| [Some(p.from), p.until.and_then(|u| u.tomorrow().ok())])
            .flatten()
            .collect();
        days.sort_unstable();
        days.dedup();
        days
    }
}

/// Names of effects for diagnostics.
pub(crate) fn effects() -> String {
    Effect::ALL.map(Effect::name).join(", ")
}
