//! `overt verify`: a statement with its receipt, a bundle, or a whole log, checked offline step by step.

mod bundle;
mod dossier;
mod log;
mod signatures;
mod trust;

use crate::Failure;
use crate::table::{BAD, DIM, HEAD, PLAIN, printable};
use ::verify::{LIMITS, Mark, Report};
use serde::Serialize;
use std::io::Write;
use std::path::{Path, PathBuf};

/// Options of `overt verify`.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Nothing is asked of anybody: the file and the policy are enough. What counts as trust is the policy's: which log\n\
                  keys, how many witnesses. `overt serve` shows its own at /policy; take it from somebody you trust.\n\n\
                  Examples:\n  overt verify statement.cose --policy trust.policy\n  overt verify month.overt --policy trust.policy\n  \
                  overt verify https://registry.example/ --policy trust.policy\n\n\
                  Exit codes: 0 everything that was checked holds, 1 something does not hold, 2 wrong call or input."
)]
pub struct Args {
    /// A statement, a bundle, a dossier, the folder of a log, or its address
    pub what: String,
    /// The receipt of a statement; otherwise the file beside it whose name ends in .tlog-proof
    #[arg(long, value_name = "FILE")]
    pub receipt: Option<PathBuf>,
    /// The trust policy, in the C2SP tlog-policy form; otherwise trust.policy beside the file
    #[arg(long, value_name = "FILE")]
    pub policy: Option<PathBuf>,
    /// Trust this log's key and ask for no witnesses, instead of a policy
    #[arg(long, value_name = "KEY", conflicts_with = "policy")]
    pub log_key: Option<String>,
    /// The public key of the device, 64 hexadecimal digits
    #[arg(long, value_name = "HEX")]
    pub device_key: Option<String>,
    /// Print JSON, schema overt.verify/1
    #[arg(long)]
    pub json: bool,
}

/// What came out, for a script.
#[derive(Debug, Serialize)]
struct Document<'a, S: Serialize> {
    schema: &'static str,
    what: &'a str,
    holds: bool,
    complete: bool,
    steps: Vec<Line<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    held: Option<&'a S>,
    does_not_prove: [&'static str; 4],
}

#[derive(Debug, Serialize)]
struct Line<'a> {
    mark: &'static str,
    text: &'a str,
}

/// Runs it.
pub fn run(args: &Args) -> Result<(), Failure> {
    let path = Path::new(&args.what);
    if args.what.starts_with("https://") || args.what.starts_with("http://") || path.is_dir() {
        return log::run(args);
    }
    let begin = beginning(path)?;
    if dossier::is_one(&begin) {
        return dossier::run(args, path);
    }
    if bundle::is_one(&begin) {
        return bundle::run(args, path);
    }
    if begin.starts_with(b"c2sp.org/tlog-proof") {
        return Err(Failure::Usage(format!(
            "{} is a receipt; say what it is for: overt verify STATEMENT --receipt {}",
            printable(&args.what),
            printable(&args.what)
        )));
    }
    statement(args, path)
}

/// Most bytes of a statement or receipt that are read.
const MAX_SMALL: u64 = 1 << 20;

fn statement(args: &Args, path: &Path) -> Result<(), Failure> {
    let bytes = small(path)?;
    let beside = PathBuf::from(format!("{}.tlog-proof", args.what));
    let receipt =
        small(args.receipt.as_deref().unwrap_or(&beside)).map_err(|failure| match args.receipt {
            Some(_) => failure,
            None => Failure::Usage(format!("{failure}; give the receipt with --receipt FILE")),
        })?;
    let policy = trust::policy(args, path.parent())?;
    let keys = trust::keys(args)?;
    let report = ::verify::statement(&bytes, &receipt, &policy, &keys);
    answer::<()>(args, &report, None, "")
}

/// Prints steps, verdict and limits.
fn answer<S: Serialize>(args: &Args, report: &Report, held: Option<&S>, about: &str) -> Result<(), Failure> {
    if args.json {
        let mark = |mark| match mark {
            Mark::Holds => "holds",
            Mark::Fails => "fails",
            Mark::Open => "open",
        };
        let document = Document {
            schema: "overt.verify/1",
            what: &args.what,
            holds: report.holds(),
            complete: report.is_complete(),
            steps: report.steps.iter().map(|s| Line { mark: mark(s.mark), text: &s.text }).collect(),
            held,
            does_not_prove: LIMITS,
        };
        let text = serde_json::to_string_pretty(&document).map_err(|e| Failure::Usage(e.to_string()))?;
        writeln!(anstream::stdout(), "{text}")?;
    } else {
        write!(anstream::stdout(), "{}", text(report, about))?;
    }
    if report.holds() { Ok(()) } else { Err(Failure::Unproved) }
}

fn text(report: &Report, about: &str) -> String {
    let mut out = String::new();
    for step in &report.steps {
        let (sign, style) = match step.mark {
            Mark::Holds => ("holds ", HEAD),
            Mark::Fails => ("FAILS ", BAD),
            Mark::Open => ("open  ", DIM),
        };
        out += &format!("{style}{sign}{PLAIN} {}\n", printable(&step.text));
    }
    out += about;
    let verdict = match (report.holds(), report.is_complete()) {
        (true, true) => "Verified: all of it holds.",
        (true, false) => "Verified as far as was asked: what was checked holds, what is open is named above.",
        (false, _) => "NOT verified: do not rely on it.",
    };
    out += &format!("\n{HEAD}{verdict}{PLAIN}\n");
    if report.holds() {
        out += &format!("{DIM}This does not prove:\n");
        LIMITS.iter().for_each(|limit| out += &format!("  {limit}\n"));
        out += &format!("{PLAIN}");
    }
    out
}

fn beginning(path: &Path) -> Result<Vec<u8>, Failure> {
    use std::io::Read;
    let file = std::fs::File::open(path).map_err(|e| cannot(path, &e))?;
    let mut begin = Vec::new();
    file.take(64).read_to_end(&mut begin).map_err(|e| cannot(path, &e))?;
    Ok(begin)
}

fn small(path: &Path) -> Result<Vec<u8>, Failure> {
    use std::io::Read;
    let file = std::fs::File::open(path).map_err(|e| cannot(path, &e))?;
    let mut bytes = Vec::new();
    file.take(MAX_SMALL + 1).read_to_end(&mut bytes).map_err(|e| cannot(path, &e))?;
    if bytes.len() as u64 > MAX_SMALL {
        return Err(Failure::Usage(format!(
            "{} has more than {MAX_SMALL} bytes: neither a statement nor a receipt nor a policy",
            printable(&path.display().to_string())
        )));
    }
    Ok(bytes)
}

fn cannot(path: &Path, error: &std::io::Error) -> Failure {
    Failure::Usage(format!("cannot read {}: {error}", printable(&path.display().to_string())))
}
