//! `overt due`: which filings fall due, to whom, and how sure that is.

use super::inputs::Gathered;
use crate::Failure;
use crate::registry::ask::{Ask, AskArgs};
use crate::table::{BAD, DIM, HEAD, PLAIN, printable};
use ::filing::{Certainty, Due, DueInputs, DueItem, DueState};
use jiff::ToSpan;
use jiff::civil::Date;
use serde::Deserialize;
use statement::{Digest, Filed, Kind, Name};
use std::fmt::Write as _;
use std::io::Write;

/// Days before today that are listed, where nothing else is said: what is overdue shows.
const BEFORE: i64 = 31;
/// Days after it.
const AFTER: i64 = 92;
/// Days of observation that tell which obligations apply.
const OBSERVED: i64 = 92;

/// Options of `overt due`.
#[derive(Clone, Debug, clap::Args)]
#[command(
    after_help = "What follows is worked out from declared workloads and from what was seen. What only may follow is listed with the\n\
                  facts that it depends on.\n\nExamples:\n  overt due --operator acme --site hall\n  overt due --operator acme --site hall --from 2026-01-01 --to 2026-12-31 --json"
)]
pub struct Args {
    #[command(flatten)]
    pub ask: AskArgs,
    /// Whose filings
    #[arg(long, value_parser = crate::register::name)]
    pub operator: Name,
    /// For which site
    #[arg(long, value_parser = crate::register::name)]
    pub site: Name,
    /// First day; otherwise a month ago
    #[arg(long, value_name = "YYYY-MM-DD")]
    pub from: Option<Date>,
    /// Last day; otherwise three months from now
    #[arg(long, value_name = "YYYY-MM-DD")]
    pub to: Option<Date>,
    /// Print JSON
    #[arg(long)]
    pub json: bool,
}

#[derive(Deserialize)]
struct Listed {
    obligation: String,
    operator: String,
    site: Option<String>,
    from: Date,
    to: Date,
    version: u32,
    checked_by: String,
}

/// Runs it.
pub fn run(args: &Args) -> Result<(), Failure> {
    let ask = args.ask.open()?;
    let gathered = Gathered::of_site(&ask, &args.operator, &args.site)?;
    let today = gathered.today();
    let from = args.from.unwrap_or_else(|| today.saturating_sub(BEFORE.days()));
    let to = args.to.unwrap_or_else(|| today.saturating_add(AFTER.days()));
    if to < from {
        return Err(Failure::Usage(format!("{from} to {to}: the end is before the beginning")));
    }
    if gathered.register.over(Kind::Site, &args.site, from.saturating_sub(BEFORE.days()), to).is_empty() {
        // Nothing would be listed, and that would read as if nothing were owed.
        let site = &args.site;
        return Err(Failure::Usage(format!(
            "no registration of the site '{site}' counts in that time, so what it owes cannot be told: register it, or have a \
             second person approve it with `overt register approve site {site} VERSION` (`overt register show site {site}`)"
        )));
    }
    let observed = gathered.observed(&ask, today.saturating_sub(OBSERVED.days()), today)?;
    let sites = [args.site.clone()];
    let due = ::filing::due(
        &DueInputs {
            register: &gathered.register,
            rulebook: &gathered.rulebook,
            operator: &args.operator,
            sites: &sites,
            observed: &observed,
            known: &gathered.known,
            filed: &filed(&ask, args)?,
            today,
        },
        from,
        to,
    );
    let mut out = anstream::stdout();
    if args.json {
        let text = serde_json::to_string_pretty(&due).map_err(|e| Failure::Usage(e.to_string()))?;
        return Ok(writeln!(out, "{text}")?);
    }
    Ok(write!(out, "{}", text(&due, from, to))?)
}

fn filed(ask: &Ask, args: &Args) -> Result<Vec<Filed>, Failure> {
    let listed: Vec<Listed> = ask.document(&format!("/api/v1/filings?operator={}", args.operator))?;
    let read = |f: Listed| {
        Some(Filed {
            obligation: f.obligation,
            operator: f.operator.parse().ok()?,
            site: f.site.map(|s| s.parse()).transpose().ok()?,
            from: f.from,
            to: f.to,
            version: f.version,
            rulebook: Digest([0; 32]),
            checked_by: f.checked_by,
            why: String::new(),
            document: String::new(),
            signature: None,
        })
    };
    Ok(listed.into_iter().filter_map(read).collect())
}

fn text(due: &Due, from: Date, to: Date) -> String {
    let mut out = String::new();
    if due.items.is_empty() {
        let _ = writeln!(out, "Nothing falls due from {from} to {to}.");
    }
    for item in &due.items {
        line(&mut out, item);
    }
    if !due.undated.is_empty() {
        let _ = writeln!(out, "\n{HEAD}Without a date{PLAIN}");
    }
    for undated in &due.undated {
        let duty = &undated.duty;
        let _ = writeln!(
            out,
            "{}  {}{}",
            printable(&duty.obligation),
            printable(&duty.title),
            certainty(&duty.certainty)
        );
        let _ = writeln!(out, "  {DIM}{}{PLAIN}", printable(&undated.why));
    }
    out
}

fn line(out: &mut String, item: &DueItem) {
    let duty = &item.duty;
    let state = match item.state {
        DueState::Open => String::new(),
        DueState::Overdue => format!(" {BAD}overdue{PLAIN}"),
        DueState::Filed { version } => format!(" filed (version {version})"),
        DueState::Amended { version } => format!(" amended (version {version})"),
    };
    let _ = writeln!(
        out,
        "{HEAD}{}{PLAIN}{state}  {}{}",
        item.date,
        printable(&duty.title),
        certainty(&duty.certainty)
    );
    let covers = item.covers.map(|(from, to)| format!(", for {from} to {to}")).unwrap_or_default();
    let _ = writeln!(out, "  {} to {}{covers}", printable(&duty.who), printable(&duty.to));
    let _ = writeln!(
        out,
        "  {DIM}{}: {}, {} ({}){PLAIN}",
        printable(&duty.obligation),
        printable(&duty.instrument),
        printable(&duty.article),
        duty.grade
    );
    if !duty.penalty.is_empty() {
        let _ = writeln!(out, "  {DIM}otherwise: {}{PLAIN}", printable(&duty.penalty));
    }
    if item.confirm {
        let _ = writeln!(out, "  {DIM}the day depends on which days offices are closed: confirm it{PLAIN}");
    }
}

fn certainty(certainty: &Certainty) -> String {
    match certainty {
        Certainty::Certain => String::new(),
        Certainty::Depends { facts } => format!(" (depends on {})", printable(&facts.join(", "))),
        Certainty::Unverified => " (by a provision that is unverified)".to_owned(),
    }
}
