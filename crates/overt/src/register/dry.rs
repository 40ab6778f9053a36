//! The difference that a file makes, for people and programs.

use super::apply::Prepared;
use crate::Failure;
use crate::table::{BAD, DIM, HEAD, PLAIN, printable};
use registration::{Change, Line, Turn};
use serde_json::{Value, json};
use std::fmt::Write as _;
use std::io::Write;

/// Changes that are listed without `--all`.
const SHOWN: usize = 20;
/// Turns of one change that are shown on its line without `--all`.
const TURNS: usize = 4;

/// Shows what would be written.
pub fn show(prepared: &Prepared, all: bool, json: bool) -> Result<(), Failure> {
    let mut out = std::io::BufWriter::new(anstream::stdout());
    if json {
        writeln!(out, "{:#}", as_json(prepared))?;
    } else {
        write!(out, "{}", as_text(prepared, all))?;
    }
    Ok(out.flush()?)
}

fn as_text(prepared: &Prepared, all: bool) -> String {
    let Prepared { base, difference } = prepared;
    let (new, changed, ended) = difference.counts();
    let mut out = format!(
        "{HEAD}{new} new, {changed} changed, {ended} ended, {} unchanged{PLAIN}; base records: {} to write, {} unchanged\n",
        difference.unchanged,
        base.operators.len() + base.sites.len(),
        base.unchanged
    );
    for (word, id, operator) in &base.operators {
        let kind = operator.kind.as_deref().unwrap_or("kind not said");
        let _ = writeln!(out, "  {word:<8} operator {id}: {} ({kind})", printable(&operator.title));
    }
    for (word, id, site) in &base.sites {
        let _ = writeln!(out, "  {word:<8} site {id}: {} of {}", printable(&site.place), site.operator);
    }
    let shown = if all { usize::MAX } else { SHOWN };
    for line in difference.lines.iter().take(shown) {
        out += &one(line, all);
    }
    if difference.lines.len() > shown {
        let _ = writeln!(out, "{DIM}  and {} more: --all lists them{PLAIN}", difference.lines.len() - shown);
    }
    for clash in difference.clashes.iter().take(shown) {
        let (line, serial) = (clash.line, printable(&clash.serial));
        let _ = writeln!(
            out,
            "{BAD}  line {line}: the serial number {serial} of {} is registered as that of {}{PLAIN}",
            clash.id, clash.held_by
        );
    }
    if !difference.absent.is_empty() {
        let names: Vec<String> = difference.absent.iter().take(5).map(|(_, id)| id.to_string()).collect();
        let more = if difference.absent.len() > names.len() { " …" } else { "" };
        let _ = writeln!(
            out,
            "{DIM}{} registered at these sites are not in the file and stay: {}{more}{PLAIN}",
            difference.absent.len(),
            names.join(", ")
        );
    }
    out
}

fn one(line: &Line, all: bool) -> String {
    let r = &line.registration;
    let head = |word: &str| format!("  {word:<8} {} {}", r.kind.word(), r.id);
    match &line.change {
        Change::New => {
            let within = r.within.as_ref().map(|w| format!(" in {w}")).unwrap_or_default();
            format!("{}{within} from {}: {} fields\n", head("new"), r.from, r.fields.len())
        }
        Change::Ended(day) => format!("{} after {day}\n", head("ended")),
        Change::Changed(turns) => {
            let shown = if all { usize::MAX } else { TURNS };
            let mut words: Vec<String> = turns.iter().take(shown).map(turn).collect();
            if turns.len() > shown {
                words.push(format!("and {} more", turns.len() - shown));
            }
            format!("{} from {}: {}\n", head("changed"), r.from, words.join("; "))
        }
    }
}

fn turn(turn: &Turn) -> String {
    let sensitive = rulebook::shipped_vocabulary().field(&turn.name).is_some_and(|f| f.sensitive);
    let value = |value: &Option<String>| match value {
        None => "nothing".to_owned(),
        Some(_) if sensitive => "(not shown)".to_owned(),
        Some(text) => printable(text),
    };
    format!("{} {} → {}", turn.name, value(&turn.old), value(&turn.new))
}

fn as_json(prepared: &Prepared) -> Value {
    let Prepared { base, difference } = prepared;
    let (new, changed, ended) = difference.counts();
    let lines: Vec<Value> = difference
        .lines
        .iter()
        .map(|l| {
            let (word, turns) = match &l.change {
                Change::New => ("new", Vec::new()),
                Change::Ended(_) => ("ended", Vec::new()),
                Change::Changed(turns) => {
                    ("changed", turns.iter().map(|t| json!({ "name": t.name, "old": t.old, "new": t.new })).collect())
                }
            };
            json!({ "line": l.line, "change": word, "turns": turns, "registration": super::remote::Sent::new(&l.registration) })
        })
        .collect();
    let operators: Vec<Value> = base
        .operators
        .iter()
        .map(|(word, id, o)| json!({ "change": word, "id": id.as_str(), "record": o }))
        .collect();
    let sites: Vec<Value> = base
        .sites
        .iter()
        .map(|(word, id, s)| json!({ "change": word, "id": id.as_str(), "record": s }))
        .collect();
    let clashes: Vec<Value> = difference
        .clashes
        .iter()
        .map(|c| json!({ "line": c.line, "id": c.id.as_str(), "serial": c.serial, "held_by": c.held_by.as_str() }))
        .collect();
    let absent: Vec<String> =
        difference.absent.iter().map(|(kind, id)| format!("{}/{id}", kind.word())).collect();
    json!({
        "schema": "overt.register/1", "new": new, "changed": changed, "ended": ended, "unchanged": difference.unchanged,
        "operators": operators, "sites": sites, "lines": lines, "clashes": clashes, "absent": absent,
    })
}
