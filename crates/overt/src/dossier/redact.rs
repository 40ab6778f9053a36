//! `overt dossier redact`: the same dossier with chosen entries as their hash, for third parties.

use super::entries::EntriesFile;
use super::{rules, write};
use crate::Failure;
use crate::register::numbers;
use crate::registry::failed;
use crate::table::{DIM, PLAIN, printable};
use ::dossier::{Gather, Opened};
use statement::{Body, Bundle, DeviceId, Envelope, Kept, Record, Sheaf, Statement};
use std::collections::BTreeSet;
use std::fs::File;
use std::io::{BufReader, Write};
use std::path::PathBuf;

/// Options of `overt dossier redact`.
#[derive(Clone, Debug, clap::Args)]
#[command(
    after_help = "What is left out stands as its hash: every proof still holds, tables and page are made anew from what is left, and\n\
                  `overt verify` says how many entries are not shown. Whoever has the original sees what was left out.\n\n\
                  Examples:\n  overt dossier redact acme.zip -o public.zip --registrations --filings\n  \
                  overt dossier redact acme.zip -o one-device.zip --device 0123456789abcdef0123456789abcdef --entries 100..199"
)]
pub struct Args {
    /// The dossier
    pub file: PathBuf,
    /// The file to write
    #[arg(short, long, value_name = "FILE")]
    pub output: PathBuf,
    /// Leave out what this device said
    #[arg(long = "device", value_name = "DEVICE", value_parser = device)]
    pub devices: Vec<DeviceId>,
    /// Leave out entries by their place among all: one, or first..last
    #[arg(long, value_name = "N|N..M", value_parser = numbers)]
    pub entries: Vec<(u64, u64)>,
    /// Leave out all registrations
    #[arg(long)]
    pub registrations: bool,
    /// Leave out all filings
    #[arg(long)]
    pub filings: bool,
    /// Leave out contested findings and answers
    #[arg(long)]
    pub contests: bool,
}

fn device(text: &str) -> Result<DeviceId, String> {
    text.parse().map_err(|e: statement::NotHex| e.to_string())
}

/// Runs it.
pub fn run(args: &Args) -> Result<(), Failure> {
    let shown = printable(&args.file.display().to_string());
    let wrong = |e: &dyn std::fmt::Display| Failure::Usage(format!("{shown}: {}", printable(&e.to_string())));
    let file = File::open(&args.file).map_err(|e| wrong(&e))?;
    let mut opened = Opened::begin(BufReader::with_capacity(1 << 20, file)).map_err(|e| wrong(&e))?;
    let (scope, policy) = (opened.contents.scope.clone(), opened.policy.clone());
    let head = opened.piece().map_err(|e| wrong(&e))?.unwrap_or_default();
    let head = Bundle::from_cbor(&head).map_err(|e| wrong(&e))?;
    let rules = rules()?;
    let mut gather = Gather::new(scope, &rules).map_err(|e| wrong(&e))?;
    let devices: BTreeSet<DeviceId> = args.devices.iter().copied().collect();
    let mut entries = EntriesFile::create(&args.output)?;
    while let Some(piece) = opened.piece().map_err(|e| wrong(&e))? {
        let sheaf = Sheaf::from_cbor(&piece).map_err(|e| wrong(&e))?;
        let narrowed = gather.narrow(sheaf, &|ordinal, entry| left_out(args, &devices, ordinal, entry));
        if let Some(sheaf) = narrowed.map_err(|e| failed("the log", e))? {
            entries.add(&sheaf)?;
        }
    }
    // A file that is damaged further on is not a source.
    opened.rest().map_err(|e| wrong(&e))?;
    gather.checkpoint = head.checkpoint;
    write(&args.output, &gather, &policy, entries, &head.about)?;
    let path = args.output.display();
    Ok(writeln!(
        anstream::stdout(),
        "{path} shows {} statements; {} entries stand as their hash.\n{DIM}Next: overt verify {path}{PLAIN}",
        gather.statements,
        gather.hidden
    )?)
}

fn left_out(args: &Args, devices: &BTreeSet<DeviceId>, ordinal: u64, entry: &Kept) -> bool {
    if args.entries.iter().any(|(first, last)| (*first..=*last).contains(&ordinal)) {
        return true;
    }
    match entry {
        Kept::Hash(_) => false,
        Kept::Statement(bytes) => {
            let speaker = Envelope::parse(bytes).ok().and_then(|e| Statement::from_cbor(e.payload).ok());
            speaker.is_some_and(|s| devices.contains(&s.device))
        }
        Kept::Record(bytes) => match Record::from_cbor(bytes).map(|r| r.body) {
            Ok(Body::Registered(_) | Body::Approved(_)) => args.registrations,
            Ok(Body::Filed(_)) => args.filings,
            Ok(Body::Contested(_) | Body::Answered(_)) => args.contests,
            _ => false,
        },
    }
}
