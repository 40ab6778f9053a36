//! Hours in which work is declared to run: `Mo-Fr 08:00-18:00; Sa 09:00-12:00`, `22:00-06:00`, `24/7`.
//!
//! A small part of the opening-hours notation of OpenStreetMap. Must not know time zones: the caller gives local times.

use jiff::civil::{DateTime, Weekday};

/// Most bytes of a schedule.
pub const MAX_SCHEDULE: usize = 512;
/// Most rules of a schedule.
const MAX_RULES: usize = 32;
/// Minutes of a day.
const DAY: u16 = 24 * 60;
/// Days as they are written.
const DAYS: [(&str, Weekday); 7] = [
    ("Mo", Weekday::Monday),
    ("Tu", Weekday::Tuesday),
    ("We", Weekday::Wednesday),
    ("Th", Weekday::Thursday),
    ("Fr", Weekday::Friday),
    ("Sa", Weekday::Saturday),
    ("Su", Weekday::Sunday),
];

/// Hours of a week.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Schedule {
    rules: Vec<Rule>,
}

/// Days of the week, Monday first, and minutes of the day; an end at or before the begin is on the next day.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Rule {
    days: [bool; 7],
    from: u16,
    to: u16,
}

/// Why it is no schedule.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "'{found}' is not a time of work, expected for instance 'Mo-Fr 08:00-18:00; Sa 09:00-12:00' or '24/7'"
)]
pub struct ScheduleError {
    /// The part that was not understood, shortened.
    pub found: String,
}

impl Schedule {
    /// Reads one.
    ///
    /// # Errors
    ///
    /// [`ScheduleError`] names the first part that was not understood.
    pub fn parse(text: &str) -> Result<Self, ScheduleError> {
        let shortened =
            |part: &str| ScheduleError { found: part.chars().filter(|c| !c.is_control()).take(40).collect() };
        if text.len() > MAX_SCHEDULE {
            return Err(shortened(text));
        }
        let parts: Vec<&str> = text.split(';').map(str::trim).filter(|part| !part.is_empty()).collect();
        if parts.is_empty() || parts.len() > MAX_RULES {
            return Err(shortened(text));
        }
        let rules: Result<Vec<Rule>, _> = parts.iter().map(|p| rule(p).ok_or_else(|| shortened(p))).collect();
        Ok(Self { rules: rules? })
    }

    /// Whether work may run at this local time.
    #[must_use]
    pub fn open(&self, at: DateTime) -> bool {
        let today = day_index(at.weekday());
        let yesterday = (today + 6) % 7;
        let minute = u16::try_from(i32::from(at.hour()) * 60 + i32::from(at.minute())).unwrap_or(0);
        self.rules.iter().any(|rule| rule.holds(today, yesterday, minute))
    }
}

impl Rule {
    fn holds(&self, today: usize, yesterday: usize, minute: u16) -> bool {
        let on = |day: usize| self.days.get(day).copied().unwrap_or(false);
        if self.from < self.to {
            return on(today) && (self.from..self.to).contains(&minute);
        }
        (on(today) && minute >= self.from) || (on(yesterday) && minute < self.to)
    }
}

fn day_index(day: Weekday) -> usize {
    DAYS.iter().position(|(_, d)| *d == day).unwrap_or(0)
}

fn rule(text: &str) -> Option<Rule> {
    if text == "24/7" {
        return Some(Rule { days: [true; 7], from: 0, to: DAY });
    }
    let (days, hours) = match text.split_once(' ') {
        Some((days, hours)) => (self::days(days)?, hours.trim()),
        None => ([true; 7], text),
    };
    let (from, to) = hours.split_once('-')?;
    let (from, to) = (clock(from)?, clock(to)?);
    (from < DAY && from != to).then_some(Rule { days, from, to })
}

/// `Mo`, `Mo-Fr`, `Mo,We,Sa-Su`.
fn days(text: &str) -> Option<[bool; 7]> {
    let mut on = [false; 7];
    for part in text.split(',') {
        let (first, last) = part.split_once('-').unwrap_or((part, part));
        let index = |name: &str| DAYS.iter().position(|(written, _)| *written == name);
        let (first, last) = (index(first)?, index(last)?);
        let length = (last + 7 - first) % 7;
        (0..=length).map(|step| (first + step) % 7).for_each(|day| {
            if let Some(slot) = on.get_mut(day) {
                *slot = true;
            }
        });
    }
    Some(on)
}

/// `08:00` as minutes; `24:00` is the end of the day.
fn clock(text: &str) -> Option<u16> {
    let (hour, minute) = text.trim().split_once(':')?;
    let two = |part: &str| part.len() == 2 && part.bytes().all(|b| b.is_ascii_digit());
    if !two(hour) || !two(minute) {
        return None;
    }
    let (hour, minute): (u16, u16) = (hour.parse().ok()?, minute.parse().ok()?);
    let at = hour * 60 + minute;
    (minute < 60 && at <= DAY).then_some(at)
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::indexing_slicing)]
mod tests {
    use super::*;
    use jiff::civil::date;

    fn open(schedule: &str, day: i8, hour: i8, minute: i8) -> bool {
        // 2026-03-02 is a Monday.
        Schedule::parse(schedule).unwrap().open(date(2026, 3, 1 + day).at(hour, minute, 0, 0))
    }

    #[test]
    fn hours_of_the_week_open_and_close_to_the_minute() {
        let office = "Mo-Fr 08:00-18:00; Sa 09:00-12:00";
        assert!(open(office, 1, 8, 0) && open(office, 5, 17, 59) && open(office, 6, 11, 59));
        assert!(!open(office, 1, 7, 59) && !open(office, 1, 18, 0) && !open(office, 7, 10, 0));
    }

    #[test]
    fn a_night_belongs_to_the_day_on_which_it_begins() {
        assert!(open("Fr 22:00-06:00", 5, 23, 0) && open("Fr 22:00-06:00", 6, 5, 59));
        assert!(!open("Fr 22:00-06:00", 5, 5, 0) && !open("Fr 22:00-06:00", 6, 6, 0));
        assert!(open("24/7", 7, 3, 3) && open("Sa-Mo 00:00-24:00", 1, 23, 59));
    }

    #[test]
    fn what_is_no_schedule_is_named() {
        for wrong in ["", "always", "Mo-Fr", "Mo 8-18", "Mo 08:00-08:00", "Mo 25:00-26:00", "Xx 08:00-09:00"]
        {
            assert!(Schedule::parse(wrong).is_err(), "{wrong}");
        }
        assert_eq!(Schedule::parse("Mo 08:00-09:00; nights").unwrap_err().found, "nights");
    }
}
