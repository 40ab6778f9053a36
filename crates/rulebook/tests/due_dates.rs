//! The calculator of due dates against a table of 200 dates that were worked out by hand (`due_dates.tsv`).

// A test fails by panicking.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic)]

use jiff::civil::Date;
use rulebook::due::Calendar;
use rulebook::{Due, Grade, Holiday, Period, Weekday};
use std::collections::BTreeMap;

fn days(text: &str) -> Vec<Date> {
    text.split([',', ' ']).filter(|d| !d.is_empty()).map(|d| d.parse().unwrap()).collect()
}

fn rule(text: &str, shift: bool) -> Due {
    let (kind, value) = text.split_once(':').unwrap();
    let number = || value.parse().unwrap();
    let day = || value.parse().unwrap();
    let every = |period| Due::Every { period, shift };
    match kind {
        "month" => every(Period::Month { day: day() }),
        "quarter" => every(Period::Quarter { day: day() }),
        "year" => {
            let (month, day) = value.split_once('-').unwrap();
            every(Period::Year { month: month.parse().unwrap(), day: day.parse().unwrap() })
        }
        "week" => every(Period::Week { weekday: Weekday::named(value).unwrap() }),
        "anniversary" => every(Period::Anniversary { years: value.parse().unwrap() }),
        "within-working-days" => {
            Due::Within { count: number(), working_days: true, after: "registration".into(), shift }
        }
        "within-days" => {
            Due::Within { count: number(), working_days: false, after: "registration".into(), shift }
        }
        "before-days" => Due::Before { event: "registration".into(), days: number() },
        "by" => Due::By(value.parse().unwrap()),
        other => panic!("unknown rule {other}"),
    }
}

#[test]
fn every_due_date_is_the_one_worked_out_by_hand() {
    let table = include_str!("due_dates.tsv");
    let mut checked = 0;
    for line in table.lines().filter(|l| !l.is_empty() && !l.starts_with('#')).skip(1) {
        let cells: Vec<&str> = line.split('\t').collect();
        let [name, zone, weekend, holidays, shift, event, from, until, expected, end] = cells.as_slice()
        else {
            panic!("ten cells expected: {line}");
        };
        let weekend: Vec<Weekday> =
            weekend.split(',').filter(|d| !d.is_empty()).map(|d| Weekday::named(d).unwrap()).collect();
        let holidays: Vec<Holiday> = days(holidays)
            .into_iter()
            .map(|d| Holiday {
                year: Some(d.year()),
                month: d.month(),
                day: d.day(),
                name: String::new(),
                grade: Grade::Unverified,
            })
            .collect();
        let calendar = Calendar::new(zone, &weekend, &holidays).unwrap();
        let events: BTreeMap<String, Date> =
            days(event).into_iter().map(|d| ("registration".to_owned(), d)).collect();
        let due = rule(name, *shift == "next-working-day");
        let found = calendar.due(&due, &events, from.parse().unwrap(), until.parse().unwrap()).unwrap();
        let dates: Vec<Date> = found.iter().map(|d| d.date).collect();
        let wanted = if *expected == "-" { Vec::new() } else { days(expected) };
        assert_eq!(dates, wanted, "{line}");
        assert_eq!(found.last().map_or("-", |d| d.end.as_str()), *end, "{line}");
        checked += 1;
    }
    assert!(checked >= 200, "only {checked} rows");
}
