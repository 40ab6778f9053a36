//! `overt register show`: every version of one subject, with when it counts, who wrote it and where it is in the log.

use super::remote::{Wanted, register, rows};
use crate::Failure;
use crate::registry::ask::AskArgs;
use crate::table::{DIM, HEAD, PLAIN, printable};
use serde_json::json;
use statement::{Kind, Name};
use std::fmt::Write as _;
use std::io::Write;

/// Options of `overt register show`.
#[derive(Clone, Debug, clap::Args)]
pub struct Args {
    #[command(flatten)]
    pub ask: AskArgs,
    /// operator, site, device or workload
    #[arg(value_parser = super::kind)]
    pub kind: Kind,
    /// Its name
    #[arg(value_parser = super::name)]
    pub id: Name,
    /// Print JSON
    #[arg(long)]
    pub json: bool,
}

/// Runs it.
pub fn run(args: &Args) -> Result<(), Failure> {
    let wanted = Wanted { kind: Some(args.kind), id: Some(&args.id), within: None };
    let rows = rows(&args.ask.open()?, wanted)?;
    let mut out = anstream::stdout();
    if args.json {
        writeln!(out, "{:#}", json!({ "schema": "overt.registrations/1", "registrations": rows }))?;
        return Ok(());
    }
    if rows.is_empty() {
        return Err(Failure::Usage(format!("no {} '{}' is registered", args.kind.word(), args.id)));
    }
    let mut text = String::new();
    for row in &rows {
        let until = row.until.map_or_else(String::new, |day| format!(" until {day}"));
        let state = match (&row.word, row.counts) {
            (Some(_), true) => "approved",
            (Some(_), false) => "refused",
            (None, true) => "counts",
            (None, false) => "awaits a second person",
        };
        let at = i64::try_from(row.at_ms).ok().and_then(|ms| jiff::Timestamp::from_millisecond(ms).ok());
        let at = at.map(|t| format!("{t:.0}")).unwrap_or_default();
        let within = row.within.as_ref().map(|w| format!(" in {}", printable(w))).unwrap_or_default();
        let _ = writeln!(
            text,
            "{HEAD}version {}{PLAIN} from {}{until}{within}: {state}  {DIM}by {} at {at}, entry {}{PLAIN}",
            row.version,
            row.from,
            printable(&row.by),
            row.ordinal
        );
        if let Some(device) = &row.device {
            let _ = writeln!(text, "  enrolled as {}", printable(device));
        }
        for (name, value) in &row.fields {
            let _ = writeln!(text, "  {:<28} {}", printable(name), printable(value));
        }
    }
    let register = register(rows)?;
    let today = crate::rules::today("UTC");
    let now = register.on(args.kind, &args.id, today).map(|e| e.registration.version);
    let _ = match now {
        Some(version) => writeln!(text, "Today version {version} is true."),
        None => writeln!(text, "Today none of them is true."),
    };
    Ok(write!(out, "{text}")?)
}
