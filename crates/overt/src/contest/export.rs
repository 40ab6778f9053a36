//! `overt contest export`: a contested finding whose operator agreed, as a case for the evaluation of identification.
//!
//! Everything in it is in the log or has a SHA-256 that is: statements with receipts, evidence that the device handed in, material of
//! the matter. Must not export without a recorded agreement, and must not say what the workload truly is unless the outcome
//! or the caller says so.

use super::case::{self, Matter, Pieces};
use crate::Failure;
use crate::register::{name, numbers};
use crate::registry::ask::{Ask, AskArgs};
use crate::registry::failed;
use crate::registry::leaves::Leaves;
use crate::table::{DIM, PLAIN, printable};
use facts::Activity;
use statement::{Digest, Envelope, Name, Statement};
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use wire::case::MAX_STATEMENTS;

/// Most bytes of a piece of material.
const MAX_MATERIAL: u64 = 256 << 20;

/// Options of `overt contest export`.
#[derive(Clone, Debug, clap::Args)]
#[command(
    after_help = "Only a matter whose answer records that the operator agrees (overt contest answer … --for-evaluation) is exported.\n\
                  What was found can be identified anew only from a recording (overt look --record) that was raised as material;\n\
                  without one the case says so. Docs: docs/dossiers.md\n\n\
                  Examples:\n  overt contest export matter-1 --out case-1\n  \
                  overt contest export matter-1 --out case-1 --material benchmark.json.gz --is scientific\n  \
                  cargo xtask evaluate --contested case-1"
)]
pub struct Args {
    #[command(flatten)]
    pub ask: AskArgs,
    /// The matter
    #[arg(value_parser = name)]
    pub id: Name,
    /// The folder to write
    #[arg(long, value_name = "FOLDER")]
    pub out: PathBuf,
    /// Material of the matter, by its hash; a recording lets today's identification be asked
    #[arg(long, value_name = "FILE")]
    pub material: Vec<PathBuf>,
    /// What the workload truly is, where the reasons say it; it stands in the case as your word
    #[arg(long, value_name = "ACTIVITY")]
    pub is: Option<Activity>,
    /// The workload, where the matter names none and the statements hold several
    #[arg(long, value_name = "ID")]
    pub workload: Option<String>,
    /// A part of the contested statements
    #[arg(long, value_name = "N|N..M", value_parser = numbers)]
    pub statements: Option<(u64, u64)>,
    /// Ask the device for evidence that it has not handed in; export again later
    #[arg(long)]
    pub ask_device: bool,
}

/// Runs it.
pub fn run(args: &Args) -> Result<(), Failure> {
    if fs::read_dir(&args.out).is_ok_and(|mut entries| entries.next().is_some()) {
        return Err(Failure::Usage(format!(
            "{} is there and not empty; say another --out",
            args.out.display()
        )));
    }
    let ask = args.ask.open()?;
    let matter = matter(&ask, &args.id)?;
    matter.exportable()?;
    let (first, last) = span(&matter, args.statements)?;
    let mut pieces = Pieces::default();
    for sequence in first..=last {
        statement(&ask, &matter.device, sequence, &mut pieces)?;
    }
    if pieces.statements.is_empty() {
        return Err(Failure::Usage(format!("none of the statements {first} to {last} is in the registry")));
    }
    let workload = matter.workload_of(args.workload.as_deref(), &pieces)?;
    let missing = evidence(&ask, &matter.device, args.ask_device, &mut pieces)?;
    for path in &args.material {
        material(path, &matter, &mut pieces)?;
    }
    pieces.add("trust.policy", ask.get("/policy")?);
    let origin = Leaves::open(&ask)?.note().lines().next().unwrap_or_default().to_owned();
    let case = case::case(&matter, (first, last), &workload, args.is, &pieces, origin)?;
    pieces.add(wire::case::FILE, case.to_json().map_err(|e| failed("the case", e))?.into_bytes());
    write(&args.out, &pieces)?;
    let out = args.out.display();
    let mut say = anstream::stdout();
    writeln!(
        say,
        "{out} holds {} statements with their receipts. {}",
        pieces.statements.len(),
        case.again.note
    )?;
    if missing > 0 {
        let asked =
            if args.ask_device { "the device is asked for them" } else { "--ask-device asks for them" };
        writeln!(say, "{DIM}{missing} pieces of evidence are not handed in; {asked}{PLAIN}")?;
    }
    Ok(writeln!(say, "{DIM}Next: cargo xtask evaluate --contested {out}{PLAIN}")?)
}

fn matter(ask: &Ask, id: &Name) -> Result<Matter, Failure> {
    let all = super::matters(ask, None)?;
    let is = |m: &serde_json::Value| m.get("id").and_then(serde_json::Value::as_str) == Some(id.as_str());
    let found = all.into_iter().find(is).ok_or_else(|| {
        Failure::Usage(format!(
            "no matter '{id}', or this token may not see it; `overt contest list` lists them"
        ))
    })?;
    serde_json::from_value(found).map_err(|e| failed("the registry answers something else than expected", e))
}

fn span(matter: &Matter, part: Option<(u64, u64)>) -> Result<(u64, u64), Failure> {
    let (first, last) = part.unwrap_or((matter.first, matter.last));
    let contested = matter.first..=matter.last;
    if first > last || !contested.contains(&first) || !contested.contains(&last) {
        let (found, expected) = (format!("{first}..{last}"), format!("{}..{}", matter.first, matter.last));
        return Err(Failure::Usage(format!("--statements {found}: expected a part of {expected}")));
    }
    let count = last - first + 1;
    if count > u64::try_from(MAX_STATEMENTS).unwrap_or(u64::MAX) {
        let why = format!("{count} statements are contested, expected at most {MAX_STATEMENTS}");
        return Err(Failure::Usage(format!("{why}; choose a part with --statements N..M")));
    }
    Ok((first, last))
}

/// A statement with its receipt, if the device did not give it up.
fn statement(ask: &Ask, device: &str, sequence: u64, pieces: &mut Pieces) -> Result<(), Failure> {
    let base = format!("/api/v1/devices/{device}");
    let Some(bytes) = ask.get_unless(404, &format!("{base}/statements/{sequence}"))? else { return Ok(()) };
    let receipt = ask.get(&format!("{base}/receipts/{sequence}"))?;
    let envelope = Envelope::parse(&bytes).map_err(|e| failed(format!("statement {sequence}"), e))?;
    let read =
        Statement::from_cbor(envelope.payload).map_err(|e| failed(format!("statement {sequence}"), e))?;
    pieces.statements.push(read);
    pieces.add(&format!("statements/{sequence}.cose"), bytes);
    pieces.add(&format!("statements/{sequence}.cose.tlog-proof"), receipt);
    Ok(())
}

/// The bulky evidence as far as it was handed in; how many pieces were not.
fn evidence(ask: &Ask, device: &str, wanted: bool, pieces: &mut Pieces) -> Result<u64, Failure> {
    let mut digests: Vec<Digest> = pieces.statements.iter().filter_map(|s| s.detail).collect();
    digests.dedup();
    let mut missing = 0;
    for digest in digests {
        match ask.get_unless(404, &format!("/api/v1/evidence/{digest}"))? {
            Some(piece) if Digest::of(&piece) == digest => {
                pieces.add(&format!("evidence/{digest}.json"), piece)
            }
            Some(_) => return Err(Failure::Usage(format!("the evidence {digest} has another digest"))),
            None => {
                missing += 1;
                if wanted {
                    let path = format!("/api/v1/devices/{device}/evidence/{digest}");
                    ask.send("POST", &path, &serde_json::json!({}))?;
                }
            }
        }
    }
    Ok(missing)
}

/// A file that the matter names by its hash.
fn material(path: &Path, matter: &Matter, pieces: &mut Pieces) -> Result<(), Failure> {
    let shown = printable(&path.display().to_string());
    let length = fs::metadata(path).map_err(|e| failed(&shown, e))?.len();
    if length > MAX_MATERIAL {
        return Err(Failure::Usage(format!("{shown}: {length} bytes, expected at most {MAX_MATERIAL}")));
    }
    let bytes = fs::read(path).map_err(|e| failed(&shown, e))?;
    let digest = Digest::of(&bytes).to_string();
    if !matter.material.values().any(|named| *named == digest) {
        let why = "is not what was handed in with the matter: its SHA-256 is not among the material's";
        return Err(Failure::Usage(format!("{shown} {why}; `overt contest list --json` shows them")));
    }
    if wire::recording::read(bytes.as_slice()).is_ok() {
        let name = format!("recordings/{digest}.json.gz");
        pieces.recordings.push(name.clone());
        pieces.add(&name, bytes);
    } else {
        pieces.add(&format!("material/{digest}"), bytes);
    }
    Ok(())
}

/// Writes a folder beside its place and puts it there when it is whole.
fn write(out: &Path, pieces: &Pieces) -> Result<(), Failure> {
    let wrong = |e: std::io::Error| failed(format!("cannot write {}", out.display()), e);
    let beside = out.with_extension("part");
    if beside.exists() {
        fs::remove_dir_all(&beside).map_err(wrong)?;
    }
    for (name, bytes) in &pieces.files {
        let path = beside.join(name);
        fs::create_dir_all(path.parent().unwrap_or(&beside)).map_err(wrong)?;
        fs::write(&path, bytes).map_err(wrong)?;
    }
    if out.exists() {
        fs::remove_dir(out).map_err(wrong)?;
    }
    fs::rename(&beside, out).map_err(wrong)
}
