//! overt: computing power, in the open.
//!
//! The one binary: what was typed, what it means here, messages and exit codes. Must not identify, sense or
//! decode anything itself.

mod cli;
mod contest;
mod differences;
mod disposition;
mod dossier;
mod explain;
mod filing;
mod flows;
mod look;
mod register;
mod registry;
mod rules;
mod table;
mod verify;
mod watch;

use clap::Parser;
use cli::{Cli, Command};
use std::io::Write;
use std::process::ExitCode;

/// Why a command ended without its answer. The message is for a person: what happened, where, what to do.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// The call or its input was wrong.
    #[error("{0}")]
    Usage(String),
    /// Nothing could be observed.
    #[error("{0}")]
    Blind(String),
    /// What was to be verified does not hold; that has been said already.
    #[error("")]
    Unproved,
    /// Something is wrong and has been said already.
    #[error("")]
    Said,
    /// The answer could not be written.
    #[error("cannot write the answer: {0}")]
    Output(#[from] std::io::Error),
}

/// Exit code after a wrong call or wrong input.
const USAGE: u8 = 2;
/// Exit code when nothing could be observed.
const BLIND: u8 = 3;
/// Exit code when what was to be verified does not hold.
const UNPROVED: u8 = 1;
/// Exit code when the answer could not be written.
const OUTPUT: u8 = 1;

fn main() -> ExitCode {
    let cli = Cli::parse();
    let outcome = match &cli.command {
        Command::Look(args) => look::run(args),
        Command::Watch(args) => watch::run(args),
        Command::Flows(args) => flows::run(args),
        Command::Rules(command) => rules::run(command),
        Command::Up(args) => registry::up::run(args),
        Command::Serve(args) => registry::serve::run(args),
        Command::Agent(args) => registry::agent::run(args),
        Command::Enrol(args) => registry::agent::enrol(args),
        Command::Status(args) => registry::status::run(args),
        Command::History(args) => registry::history::run(args),
        Command::Admin(args) => registry::admin::run(args),
        Command::Register(args) => register::run(args),
        Command::Verify(args) => verify::run(args),
        Command::Witness(args) => registry::witness::run(args),
        Command::Relay(args) => registry::relay::run(args),
        Command::Fsck(args) => registry::keep::fsck(args),
        Command::Backup(args) => registry::keep::backup(args),
        Command::Restore(args) => registry::keep::restore(args),
        Command::Bundle(args) => registry::bundle::run(args),
        Command::Receipt(args) => registry::receipt::run(args),
        Command::Carry(command) => registry::carry::run(command),
        Command::Due(args) => filing::due(args),
        Command::File(args) => filing::run(args),
        Command::Differences(args) => differences::run(args),
        Command::Alerts(args) => differences::alerts(args),
        Command::Dossier(command) => dossier::run(command),
        Command::Contest(command) => contest::run(command),
        Command::Stats(args) => contest::stats(args),
        Command::Completions { shell } => cli::completions(*shell),
        Command::Man { folder } => cli::man(folder.as_deref()),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        // The reader has seen enough: `overt look | head` is no failure.
        Err(Failure::Output(error)) if error.kind() == std::io::ErrorKind::BrokenPipe => ExitCode::SUCCESS,
        Err(Failure::Said) => ExitCode::from(USAGE),
        Err(Failure::Unproved) => ExitCode::from(UNPROVED),
        Err(failure) => {
            let code = match failure {
                Failure::Usage(_) | Failure::Said => USAGE,
                Failure::Blind(_) => BLIND,
                Failure::Unproved => UNPROVED,
                Failure::Output(_) => OUTPUT,
            };
            let _ = writeln!(anstream::stderr(), "{}error:{} {failure}", table::BAD, table::PLAIN);
            ExitCode::from(code)
        }
    }
}
