//! `overt register missing`: what the rulebook of a site still asks for, and why.

use super::base;
use super::remote::{Wanted, fact, register, rows};
use crate::Failure;
use crate::registry::ask::{Ask, AskArgs};
use crate::rules::place;
use crate::table::{DIM, HEAD, PLAIN, printable};
use jiff::civil::Date;
use registration::{Asking, Gap, Missing, missing};
use rulebook::{Rulebook, facts_of};
use serde_json::{Value, json};
use statement::{Kind, Name};
use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::io::Write;

/// Names that are listed of those that lack a field.
const NAMES: usize = 3;
/// Reasons that are listed for a field.
const REASONS: usize = 3;

/// Options of `overt register missing`.
#[derive(Clone, Debug, clap::Args)]
pub struct Args {
    #[command(flatten)]
    pub ask: AskArgs,
    /// The site
    #[arg(long, value_parser = super::name)]
    pub site: Name,
    /// An activity that is meant beside those of the declared workloads
    #[arg(long = "activity", value_name = "ACTIVITY")]
    pub activities: Vec<String>,
    /// The day whose rules count; otherwise today at the place
    #[arg(long, value_name = "YYYY-MM-DD")]
    pub date: Option<Date>,
    /// Folder of a rulebook, instead of the shipped one for the place
    #[arg(long, value_name = "DIR")]
    pub rulebook: Option<String>,
    /// Print JSON, schema overt.missing/1
    #[arg(long)]
    pub json: bool,
}

/// Runs it.
pub fn run(args: &Args) -> Result<(), Failure> {
    let ask = args.ask.open()?;
    let nowhere = || Failure::Usage(format!("there is no site '{}'; register it first", args.site));
    let site = base::site(&ask, &args.site)?.ok_or_else(nowhere)?;
    let rulebook = place::rulebook(&site.place, args.rulebook.as_deref())?;
    let operator: Name = site.operator.parse().map_err(|_| nowhere())?;
    let kind = base::operator(&ask, &operator)?.and_then(|o| o.kind);
    let facts = site.facts.iter().map(|(name, text)| (name.clone(), fact(text))).collect();
    let facts = facts_of(&facts, rulebook.vocabulary()).map_err(|e| Failure::Usage(e.to_string()))?;
    let day = args.date.unwrap_or_else(|| crate::rules::today(&rulebook.time_zone));
    let asking = Asking {
        register: &register(everything(&ask, &operator, &args.site)?)?,
        operator: &operator,
        operator_kind: kind.as_deref(),
        site: &args.site,
        place: &site.place,
        facts: &facts,
        activities: &args.activities.iter().cloned().collect::<BTreeSet<String>>(),
        day,
    };
    let found = missing(&rulebook, &asking).map_err(|e| Failure::Usage(e.to_string()))?;
    let mut out = anstream::stdout();
    if args.json {
        writeln!(out, "{:#}", as_json(&found, &rulebook, &asking))?;
    } else {
        write!(out, "{}", as_text(&found, &rulebook, &asking))?;
    }
    Ok(())
}

fn everything(ask: &Ask, operator: &Name, site: &Name) -> Result<Vec<super::remote::Row>, Failure> {
    let one = |kind, id| rows(ask, Wanted { kind: Some(kind), id: Some(id), within: None });
    let within = |kind| rows(ask, Wanted { kind: Some(kind), id: None, within: Some(site) });
    let all = [
        one(Kind::Operator, operator)?,
        one(Kind::Site, site)?,
        within(Kind::Device)?,
        within(Kind::Workload)?,
    ];
    Ok(all.concat())
}

fn as_text(found: &Missing, rulebook: &Rulebook, asking: &Asking<'_>) -> String {
    let kind = asking.operator_kind.unwrap_or("kind not said");
    let mut out = format!(
        "{HEAD}{} in {}, operator {} ({kind}), on {}{PLAIN}  {DIM}by the rulebook of {}{PLAIN}\n",
        asking.site, asking.place, asking.operator, asking.day, rulebook.name
    );
    if found.undeclared {
        out += "No workload with an activity is declared, so every activity was tried: all of this may be asked for.\n\
                Declare one (overt register new workload), or say --activity.\n";
    } else {
        let names: Vec<&str> = found.activities.iter().map(String::as_str).collect();
        let _ = writeln!(out, "Declared: {}.", names.join(", "));
    }
    for name in &found.silent {
        let _ = writeln!(out, "The workload {name} says no activity (work.activity).");
    }
    let mut before = None;
    for gap in &found.gaps {
        if before != Some(gap.kind) {
            let _ = writeln!(out, "\n{HEAD}{}{PLAIN}", heading(gap.kind));
            before = Some(gap.kind);
        }
        out += &one(gap);
    }
    if !found.open.is_empty() {
        let _ = writeln!(out, "\n{HEAD}Facts that would change the judgement{PLAIN}");
    }
    for open in &found.open {
        let _ = writeln!(out, "  {:<28} {}", open.fact, open.label);
    }
    let _ = writeln!(
        out,
        "\n{} fields are missing, {} that were asked for are there.\n{DIM}{}{PLAIN}",
        found.gaps.len(),
        found.answered,
        rulebook::DISCLAIMER
    );
    out
}

const fn heading(kind: Kind) -> &'static str {
    match kind {
        Kind::Operator => "Of the operator",
        Kind::Site => "Of the site",
        Kind::Device => "Of devices",
        Kind::Workload => "Of workloads",
    }
}

fn one(gap: &Gap) -> String {
    let unit = if gap.unit.is_empty() { String::new() } else { format!(", {}", gap.unit) };
    let mut out = format!("  {:<28} {} ({}){unit}", gap.field, gap.label, gap.zh);
    if gap.of == 0 {
        out += &format!("  {DIM}none is registered{PLAIN}");
    } else if matches!(gap.kind, Kind::Device | Kind::Workload) {
        let names: Vec<String> = gap.lacking.iter().take(NAMES).map(ToString::to_string).collect();
        let more = if gap.lacking.len() > NAMES { " …" } else { "" };
        out += &format!("  {DIM}{} of {}: {}{more}{PLAIN}", gap.lacking.len(), gap.of, names.join(", "));
    }
    out.push('\n');
    for why in gap.why.iter().take(REASONS) {
        let may = if why.certain { "" } else { "may be " };
        let _ = writeln!(
            out,
            "      {DIM}{may}asked for: {} [{}], to {}; {}, {}{PLAIN}",
            why.title, why.obligation, why.to, why.instrument, why.article
        );
    }
    if gap.why.len() > REASONS {
        let _ = writeln!(out, "      {DIM}and for {} more{PLAIN}", gap.why.len() - REASONS);
    }
    out
}

fn as_json(found: &Missing, rulebook: &Rulebook, asking: &Asking<'_>) -> Value {
    let names = |names: &[Name]| names.iter().map(ToString::to_string).collect::<Vec<_>>();
    let gaps: Vec<Value> = found
        .gaps
        .iter()
        .map(|g| {
            let why: Vec<Value> = g
                .why
                .iter()
                .map(|w| {
                    json!({ "obligation": w.obligation, "title": w.title, "original": w.original, "instrument": w.instrument,
                        "article": w.article, "who": w.who, "to": w.to, "certain": w.certain, "activities": w.activities })
                })
                .collect();
            json!({ "kind": g.kind.word(), "field": g.field, "label": g.label, "zh": g.zh, "unit": g.unit,
                "sensitive": g.sensitive, "lacking": names(&g.lacking), "of": g.of, "why": why })
        })
        .collect();
    let open: Vec<Value> = found
        .open
        .iter()
        .map(|o| json!({ "fact": o.fact, "label": o.label, "activities": o.activities }))
        .collect();
    json!({
        "schema": "overt.missing/1", "rulebook": rulebook.jurisdiction, "digest": rulebook.digest, "site": asking.site.as_str(),
        "place": printable(asking.place), "operator": asking.operator.as_str(), "operator_kind": asking.operator_kind,
        "date": asking.day, "activities": found.activities, "undeclared": found.undeclared, "silent": names(&found.silent),
        "missing": gaps, "facts": open, "answered": found.answered, "disclaimer": rulebook::DISCLAIMER,
    })
}
