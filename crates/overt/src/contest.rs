//! `overt contest`: what is said against a finding, what is answered, and how often that changed an outcome.

mod case;
mod export;

use crate::Failure;
use crate::register::{name, numbers};
use crate::registry::ask::AskArgs;
use crate::registry::failed;
use crate::table::{DIM, HEAD, PLAIN, printable, printable_lines};
use clap::Subcommand;
use serde::Deserialize;
use serde_json::json;
use statement::{Digest, Name};
use std::collections::BTreeMap;
use std::io::Write;
use std::path::PathBuf;

/// Most bytes of a piece of material that is hashed.
const MAX_MATERIAL: u64 = 4 << 30;
/// Matters of one page of a registry's answer.
const PAGE: usize = 1_000;

/// What can be done.
#[derive(Clone, Debug, Subcommand)]
pub enum Command {
    /// Contest a finding: it is shown as contested from then on, and an answer is due within thirty days
    Raise {
        #[command(flatten)]
        ask: AskArgs,
        /// A name for this matter: a-z 0-9 . _ -
        #[arg(value_parser = name)]
        id: Name,
        /// The device whose finding it is
        #[arg(long)]
        device: String,
        /// The workload, 16 hexadecimal digits; otherwise all of the device's
        #[arg(long)]
        workload: Option<String>,
        /// The statements by their numbers: one, or first..last
        #[arg(long, value_name = "N|N..M", value_parser = numbers)]
        statements: (u64, u64),
        /// What is said against it
        #[arg(long)]
        grounds: String,
        /// A file that bears it out; only its name and hash are handed in
        #[arg(long = "material", value_name = "FILE")]
        material: Vec<PathBuf>,
    },
    /// Answer a contested finding; the inspector of the site or an administrator does
    Answer {
        #[command(flatten)]
        ask: AskArgs,
        /// The matter
        #[arg(value_parser = name)]
        id: Name,
        /// What comes out
        #[arg(long, value_parser = ["upheld", "overturned", "partly-overturned", "more-asked"])]
        outcome: String,
        /// The reasons
        #[arg(long)]
        reasons: String,
        /// The operator agrees that the case serves to make identification better
        #[arg(long)]
        for_evaluation: bool,
    },
    /// Take a matter back; whoever raised it can
    Withdraw {
        #[command(flatten)]
        ask: AskArgs,
        /// The matter
        #[arg(value_parser = name)]
        id: Name,
        /// Why
        #[arg(long)]
        reasons: String,
    },
    /// Write an answered matter whose operator agreed as a case for the evaluation of identification
    Export(export::Args),
    /// List contested findings
    List {
        #[command(flatten)]
        ask: AskArgs,
        /// Only those about this device
        #[arg(long)]
        device: Option<String>,
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
}

/// Options of `overt stats`.
#[derive(Clone, Debug, clap::Args)]
pub struct StatsArgs {
    #[command(flatten)]
    pub ask: AskArgs,
    /// Print JSON
    #[arg(long)]
    pub json: bool,
}

#[derive(Deserialize)]
struct Counts {
    contested: u64,
    open: u64,
    overdue: u64,
    outcomes: BTreeMap<String, u64>,
}

/// Runs it.
pub fn run(command: &Command) -> Result<(), Failure> {
    match command {
        Command::Raise { ask, id, device, workload, statements, grounds, material } => {
            let material = material.iter().map(hashed).collect::<Result<BTreeMap<_, _>, _>>()?;
            let wish = json!({
                "id": id.as_str(), "device": device, "workload": workload, "first": statements.0, "last": statements.1,
                "grounds": grounds, "material": material,
            });
            ask.open()?.send("POST", "/api/v1/contests", &wish)?;
            say(&format!("'{id}' is in the log. An answer is due within thirty days: overt contest list"))
        }
        Command::Answer { ask, id, outcome, reasons, for_evaluation } => {
            let wish = json!({ "outcome": outcome, "reasons": reasons, "for_evaluation": for_evaluation });
            ask.open()?.send("POST", &format!("/api/v1/contests/{id}/answers"), &wish)?;
            say(&format!("'{id}' is answered: {outcome}."))
        }
        Command::Withdraw { ask, id, reasons } => {
            let wish = json!({ "outcome": "withdrawn", "reasons": reasons });
            ask.open()?.send("POST", &format!("/api/v1/contests/{id}/answers"), &wish)?;
            say(&format!("'{id}' is withdrawn."))
        }
        Command::Export(args) => export::run(args),
        Command::List { ask, device, json } => list(ask, device.as_deref(), *json),
    }
}

fn say(text: &str) -> Result<(), Failure> {
    Ok(writeln!(anstream::stdout(), "{text}")?)
}

/// The name and SHA-256 of a file.
fn hashed(path: &PathBuf) -> Result<(String, String), Failure> {
    let wrong = |e: std::io::Error| failed(path.display(), e);
    let length = std::fs::metadata(path).map_err(wrong)?.len();
    if length > MAX_MATERIAL {
        return Err(Failure::Usage(format!(
            "{}: {length} bytes, expected at most {MAX_MATERIAL}",
            path.display()
        )));
    }
    let name = path.file_name().map_or_else(String::new, |name| name.to_string_lossy().into_owned());
    Ok((name, Digest::of(&std::fs::read(path).map_err(wrong)?).to_string()))
}

/// Every matter that the token may see.
pub fn matters(
    ask: &crate::registry::ask::Ask,
    device: Option<&str>,
) -> Result<Vec<serde_json::Value>, Failure> {
    let filter = device.map(|d| format!("device={d}&")).unwrap_or_default();
    let (mut all, mut after) = (Vec::new(), String::new());
    loop {
        let page: Vec<serde_json::Value> = ask.document(&format!("/api/v1/contests?{filter}{after}"))?;
        let (count, last) = (
            page.len(),
            page.last().and_then(|m| m.get("id").and_then(serde_json::Value::as_str).map(str::to_owned)),
        );
        all.extend(page);
        match last {
            Some(last) if count >= PAGE => after = format!("after={last}"),
            _ => return Ok(all),
        }
    }
}

fn list(ask: &AskArgs, device: Option<&str>, json: bool) -> Result<(), Failure> {
    let all = matters(&ask.open()?, device)?;
    let mut out = anstream::stdout();
    if json {
        return Ok(writeln!(out, "{:#}", serde_json::Value::Array(all))?);
    }
    if all.is_empty() {
        return say("Nothing is contested.");
    }
    for matter in &all {
        let text = |key: &str| {
            printable(matter.get(key).and_then(serde_json::Value::as_str).unwrap_or_default()).to_string()
        };
        let number = |key: &str| matter.get(key).and_then(serde_json::Value::as_u64).unwrap_or_default();
        writeln!(out, "{HEAD}{}{PLAIN}  {}", text("id"), text("state"))?;
        writeln!(out, "  device {}, statements {} to {}", text("device"), number("first"), number("last"))?;
        writeln!(
            out,
            "  {}",
            printable_lines(matter.get("grounds").and_then(serde_json::Value::as_str).unwrap_or_default())
                .replace('\n', "\n  ")
        )?;
        for answer in matter.get("answers").and_then(serde_json::Value::as_array).into_iter().flatten() {
            let text = |key: &str| {
                printable(answer.get(key).and_then(serde_json::Value::as_str).unwrap_or_default()).to_string()
            };
            writeln!(out, "  {DIM}{}: {}{PLAIN} {}", text("by"), text("outcome"), text("reasons"))?;
        }
    }
    Ok(())
}

/// How many findings were contested and what became of them.
pub fn stats(args: &StatsArgs) -> Result<(), Failure> {
    let bytes = args.ask.open()?.get("/api/v1/contests/counts")?;
    let mut out = anstream::stdout();
    if args.json {
        return Ok(writeln!(out, "{}", String::from_utf8_lossy(&bytes))?);
    }
    let counts: Counts = serde_json::from_slice(&bytes).map_err(|e| failed("the answer", e))?;
    writeln!(out, "Contested findings: {}", counts.contested)?;
    writeln!(out, "  open: {} ({} overdue)", counts.open, counts.overdue)?;
    for (outcome, count) in &counts.outcomes {
        writeln!(out, "  {}: {count}", printable(outcome))?;
    }
    Ok(())
}
