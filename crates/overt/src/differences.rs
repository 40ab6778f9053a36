//! `overt differences` and `overt alerts`: what was declared held against what was seen, and who is told.
//!
//! Must not weigh anything itself: that is for `discrepancy`.

mod alerts;
mod fetched;
mod place;
mod post;
mod smtp;

pub use alerts::{Args as AlertArgs, run as alerts};

use crate::Failure;
use crate::registry::ask::AskArgs;
use crate::table::{BAD, DIM, HEAD, PLAIN, printable};
use discrepancy::{Comparison, Difference, Thresholds};
use fetched::Fetched;
use statement::Name;
use std::io::Write;
use std::time::Duration;

/// Options of `overt differences`.
#[derive(Clone, Debug, clap::Args)]
#[command(
    after_help = "A difference needs several statements and enough weight; what could not be seen is said with it. A job with other\n\
                  work inside is reported as that, not as its owner's guilt. What is contested is shown as contested.\n\n\
                  Examples:\n  overt differences --operator acme --site hall\n  overt differences --operator acme --site hall --last 30d --json"
)]
pub struct Args {
    #[command(flatten)]
    pub what: WhatArgs,
    /// Print JSON, one overt.difference/1 a line
    #[arg(long)]
    pub json: bool,
}

/// What is compared.
#[derive(Clone, Debug, clap::Args)]
pub struct WhatArgs {
    #[command(flatten)]
    pub ask: AskArgs,
    /// Whose site
    #[arg(long, value_parser = crate::register::name)]
    pub operator: Name,
    /// The site
    #[arg(long, value_parser = crate::register::name)]
    pub site: Name,
    /// The span until now
    #[arg(long, value_name = "DURATION", default_value = "1d", value_parser = humantime::parse_duration)]
    pub last: Duration,
    /// What a difference needs, TOML; otherwise the defaults of docs/differences.md
    #[arg(long, value_name = "FILE")]
    pub thresholds: Option<std::path::PathBuf>,
}

impl WhatArgs {
    fn thresholds(&self) -> Result<Thresholds, Failure> {
        let Some(path) = &self.thresholds else { return Ok(Thresholds::default()) };
        let shown = printable(&path.display().to_string());
        let text = std::fs::read_to_string(path).map_err(|e| Failure::Usage(format!("{shown}: {e}")))?;
        toml::from_str(&text).map_err(|e| Failure::Usage(format!("{shown}: {}", printable(&e.to_string()))))
    }
}

/// Runs it.
pub fn run(args: &Args) -> Result<(), Failure> {
    let fetched = Fetched::of(&args.what)?;
    let found = fetched.compare(&args.what.thresholds()?);
    let mut out = anstream::stdout();
    if args.json {
        for difference in &found.differences {
            writeln!(out, "{}", difference.json())?;
        }
        return Ok(());
    }
    Ok(write!(out, "{}", text(&found))?)
}

fn text(found: &Comparison) -> String {
    let mut out = String::new();
    for unread in &found.unread {
        out += &format!("{DIM}{}{PLAIN}\n", printable(&format!("{unread:?}")));
    }
    if found.differences.is_empty() {
        let devices = found.standings.len();
        out += &format!("No difference between what was declared and what was seen of {devices} devices.\n");
        let blind = found.standings.iter().filter(|s| s.coverage.time < 0.5).count();
        if blind > 0 {
            out += &format!(
                "{DIM}{blind} of them said less than half of the time: that is no proof of anything.{PLAIN}\n"
            );
        }
    }
    for difference in &found.differences {
        out += &line(difference);
    }
    out
}

fn line(d: &Difference) -> String {
    let strength = d.strength().map(|s| format!(", {}", s.words())).unwrap_or_default();
    let style = if d.prohibited { BAD } else { HEAD };
    let contested = d.contests.iter().map(|c| c.outcome.map_or("contested", |o| o.word()));
    let contested: String = contested.map(|word| format!(" [{word}]")).collect();
    format!(
        "{style}{}{PLAIN}{strength}{contested}\n  {}\n  {DIM}{}{PLAIN}\n",
        d.kind.word(),
        printable(&d.sentence.en),
        printable(&d.settles.en)
    )
}
