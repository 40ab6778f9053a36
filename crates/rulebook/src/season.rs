//! A part of the year that comes back every year, such as a ban from 15 November to 15 March.

use jiff::civil::Date;

/// From one day of the year to another, both included; may pass over New Year.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Season {
    from: (i8, i8),
    to: (i8, i8),
}

impl Season {
    /// Reads `MM-DD/MM-DD`. The days must exist in a leap year.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (from, to) = text.split_once('/')?;
        Some(Self { from: day(from)?, to: day(to)? })
    }

    /// Whether the day lies in it.
    #[must_use]
    pub fn holds(self, date: Date) -> bool {
        let day = (date.month(), date.day());
        if self.from <= self.to {
            self.from <= day && day <= self.to
        } else {
            day >= self.from || day <= self.to
        }
    }

    /// As it is written in a rulebook.
    #[must_use]
    pub fn text(self) -> String {
        format!("{:02}-{:02}/{:02}-{:02}", self.from.0, self.from.1, self.to.0, self.to.1)
    }
}

fn day(text: &str) -> Option<(i8, i8)> {
    let (month, day) = text.trim().split_once('-')?;
    let (month, day) = (month.parse().ok()?, day.parse().ok()?);
    // 2024 is a leap year: 29 February may begin or end a season.
    Date::new(2024, month, day).ok().map(|_| (month, day))
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    #[test]
    fn a_season_may_pass_over_new_year() {
        let winter = Season::parse("11-15/03-15").unwrap();
        for inside in [date(2025, 11, 15), date(2025, 12, 31), date(2026, 1, 1), date(2026, 3, 15)] {
            assert!(winter.holds(inside), "{inside}");
        }
        for outside in [date(2025, 11, 14), date(2026, 3, 16), date(2026, 7, 1)] {
            assert!(!winter.holds(outside), "{outside}");
        }
        assert!(Season::parse("06-01/08-31").unwrap().holds(date(2025, 7, 1)));
    }

    #[test]
    fn days_that_do_not_exist_are_refused() {
        for wrong in ["", "11-15", "13-01/01-01", "02-30/03-01", "1-1", "a-b/c-d"] {
            assert_eq!(Season::parse(wrong), None, "{wrong}");
        }
        assert!(Season::parse("02-29/03-01").is_some());
    }
}
