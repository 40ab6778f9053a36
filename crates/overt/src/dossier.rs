//! `overt dossier`: one file for an inspector or a court, and the same with less in it.
//!
//! Must not judge and must not leave out what belongs in: what is in it follows from the log.

mod entries;
mod redact;

use crate::Failure;
use crate::register::name;
use crate::registry::ask::AskArgs;
use crate::registry::bundle::fetch;
use crate::registry::failed;
use crate::registry::leaves::Leaves;
use crate::table::{DIM, PLAIN, printable};
use ::dossier::{Gather, Scope, build};
use clap::Subcommand;
use entries::EntriesFile;
use indicatif::{ProgressBar, ProgressStyle};
use jiff::civil::Date;
use jiff::tz::TimeZone;
use registry::Rules;
use statement::Name;
use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

/// What can be done.
#[derive(Clone, Debug, Subcommand)]
pub enum Command {
    /// Put one together from a registry
    Build(BuildArgs),
    /// Leave chosen statements or records out of one; all proofs still hold
    Redact(redact::Args),
}

/// Options of `overt dossier build`.
#[derive(Clone, Debug, clap::Args)]
#[command(
    after_help = "The file is a ZIP archive that any program opens: summary.html is a page for people, summary.pdf the same for\n\
                  paper where overt sets it, log.overt holds statements and records with their proofs, and everything else follows from them. Check it with `overt verify`, offline.\n\n\
                  Examples:\n  overt dossier build --operator acme --from 2026-10-01 --to 2026-10-31 -o acme-october.zip\n  \
                  overt verify acme-october.zip --policy trust.policy"
)]
pub struct BuildArgs {
    #[command(flatten)]
    pub ask: AskArgs,
    /// Whose dossier
    #[arg(long, value_parser = name)]
    pub operator: Name,
    /// First day
    #[arg(long, value_name = "YYYY-MM-DD")]
    pub from: Date,
    /// Last day
    #[arg(long, value_name = "YYYY-MM-DD")]
    pub to: Date,
    /// Time zone by which days begin and end (IANA name)
    #[arg(long, value_name = "ZONE", default_value = "UTC")]
    pub zone: String,
    /// The file to write
    #[arg(short, long, value_name = "FILE")]
    pub output: PathBuf,
}

/// Runs it.
pub fn run(command: &Command) -> Result<(), Failure> {
    match command {
        Command::Build(args) => make(args),
        Command::Redact(args) => redact::run(args),
    }
}

/// The shipped rulebooks, by which dispositions are worked out again.
pub fn rules() -> Result<Rules, Failure> {
    let books = rulebook::shipped_names().into_iter().filter_map(|name| rulebook::shipped(&name)?.0);
    Rules::new(books.collect()).map_err(|e| failed("the rulebooks", e))
}

fn make(args: &BuildArgs) -> Result<(), Failure> {
    if TimeZone::get(&args.zone).is_err() {
        return Err(Failure::Usage(format!(
            "--zone: '{}' is no time zone; write one like Asia/Shanghai",
            args.zone
        )));
    }
    let scope =
        Scope { operator: args.operator.to_string(), from: args.from, to: args.to, zone: args.zone.clone() };
    let ask = args.ask.open()?;
    let leaves = Leaves::open(&ask)?;
    let policy = ask.get("/policy")?;
    let rules = rules()?;
    let wrong = |e: ::dossier::ContentsError| Failure::Usage(e.to_string());
    let mut gather = Gather::new(scope, &rules).map_err(wrong)?;
    let mut entries = EntriesFile::create(&args.output)?;
    let size = leaves.size();
    let bar = bar(size);
    if size > 0 {
        fetch(&ask, &leaves, 0, size, |sheaf| {
            bar.set_position(sheaf.index);
            let narrowed = gather.narrow(sheaf, &|_, _| false).map_err(|e| failed("the log", e))?;
            narrowed.map_or(Ok(()), |sheaf| entries.add(&sheaf))
        })?;
    }
    bar.finish_and_clear();
    if gather.operators.is_empty() && gather.devices.is_empty() {
        let why =
            format!("nothing of operator '{}' is in this log, or this token may not read it", args.operator);
        entries.discard();
        return Err(Failure::Usage(why));
    }
    let about = format!("{} from {} to {}", args.operator, args.from, args.to);
    let statements = gather.statements;
    gather.checkpoint = leaves.note().to_owned();
    write(&args.output, &gather, &policy, entries, &about)?;
    let path = args.output.display();
    Ok(writeln!(
        anstream::stdout(),
        "{path} holds {statements} statements of {} devices, {} registrations, {} filings and {} contested findings.\n\
         {DIM}Next: open summary.html in it, or overt verify {path}{PLAIN}",
        gather.devices.len(),
        gather.registrations.len(),
        gather.filings.len(),
        gather.contested.len(),
    )?)
}

/// How far it is, on standard error where that is a terminal.
fn bar(size: u64) -> ProgressBar {
    let style = ProgressStyle::with_template("{bar:30} {pos} of {len} batches, {eta} left");
    ProgressBar::new(size).with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()))
}

/// Writes a dossier beside its place and puts it there when it is whole.
fn write(
    output: &Path,
    gather: &Gather<'_>,
    policy: &[u8],
    entries: EntriesFile,
    about: &str,
) -> Result<(), Failure> {
    let wrong = |e: &dyn std::fmt::Display| failed(format!("cannot write {}", output.display()), e);
    let finished = entries.finish(&gather.checkpoint, about)?;
    let whole = output.with_extension("whole");
    let out = BufWriter::new(File::create(&whole).map_err(|e| wrong(&e))?);
    let built =
        build(out, gather, policy, finished.open()?, env!("CARGO_PKG_VERSION")).map_err(|e| wrong(&e))?;
    for unset in &built.unset {
        let why = printable(&unset.why.to_string());
        writeln!(anstream::stderr(), "{} is not in it: {why}", printable(&unset.name))?;
    }
    let file = built.out.into_inner().map_err(|e| wrong(&e))?;
    file.sync_all().map_err(|e| wrong(&e))?;
    std::fs::rename(&whole, output).map_err(|e| wrong(&e))?;
    finished.discard();
    Ok(())
}
