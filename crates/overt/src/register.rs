//! `overt register`: operators, sites, devices and workloads from files, lists and prompts; what is missing; a second person's word.
//!
//! Must not decide what changes or what is missing: `registration` does.

mod apply;
mod approve;
pub mod base;
mod dry;
mod missing;
mod prompt;
mod read;
pub mod remote;
mod show;

use crate::Failure;
use crate::registry::ask::AskArgs;
use clap::{Subcommand, ValueEnum};
use std::io::{IsTerminal, Write};
use std::path::{Path, PathBuf};

/// Options of `overt register`.
#[derive(Clone, Debug, clap::Args)]
#[command(
    args_conflicts_with_subcommands = true,
    subcommand_negates_reqs = true,
    after_help = "What a file does not name stays as it is registered; what it names as empty is taken away. Versions follow one\n\
                  another, none is overwritten, and the same file twice changes nothing.\n\n\
                  Examples:\n  overt register fleet.csv --site hall --dry-run\n  overt register acme.toml --yes\n  \
                  scontrol show node | overt register --from slurm - --site hall > fleet.csv\n  \
                  overt register inventory.csv --from inventory --map 'Asset tag=id' --map 'Serial no.=serial' --site hall\n  \
                  overt register missing --site hall\n  overt register new workload"
)]
pub struct Args {
    #[command(flatten)]
    pub file: FileArgs,
    #[command(subcommand)]
    pub command: Option<Command>,
}

/// What is read, and what is done with it.
#[derive(Clone, Debug, clap::Args)]
pub struct FileArgs {
    #[command(flatten)]
    pub ask: AskArgs,
    /// The file, TOML, JSON or CSV; `-` reads standard input
    #[arg(required = true)]
    pub path: Option<PathBuf>,
    /// The form of the file; otherwise as its name ends
    #[arg(long, value_name = "FORM")]
    pub from: Option<Form>,
    /// The site of devices of which the file names none
    #[arg(long, value_name = "SITE", value_parser = name)]
    pub site: Option<statement::Name>,
    /// What a column of an inventory is called here, for instance 'Serial no.=serial'
    #[arg(long = "map", value_name = "COLUMN=FIELD", value_parser = pair)]
    pub map: Vec<(String, String)>,
    /// Show the difference and change nothing
    #[arg(long)]
    pub dry_run: bool,
    /// List every change, not only the first
    #[arg(long)]
    pub all: bool,
    /// Print JSON, schema overt.register/1
    #[arg(long)]
    pub json: bool,
    /// Apply without asking
    #[arg(long)]
    pub yes: bool,
    /// Apply what is read from slurm, kubernetes or an inventory, instead of printing it as CSV to check
    #[arg(long, requires = "from")]
    pub apply: bool,
}

/// Forms of files.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Form {
    /// A document with operators, sites, devices, workloads
    Toml,
    /// The same as JSON
    Json,
    /// A fleet: one line a device
    Csv,
    /// scontrol show node, scontrol show partition, or slurm.conf
    Slurm,
    /// kubectl get nodes -o json
    Kubernetes,
    /// A table with columns of its own, see --map
    Inventory,
}

/// The commands.
#[derive(Clone, Debug, Subcommand)]
pub enum Command {
    /// List what the rulebook of a site still asks for, and why
    Missing(missing::Args),
    /// Show every version of what is registered of one subject
    Show(show::Args),
    /// Say a second person's word for a version
    Approve(approve::Args),
    /// Register one subject by answering questions
    New(prompt::Args),
}

/// A name of a registry.
pub fn name(text: &str) -> Result<statement::Name, String> {
    text.parse().map_err(|e: statement::NameError| e.to_string())
}

/// One number, or a first and a last one.
pub fn numbers(text: &str) -> Result<(u64, u64), String> {
    let number = |text: &str| text.parse::<u64>().map_err(|_| "expected N or N..M".to_owned());
    match text.split_once("..") {
        None => number(text).map(|n| (n, n)),
        Some((first, last)) => Ok((number(first)?, number(last)?)),
    }
}

fn pair(text: &str) -> Result<(String, String), String> {
    let (own, name) = text.rsplit_once('=').ok_or("expected COLUMN=FIELD")?;
    Ok((own.to_owned(), name.to_owned()))
}

/// A kind of subject.
fn kind(text: &str) -> Result<statement::Kind, String> {
    statement::Kind::named(text).ok_or_else(|| "expected operator, site, device or workload".to_owned())
}

/// Runs it.
pub fn run(args: &Args) -> Result<(), Failure> {
    match &args.command {
        None => from_file(&args.file),
        Some(Command::Missing(args)) => missing::run(args),
        Some(Command::Show(args)) => show::run(args),
        Some(Command::Approve(args)) => approve::run(args),
        Some(Command::New(args)) => prompt::run(args),
    }
}

fn from_file(args: &FileArgs) -> Result<(), Failure> {
    let (wishes, ignored) = read::wishes(args)?;
    if !ignored.is_empty() {
        let list: Vec<String> = ignored.iter().map(|c| crate::table::printable(c)).collect();
        writeln!(anstream::stderr(), "Left out the columns {}.", list.join(", "))?;
    }
    let list = matches!(args.from, Some(Form::Slurm | Form::Kubernetes | Form::Inventory));
    if list && !args.apply && !args.dry_run {
        return Ok(write!(std::io::stdout(), "{}", registration::fleet_text(&wishes.subjects))?);
    }
    let ask = args.ask.open()?;
    let prepared = apply::prepare(&ask, &wishes, args.path.as_deref().unwrap_or(Path::new("-")))?;
    let asks = !args.dry_run && !args.yes && std::io::stdin().is_terminal();
    if !args.json || args.dry_run {
        dry::show(&prepared, args.all, args.json)?;
    }
    if args.dry_run || prepared.is_empty() && !args.json {
        return Ok(());
    }
    if !args.yes && !asks {
        return Err(Failure::Usage(
            "nothing was applied: say --yes to apply, or --dry-run to look".to_owned(),
        ));
    }
    if asks && !prompt::confirmed("Apply this?")? {
        writeln!(anstream::stderr(), "Nothing was applied.")?;
        return Ok(());
    }
    apply::apply(&ask, &prepared, args.json)
}
