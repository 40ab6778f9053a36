//! The annotations of a policy followed to what they name.

use crate::annotation::Annotations;
use crate::case::nearest;
use crate::condition::Condition;
use crate::diagnostic::Diagnostic;
use crate::effect::Effect;
use crate::grade::Grade;
use crate::law::{Code, Instrument};
use crate::provision::{Polarity, Provision};
use crate::rulebook::Rulebook;
use crate::season::Season;
use crate::table::Table;
use crate::value::shorten;
use cedar_policy::pst;
use jiff::civil::Date;

/// Follows the annotations of a policy; the scope and the condition are filled in by the caller.
pub fn provision(
    notes: &Annotations<'_>,
    polarity: pst::Effect,
    effect: Effect,
    rulebook: &Rulebook,
    wrong: &mut Vec<Diagnostic>,
) -> Option<Provision> {
    let named = Named::follow(notes, rulebook, wrong);
    let law = rulebook.instruments.get(named.instrument?)?;
    let force = Force::read(notes, law, wrong);
    let default = Grade::Inferred;
    Some(Provision {
        id: notes.text("id"),
        instrument: named.instrument?,
        article: notes.text("article"),
        title: notes.text("title"),
        text: notes.text("text"),
        original: notes.text("original"),
        grade: notes.grade("grade", default, wrong),
        note: notes.text("note"),
        proposed: law.proposed,
        places: named.places,
        from: force.from,
        until: force.until,
        season: force.season,
        polarity: if polarity == pst::Effect::Permit { Polarity::Permit } else { Polarity::Forbid },
        effect,
        activities: 0,
        operators: 0,
        condition: Condition::All(Vec::new()),
        table: Table::default(),
        code: named.code,
        code_grade: notes.grade("code_grade", default, wrong),
        obliges: named.obliges,
        charge: named.charge,
        file: notes.at.0.to_owned(),
        line: notes.at.1,
    })
}

/// Positions of what a policy names.
struct Named {
    instrument: Option<usize>,
    places: Vec<usize>,
    obliges: Vec<usize>,
    charge: Option<usize>,
    code: Option<usize>,
}

impl Named {
    fn follow(notes: &Annotations<'_>, rulebook: &Rulebook, wrong: &mut Vec<Diagnostic>) -> Self {
        let mut find = |annotation: &str, what: &str, name: &str, known: Vec<&str>| {
            let found = known.iter().position(|k| *k == name);
            if found.is_none() {
                let message = format!("@{annotation}: no {what} '{}'", shorten(name));
                let near = nearest(name, known.into_iter());
                let help = if near.is_empty() {
                    format!("this rulebook has no {what}")
                } else {
                    format!("did you mean '{near}'?")
                };
                wrong.push(Diagnostic::error(notes.at, "reference", message, help));
            }
            found
        };
        let instruments = rulebook.instruments.iter().map(|i| i.id.as_str()).collect();
        let instrument = find("instrument", "instrument", &notes.text("instrument"), instruments);
        let all: Vec<&str> = rulebook.places.iter().map(|p| p.code.as_str()).collect();
        let mut places: Vec<usize> =
            notes.list("place").filter_map(|p| find("place", "place", p, all.clone())).collect();
        if places.is_empty() {
            places.extend(root(notes.at.0, rulebook));
        }
        let all: Vec<&str> = rulebook.obligations.iter().map(|o| o.id.as_str()).collect();
        let obliges =
            notes.list("obliges").filter_map(|o| find("obliges", "obligation", o, all.clone())).collect();
        let all: Vec<&str> = rulebook.charges.iter().map(|c| c.id.as_str()).collect();
        let charge = notes.list("charge").find_map(|c| find("charge", "charge", c, all.clone()));
        let codes: Vec<String> = rulebook.codes.iter().map(|c| code_name(rulebook, c)).collect();
        let all: Vec<&str> = codes.iter().map(String::as_str).collect();
        let code = notes.list("code").find_map(|c| find("code", "industry code", c, all.clone()));
        Self { instrument, places, obliges, charge, code }
    }
}

/// When a provision holds.
struct Force {
    from: Date,
    until: Option<Date>,
    season: Option<Season>,
}

impl Force {
    /// The annotations, or what the instrument says; a provision holds within its instrument.
    fn read(notes: &Annotations<'_>, law: &Instrument, wrong: &mut Vec<Diagnostic>) -> Self {
        let text = notes.text("season");
        let season = Season::parse(&text);
        let from = notes.date("from", wrong).or(law.from).unwrap_or(law.dated);
        let until = notes.date("until", wrong).or(law.until);
        let mut error =
            |message: String, help: &str| wrong.push(Diagnostic::error(notes.at, "date", message, help));
        if season.is_none() && !text.is_empty() {
            error(format!("@season(\"{}\") is no part of the year", shorten(&text)), "write MM-DD/MM-DD");
        }
        if until.is_some_and(|u| u < from) {
            error(format!("it ends before it begins ({from})"), "look at @from and @until");
        }
        if law.from.is_some_and(|start| from < start)
            || law.until.is_some_and(|end| until.is_none_or(|u| u > end))
        {
            error(
                format!("it is in force outside of its instrument '{}'", law.id),
                "look at @from and @until",
            );
        }
        Self { from, until, season }
    }
}

/// The place that a provision holds in if it names none: the jurisdiction of the rulebook that it stands in.
fn root(file: &str, rulebook: &Rulebook) -> Option<usize> {
    match file.rsplit_once('/') {
        Some((included, _)) => rulebook.place(included),
        None => Some(0),
    }
}

/// `classification:code`, as provisions name a code.
fn code_name(rulebook: &Rulebook, code: &Code) -> String {
    let classification = rulebook.classifications.get(code.classification).map_or("", |c| c.id.as_str());
    format!("{classification}:{}", code.code)
}
