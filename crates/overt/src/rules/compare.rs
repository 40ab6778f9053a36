//! `overt rules compare`.

use super::solver::Solver;
use super::{source, today};
use crate::Failure;
use crate::table::{DIM, HEAD, PLAIN, printable};
use jiff::civil::Date;
use rulebook::compare::{Change, Comparison, Direction, Method, Side, compare};
use rulebook::{Kind, Rulebook, Value, show};
use serde_json::json;
use std::io::Write;

/// Options of `overt rules compare`.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  overt rules compare CN ./draft\n  overt rules compare CN@2022-01-01 CN@2026-03-01\n\nA rulebook is the code of a shipped one or a folder, with @YYYY-MM-DD for its state on a day (today otherwise).\nWith cvc5 or z3 installed the comparison is a proof by solver; otherwise every combination of facts is tried."
)]
pub struct Args {
    /// The rulebook in force
    old: String,
    /// The draft
    new: String,
    /// Compare on this day
    #[arg(long, value_name = "YYYY-MM-DD")]
    date: Option<Date>,
    /// Try every combination even where a solver is installed
    #[arg(long)]
    exhaustive: bool,
    #[command(flatten)]
    common: super::Common,
}

/// Compares.
pub fn run(args: &Args) -> Result<(), Failure> {
    let (old, old_day) = named(&args.old, args.date)?;
    let (new, new_day) = named(&args.new, args.date)?;
    if old.vocabulary() != new.vocabulary() {
        return Err(Failure::Usage(
            "the two rulebooks have different vocabularies; compare them under one".to_owned(),
        ));
    }
    let solver = if args.exhaustive { None } else { Solver::find() };
    let mut ask =
        |question: &str| solver.as_ref().map_or_else(|| Err("no solver".to_owned()), |s| s.ask(question));
    let (a, b) = (Side { rulebook: &old, date: old_day }, Side { rulebook: &new, date: new_day });
    let comparison = compare(a, b, if solver.is_some() { Some(&mut ask) } else { None });
    let method = method(&comparison, solver.as_ref());
    let text = if args.common.json {
        format!(
            "{:#}\n",
            json!({"schema": "overt.rules-compare/1", "old": args.old, "old_date": old_day, "new": args.new, "new_date": new_day,
                "how": method, "comparison": comparison, "disclaimer": rulebook::DISCLAIMER})
        )
    } else {
        as_text(&comparison, &new, &method, (&args.old, old_day), (&args.new, new_day))
    };
    Ok(write!(anstream::stdout(), "{text}")?)
}

/// A rulebook with the day after its `@`, or the day asked for, or today.
fn named(name: &str, date: Option<Date>) -> Result<(Rulebook, Date), Failure> {
    let (name, day) = match name.rsplit_once('@') {
        Some((name, day)) => {
            let day = day.parse().map_err(|_| {
                Failure::Usage(format!("'{}' after @ is no date; write YYYY-MM-DD", printable(day)))
            })?;
            (name, Some(day))
        }
        None => (name, date),
    };
    let rulebook = source::usable(name)?;
    let day = day.unwrap_or_else(|| today(&rulebook.time_zone));
    Ok((rulebook, day))
}

fn method(comparison: &Comparison, solver: Option<&Solver>) -> String {
    match &comparison.method {
        Method::Symbolic => format!(
            "proved by {} with {} questions; every case below was checked by the engine",
            solver.map_or("a solver", |s| s.name),
            comparison.tried
        ),
        Method::Exhaustive => format!("every combination of facts was tried, {} of them", comparison.tried),
        Method::Partial(why) => format!("not everything was tried: {why}"),
    }
}

fn as_text(
    c: &Comparison,
    new: &Rulebook,
    method: &str,
    old_side: (&str, Date),
    new_side: (&str, Date),
) -> String {
    let mut out =
        format!("{HEAD}{} on {} → {} on {}{PLAIN}\n", old_side.0, old_side.1, new_side.0, new_side.1);
    if c.changes.is_empty() {
        out += "No case is decided otherwise.\n";
    }
    for direction in [Direction::Widens, Direction::Narrows, Direction::ToReview, Direction::FromReview] {
        let these: Vec<&Change> = c.changes.iter().filter(|x| x.direction == direction).collect();
        if !these.is_empty() {
            out += &format!("\n{HEAD}What {}{PLAIN}\n", direction.words());
            these.iter().for_each(|change| out += &one(change, new));
        }
    }
    if !c.unmatched_places.is_empty() {
        out +=
            &format!("\n{DIM}Places that only one of them knows: {}{PLAIN}\n", c.unmatched_places.join(" "));
    }
    out + &format!("\n{DIM}{method}. {}{PLAIN}\n", rulebook::DISCLAIMER)
}

fn one(change: &Change, rulebook: &Rulebook) -> String {
    let places = if change.places.len() == rulebook.places.len() {
        "everywhere".to_owned()
    } else {
        change.places.join(" ")
    };
    let mut out = format!("  {}: {} → {}  {DIM}{places}{PLAIN}\n", change.activity, change.old, change.new);
    let mut facts: Vec<String> = change.operator.iter().map(|o| format!("operator = {o}")).collect();
    facts.extend(
        change.witness.iter().map(|(name, value)| format!("{name} = {}", worded(name, value, rulebook))),
    );
    let case = if facts.is_empty() { "whatever the facts are".to_owned() } else { facts.join(", ") };
    out += &format!("    for instance {case}\n");
    for (which, ids) in [("old", &change.old_provisions), ("new", &change.new_provisions)] {
        let ids = if ids.is_empty() { "nothing applies".to_owned() } else { ids.join(", ") };
        out += &format!("    {DIM}{which}: {ids}{PLAIN}\n");
    }
    out
}

fn worded(name: &str, value: &Value, rulebook: &Rulebook) -> String {
    match (value, rulebook.vocabulary().fact(name).map(|f| &f.kind)) {
        (Value::Quantity(n), Some(Kind::Quantity { unit, .. })) => show::quantity(*n, unit),
        _ => value.to_string(),
    }
}
