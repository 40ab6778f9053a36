//! `overt rules judge`.

use super::{answer, place, refused, text};
use crate::Failure;
use crate::table::{DIM, HEAD, PLAIN, printable};
use rulebook::{Case, CaseText, Judge, Judgement, Rulebook};
use serde_json::json;
use std::io::Write;
use std::path::PathBuf;

/// Options of `overt rules judge`.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "A file of facts, TOML or JSON:\n  place = \"CN-SC\"\n  date = \"2026-03-01\"\n  operator = \"company\"\n  activity = \"mining\"\n  [facts]\n  work.token_link = \"seen\"\n  energy.account_wh = \"120 MWh\"\n\n`overt rules facts` lists what it may say; what is left out counts as not known."
)]
pub struct Args {
    /// File of facts
    #[arg(long, value_name = "FILE")]
    facts: PathBuf,
    /// Folder of a rulebook, instead of the shipped one for the place
    #[arg(long, value_name = "DIR")]
    rulebook: Option<String>,
    #[command(flatten)]
    common: super::Common,
}

/// Judges one case.
pub fn run(args: &Args) -> Result<(), Failure> {
    let read = CaseText::parse(&text(&args.facts)?).map_err(|e| refused(&args.facts, e))?;
    let rulebook = place::rulebook(&read.place, args.rulebook.as_deref())?;
    let case = read.case(rulebook.vocabulary()).map_err(|e| refused(&args.facts, e))?;
    let judgement = Judge::new(&rulebook).explain(&case).map_err(|e| refused(&args.facts, e))?;
    let text = if args.common.json {
        as_json(&case, &judgement)
    } else {
        head(&case, &rulebook) + &answer::text(&judgement)
    };
    Ok(write!(anstream::stdout(), "{text}")?)
}

fn head(case: &Case, rulebook: &Rulebook) -> String {
    let place =
        rulebook.place(&case.place).and_then(|p| rulebook.places.get(p)).map_or("", |p| p.name.as_str());
    let who = case.operator.as_deref().map_or_else(String::new, |o| format!(" by {o}"));
    format!(
        "{HEAD}{}{who}, {place}, {}{PLAIN}  {DIM}{}{PLAIN}\n",
        case.activity,
        case.date,
        printable(&facts(case))
    )
}

fn facts(case: &Case) -> String {
    case.facts.iter().map(|(n, v)| format!("{n} = {v}")).collect::<Vec<_>>().join(", ")
}

fn as_json(case: &Case, judgement: &Judgement) -> String {
    format!(
        "{:#}\n",
        json!({
            "schema": "overt.judgement/1", "place": case.place, "date": case.date, "operator": case.operator,
            "activity": case.activity, "facts": case.facts, "judgement": judgement, "disclaimer": rulebook::DISCLAIMER,
        })
    )
}
