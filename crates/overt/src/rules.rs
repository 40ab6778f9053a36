//! `overt rules`: rulebooks read, checked, tried, compared.

pub mod answer;
mod backtest;
mod check;
mod compare;
pub mod declared;
mod derive;
mod due;
mod judge;
mod list;
mod old_tests;
mod picture;
pub mod place;
mod show;
mod solver;
pub mod source;
mod term;
mod vocabulary;

use crate::Failure;
use clap::Subcommand;
use std::path::PathBuf;

/// The commands of `overt rules`.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// List the rulebooks that ship with overt
    List {
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// List what a file of facts may say
    Facts {
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Show a rulebook as a law with its articles
    Show(show::Args),
    /// Look for what is wrong in a rulebook: syntax, units, dates, dead provisions, conflicts, gaps
    Check(check::Args),
    /// Run the golden cases of a rulebook, and say which provisions no case decides
    Test(check::TestArgs),
    /// Judge one case from a file of facts
    Judge(judge::Args),
    /// Say what a rulebook decides otherwise than another, each change with a concrete case
    Compare(compare::Args),
    /// Say what a draft would have done: recorded history judged by the rulebook in force and by the draft
    Backtest(backtest::Args),
    /// Hold the three old tests (power, special equipment, concentrated site) against the evidence of history
    CompareOldTests(old_tests::Args),
    /// Work out the figures that a rulebook derives from measured ones, such as power usage effectiveness
    Derive(derive::Args),
    /// List what falls due for a registration, with the fields that each form asks for
    Due(due::Args),
}

/// Options that several commands share.
#[derive(Clone, Debug, clap::Args)]
pub struct Common {
    /// Print JSON
    #[arg(long)]
    pub json: bool,
}

/// Runs one of them.
pub fn run(command: &Command) -> Result<(), Failure> {
    match command {
        Command::List { json } => list::run(*json),
        Command::Facts { json } => vocabulary::run(*json),
        Command::Show(args) => show::run(args),
        Command::Check(args) => check::run(args),
        Command::Test(args) => check::test(args),
        Command::Judge(args) => judge::run(args),
        Command::Compare(args) => compare::run(args),
        Command::Backtest(args) => backtest::run(args),
        Command::CompareOldTests(args) => old_tests::run(args),
        Command::Derive(args) => derive::run(args),
        Command::Due(args) => due::run(args),
    }
}

/// A wrong call or wrong input, said with the file.
fn refused(path: &std::path::Path, why: impl std::fmt::Display) -> Failure {
    Failure::Usage(format!("{}: {why}", path.display()))
}

/// Reads a small text file that a person wrote.
fn text(path: &PathBuf) -> Result<String, Failure> {
    /// Larger than any file of facts or registrations.
    const MAX: u64 = 16 << 20;
    let size = std::fs::metadata(path).map_err(|e| refused(path, e))?.len();
    if size > MAX {
        return Err(refused(path, format!("{size} bytes; expected at most {MAX}")));
    }
    std::fs::read_to_string(path).map_err(|e| refused(path, e))
}

/// Today at a place.
pub fn today(zone: &str) -> jiff::civil::Date {
    let zone = jiff::tz::TimeZone::get(zone).unwrap_or(jiff::tz::TimeZone::UTC);
    jiff::Timestamp::now().to_zoned(zone).date()
}
