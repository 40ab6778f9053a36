//! When something falls due, in words.

use rulebook::{Due, Period};

/// When something falls due, in words.
pub fn due(due: &Due) -> String {
    match due {
        Due::Every { period, shift } => {
            let when = match period {
                Period::Week { weekday } => format!("every {weekday:?}"),
                Period::Month { day } => format!("monthly, by the {} of the next month", ordinal(*day)),
                Period::Quarter { day } => format!("quarterly, by the {} of the month after", ordinal(*day)),
                Period::Year { month, day } => format!("yearly, by {day:02}.{month:02}. for the year before"),
                Period::Anniversary { years: 1 } => "yearly, on the anniversary of registration".to_owned(),
                Period::Anniversary { years } => format!("every {years} years after registration"),
            };
            if *shift { format!("{when}, or the next working day") } else { when }
        }
        Due::Within { count, working_days, after, shift } => {
            let unit = if *working_days { "working day" } else { "day" };
            let unit = if *count == 1 { unit.to_owned() } else { format!("{unit}s") };
            let next = if *shift { ", or the next working day" } else { "" };
            format!("within {count} {unit} after {}{next}", after.replace('_', " "))
        }
        Due::Before { event, days: 0 } => format!("before {}", event.replace('_', " ")),
        Due::Before { event, days } => format!("at least {days} days before {}", event.replace('_', " ")),
        Due::By(date) => format!("by {date}"),
        Due::On(event) => format!("on {event}"),
        Due::Unknown(why) => format!("when is not known: {why}"),
    }
}

fn ordinal(day: i8) -> String {
    let suffix = match (day % 10, day) {
        (_, 11..=13) => "th",
        (1, _) => "st",
        (2, _) => "nd",
        (3, _) => "rd",
        _ => "th",
    };
    format!("{day}{suffix}")
}
