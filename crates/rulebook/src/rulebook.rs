//! A rulebook that has been read and checked.

use crate::effect::Effect;
use crate::grade::Grade;
use crate::provision::Provision;
use crate::region::Regions;
use crate::vocabulary::Vocabulary;
use jiff::civil::Date;
use serde::Serialize;
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
    /// Days of the week on which offices are closed.
    pub weekend: Vec<Weekday>,
    /// Days of the year on which offices are closed: month and day, with the year where it is not every year's.
    pub holidays: Vec<Holiday>,
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

/// Which charge is owed where several apply.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Several {
    /// The one with the highest rate.
    Highest,
    /// All of them.
    All,
}

/// A place with rules of its own, or within one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Place {
    /// Its code, ISO 3166-2 where there is one.
    pub code: String,
    /// Its name in English.
    pub name: String,
    /// Its name in the original language.
    pub original: String,
    /// The place that it lies in.
    pub within: Option<usize>,
}

/// A law, notice, order or draft.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Instrument {
    /// Its name within the rulebook.
    pub id: String,
    /// Its title in English.
    pub title: String,
    /// Its title in the original language.
    pub original: String,
    /// Its number.
    pub number: String,
    /// Who issued it.
    pub issuer: String,
    /// The day it bears.
    pub dated: Date,
    /// The first day in force; none for a proposal.
    pub from: Option<Date>,
    /// The last day in force.
    pub until: Option<Date>,
    /// Whether it is only proposed: it never decides.
    pub proposed: bool,
    /// How well it is known.
    pub grade: Grade,
    /// Where it was read.
    pub sources: Vec<String>,
    /// What a reader should know.
    pub note: String,
}

/// A threshold.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Limit {
    /// Its name, with its unit at the end.
    pub id: String,
    /// Its value in that unit.
    pub value: i64,
    /// The unit.
    pub unit: String,
    /// What it limits.
    pub text: String,
    /// How well it is known.
    pub grade: Grade,
    /// Position of its instrument.
    pub instrument: usize,
    /// The article.
    pub article: String,
}

/// A classification of industry.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Classification {
    /// Its name within the rulebook.
    pub id: String,
    /// Its short name.
    pub name: String,
    /// Its title in the original language.
    pub original: String,
    /// Position of its instrument.
    pub instrument: usize,
}

/// A code of a classification.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Code {
    /// Position of the classification.
    pub classification: usize,
    /// The code.
    pub code: String,
    /// Its name in English.
    pub name: String,
    /// Its name in the original language.
    pub original: String,
    /// How well code and name are known.
    pub grade: Grade,
}

/// Which energy a charge is taken on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Base {
    /// All energy of the account.
    Account,
    /// What mining used.
    Mining,
}

/// An amount by energy.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Charge {
    /// Its name within the rulebook.
    pub id: String,
    /// Ten-thousandths of the currency's unit for one kWh.
    pub rate_e4: i64,
    /// Which energy it is taken on.
    pub base: Base,
    /// What it is.
    pub text: String,
    /// How well it is known.
    pub grade: Grade,
    /// Position of its instrument.
    pub instrument: usize,
    /// The article.
    pub article: String,
}

/// What follows from a provision.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Obligation {
    /// Its name within the rulebook.
    pub id: String,
    /// Its title in English.
    pub title: String,
    /// Its title in the original language.
    pub original: String,
    /// Who owes it.
    pub who: String,
    /// To whom.
    pub to: String,
    /// The form.
    pub form: String,
    /// Names of the fields that the form asks for.
    pub fields: Vec<String>,
    /// When it falls due.
    pub due: Due,
    /// What happens otherwise, where known.
    pub penalty: String,
    /// How well it is known.
    pub grade: Grade,
    /// Position of its instrument.
    pub instrument: usize,
    /// The article.
    pub article: String,
    /// What a reader should know.
    pub note: String,
}

/// A day of the week.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
#[expect(missing_docs, reason = "the names say it")]
pub enum Weekday {
    Monday,
    Tuesday,
    Wednesday,
    Thursday,
    Friday,
    Saturday,
    Sunday,
}

impl Weekday {
    /// The day of that English name, in small letters.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        use Weekday::{Friday, Monday, Saturday, Sunday, Thursday, Tuesday, Wednesday};
        let all = [
            ("monday", Monday),
            ("tuesday", Tuesday),
            ("wednesday", Wednesday),
            ("thursday", Thursday),
            ("friday", Friday),
            ("saturday", Saturday),
            ("sunday", Sunday),
        ];
        all.into_iter().find(|(n, _)| *n == name).map(|(_, day)| day)
    }
}

/// A day on which offices are closed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Holiday {
    /// The year, where it is not every year's.
    pub year: Option<i16>,
    /// The month.
    pub month: i8,
    /// The day of the month.
    pub day: i8,
    /// Its name.
    pub name: String,
    /// How well it is known.
    pub grade: Grade,
}

/// An event in the life of a registration whose date starts a term, for instance `service_start`.
pub type Event = String;

/// When an obligation falls due.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Due {
    /// Again and again, for each period.
    Every {
        /// The period.
        period: Period,
        /// Moves a day on which offices are closed to the next one on which they are open.
        shift: bool,
    },
    /// Within a term after an event.
    Within {
        /// Length of the term.
        count: i32,
        /// Whether only working days count.
        working_days: bool,
        /// The event.
        after: Event,
        /// Moves a last day on which offices are closed to the next one on which they are open.
        shift: bool,
    },
    /// Before an event, by so many days at least.
    Before {
        /// The event.
        event: Event,
        /// Days before it.
        days: i32,
    },
    /// Once, by a day.
    By(Date),
    /// At an event that no calendar knows.
    On(String),
    /// Not known; why.
    Unknown(String),
}

/// What a recurring report covers, and when it is due after that.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Period {
    /// Each week, on a day.
    Week {
        /// The day.
        weekday: Weekday,
    },
    /// Each calendar month, on a day of the next.
    Month {
        /// The day of the next month; the last one where the month is shorter.
        day: i8,
    },
    /// Each calendar quarter, on a day of the month after it.
    Quarter {
        /// The day.
        day: i8,
    },
    /// Each calendar year, on a day of the next.
    Year {
        /// The month.
        month: i8,
        /// The day.
        day: i8,
    },
    /// Every so many years on the anniversary of an event named `registration`.
    Anniversary {
        /// Years between.
        years: i16,
    },
}

/// Names of effects for diagnostics.
pub(crate) fn effects() -> String {
    Effect::ALL.map(Effect::name).join(", ")
}
