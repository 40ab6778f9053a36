//! `overt rules compare-old-tests`.

use super::backtest::{each, table};
use super::place;
use crate::Failure;
use crate::table::{DIM, HEAD, PLAIN, printable};
use rulebook::old_tests::{Lines, OldTests, OldTestsReport};
use serde_json::json;
use std::io::Write;
use std::path::PathBuf;

/// Options of `overt rules compare-old-tests`.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "The tests: a device draws more than --power watts on average; a device is dedicated to mining (fact device.dedicated);\nan owner has more than --devices devices at one place. No statute states these figures: they are choices to compare with."
)]
pub struct Args {
    /// Recorded findings; `-` reads standard input
    history: PathBuf,
    /// Place of findings that name none
    #[arg(long, value_name = "CODE")]
    place: Option<String>,
    /// Mean power above which a device is suspect, W
    #[arg(long, default_value_t = Lines::default().power_w)]
    power: f64,
    /// Devices of one owner at one place above which the site is suspect
    #[arg(long, default_value_t = Lines::default().devices)]
    devices: usize,
    #[command(flatten)]
    common: super::Common,
}

/// Holds the tests against the evidence.
pub fn run(args: &Args) -> Result<(), Failure> {
    let rulebook = place::rulebook(args.place.as_deref().unwrap_or("OPEN"), None)?;
    let mut tests = OldTests::default();
    let count = each(&args.history, args.place.as_deref(), &rulebook, |record, interval| {
        tests.add(record, interval)
    })?;
    if count == 0 {
        return Err(super::refused(&args.history, "no finding in it"));
    }
    let report = tests.report(Lines { power_w: args.power, devices: args.devices });
    let text = if args.common.json {
        format!("{:#}\n", json!({"schema": "overt.old-tests/1", "report": report}))
    } else {
        as_text(&report)
    };
    Ok(write!(anstream::stdout(), "{text}")?)
}

fn as_text(r: &OldTestsReport) -> String {
    let mut out = format!(
        "{HEAD}The three old tests against the evidence{PLAIN}\n{} devices on which the evidence is clear, {} on which it is not and which are left out.\n\n",
        r.decided, r.undecided
    );
    let rows = r.scores.iter().map(|(test, s)| {
        let counts = [s.found, s.missed, s.wrongly_called, s.wrongly_called_ai, s.cleared, s.not_applicable];
        [test.words().to_owned()].into_iter().chain(counts.map(|n| n.to_string())).collect()
    });
    out += &table(
        &["TEST", "MINES FOUND", "MINES MISSED", "CALLED A MINE", "OF THESE AI", "CLEARED", "NOT RECORDED"],
        rows,
        1,
    );
    if !r.examples.is_empty() {
        out.push('\n');
    }
    for e in &r.examples {
        let power = e.power_w.map_or_else(String::new, |w| format!(" at {w:.0} W"));
        let verdict = if e.missed { "misses a mine" } else { "calls a mine" };
        out += &format!(
            "  {} {verdict}: {} {} in {}, {}{power}\n",
            e.test.words(),
            printable(&e.owner),
            printable(&e.device),
            printable(&e.place),
            e.does
        );
    }
    out + &format!(
        "\n{DIM}Lines drawn: more than {:.0} W, more than {} devices. They are choices, not law.{PLAIN}\n",
        r.lines.power_w, r.lines.devices
    )
}
