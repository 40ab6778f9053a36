//! `overt rules show`: a rulebook as a law with its articles.

use super::source;
use super::term::due;
use crate::Failure;
use crate::table::{DIM, HEAD, PLAIN, printable};
use jiff::civil::Date;
use rulebook::{Instrument, Obligation, Polarity, Provision, Rulebook, show};
use serde_json::json;
use std::io::Write;

/// Options of `overt rules show`.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  overt rules show CN\n  overt rules show CN --date 2022-01-01 --place CN-SC\n  overt rules show ./my-rulebook"
)]
pub struct Args {
    /// Code of a shipped rulebook, or the folder of one
    rulebook: String,
    /// Only what is in force on this day
    #[arg(long, value_name = "YYYY-MM-DD")]
    date: Option<Date>,
    /// Only what holds at this place
    #[arg(long, value_name = "CODE")]
    place: Option<String>,
    #[command(flatten)]
    common: super::Common,
}

/// Shows it.
pub fn run(args: &Args) -> Result<(), Failure> {
    let rulebook = source::usable(&args.rulebook)?;
    let place = args.place.as_ref().map(|code| {
        rulebook.place(code).ok_or_else(|| {
            Failure::Usage(format!("'{}' is no place of {}", printable(code), rulebook.jurisdiction))
        })
    });
    let place = place.transpose()?;
    let holds = |p: &&Provision| {
        args.date.is_none_or(|d| p.in_force(d))
            && place.is_none_or(|here| p.places.iter().any(|there| rulebook.lies_within(here, *there)))
    };
    let provisions: Vec<&Provision> = rulebook.provisions.iter().filter(holds).collect();
    let text = if args.common.json {
        as_json(&rulebook, &provisions)
    } else {
        as_text(&rulebook, &provisions, args)
    };
    Ok(write!(anstream::stdout(), "{text}")?)
}

fn as_text(rulebook: &Rulebook, provisions: &[&Provision], args: &Args) -> String {
    let mut out = format!("{HEAD}{}{PLAIN}", rulebook.name);
    if rulebook.original != rulebook.name {
        out += &format!("  {}", rulebook.original);
    }
    let day = args.date.map_or_else(String::new, |d| format!(", only what is in force on {d}"));
    let short: String = rulebook.digest.chars().take(12).collect();
    out += &format!(
        "\n{DIM}rulebook {} as of {}{day}, digest {short}…{PLAIN}\n{}\n",
        rulebook.jurisdiction, rulebook.as_of, rulebook.about
    );
    for (position, instrument) in rulebook.instruments.iter().enumerate() {
        let articles: Vec<&&Provision> = provisions.iter().filter(|p| p.instrument == position).collect();
        if !articles.is_empty() {
            out += &heading(instrument);
            articles.iter().for_each(|p| out += &article(p, rulebook));
        }
    }
    out += &limits(rulebook, provisions);
    out += &formulas(rulebook, args.date);
    out += &obligations(rulebook, provisions);
    out += &format!("\n{DIM}{}{PLAIN}\n", rulebook::DISCLAIMER);
    out
}

fn heading(i: &Instrument) -> String {
    let original = if i.original == i.title { String::new() } else { format!("\n{}", i.original) };
    let number = if i.number.is_empty() { String::new() } else { format!(" · {}", i.number) };
    let force = match (i.from, i.until) {
        _ if i.proposed => format!("proposed {}, never in force", i.dated),
        (Some(from), Some(until)) => format!("in force {from} to {until}"),
        (Some(from), None) => format!("in force from {from}"),
        _ => String::new(),
    };
    let note = if i.note.is_empty() { String::new() } else { format!("{DIM}{}{PLAIN}\n", i.note) };
    format!(
        "\n{HEAD}{}{PLAIN}{original}{number}\n{DIM}{} · {force} · {} {}{PLAIN}\n{note}",
        i.title,
        i.issuer,
        i.grade,
        i.grade.words()
    )
}

fn article(p: &Provision, rulebook: &Rulebook) -> String {
    let mut out = format!(
        "\n  {HEAD}{}{PLAIN}  {} {DIM}[{}, {}]{PLAIN}\n    {}\n",
        p.title, p.article, p.id, p.grade, p.text
    );
    if !p.original.is_empty() && p.original != p.text {
        out += &format!("    {}\n", p.original);
    }
    out += &format!("    → {}\n", consequence(p, rulebook));
    let mut facts = Vec::new();
    if p.season.is_some()
        || p.from != rulebook.instrument_of(p).and_then(|i| i.from).unwrap_or(p.from)
        || p.until != rulebook.instrument_of(p).and_then(|i| i.until)
    {
        let until = p.until.map_or_else(String::new, |u| format!(" to {u}"));
        let season = p.season.map_or_else(String::new, |s| format!(", each year {}", s.text()));
        facts.push(format!("in force {}{until}{season}", p.from));
    }
    let places: Vec<&str> = p
        .places
        .iter()
        .filter(|i| **i != 0)
        .filter_map(|i| rulebook.places.get(*i))
        .map(|p| p.name.as_str())
        .collect();
    if !places.is_empty() {
        facts.push(format!("in {}", places.join(", ")));
    }
    if let Some(charge) = p.charge.and_then(|c| rulebook.charges.get(c)) {
        facts.push(format!(
            "charge {} {} for each kWh: {}",
            super::answer::decimal(charge.rate_e4, 4),
            rulebook.currency,
            charge.text
        ));
    }
    let obliges: Vec<&str> =
        p.obliges.iter().filter_map(|o| rulebook.obligations.get(*o)).map(|o| o.title.as_str()).collect();
    if !obliges.is_empty() {
        facts.push(format!("obliges: {}", obliges.join("; ")));
    }
    if !p.note.is_empty() {
        facts.push(p.note.clone());
    }
    facts.iter().for_each(|f| out += &format!("    {DIM}{f}{PLAIN}\n"));
    out
}

/// What a provision does, to what, and when, in a line.
fn consequence(p: &Provision, rulebook: &Rulebook) -> String {
    let code = p
        .code
        .and_then(|c| rulebook.codes.get(c))
        .map_or_else(String::new, |c| format!(" {} {}", c.code, c.name));
    let verb = match p.polarity {
        Polarity::Permit => format!("{}{code}", p.effect),
        Polarity::Forbid => format!("never {}", p.effect),
    };
    let work = if p.of_everything() {
        "all work".to_owned()
    } else {
        p.activities(rulebook.vocabulary()).join(", ")
    };
    let who = p.operators(rulebook.vocabulary());
    let who = if who.is_empty() { String::new() } else { format!(" by {}", who.join(", ")) };
    let condition = show::condition(&p.condition, rulebook);
    let condition = if condition.is_empty() { String::new() } else { format!(", if {condition}") };
    let weak = if p.decides() { "" } else { " (may not decide alone)" };
    format!("{verb}: {work}{who}{condition}{weak}")
}

fn limits(rulebook: &Rulebook, provisions: &[&Provision]) -> String {
    let used = |i: &usize| provisions.iter().any(|p| p.condition.limits().contains(i));
    let lines: Vec<String> = rulebook
        .limits
        .iter()
        .enumerate()
        .filter(|(i, _)| used(i))
        .map(|(_, l)| {
            format!(
                "  {}: {} {DIM}[{}, {}]{PLAIN}\n",
                l.text,
                show::quantity(l.value, &l.unit),
                l.article,
                l.grade
            )
        })
        .collect();
    if lines.is_empty() { String::new() } else { format!("\n{HEAD}Thresholds{PLAIN}\n{}", lines.concat()) }
}

fn formulas(rulebook: &Rulebook, date: Option<Date>) -> String {
    let shown = rulebook.formulas.iter().filter(|f| date.is_none_or(|d| f.in_force(d)));
    let lines: Vec<String> = shown
        .map(|f| {
            let proposed = if f.proposed { ", proposed" } else { "" };
            format!("  {}: {} {DIM}[{}, {}{proposed}]{PLAIN}\n", f.title, f.text(), f.article, f.grade)
        })
        .collect();
    if lines.is_empty() {
        String::new()
    } else {
        format!("\n{HEAD}Derived figures{PLAIN}\n{}", lines.concat())
    }
}

fn obligations(rulebook: &Rulebook, provisions: &[&Provision]) -> String {
    let imposed = |i: &usize| provisions.iter().any(|p| p.obliges.contains(i));
    let lines: Vec<String> = rulebook
        .obligations
        .iter()
        .enumerate()
        .filter(|(i, _)| imposed(i))
        .map(|(_, o)| obligation(o, rulebook))
        .collect();
    if lines.is_empty() { String::new() } else { format!("\n{HEAD}Obligations{PLAIN}\n{}", lines.concat()) }
}

fn obligation(o: &Obligation, rulebook: &Rulebook) -> String {
    let original = if o.original.is_empty() || o.original == o.title {
        String::new()
    } else {
        format!("  {}", o.original)
    };
    let labels: Vec<&str> =
        o.fields.iter().filter_map(|f| rulebook.vocabulary().field(f)).map(|f| f.label.as_str()).collect();
    let mut out = format!(
        "\n  {HEAD}{}{PLAIN}{original} {DIM}[{}, {}]{PLAIN}\n    {} to {}: {}\n",
        o.title,
        o.id,
        o.grade,
        o.who,
        o.to,
        due(&o.due)
    );
    if !labels.is_empty() {
        out += &format!("    asks for {}\n", labels.join("; "));
    }
    for text in [&o.penalty, &o.note].iter().filter(|t| !t.is_empty()) {
        out += &format!("    {DIM}{text}{PLAIN}\n");
    }
    out
}

fn as_json(rulebook: &Rulebook, provisions: &[&Provision]) -> String {
    let list: Vec<_> = provisions
        .iter()
        .map(|p| {
            json!({
                "id": p.id, "instrument": rulebook.instrument_of(p).map(|i| &i.id), "article": p.article, "title": p.title,
                "text": p.text, "original": p.original, "grade": p.grade, "effect": p.effect,
                "lifts": p.polarity == Polarity::Forbid, "from": p.from, "until": p.until,
                "season": p.season.map(|s| s.text()), "proposed": p.proposed,
                "places": p.places.iter().filter_map(|i| rulebook.places.get(*i)).map(|p| &p.code).collect::<Vec<_>>(),
                "activities": p.activities(rulebook.vocabulary()), "operators": p.operators(rulebook.vocabulary()),
                "condition": show::condition(&p.condition, rulebook),
                "obliges": p.obliges.iter().filter_map(|o| rulebook.obligations.get(*o)).map(|o| &o.id).collect::<Vec<_>>(),
            })
        })
        .collect();
    format!(
        "{:#}\n",
        json!({
            "schema": "overt.rulebook/1", "rulebook": rulebook.jurisdiction, "as_of": rulebook.as_of, "digest": rulebook.digest,
            "instruments": rulebook.instruments, "limits": rulebook.limits, "charges": rulebook.charges, "formulas": rulebook.formulas,
            "obligations": rulebook.obligations, "provisions": list, "disclaimer": rulebook::DISCLAIMER,
        })
    )
}
