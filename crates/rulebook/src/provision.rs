//! One article as code.

use crate::condition::Condition;
use crate::effect::Effect;
use crate::grade::Grade;
use crate::season::Season;
use crate::table::Table;
use crate::vocabulary::Vocabulary;
use jiff::civil::Date;

/// Whether a provision says that its effect applies, or that it does not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Polarity {
    /// The effect applies.
    Permit,
    /// The effect does not apply, whatever else says so.
    Forbid,
}

/// One article as code, with what a reader needs to find it.
#[derive(Clone, Debug)]
pub struct Provision {
    /// Its id.
    pub id: String,
    /// Position of its instrument.
    pub instrument: usize,
    /// The article within the instrument.
    pub article: String,
    /// A short title in English.
    pub title: String,
    /// What it says, in English.
    pub text: String,
    /// What it says, in the original language, where it was read.
    pub original: String,
    /// How well it is known.
    pub grade: Grade,
    /// What a reader should know.
    pub note: String,
    /// Whether its instrument is only proposed.
    pub proposed: bool,
    /// Positions of the places it holds in.
    pub places: Vec<usize>,
    /// The first day it holds.
    pub from: Date,
    /// The last day it holds.
    pub until: Option<Date>,
    /// The part of the year in which it holds.
    pub season: Option<Season>,
    /// Whether it applies its effect or lifts it.
    pub polarity: Polarity,
    /// The effect.
    pub effect: Effect,
    /// Set of the activities it speaks of, by position in the vocabulary.
    pub(crate) activities: u64,
    /// Set of the kinds of operators it speaks of.
    pub(crate) operators: u8,
    /// What it asks of the facts.
    pub condition: Condition,
    /// Truth of the condition for every combination of regions, as Cedar evaluated it.
    pub(crate) table: Table,
    /// Position of the industry code that goes with it.
    pub code: Option<usize>,
    /// How well it is known that this work belongs to this code.
    pub code_grade: Grade,
    /// Positions of the obligations that follow.
    pub obliges: Vec<usize>,
    /// Position of the charge that follows.
    pub charge: Option<usize>,
    /// The file it stands in.
    pub file: String,
    /// The line of its id.
    pub line: usize,
}

impl Provision {
    /// Whether it may decide without a person: its grade says so and its instrument is in force.
    #[must_use]
    pub const fn decides(&self) -> bool {
        self.grade.decides() && !self.proposed
    }

    /// Whether it holds on a day.
    #[must_use]
    pub fn in_force(&self, date: Date) -> bool {
        self.from <= date && self.until.is_none_or(|u| date <= u) && self.season.is_none_or(|s| s.holds(date))
    }

    /// Whether scope and condition hold, where the kind of operator and the region of every fact are given.
    pub(crate) fn applies(&self, operator: u8, region: impl Fn(usize) -> u8) -> bool {
        self.operators >> operator & 1 == 1 && self.table.holds(region)
    }

    /// Names of the activities it speaks of; all of them where it names none.
    #[must_use]
    pub fn activities<'v>(&self, vocabulary: &'v Vocabulary) -> Vec<&'v str> {
        let all = vocabulary.activities().iter().zip(0_u8..);
        all.filter(|(_, i)| self.concerns(*i)).map(|(name, _)| name.as_str()).collect()
    }

    /// Whether it speaks of every activity.
    #[must_use]
    pub const fn of_everything(&self) -> bool {
        self.activities == u64::MAX
    }

    /// Names of the kinds of operators it speaks of; none where it speaks of all.
    #[must_use]
    pub fn operators<'v>(&self, vocabulary: &'v Vocabulary) -> Vec<&'v str> {
        let all = vocabulary.operators().iter().zip(0_u8..);
        all.filter(|(_, i)| self.operators != u8::MAX && self.operators >> i & 1 == 1)
            .map(|(o, _)| o.name.as_str())
            .collect()
    }

    /// Whether it speaks of the activity at this position of the vocabulary.
    #[must_use]
    pub const fn concerns(&self, activity: u8) -> bool {
        self.activities >> activity & 1 == 1
    }
}
