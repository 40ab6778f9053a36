//! Where the axes have marks, and what stands beside them. It must not draw.

use super::words::Language;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan, Zoned};

const MINUTE: i64 = 60_000;
const DAY: i64 = 24 * 60 * MINUTE;
/// Most marks of the time axis.
const MARKS: i64 = 9;
/// Steps of the time axis within a day.
const WITHIN: [i64; 10] = [1, 5, 10, 15, 30, 60, 120, 180, 360, 720];
/// Steps of the time axis in days.
const DAYS: [i64; 6] = [1, 2, 7, 14, 31, 92];

/// Values for marks from 0 to at least `most`: steps of 1, 2 or 5 times a power of ten.
pub fn values(most: f64) -> Vec<f64> {
    let most = if most.is_finite() && most > 0.0 { most } else { 1.0 };
    let power = 10f64.powf((most / 4.0).log10().floor());
    let fits = |step: &f64| most / step <= 5.0;
    let step = [1.0, 2.0, 5.0].map(|s| s * power).into_iter().find(fits).unwrap_or(10.0 * power);
    let last = (most / step).ceil().max(1.0) as u32;
    (0..=last).map(|at| f64::from(at) * step).collect()
}

/// A value with its unit, in thousands where it is large: `1.5 kW`.
pub fn value(value: f64, unit: &str) -> String {
    let prefixes = [(1e9, "G"), (1e6, "M"), (1e3, "k"), (1.0, ""), (1e-3, "m")];
    let fits = |(scale, _): &(f64, &str)| value >= *scale * 0.999_999 && (*scale >= 1.0 || !unit.is_empty());
    let (scale, prefix) = prefixes.into_iter().find(fits).unwrap_or((1.0, ""));
    let digits = format!("{:.2}", value / scale);
    let digits = digits.trim_end_matches('0').trim_end_matches('.');
    format!("{digits} {prefix}{unit}").trim_end().to_owned()
}

/// Marks of time: Unix milliseconds, and the label in the given time zone. A day's first mark bears the date.
pub fn times(from: i64, to: i64, zone: &TimeZone, language: Language) -> Vec<(i64, String)> {
    let Some(first) = zoned(from, zone) else { return Vec::new() };
    let length = to.saturating_sub(from);
    let within = WITHIN.into_iter().find(|step| length / (step * MINUTE) <= MARKS);
    let marks = match within {
        Some(step) => hours(&first, to, step),
        None => days(&first, to, length),
    };
    let label = |at: &Zoned| match within {
        Some(_) if at.hour() > 0 || at.minute() > 0 => at.strftime("%H:%M").to_string(),
        _ => date(at.date(), language),
    };
    let marks = marks.iter().map(|at| (at.timestamp().as_millisecond(), label(at)));
    marks.filter(|(ms, _)| (from..to).contains(ms)).collect()
}

/// Marks every so many minutes of the local clock.
fn hours(first: &Zoned, to: i64, step: i64) -> Vec<Zoned> {
    let mut marks: Vec<Zoned> = Vec::new();
    let mut day = first.date();
    while let Some(start) = begin(day, first).filter(|start| start.timestamp().as_millisecond() < to) {
        let at = |minute: i64| start.date().at(0, 0, 0, 0).checked_add(minute.minutes());
        let local =
            (0..1440 / step).filter_map(|n| at(n * step).ok()?.to_zoned(start.time_zone().clone()).ok());
        marks.extend(local);
        let Ok(next) = day.tomorrow() else { break };
        day = next;
    }
    // Where a clock jumps ahead two marks may fall together.
    marks.dedup_by_key(|mark| mark.timestamp());
    marks
}

/// Marks every so many days, or at the first of months.
fn days(first: &Zoned, to: i64, length: i64) -> Vec<Zoned> {
    let step = DAYS.into_iter().find(|step| length / (step * DAY) <= MARKS).unwrap_or(366);
    let mut marks = Vec::new();
    let mut day = if step < 31 { Some(first.date()) } else { Some(first.date().first_of_month()) };
    while let Some(at) = day {
        let Some(start) = begin(at, first).filter(|start| start.timestamp().as_millisecond() < to) else {
            break;
        };
        marks.push(start);
        let span = match step {
            31 => 1.months(),
            92 => 3.months(),
            366 => 1.years(),
            step => step.days(),
        };
        day = at.checked_add(span).ok();
    }
    marks
}

fn begin(day: Date, like: &Zoned) -> Option<Zoned> {
    day.to_zoned(like.time_zone().clone()).ok()
}

/// A time in a zone; none if it is out of range.
pub fn zoned(ms: i64, zone: &TimeZone) -> Option<Zoned> {
    Some(Timestamp::from_millisecond(ms).ok()?.to_zoned(zone.clone()))
}

/// A date without its year.
fn date(date: Date, language: Language) -> String {
    match language {
        Language::English => date.strftime("%-d %b").to_string(),
        Language::Chinese => date.strftime("%-m月%-d日").to_string(),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn values_have_round_steps_and_reach_the_largest() {
        for most in [0.0, 0.3, 1.0, 7.3, 99.0, 1234.0, 5.6e9, f64::NAN] {
            let marks = values(most);
            assert!(
                (2..=7).contains(&marks.len()) && *marks.last().unwrap() >= most.max(0.1) * 0.999,
                "{marks:?}"
            );
        }
        assert_eq!(values(7.3), [0.0, 2.0, 4.0, 6.0, 8.0]);
    }

    #[test]
    fn marks_stand_at_hours_of_the_local_clock_across_its_jumps() {
        let zone = TimeZone::get("Europe/Berlin").unwrap();
        let from: jiff::Timestamp = "2026-03-28T23:00:00Z".parse().unwrap();
        let from = from.as_millisecond();
        let labels: Vec<_> =
            times(from, from + 23 * 3_600_000, &zone, Language::English).into_iter().map(|t| t.1).collect();
        assert_eq!(labels, ["29 Mar", "03:00", "06:00", "09:00", "12:00", "15:00", "18:00", "21:00"]);
    }
}
