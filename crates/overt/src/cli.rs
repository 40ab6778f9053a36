//! What can be typed.

use crate::Failure;
use clap::{CommandFactory, Parser, Subcommand};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// Tells, with evidence, what this machine's computing power is doing.
#[derive(Debug, Parser)]
#[command(name = "overt", version, about, max_term_width = 100)]
#[command(
    after_help = "Exit codes: 0 looked, 1 the answer could not be written, 2 wrong call or input, 3 nothing \
                        could be observed."
)]
pub struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Look for a few seconds and print one row for each busy workload
    Look(LookArgs),
    /// Look continuously, full screen
    Watch(WatchArgs),
    /// Recognise conversations in a packet capture, without root
    Flows(FlowsArgs),
    /// Read, check, try and compare the rules of a place
    #[command(subcommand)]
    Rules(crate::rules::Command),
    /// Start agent and registry on this machine; what is missing is made
    Up(crate::registry::up::Args),
    /// Run a registry: admission of signed statements, transparency log, history
    Serve(crate::registry::serve::Args),
    /// Run this machine's agent for a registry
    Agent(crate::registry::agent::Args),
    /// Enrol this machine with a registry
    Enrol(crate::registry::agent::EnrolArgs),
    /// Say what is running, what was seen in the last hour, what waits, what is wrong
    Status(crate::registry::status::Args),
    /// Show what devices did over time: table, CSV, JSON, Parquet, chart
    History(crate::registry::history::Args),
    /// Write and list the records of a registry: operators, sites, devices, tokens
    Admin(crate::registry::admin::Args),
    /// Register operators, sites, devices and workloads from files, lists or questions; say what is missing
    Register(crate::register::Args),
    /// Run a witness, which signs that a log only grew
    Witness(crate::registry::witness::Args),
    /// Stand between the devices of a site and a registry elsewhere, and keep what it cannot take yet
    Relay(crate::registry::relay::Args),
    /// Check every byte of a registry that matters, and explain what is wrong
    Fsck(crate::registry::keep::FsckArgs),
    /// Copy a registry while it runs
    Backup(crate::registry::keep::BackupArgs),
    /// Put a copy of a registry in place
    Restore(crate::registry::keep::RestoreArgs),
    /// Fetch a part of a registry's log as one file that can be verified offline
    Bundle(crate::registry::bundle::Args),
    /// Fetch a statement and the proof that it is in the log
    Receipt(crate::registry::receipt::Args),
    /// Carry statements by hand from a machine without a connection, and receipts back
    #[command(subcommand)]
    Carry(crate::registry::carry::Command),
    /// Check a statement with its receipt, a bundle or a whole log, offline
    Verify(crate::verify::Args),
    /// List the filings that fall due, to whom, and how sure that is
    Due(crate::filing::DueArgs),
    /// Fill a filing with the source of every field; hand it in once a person has checked it
    File(crate::filing::Args),
    /// Hold what was declared against what was seen, largest difference first
    Differences(crate::differences::Args),
    /// Tell of differences that last: on the screen, to a webhook, as metrics
    Alerts(crate::differences::AlertArgs),
    /// Put a dossier together for an inspector or a court, or leave chosen entries out of one
    #[command(subcommand)]
    Dossier(crate::dossier::Command),
    /// Contest a finding, answer, and list what is contested
    #[command(subcommand)]
    Contest(crate::contest::Command),
    /// Say how many findings were contested and what became of them
    Stats(crate::contest::StatsArgs),
    /// Print a completion script for a shell
    Completions {
        /// The shell
        shell: clap_complete::Shell,
    },
    /// Print the manual page, or write one page for each command
    Man {
        /// Folder to write the pages to
        folder: Option<PathBuf>,
    },
}

/// Options of `overt look`.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  overt look\n  sudo overt look --duration 10\n  overt look --explain monerod\n  overt look --place CN-SH\n  \
                        overt look --record today.overt && overt look --replay today.overt --json"
)]
pub struct LookArgs {
    /// How long to look, for instance 5s, 500ms or 2m (a bare number is seconds)
    #[arg(short, long, default_value = "5s", value_parser = duration, conflicts_with = "replay")]
    pub duration: Duration,
    /// Show everything that led to the finding about one workload: a process number or a name
    #[arg(short, long, value_name = "PID|NAME", conflicts_with = "json")]
    pub explain: Option<String>,
    /// Print the stable machine form, schema overt.look/1
    #[arg(long)]
    pub json: bool,
    /// Keep the raw samples in a file: code bytes around hot addresses, counts, connection metadata
    #[arg(long, value_name = "FILE", conflicts_with = "replay")]
    pub record: Option<PathBuf>,
    /// Judge a recording instead of this machine
    #[arg(long, value_name = "FILE")]
    pub replay: Option<PathBuf>,
    /// Let the recording hold the values of arguments too; they may hold secrets
    #[arg(long, requires = "record")]
    pub with_arguments: bool,
    #[command(flatten, next_help_heading = "Judging")]
    pub judging: PlaceArgs,
}

/// Options by which findings are judged.
#[derive(Debug, Default, clap::Args)]
pub struct PlaceArgs {
    /// Judge findings by the rules of a place, for instance CN-SH; without it nothing is judged
    #[arg(long, value_name = "CODE")]
    pub place: Option<String>,
    /// The day whose rules count; otherwise today at the place
    #[arg(long, value_name = "YYYY-MM-DD", requires = "place")]
    pub date: Option<jiff::civil::Date>,
    /// The kind of operator: company, sole-proprietor, individual, public-body
    #[arg(long, value_name = "KIND", requires = "place")]
    pub operator: Option<String>,
    /// Declared facts of operator and site, TOML or JSON
    #[arg(long, value_name = "FILE", requires = "place")]
    pub facts: Option<PathBuf>,
    /// Folder of a rulebook, instead of the shipped one for the place
    #[arg(long, value_name = "DIR", requires = "place")]
    pub rulebook: Option<String>,
}

/// Options of `overt watch`.
#[derive(Debug, clap::Args)]
pub struct WatchArgs {
    /// Print frames of text instead of a full screen
    #[arg(long)]
    pub plain: bool,
    /// End after this time
    #[arg(long = "for", value_name = "DURATION", value_parser = duration)]
    pub limit: Option<Duration>,
    #[command(flatten, next_help_heading = "Judging")]
    pub judging: PlaceArgs,
}

/// Options of `overt flows`.
#[derive(Debug, clap::Args)]
pub struct FlowsArgs {
    /// The capture, pcap or pcapng; `-` reads standard input
    pub file: PathBuf,
    /// Print JSON, schema overt.flows/1
    #[arg(long)]
    pub json: bool,
    /// List conversations that were not recognised too
    #[arg(long)]
    pub all: bool,
}

/// The longest look: a recording of a day is as much as a reader accepts.
const MAX_DURATION: Duration = Duration::from_secs(24 * 3600);
/// The shortest look in which anything can be sampled.
const MIN_DURATION: Duration = Duration::from_millis(200);

fn duration(text: &str) -> Result<Duration, String> {
    let seconds = text.parse::<f64>().ok().filter(|s| s.is_finite() && *s >= 0.0);
    let duration = match seconds {
        Some(seconds) => Duration::try_from_secs_f64(seconds).map_err(|e| e.to_string())?,
        None => humantime::parse_duration(text).map_err(|e| e.to_string())?,
    };
    if (MIN_DURATION..=MAX_DURATION).contains(&duration) {
        Ok(duration)
    } else {
        Err("expected between 200ms and 24h".to_owned())
    }
}

/// Prints a completion script.
pub fn completions(shell: clap_complete::Shell) -> Result<(), Failure> {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Cli::command(), "overt", &mut script);
    Ok(std::io::Write::write_all(&mut std::io::stdout(), &script)?)
}

/// Prints the manual page, or writes one page for each command into `folder`.
pub fn man(folder: Option<&Path>) -> Result<(), Failure> {
    match folder {
        Some(folder) => Ok(clap_mangen::generate_to(Cli::command(), folder)?),
        None => Ok(clap_mangen::Man::new(Cli::command()).render(&mut std::io::stdout())?),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        Cli::command().debug_assert();
    }

    #[test]
    fn durations_are_read_with_and_without_units_and_bounded() {
        assert_eq!(duration("5"), Ok(Duration::from_secs(5)));
        assert_eq!(duration("0.5"), Ok(Duration::from_millis(500)));
        assert_eq!(duration("2m"), Ok(Duration::from_secs(120)));
        for wrong in ["", "0", "-1", "nan", "inf", "5 parsecs", "1e300", "25h"] {
            assert!(duration(wrong).is_err(), "accepted '{wrong}'");
        }
    }
}
