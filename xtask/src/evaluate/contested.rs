//! Contested findings as cases: what today's identification says of each.
//!
//! Reads folders that `overt contest export` wrote. They stand apart from the corpus: nothing here is fitted on, and no figure
//! of the corpus changes by them.

use super::metrics::merged;
use crate::Outcome;
use facts::{Activity, UnitKind};
use identify::Observation;
use statement::{DeviceId, Digest, WorkloadId};
use std::error::Error;
use std::fmt::Write;
use std::path::{Path, PathBuf};
use wire::Case;
use wire::case::{FILE, MAX_CASE};

/// What became of a case.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Now {
    /// What it is, is said.
    Right,
    /// What it is not, is not said any more; what it is, nobody wrote down.
    Gone,
    /// Something else is said than it is, or again what it is not.
    Wrong,
    /// The outcome does not say what would be right.
    Unlabelled,
    /// The workload is not seen in the recording.
    Unseen,
    /// There is no recording.
    FindingsOnly,
}

impl Now {
    const ALL: [Self; 6] =
        [Self::Right, Self::Gone, Self::Wrong, Self::Unlabelled, Self::Unseen, Self::FindingsOnly];

    const fn words(self) -> &'static str {
        match self {
            Self::Right => "right today",
            Self::Gone => "not said any more",
            Self::Wrong => "wrong today",
            Self::Unlabelled => "no label to hold it against",
            Self::Unseen => "the workload is not in the recording",
            Self::FindingsOnly => "cannot be identified again: findings only, no recording",
        }
    }
}

/// Judges every case in a folder, or below it, and prints what comes out.
pub fn run(folder: &Path) -> Outcome {
    let folders = folders(folder)?;
    let mut counts = [0_usize; Now::ALL.len()];
    for folder in &folders {
        let case = read(folder)?;
        let (now, text) = judge(folder, &case)?;
        print!("{text}");
        if let Some(count) = Now::ALL.iter().position(|n| *n == now).and_then(|i| counts.get_mut(i)) {
            *count += 1;
        }
    }
    println!("{} contested cases, apart from the corpus; no weight is fitted on them", folders.len());
    for (now, count) in Now::ALL.iter().zip(counts).filter(|(_, count)| *count > 0) {
        println!("{count:>6}  {}", now.words());
    }
    Ok(())
}

fn folders(folder: &Path) -> Result<Vec<PathBuf>, Box<dyn Error>> {
    if folder.join(FILE).is_file() {
        return Ok(vec![folder.to_owned()]);
    }
    let entries = std::fs::read_dir(folder).map_err(|e| format!("{}: {e}", folder.display()))?;
    let mut found = Vec::new();
    for entry in entries {
        let path = entry?.path();
        if path.join(FILE).is_file() {
            found.push(path);
        }
    }
    found.sort();
    if found.is_empty() {
        let why = format!(
            "no {FILE} in {} or a folder in it; `overt contest export` writes them",
            folder.display()
        );
        return Err(why.into());
    }
    Ok(found)
}

/// Reads the document and holds every file against its hash.
fn read(folder: &Path) -> Result<Case, Box<dyn Error>> {
    let path = folder.join(FILE);
    let refused = |e: &dyn std::fmt::Display| format!("{}: {e}", path.display());
    let length = std::fs::metadata(&path).map_err(|e| refused(&e))?.len();
    if length > MAX_CASE {
        return Err(refused(&format!("{length} bytes, expected at most {MAX_CASE}")).into());
    }
    let case = Case::from_json(&std::fs::read(&path)?).map_err(|e| refused(&e))?;
    for (name, expected) in &case.files {
        let found =
            Digest::of(&std::fs::read(folder.join(name)).map_err(|e| format!("{name}: {e}"))?).to_string();
        if found != *expected {
            return Err(refused(&format!("{name} has SHA-256 {found}, expected {expected}")).into());
        }
    }
    Ok(case)
}

fn judge(folder: &Path, case: &Case) -> Result<(Now, String), Box<dyn Error>> {
    let mut text = String::new();
    let label = &case.label;
    let truth = match (label.is, label.is_not) {
        (Some(is), _) => format!("is {}", is.name()),
        (None, Some(not)) => format!("is not {}", not.name()),
        (None, None) => "no label".to_owned(),
    };
    writeln!(text, "{}: found {}, {}, {truth}", case.id, label.was.name(), label.outcome)?;
    let mut worst = (case.again.recordings.is_empty()).then_some(Now::FindingsOnly);
    for name in &case.again.recordings {
        let (now, today) = match today(&folder.join(name), case)? {
            None => (Now::Unseen, String::new()),
            Some((activity, p)) => (held(case, activity), format!("{} with {p:.2}: ", activity.name())),
        };
        writeln!(text, "    today {today}{}", now.words())?;
        // Several recordings of one case: one that is wrong makes the case wrong.
        worst = Some(match worst {
            Some(before) if before == Now::Wrong || now != Now::Wrong => before,
            _ => now,
        });
    }
    let now = worst.unwrap_or(Now::FindingsOnly);
    if now == Now::FindingsOnly {
        writeln!(text, "    {}", now.words())?;
    }
    Ok((now, text))
}

fn held(case: &Case, activity: Activity) -> Now {
    match (case.label.is, case.label.is_not) {
        (Some(is), _) if merged(is) == merged(activity) => Now::Right,
        (Some(_), _) => Now::Wrong,
        (None, Some(not)) if merged(not) == merged(activity) => Now::Wrong,
        (None, Some(_)) => Now::Gone,
        (None, None) => Now::Unlabelled,
    }
}

/// What the weights that ship conclude of the case's workload in a recording.
fn today(path: &Path, case: &Case) -> Result<Option<(Activity, f64)>, Box<dyn Error>> {
    let file = std::fs::File::open(path).map_err(|e| format!("{}: {e}", path.display()))?;
    let recording = wire::recording::read(std::io::BufReader::new(file))?;
    let mut observation = Observation::new(recording.machine.clone());
    recording.slices.iter().for_each(|slice| observation.absorb(slice));
    let (device, workload): (DeviceId, WorkloadId) = (case.device.parse()?, case.workload.parse()?);
    let names: Vec<&str> = case.found.iter().map(|f| f.name.as_str()).collect();
    let is = |unit: UnitKind, name: &str| WorkloadId::of(device, unit, name) == workload;
    let looked = observation.looked();
    let exact = looked.workloads.iter().find(|w| is(w.unit, &w.name));
    // A recording made by hand may group its processes otherwise; the name is the next best.
    let found = exact.or_else(|| looked.workloads.iter().find(|w| names.contains(&w.name.as_str())));
    Ok(found.map(|w| (w.activity, w.probability)))
}

#[cfg(test)]
mod tests;
