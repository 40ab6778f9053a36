//! `overt rules derive`.

use super::{declared, refused, source, text, today};
use crate::Failure;
use crate::table::{DIM, HEAD, PLAIN};
use jiff::civil::Date;
use rulebook::{Formula, FormulaError, Rulebook};
use serde_json::json;
use std::collections::BTreeMap;
use std::io::Write;
use std::path::PathBuf;

/// Options of `overt rules derive`.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "A file of figures, TOML or JSON, by field of the forms:\n  energy.kwh_total = 5200000\n  energy.kwh_it = 4000000\n  energy.water_in = 3100"
)]
pub struct Args {
    /// Code of a shipped rulebook, or the folder of one
    #[arg(long, value_name = "RULEBOOK", default_value = "EU")]
    rulebook: String,
    /// File of figures
    #[arg(long, value_name = "FILE")]
    figures: PathBuf,
    /// Use the formulas of this day, for instance the last day of the year that is reported
    #[arg(long, value_name = "YYYY-MM-DD")]
    date: Option<Date>,
    #[command(flatten)]
    common: super::Common,
}

type Worked<'r> = (&'r Formula, Result<f64, FormulaError>);

/// Works out every figure that the rulebook defines.
pub fn run(args: &Args) -> Result<(), Failure> {
    let rulebook = source::usable(&args.rulebook)?;
    let figures = declared::figures(&text(&args.figures)?).map_err(|why| refused(&args.figures, why))?;
    if let Some(name) = figures.keys().find(|name| rulebook.vocabulary().field(name).is_none()) {
        let why = format!(
            "'{}' is no field; `overt rules due --json` lists the fields of each form",
            crate::table::printable(name)
        );
        return Err(refused(&args.figures, why));
    }
    let date = args.date.unwrap_or_else(|| today(&rulebook.time_zone));
    let worked: Vec<Worked<'_>> =
        rulebook.formulas.iter().filter(|f| f.in_force(date)).map(|f| (f, f.value(&figures))).collect();
    if worked.is_empty() {
        return Err(Failure::Usage(format!("{} defines no figure on {date}", rulebook.jurisdiction)));
    }
    let text = if args.common.json {
        as_json(&worked, &rulebook, date)
    } else {
        as_text(&worked, &rulebook, &figures)
    };
    Ok(write!(anstream::stdout(), "{text}")?)
}

fn as_text(worked: &[Worked<'_>], rulebook: &Rulebook, figures: &BTreeMap<String, f64>) -> String {
    let mut out = String::new();
    for (formula, value) in worked {
        let unit = rulebook.vocabulary().field(&formula.field).map_or("", |f| f.unit.as_str());
        let value = match value {
            Ok(value) => format!("{value:.3} {unit}"),
            Err(why) => format!("not worked out: {why}"),
        };
        out += &format!(
            "{HEAD}{}{PLAIN}  {}  {DIM}{}{PLAIN}\n",
            formula.id.to_uppercase(),
            value.trim_end(),
            formula.title
        );
        let used: Vec<String> = formula
            .numerator
            .iter()
            .chain([&formula.denominator])
            .filter_map(|f| Some(format!("{f} = {}", figures.get(f)?)))
            .collect();
        out += &format!(
            "  {DIM}{}; {} [{}]\n  {}{PLAIN}\n",
            formula.text(),
            formula.article,
            formula.grade,
            used.join(", ")
        );
    }
    out + &format!("\n{DIM}{}{PLAIN}\n", rulebook::DISCLAIMER)
}

fn as_json(worked: &[Worked<'_>], rulebook: &Rulebook, date: Date) -> String {
    let list: Vec<_> = worked
        .iter()
        .map(|(f, value)| {
            json!({"id": f.id, "field": f.field, "value": value.as_ref().ok(), "why_not": value.as_ref().err().map(ToString::to_string), "formula": f.text(), "article": f.article, "grade": f.grade})
        })
        .collect();
    let document = json!({"schema": "overt.derived/1", "rulebook": rulebook.jurisdiction, "date": date, "derived": list, "disclaimer": rulebook::DISCLAIMER});
    format!("{document:#}\n")
}
