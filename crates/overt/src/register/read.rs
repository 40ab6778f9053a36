//! Files of registrations, by their form; mistakes are said line by line.

use super::{FileArgs, Form};
use crate::Failure;
use crate::table::printable;
use registration::import::{Mapping, inventory, kubernetes, slurm};
use registration::{MAX_DOCUMENT, MAX_ROW, Mistakes, Reading, Wishes, document, fleet};
use std::fs::File;
use std::io::{BufReader, Read, Write};
use std::path::Path;

/// Most bytes of a list of nodes.
const MAX_LIST: u64 = 256 << 20;

/// What a file wishes, and the columns that were left out.
pub fn wishes(args: &FileArgs) -> Result<(Wishes, Vec<String>), Failure> {
    let path = args.path.as_deref().ok_or_else(|| Failure::Usage("name a file".to_owned()))?;
    let form = args.from.map_or_else(|| by_name(path), Ok)?;
    if !args.map.is_empty() && form != Form::Inventory {
        return Err(Failure::Usage("--map is for --from inventory".to_owned()));
    }
    // Days that a file leaves out are today's by UTC; a file that says them means the calendar of its place.
    let reading =
        Reading::new(rulebook::shipped_vocabulary(), crate::rules::today("UTC")).at(args.site.clone());
    let read = match form {
        Form::Csv => fleet(open(path)?, &reading).map(|wishes| (wishes, Vec::new())),
        Form::Inventory => inventory(open(path)?, &Mapping::new(args.map.clone()), &reading),
        Form::Toml | Form::Json => {
            document(&whole(path, MAX_DOCUMENT as u64)?, &reading).map(|w| (w, Vec::new()))
        }
        Form::Kubernetes => kubernetes(&whole(path, MAX_LIST)?, &reading).map(|w| (w, Vec::new())),
        Form::Slurm => {
            let bytes = whole(path, MAX_LIST)?;
            slurm(&String::from_utf8_lossy(&bytes), &reading).map(|w| (w, Vec::new()))
        }
    };
    read.map_err(|mistakes| refused(path, &mistakes))
}

fn by_name(path: &Path) -> Result<Form, Failure> {
    let ending = path.extension().and_then(|e| e.to_str()).unwrap_or_default().to_lowercase();
    match ending.as_str() {
        "toml" => Ok(Form::Toml),
        "json" => Ok(Form::Json),
        "csv" | "tsv" => Ok(Form::Csv),
        _ => Err(Failure::Usage(format!(
            "{}: the name does not say the form; say --from toml, json, csv, slurm, kubernetes or inventory",
            path.display()
        ))),
    }
}

fn open(path: &Path) -> Result<Box<dyn Read>, Failure> {
    if path.as_os_str() == "-" {
        return Ok(Box::new(std::io::stdin().lock()));
    }
    let file = File::open(path).map_err(|e| Failure::Usage(format!("{}: {e}", path.display())))?;
    Ok(Box::new(BufReader::with_capacity(MAX_ROW, file)))
}

fn whole(path: &Path, most: u64) -> Result<Vec<u8>, Failure> {
    let mut bytes = Vec::new();
    let wrong = |e: std::io::Error| Failure::Usage(format!("{}: {e}", path.display()));
    open(path)?.take(most + 1).read_to_end(&mut bytes).map_err(wrong)?;
    if bytes.len() as u64 > most {
        return Err(Failure::Usage(format!("{}: more than {most} bytes", path.display())));
    }
    Ok(bytes)
}

/// Says what is wrong, a line each. Nothing has been applied.
pub fn refused(path: &Path, mistakes: &Mistakes) -> Failure {
    let file = path.display().to_string();
    let mut out = anstream::stderr();
    for mistake in &mistakes.list {
        let _ = writeln!(out, "{}: {}", printable(&file), printable(&mistake.to_string()));
    }
    let more = if mistakes.cut { " or more" } else { "" };
    let count = mistakes.list.len();
    let noun = if count == 1 && more.is_empty() { "mistake" } else { "mistakes" };
    Failure::Usage(format!("{}: {count}{more} {noun}; nothing was applied", printable(&file)))
}
