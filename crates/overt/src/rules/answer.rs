//! A judgement as text for a person.

use super::term::due;
use crate::table::{BAD, DIM, HEAD, PLAIN, printable};
use anstyle::{AnsiColor, Style};
use rulebook::{Charged, Cited, Disposition, Judgement, Owed, Standing};

/// The colour of a disposition: what deserves a second look first.
pub fn style(disposition: Disposition) -> Style {
    match disposition {
        Disposition::Prohibited => BAD,
        Disposition::DataIndustry => AnsiColor::Green.on_default(),
        Disposition::ManualReview => AnsiColor::Cyan.on_default(),
        _ => AnsiColor::Yellow.on_default(),
    }
}

/// The whole judgement.
pub fn text(j: &Judgement) -> String {
    let short: String = j.digest.chars().take(12).collect();
    format!("{}\n{DIM}By rulebook {} {short}…. {}{PLAIN}\n", body(j), j.rulebook, rulebook::DISCLAIMER)
}

/// The judgement without the line that every answer carries once.
pub fn body(j: &Judgement) -> String {
    let mut out = format!("{}{}{PLAIN}", style(j.disposition), j.disposition);
    if let Some(code) = &j.code {
        out += &format!(" {} {} {}", code.classification, code.code, code.name);
        if code.original != code.name {
            out += &format!(" {}", code.original);
        }
        if !code.grade.decides() {
            out += " (that this work belongs to this code is inferred: confirm it)";
        }
    }
    if !j.also.is_empty() {
        out += &format!(", also {}", j.also.iter().map(|e| e.name()).collect::<Vec<_>>().join(", "));
    }
    out.push('\n');
    if let Some(review) = &j.review {
        out += &format!("A person has to look: {}.\n", printable(review));
    }
    out += &provisions(&j.provisions);
    out += &charges(&j.charges);
    out += &obligations(&j.obligations);
    out + &missing(j)
}

fn provisions(cited: &[Cited]) -> String {
    let mut out = String::new();
    for (standing, title) in [
        (Standing::Decides, "Decided by"),
        (Standing::MayNotDecide, "Says so, but may not decide alone"),
        (Standing::Applies, "Applies too"),
        (Standing::Depends, "Depends on missing facts"),
    ] {
        let these: Vec<&Cited> = cited.iter().filter(|c| c.standing == standing).collect();
        if !these.is_empty() {
            out += &format!("\n{HEAD}{title}{PLAIN}\n");
            let whole = standing != Standing::Depends;
            these.iter().for_each(|c| out += &if whole { one(c) } else { in_a_line(c) });
        }
    }
    out
}

/// What only depends on missing facts is named, not quoted: there may be many.
fn in_a_line(c: &Cited) -> String {
    let effect = if c.lifts { format!("never {}", c.effect) } else { c.effect.to_string() };
    format!(
        "  {} → {effect} {DIM}[{}, {}] needs {}{PLAIN}\n",
        c.title,
        c.provision,
        c.grade,
        c.lacks.join(", ")
    )
}

fn one(c: &Cited) -> String {
    let number = if c.number.is_empty() { String::new() } else { format!(" ({})", c.number) };
    let effect = if c.lifts { format!("never {}", c.effect) } else { c.effect.to_string() };
    let grade = if c.proposed { format!("{}, proposed", c.grade) } else { c.grade.to_string() };
    let mut out = format!(
        "  {} → {effect} {DIM}[{}, {grade}]{PLAIN}\n    {DIM}{}{number}, {}{PLAIN}\n    {}\n",
        c.title, c.provision, c.instrument, c.article, c.text
    );
    if !c.original.is_empty() && c.original != c.text {
        out += &format!("    {}\n", c.original);
    }
    if !c.used.is_empty() {
        let used: Vec<String> = c.used.iter().map(|(name, value)| format!("{name} = {value}")).collect();
        out += &format!("    because {}\n", printable(&used.join(", ")));
    }
    if !c.lacks.is_empty() {
        out += &format!("    {DIM}not known: {}{PLAIN}\n", c.lacks.join(", "));
    }
    out
}

fn charges(charged: &[Charged]) -> String {
    if charged.is_empty() {
        return String::new();
    }
    let lines: Vec<String> = charged
        .iter()
        .map(|c| {
            let amount = c.amount_e2.map_or_else(
                || "; the energy is not known".to_owned(),
                |a| format!(" = {} {}", decimal(a, 2), c.currency),
            );
            let certain = if c.certain { "" } else { " (if it applies)" };
            format!(
                "  {} {} for each kWh{amount}{certain}\n    {}\n",
                decimal(c.rate_e4, 4),
                c.currency,
                c.text
            )
        })
        .collect();
    format!("\n{HEAD}To pay{PLAIN}\n{}", lines.concat())
}

fn obligations(owed: &[Owed]) -> String {
    if owed.is_empty() {
        return String::new();
    }
    let lines: Vec<String> = owed
        .iter()
        .map(|o| {
            let may = if o.certain { "" } else { "may follow: " };
            let grade = if o.grade.decides() { String::new() } else { format!(" {DIM}[{}]{PLAIN}", o.grade) };
            format!("  {may}{} to {}, {}{grade}\n", o.title, o.to, due(&o.due))
        })
        .collect();
    format!("\n{HEAD}What follows{PLAIN}\n{}", lines.concat())
}

fn missing(j: &Judgement) -> String {
    if j.missing.is_empty() {
        return String::new();
    }
    let lines: Vec<String> = j
        .missing
        .iter()
        .map(|m| {
            let open =
                |w: &rulebook::Would| w.could_be.iter().map(|d| d.name()).collect::<Vec<_>>().join(" or ");
            let would: Vec<String> = m.would.iter().map(|w| format!("{} → {}", w.value, open(w))).collect();
            format!("  {} ({}, from the {})\n    {}\n", m.fact, m.label, m.asked_of, would.join("; "))
        })
        .collect();
    format!("\n{HEAD}Missing facts that would change the answer{PLAIN}\n{}", lines.concat())
}

/// A whole number of ten to the minus `places` as a decimal, with at least two places.
pub fn decimal(n: i64, places: u32) -> String {
    let scale = 10_u64.pow(places);
    let (whole, part) = (n.unsigned_abs() / scale, n.unsigned_abs() % scale);
    let mut part = format!("{part:0width$}", width = places as usize);
    while part.len() > 2 && part.ends_with('0') {
        part.pop();
    }
    format!("{}{whole}.{part}", if n < 0 { "-" } else { "" })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_keep_at_least_two_places() {
        assert_eq!(decimal(20000, 4), "2.00");
        assert_eq!(decimal(12345, 4), "1.2345");
        assert_eq!(decimal(5, 2), "0.05");
        assert_eq!(decimal(-150, 2), "-1.50");
    }
}
