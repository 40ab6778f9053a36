//! What follows from provisions, and when it falls due.

use crate::grade::Grade;
use jiff::civil::Date;
use serde::Serialize;

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
