//! `overt rules due`.

use super::{place, refused, source, text, today};
use crate::Failure;
use crate::table::{DIM, HEAD, PLAIN, printable};
use jiff::ToSpan;
use jiff::civil::Date;
use rulebook::due::{Calendar, DueDate, DueError};
use rulebook::{Case, Judge, Obligation, Owed, Rulebook, facts_of, form, structured};
use serde::Deserialize;
use serde_json::json;
use std::collections::BTreeMap;
use std::io::Write;
use std::path::PathBuf;

/// Options of `overt rules due`.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "A registration, TOML or JSON:\n  place = \"RU-MOS\"\n  operator = \"company\"\n  activities = [\"mining\"]\n  [facts]\n  work.token_link = \"seen\"\n  [events]\n  registration = \"2025-02-10\"\n\nDates are in the calendar and time zone of the place; --json gives the fields of each form as JSON Schema."
)]
pub struct Args {
    /// Rulebook, by folder or code; otherwise the shipped one for the place
    #[arg(long, value_name = "RULEBOOK")]
    rulebook: Option<String>,
    /// The registration
    #[arg(long, value_name = "FILE")]
    registration: PathBuf,
    /// First day asked for; otherwise today
    #[arg(long, value_name = "YYYY-MM-DD")]
    from: Option<Date>,
    /// Last day asked for; otherwise a year after the first
    #[arg(long, value_name = "YYYY-MM-DD")]
    to: Option<Date>,
    #[command(flatten)]
    common: super::Common,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Registration {
    place: String,
    operator: Option<String>,
    activities: Vec<String>,
    #[serde(default)]
    facts: serde_json::Map<String, serde_json::Value>,
    #[serde(default)]
    events: BTreeMap<String, String>,
}

/// One obligation with its dates.
struct Line<'r> {
    obligation: &'r Obligation,
    owed: Owed,
    activities: Vec<String>,
    dates: Result<Vec<DueDate>, DueError>,
}

/// Lists what falls due.
pub fn run(args: &Args) -> Result<(), Failure> {
    let registration = read(&args.registration)?;
    let rulebook = match &args.rulebook {
        Some(name) => source::usable(name)?,
        None => place::rulebook(&registration.place, None)?,
    };
    let from = args.from.unwrap_or_else(|| today(&rulebook.time_zone));
    let until = match args.to {
        Some(day) => day,
        None => from.checked_add(1.year()).map_err(|e| Failure::Usage(format!("--from {from}: {e}")))?,
    };
    if until < from {
        return Err(Failure::Usage(format!("--to {until} is before --from {from}")));
    }
    let lines =
        lines(&registration, &rulebook, from, until).map_err(|why| refused(&args.registration, why))?;
    let text = if args.common.json {
        as_json(&lines, &rulebook, from, until)
    } else {
        as_text(&lines, &rulebook, from, until)
    };
    Ok(write!(anstream::stdout(), "{text}")?)
}

fn read(path: &PathBuf) -> Result<Registration, Failure> {
    let text = text(path)?;
    structured(&text).map_err(|e| {
        refused(
            path,
            format!(
                "no registration: {}; expected place, operator, activities, [facts] and [events]",
                printable(&e.to_string())
            ),
        )
    })
}

/// Judges the declared work on every day of the window on which the law changes, and works out the dates of what is owed.
fn lines<'r>(
    registration: &Registration,
    rulebook: &'r Rulebook,
    from: Date,
    until: Date,
) -> Result<Vec<Line<'r>>, String> {
    let facts = facts_of(&registration.facts, rulebook.vocabulary()).map_err(|e| e.to_string())?;
    let events: Result<BTreeMap<String, Date>, String> = registration
        .events
        .iter()
        .map(|(name, day)| {
            day.parse()
                .map(|d| (name.clone(), d))
                .map_err(|_| format!("event {name}: '{}' is no date", printable(day)))
        })
        .collect();
    let (events, calendar) = (events?, Calendar::of(rulebook));
    let mut days: Vec<Date> =
        rulebook.turning_days().into_iter().filter(|d| *d > from && *d <= until).collect();
    days.insert(0, from);
    let mut judge = Judge::new(rulebook);
    let mut lines: Vec<Line<'r>> = Vec::new();
    for (i, day) in days.iter().enumerate() {
        let last = days.get(i + 1).and_then(|d| d.yesterday().ok()).unwrap_or(until);
        for activity in &registration.activities {
            let case = Case {
                operator: registration.operator.clone(),
                facts: facts.clone(),
                ..Case::new(&registration.place, *day, activity)
            };
            for owed in judge.explain(&case).map_err(|e| e.to_string())?.obligations {
                let Some(obligation) = rulebook.obligation(&owed.obligation) else { continue };
                let dates = calendar.due(&obligation.due, &events, *day, last);
                match lines.iter_mut().find(|l| l.owed.obligation == owed.obligation) {
                    Some(line) => merge(line, activity, &owed, dates),
                    None => lines.push(Line { obligation, owed, activities: vec![activity.clone()], dates }),
                }
            }
        }
    }
    Ok(lines)
}

fn merge(line: &mut Line<'_>, activity: &String, owed: &Owed, dates: Result<Vec<DueDate>, DueError>) {
    line.owed.certain |= owed.certain;
    if !line.activities.contains(activity) {
        line.activities.push(activity.clone());
    }
    if let (Ok(known), Ok(more)) = (&mut line.dates, dates) {
        known.extend(more);
        known.sort();
        known.dedup();
    }
}

fn as_text(lines: &[Line<'_>], rulebook: &Rulebook, from: Date, until: Date) -> String {
    let mut out = format!(
        "{HEAD}Due from {from} to {until} under {}{PLAIN}  {DIM}days end in {}{PLAIN}\n\n",
        rulebook.name, rulebook.time_zone
    );
    let mut dated: Vec<(&DueDate, &Line<'_>)> =
        lines.iter().flat_map(|l| l.dates.iter().flatten().map(move |d| (d, l))).collect();
    dated.sort_by_key(|(d, _)| d.date);
    for (date, line) in &dated {
        let covers = date.covers.map_or_else(String::new, |(a, b)| format!(" for {a} to {b}"));
        let confirm = if date.confirm { ", confirm which days are working days" } else { "" };
        let may = if line.owed.certain { "" } else { " (may follow)" };
        out += &format!(
            "{}  {}{covers} {DIM}to {}{confirm}{may}{PLAIN}\n",
            date.date, line.obligation.title, line.obligation.to
        );
    }
    if dated.is_empty() {
        out += "Nothing falls due on a known day.\n";
    }
    let open: Vec<String> = lines
        .iter()
        .filter_map(|l| l.dates.as_ref().err().map(|e| format!("  {}: {e}\n", l.obligation.title)))
        .collect();
    if !open.is_empty() {
        out += &format!("\n{HEAD}Owed without a known day{PLAIN}\n{}", open.concat());
    }
    let asked: Vec<String> = lines.iter().map(|l| asks(l, rulebook)).collect();
    if !asked.is_empty() {
        out += &format!("\n{HEAD}What the forms ask for{PLAIN}\n{}", asked.concat());
    }
    out + &format!("\n{DIM}{}{PLAIN}\n", rulebook::DISCLAIMER)
}

fn asks(line: &Line<'_>, rulebook: &Rulebook) -> String {
    let o = line.obligation;
    let labels: Vec<&str> =
        o.fields.iter().filter_map(|f| rulebook.vocabulary().field(f)).map(|f| f.label.as_str()).collect();
    let fields = if labels.is_empty() { "fields not known".to_owned() } else { labels.join("; ") };
    let penalty =
        if o.penalty.is_empty() { String::new() } else { format!("\n    otherwise: {}", o.penalty) };
    let grade = if o.grade.decides() { String::new() } else { format!(" {}", o.grade.words()) };
    format!("  {} {DIM}[{}{grade}]{PLAIN} {}\n    {fields}{penalty}\n", o.title, o.id, show_due(o))
}

fn show_due(o: &Obligation) -> String {
    super::term::due(&o.due)
}

fn as_json(lines: &[Line<'_>], rulebook: &Rulebook, from: Date, until: Date) -> String {
    let list: Vec<_> = lines
        .iter()
        .map(|l| {
            json!({
                "obligation": l.obligation.id, "title": l.obligation.title, "original": l.obligation.original, "who": l.obligation.who,
                "to": l.obligation.to, "certain": l.owed.certain, "grade": l.owed.grade, "activities": l.activities,
                "penalty": l.obligation.penalty, "dates": l.dates.as_ref().ok(), "no_date": l.dates.as_ref().err().map(ToString::to_string),
                "form": form::schema(rulebook, l.obligation),
            })
        })
        .collect();
    format!(
        "{:#}\n",
        json!({"schema": "overt.due/1", "rulebook": rulebook.jurisdiction, "time_zone": rulebook.time_zone, "from": from, "until": until,
            "due": list, "disclaimer": rulebook::DISCLAIMER})
    )
}
