//! When obligations fall due: periods, terms and working days, in the calendar and time zone of the place.
//!
//! Days are counted in the proleptic Gregorian calendar of ISO 8601; time zones come from the IANA database through `jiff`.

use crate::obligation::{Due, Holiday, Period, Weekday};
use crate::rulebook::Rulebook;
use jiff::ToSpan;
use jiff::civil::{Date, time};
use jiff::tz::TimeZone;
use serde::Serialize;
use std::collections::BTreeMap;

/// Most due dates that one obligation is listed with.
pub const MAX_DATES: usize = 4000;
/// Longest run of closed days that is passed over in search of a working day.
const MAX_CLOSED: usize = 400;

/// The days on which the offices of a place are closed, and its time zone.
#[derive(Clone, Debug)]
pub struct Calendar {
    zone: TimeZone,
    weekend: Vec<Weekday>,
    holidays: Vec<Holiday>,
}

/// One day on which something falls due.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct DueDate {
    /// The last day.
    pub date: Date,
    /// The end of that day at the place, RFC 3339 with the offset in force there then.
    pub end: String,
    /// The first and last day that the report covers, where it covers a period.
    pub covers: Option<(Date, Date)>,
    /// Whether the day depends on which days offices are closed, which a person should confirm.
    pub confirm: bool,
}

/// Why an obligation has no due dates in a window.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DueError {
    /// The date of an event is not known.
    #[error("the date of '{event}' is not known; give it under [events]")]
    NoEvent {
        /// The event.
        event: String,
    },
    /// No calendar says when.
    #[error("due at an event that no calendar knows: {0}")]
    OnEvent(String),
    /// Not known.
    #[error("not known when it is due: {0}")]
    Unknown(String),
    /// The window ends before it begins, or dates leave the calendar.
    #[error("dates from {from} to {until} cannot be counted")]
    Window {
        /// First day.
        from: Date,
        /// Last day.
        until: Date,
    },
}

impl Calendar {
    /// The calendar of a rulebook's place. An unknown zone (loading refuses it) counts as UTC.
    #[must_use]
    pub fn of(rulebook: &Rulebook) -> Self {
        let zone = TimeZone::get(&rulebook.time_zone).unwrap_or(TimeZone::UTC);
        Self { zone, weekend: rulebook.weekend.clone(), holidays: rulebook.holidays.clone() }
    }

    /// A calendar of its own; `None` if the zone is unknown.
    #[must_use]
    pub fn new(zone: &str, weekend: &[Weekday], holidays: &[Holiday]) -> Option<Self> {
        Some(Self { zone: TimeZone::get(zone).ok()?, weekend: weekend.to_vec(), holidays: holidays.to_vec() })
    }

    /// Whether offices are open.
    #[must_use]
    pub fn works(&self, date: Date) -> bool {
        let holiday = self.holidays.iter().any(|h| {
            h.month == date.month() && h.day == date.day() && h.year.is_none_or(|y| y == date.year())
        });
        !holiday && !self.weekend.contains(&weekday(date))
    }

    /// The day itself if offices are open, else the next one on which they are.
    fn working(&self, date: Date) -> Option<Date> {
        std::iter::successors(Some(date), |d| d.tomorrow().ok()).take(MAX_CLOSED).find(|d| self.works(*d))
    }

    /// The end of a day at the place: its last second, with the offset then in force. Where clocks go back so that the last
    /// second comes twice, the day ends with the second one.
    fn end(&self, date: Date) -> String {
        let last = date.to_datetime(time(23, 59, 59, 0));
        self.zone
            .to_ambiguous_zoned(last)
            .later()
            .map_or_else(|_| last.to_string(), |zoned| zoned.strftime("%Y-%m-%dT%H:%M:%S%:z").to_string())
    }

    fn date(&self, date: Date, covers: Option<(Date, Date)>, confirm: bool) -> DueDate {
        DueDate { date, end: self.end(date), covers, confirm }
    }

    /// Every day from `from` to `until`, both included, on which this falls due. `events` gives the dates of events by name.
    ///
    /// # Errors
    ///
    /// [`DueError`] where no day can be named.
    pub fn due(
        &self,
        due: &Due,
        events: &BTreeMap<String, Date>,
        from: Date,
        until: Date,
    ) -> Result<Vec<DueDate>, DueError> {
        if until < from {
            return Err(DueError::Window { from, until });
        }
        let event = |name: &String| {
            events.get(name).copied().ok_or_else(|| DueError::NoEvent { event: name.clone() })
        };
        let window = |_| DueError::Window { from, until };
        let mut dates = match due {
            Due::Every { period: Period::Anniversary { years }, shift } => {
                self.anniversaries(event(&"registration".to_owned())?, *years, *shift, from, until)
            }
            Due::Every { period, shift } => self.recurring(*period, *shift, from, until),
            Due::Within { count, working_days: false, after, shift } => {
                let last = event(after)?.checked_add(count.days()).map_err(window)?;
                vec![self.date(self.shifted(last, *shift), None, *shift)]
            }
            Due::Within { count, working_days: true, after, .. } => {
                let day = self.nth_working(event(after)?, *count).ok_or(DueError::Window { from, until })?;
                vec![self.date(day, None, true)]
            }
            Due::Before { event: name, days } => {
                vec![self.date(event(name)?.checked_sub(days.days()).map_err(window)?, None, false)]
            }
            Due::By(day) => vec![self.date(*day, None, false)],
            Due::On(what) => return Err(DueError::OnEvent(what.clone())),
            Due::Unknown(why) => return Err(DueError::Unknown(why.clone())),
        };
        dates.retain(|d| from <= d.date && d.date <= until);
        Ok(dates)
    }

    /// The nth working day after a day, which itself does not count.
    fn nth_working(&self, day: Date, n: i32) -> Option<Date> {
        let mut at = day;
        for _ in 0..n {
            at = self.working(at.tomorrow().ok()?)?;
        }
        Some(at)
    }

    fn shifted(&self, date: Date, shift: bool) -> Date {
        if shift { self.working(date).unwrap_or(date) } else { date }
    }

    fn recurring(&self, period: Period, shift: bool, from: Date, until: Date) -> Vec<DueDate> {
        // A shifted day may come from a period before the window.
        let first = from.checked_sub(2.years()).unwrap_or(Date::MIN);
        let mut dates = Vec::new();
        let mut start = first_of(period, first);
        while dates.len() < MAX_DATES {
            let Some((day, covers, next)) = one(period, start) else { break };
            if day > until {
                break;
            }
            let moved = self.shifted(day, shift);
            if moved >= from {
                dates.push(self.date(moved, Some(covers), shift));
            }
            start = next;
        }
        dates
    }

    fn anniversaries(&self, event: Date, years: i16, shift: bool, from: Date, until: Date) -> Vec<DueDate> {
        let steps = (1..).map_while(|n: i16| event.checked_add(n.checked_mul(years)?.years()).ok());
        let dates = steps.take(MAX_DATES).take_while(|d| *d <= until).map(|d| self.shifted(d, shift));
        dates.filter(|d| *d >= from).map(|d| self.date(d, None, shift)).collect()
    }
}

/// The first day of the period that this day lies in.
fn first_of(period: Period, day: Date) -> Date {
    match period {
        Period::Week { weekday } => {
            // A week ends on its due day, so it begins on the day after the last one.
            std::iter::successors(Some(day), |d| d.yesterday().ok())
                .take(8)
                .find(|d| d.yesterday().is_ok_and(|y| self::weekday(y) == weekday))
                .unwrap_or(day)
        }
        Period::Month { .. } => day.first_of_month(),
        Period::Quarter { .. } => {
            let month = (day.month() - 1) / 3 * 3 + 1;
            Date::new(day.year(), month, 1).unwrap_or(day)
        }
        Period::Year { .. } | Period::Anniversary { .. } => day.first_of_year(),
    }
}

/// For the period that starts on this day: when its report is due, what it covers, and the start of the next.
fn one(period: Period, start: Date) -> Option<(Date, (Date, Date), Date)> {
    let length = match period {
        Period::Week { .. } => 1.week(),
        Period::Month { .. } => 1.month(),
        Period::Quarter { .. } => 3.months(),
        Period::Year { .. } | Period::Anniversary { .. } => 1.year(),
    };
    let next = start.checked_add(length).ok()?;
    let last = next.yesterday().ok()?;
    let day = match period {
        Period::Week { .. } => last,
        Period::Month { day } | Period::Quarter { day } => clamped(next.year(), next.month(), day)?,
        Period::Year { month, day } => clamped(next.year(), month, day)?,
        Period::Anniversary { .. } => return None,
    };
    Some((day, (start, last), next))
}

/// The day of the month, or its last one where it has no such day.
fn clamped(year: i16, month: i8, day: i8) -> Option<Date> {
    let first = Date::new(year, month, 1).ok()?;
    Date::new(year, month, day.min(first.days_in_month())).ok()
}

fn weekday(date: Date) -> Weekday {
    use jiff::civil::Weekday as Day;
    match date.weekday() {
        Day::Monday => Weekday::Monday,
        Day::Tuesday => Weekday::Tuesday,
        Day::Wednesday => Weekday::Wednesday,
        Day::Thursday => Weekday::Thursday,
        Day::Friday => Weekday::Friday,
        Day::Saturday => Weekday::Saturday,
        Day::Sunday => Weekday::Sunday,
    }
}
