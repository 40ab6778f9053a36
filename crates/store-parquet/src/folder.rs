//! The folder of the history: which files count, which are leftovers, which contradict each other. It must not read rows.

use crate::error::Error;
use crate::part::{self, Part};
use crate::write::UNFINISHED;
use std::fs;
use std::ops::Range;
use std::path::{Path, PathBuf};

/// Opens the files of a folder in the order of their ordinals, after removing what a crash left behind: unfinished files,
/// and files whose statements a merged file holds too.
pub fn open(folder: &Path) -> Result<Vec<Part>, Error> {
    fs::create_dir_all(folder).map_err(|e| Error::medium(format!("making {}", folder.display()), e))?;
    let mut found = list(folder)?;
    // The wider of two that begin alike comes first: it is the merged one.
    found.sort_by_key(|(range, _)| (range.start, std::cmp::Reverse(range.end)));
    let mut parts: Vec<Part> = Vec::new();
    for (range, path) in found {
        match parts.last() {
            Some(last) if range.end <= last.ordinals.end => {
                last.meta()?;
                remove(&path)?;
            }
            Some(last) if range.start < last.ordinals.end => {
                let (one, other) = (last.path.display().to_string(), path.display().to_string());
                return Err(Error::Overlap { one, other });
            }
            _ => parts.push(Part::open(&path, range)?),
        }
    }
    Ok(parts)
}

fn list(folder: &Path) -> Result<Vec<(Range<u64>, PathBuf)>, Error> {
    let error = |e| Error::medium(format!("listing {}", folder.display()), e);
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).map_err(error)? {
        let path = entry.map_err(error)?.path();
        let name = path.file_name().and_then(|n| n.to_str()).unwrap_or_default();
        let whole = name.strip_suffix(UNFINISHED);
        match (part::ordinals(name), whole.and_then(part::ordinals)) {
            (Some(range), _) => found.push((range, path)),
            (None, Some(_)) => remove(&path)?,
            (None, None) => {}
        }
    }
    Ok(found)
}

/// Removes a file; one that is gone already is none to worry about.
pub fn remove(path: &Path) -> Result<(), Error> {
    match fs::remove_file(path) {
        Err(e) if e.kind() != std::io::ErrorKind::NotFound => {
            Err(Error::medium(format!("removing {}", path.display()), e))
        }
        _ => Ok(()),
    }
}
