//! `overt fsck`, `overt backup`, `overt restore`: the bytes of a registry.

use super::failed;
use super::folder::{self, DataArgs};
use crate::Failure;
use crate::table::{BAD, DIM, HEAD, PLAIN, printable};
use indicatif::{ProgressBar, ProgressStyle};
use registry::Examination;
use std::io::Write;
use std::path::{Path, PathBuf};
use store_sqlite::{EmbeddedStore, Finding, Options, Weight};

/// Options of `overt fsck`.
#[derive(Clone, Debug, clap::Args)]
#[command(
    after_help = "Reads only; the registry must not run. Every frame, entry, batch, tile and signature is checked, from the bytes on the\n\
                  disk up to what the log has promised.\n\nExit codes: 0 sound, 1 something is wrong and named above, 2 wrong call."
)]
pub struct FsckArgs {
    #[command(flatten)]
    pub data: DataArgs,
    /// The folder of the lock, if it has one of its own
    #[arg(long, value_name = "DIR")]
    pub lock: Option<PathBuf>,
    /// Print JSON
    #[arg(long)]
    pub json: bool,
}

/// Options of `overt restore`.
#[derive(Clone, Debug, clap::Args)]
pub struct RestoreArgs {
    #[command(flatten)]
    pub data: DataArgs,
    /// The folder of the backup
    pub from: PathBuf,
}

/// Options of `overt backup`.
#[derive(Clone, Debug, clap::Args)]
#[command(
    after_help = "The registry may run: it makes the copy itself and asks for the administrator's token."
)]
pub struct BackupArgs {
    #[command(flatten)]
    pub ask: super::ask::AskArgs,
    /// An empty folder on the registry's machine
    pub to: PathBuf,
}

/// Examines a registry.
pub fn fsck(args: &FsckArgs) -> Result<(), Failure> {
    let folder = args.data.folder()?.join("registry");
    let store = folder.join("store");
    if !store.is_dir() {
        return Err(Failure::Usage(format!("{} holds no registry; say --data DIR", folder.display())));
    }
    let options = Options { lock: args.lock.clone(), ..Options::default() };
    let below = store_sqlite::fsck(&store, &options).map_err(|e| failed("cannot examine", e))?;
    let mut lines: Vec<[String; 3]> =
        below.findings.iter().filter(|f| f.weight == Weight::Damage).map(finding).collect();
    let mut above = Examination::default();
    if below.is_sound() {
        above = examine(&folder, options)?;
        let trouble = |t: &registry::Trouble| [t.place.clone(), t.found.clone(), t.meaning.to_owned()];
        lines.extend(above.troubles.iter().map(trouble));
        lines.extend(history(&folder)?);
    }
    print(args.json, &above, &lines)
}

fn finding(finding: &Finding) -> [String; 3] {
    let offset = finding.offset.map(|at| format!(" at byte {at}")).unwrap_or_default();
    [format!("{}{offset}", finding.file.display()), finding.what.clone(), finding.advice.to_owned()]
}

fn examine(folder: &Path, options: Options) -> Result<Examination, Failure> {
    let store = EmbeddedStore::open(&folder.join("store"), options).map_err(|e| failed("cannot open", e))?;
    let key = folder::signing_key(&folder.join("log.key"))?;
    let origin = folder::remembered(&folder.join("origin"), None, String::new)?;
    let log = folder::verifier(&origin, &key)?;
    let style = ProgressStyle::with_template("{bar:30} {pos} of {len} frames")
        .unwrap_or_else(|_| ProgressStyle::default_bar());
    let bar = ProgressBar::new(0).with_style(style);
    let found = registry::examine(&store, &log, |done, all| {
        bar.set_length(all);
        bar.set_position(done);
        true
    });
    bar.finish_and_clear();
    found.map_err(|e| failed("cannot examine", e))
}

/// The history is a projection: what is wrong with it is mended by writing it again.
fn history(folder: &Path) -> Result<Vec<[String; 3]>, Failure> {
    let facts = store_parquet::Facts::open(&folder.join("history")).map_err(|e| failed("history", e))?;
    let flaws = facts.check().map_err(|e| failed("history", e))?;
    let mend = "remove the folder history: it is written again from the spine at the next start";
    Ok(flaws.into_iter().map(|flaw| [flaw.file.clone(), flaw.what.clone(), mend.to_owned()]).collect())
}

fn print(json: bool, found: &Examination, lines: &[[String; 3]]) -> Result<(), Failure> {
    let mut out = anstream::stdout();
    if json {
        let troubles: Vec<_> = lines
            .iter()
            .map(|[place, found, meaning]| serde_json::json!({ "place": place, "found": found, "meaning": meaning }))
            .collect();
        let document = serde_json::json!({
            "schema": "overt.fsck/1", "sound": lines.is_empty(), "frames": found.frames, "entries": found.entries,
            "erased": found.erased, "leaves": found.leaves, "waiting": found.waiting, "troubles": troubles,
        });
        writeln!(out, "{document:#}")?;
    } else {
        for [place, found, meaning] in lines {
            writeln!(
                out,
                "{BAD}{}{PLAIN} {}\n  {DIM}{}{PLAIN}",
                printable(place),
                printable(found),
                printable(meaning)
            )?;
        }
        writeln!(
            out,
            "{} frames with {} entries ({} erased), sealed in {} leaves; {} wait.",
            found.frames, found.entries, found.erased, found.leaves, found.waiting
        )?;
        let verdict = if lines.is_empty() {
            "Sound: every byte is what was written, and the log holds."
        } else {
            "NOT sound."
        };
        writeln!(out, "{HEAD}{verdict}{PLAIN}")?;
    }
    if lines.is_empty() { Ok(()) } else { Err(Failure::Unproved) }
}

/// Asks a running registry for a copy of itself.
pub fn backup(args: &BackupArgs) -> Result<(), Failure> {
    let to = std::path::absolute(&args.to).map_err(|e| failed(args.to.display(), e))?;
    let wish = serde_json::json!({ "folder": to });
    args.ask.open()?.send("POST", "/api/v1/backups", &wish)?;
    writeln!(anstream::stdout(), "{} holds a copy; keep the file log.key apart from it.", to.display())?;
    Ok(())
}

/// Puts a copy in the place of nothing.
pub fn restore(args: &RestoreArgs) -> Result<(), Failure> {
    let folder = args.data.folder()?.join("registry");
    let from = args.from.join("store");
    if !from.is_dir() {
        let from = args.from.display();
        let why = format!("not restored: {from} has no folder 'store', as `overt backup` makes it");
        return Err(Failure::Usage(why));
    }
    folder::private(&folder)?;
    let report = store_sqlite::restore(&from, &folder.join("store"), &Options::default())
        .map_err(|e| failed("not restored", e))?;
    for name in ["origin", "trust.policy"] {
        let from = args.from.join(name);
        if from.is_file() {
            std::fs::copy(&from, folder.join(name)).map_err(|e| failed(name, e))?;
        }
    }
    let mut out = anstream::stdout();
    writeln!(out, "{} holds the copy again: {} frames.", folder.display(), report.frames)?;
    if !folder.join("log.key").exists() {
        writeln!(
            out,
            "{HEAD}Next:{PLAIN} put the log's key back as {}, then `overt fsck` and `overt serve`.",
            folder.join("log.key").display()
        )?;
    }
    Ok(())
}
