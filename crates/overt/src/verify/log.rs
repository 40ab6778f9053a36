//! A whole log, from a folder or over HTTP.

use super::{Args, answer, trust};
use crate::Failure;
use crate::table::printable;
use indicatif::{ProgressBar, ProgressStyle};
use serde::Serialize;
use std::io::Read;
use std::path::Path;
use std::time::Duration;

/// Most bytes of one file of a log: 256 entries of 64 KiB and their lengths.
const MAX_FILE: u64 = 17 << 20;
/// How long an answer may take.
const TIMEOUT: Duration = Duration::from_secs(30);

/// What the log holds, for a script.
#[derive(Serialize)]
struct Held {
    leaves: u64,
    entries: u64,
    statements: u64,
}

/// Runs it.
pub fn run(args: &Args) -> Result<(), Failure> {
    let folder = Path::new(&args.what);
    let policy = trust::policy(args, folder.is_dir().then_some(folder))?;
    let bar = ProgressBar::new(0).with_style(
        ProgressStyle::with_template("{bar:30} {pos} of {len} leaves")
            .unwrap_or_else(|_| ProgressStyle::default_bar()),
    );
    let progress = |done, all| {
        bar.set_length(all);
        bar.set_position(done);
    };
    let outcome = if folder.is_dir() {
        ::verify::whole_log(|name| from_folder(folder, name), &policy, progress)
    } else {
        let agent: ureq::Agent = ureq::Agent::config_builder().timeout_global(Some(TIMEOUT)).build().into();
        ::verify::whole_log(|name| from_address(&agent, &args.what, name), &policy, progress)
    };
    bar.finish_and_clear();
    let (report, summary) = outcome
        .map_err(|e| Failure::Usage(format!("{}: {}", printable(&args.what), printable(&e.to_string()))))?;
    let about = format!(
        "\nThe log seals {} entries in {} batches; {} of them are statements.\n",
        summary.entries, summary.leaves, summary.statements
    );
    let held = Held { leaves: summary.leaves, entries: summary.entries, statements: summary.statements };
    answer(args, &report, Some(&held), &about)
}

fn from_folder(folder: &Path, name: &str) -> Result<Option<Vec<u8>>, String> {
    // A registry keeps its log under `store/objects`; a mirror may be the log itself.
    let within = ["", "objects", "store/objects"].map(|part| folder.join(part).join(name));
    let path = within.iter().find(|path| path.exists()).cloned().unwrap_or_else(|| folder.join(name));
    match std::fs::File::open(path) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error.to_string()),
        Ok(file) => {
            let mut bytes = Vec::new();
            file.take(MAX_FILE).read_to_end(&mut bytes).map_err(|e| e.to_string())?;
            Ok(Some(bytes))
        }
    }
}

fn from_address(agent: &ureq::Agent, address: &str, name: &str) -> Result<Option<Vec<u8>>, String> {
    let url = format!("{}/{name}", address.trim_end_matches('/'));
    match agent.get(&url).call() {
        Ok(mut answer) => {
            answer.body_mut().with_config().limit(MAX_FILE).read_to_vec().map(Some).map_err(|e| e.to_string())
        }
        Err(ureq::Error::StatusCode(404)) => Ok(None),
        Err(error) => Err(error.to_string()),
    }
}
