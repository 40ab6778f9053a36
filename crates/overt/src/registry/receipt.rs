//! `overt receipt`: a statement with the proof that it is in the log, as two files for `overt verify`.

use super::ask::AskArgs;
use super::failed;
use crate::Failure;
use crate::table::{DIM, PLAIN};
use statement::DeviceId;
use std::io::Write;
use std::path::{Path, PathBuf};

/// Options of `overt receipt`.
#[derive(Clone, Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  overt receipt 4711 -o statement.cose && overt verify statement.cose --policy trust.policy\n  \
                  overt receipt 218e1b9cf4557913f9d11e463196ace4/12 -o twelve.cose"
)]
pub struct Args {
    #[command(flatten)]
    pub ask: AskArgs,
    /// The statement's place among all entries, or DEVICE/SEQUENCE: the device's own number of it
    #[arg(value_name = "ORDINAL|DEVICE/SEQUENCE", value_parser = which)]
    pub statement: Which,
    /// The file for the statement; the receipt is written beside it, with .tlog-proof after the name
    #[arg(short, long, value_name = "FILE")]
    pub output: PathBuf,
}

/// Which statement.
#[derive(Clone, Copy, Debug)]
pub enum Which {
    /// By its place among all.
    Ordinal(u64),
    /// By its device's own number.
    Own(DeviceId, u64),
}

fn which(text: &str) -> Result<Which, String> {
    let number = |text: &str| text.parse::<u64>().map_err(|_| format!("'{text}' is no number"));
    match text.split_once('/') {
        None => Ok(Which::Ordinal(number(text)?)),
        Some((device, sequence)) => {
            let device = device.parse().map_err(|e: statement::NotHex| format!("device: {e}"))?;
            Ok(Which::Own(device, number(sequence)?))
        }
    }
}

/// Runs it.
pub fn run(args: &Args) -> Result<(), Failure> {
    let ask = args.ask.open()?;
    let (statement, receipt) = match args.statement {
        Which::Ordinal(n) => (format!("/api/v1/statements/{n}"), format!("/api/v1/receipts/{n}")),
        Which::Own(device, n) => {
            let device = format!("/api/v1/devices/{device}");
            (format!("{device}/statements/{n}"), format!("{device}/receipts/{n}"))
        }
    };
    let beside = PathBuf::from(format!("{}.tlog-proof", args.output.display()));
    write(&args.output, &ask.get(&statement)?)?;
    write(&beside, &ask.get(&receipt)?)?;
    Ok(writeln!(
        anstream::stdout(),
        "{} and {} are written.\n{DIM}Next: overt verify {} --policy FILE{PLAIN}",
        args.output.display(),
        beside.display(),
        args.output.display()
    )?)
}

fn write(path: &Path, bytes: &[u8]) -> Result<(), Failure> {
    std::fs::write(path, bytes).map_err(|e| failed(format!("cannot write {}", path.display()), e))
}
