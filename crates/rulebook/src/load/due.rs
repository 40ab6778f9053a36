//! When an obligation falls due, as it is written in data.

use crate::document::DueText;
use crate::obligation::{Due, Period, Weekday};
use crate::value::shorten;

/// What is wrong, and what to do.
type Refused = (String, String);

/// Reads the table `due` of an obligation.
pub fn read(text: &DueText) -> Result<Due, Refused> {
    let ways =
        [&text.every, &text.before, &text.by, &text.on, &text.unknown].iter().filter(|w| w.is_some()).count();
    if ways + usize::from(text.within.is_some()) != 1 {
        return Err(refused(
            "expected exactly one of every, within, before, by, on, unknown",
            "say in one way when it is due",
        ));
    }
    let shift = match text.shift.as_deref() {
        None => false,
        Some("next-working-day") if text.every.is_some() || text.within.is_some() => true,
        Some("next-working-day") => return Err(refused("shift on a day that ends no term", "leave it out")),
        Some(other) => {
            return Err(refused(&format!("shift = '{}'", shorten(other)), "expected 'next-working-day'"));
        }
    };
    if let Some(period) = &text.every {
        return Ok(Due::Every { period: every(period, text)?, shift });
    }
    if let Some(count) = text.within {
        return within(count, shift, text);
    }
    if let Some(event) = &text.before {
        let days = text.days.unwrap_or_default();
        let sound = (0..=3660).contains(&days);
        return if sound {
            Ok(Due::Before { event: event.clone(), days })
        } else {
            Err(refused("days", "expected 0 to 3660"))
        };
    }
    if let Some(day) = &text.by {
        return day
            .parse()
            .map(Due::By)
            .map_err(|_| refused(&format!("by = '{}'", shorten(day)), "write YYYY-MM-DD"));
    }
    match (&text.on, &text.unknown) {
        (Some(event), _) => Ok(Due::On(event.clone())),
        (_, Some(why)) => Ok(Due::Unknown(why.clone())),
        _ => Err(refused("nothing", "say when it is due")),
    }
}

fn every(period: &str, text: &DueText) -> Result<Period, Refused> {
    let day = || match text.day {
        Some(day @ 1..=31) => Ok(day),
        found => Err(refused(&format!("day = {found:?}"), "expected 1 to 31")),
    };
    match period {
        "week" => {
            let weekday = text.weekday.as_deref().and_then(Weekday::named);
            Ok(Period::Week {
                weekday: weekday
                    .ok_or_else(|| refused("no weekday", "write one in small English letters"))?,
            })
        }
        "month" => Ok(Period::Month { day: day()? }),
        "quarter" => Ok(Period::Quarter { day: day()? }),
        "year" => match text.month {
            // A day that exists in no year would silently become another one.
            Some(month @ 1..=12) if jiff::civil::Date::new(2024, month, day()?).is_ok() => {
                Ok(Period::Year { month, day: day()? })
            }
            found => Err(refused(
                &format!("month = {found:?}, day = {:?}", text.day),
                "expected a day that exists",
            )),
        },
        "anniversary" => match text.count.unwrap_or(1) {
            years @ 1..=100 => Ok(Period::Anniversary { years: i16::try_from(years).unwrap_or(1) }),
            found => Err(refused(&format!("count = {found}"), "expected 1 to 100 years")),
        },
        other => Err(refused(
            &format!("every = '{}'", shorten(other)),
            "expected week, month, quarter, year or anniversary",
        )),
    }
}

fn within(count: i32, shift: bool, text: &DueText) -> Result<Due, Refused> {
    let working_days = match text.unit.as_deref() {
        Some("days") => false,
        Some("working-days") => true,
        found => return Err(refused(&format!("unit = {found:?}"), "expected 'days' or 'working-days'")),
    };
    let after =
        text.after.clone().ok_or_else(|| refused("no event", "say after which event the term begins"))?;
    if (0..=3660).contains(&count) {
        Ok(Due::Within { count, working_days, after, shift })
    } else {
        Err(refused(&format!("within = {count}"), "expected 0 to 3660"))
    }
}

fn refused(found: &str, help: &str) -> Refused {
    (format!("due: {found}"), help.to_owned())
}
