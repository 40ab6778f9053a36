//! Where rulebooks come from: those that ship, or a folder.

use crate::Failure;
use rulebook::{Diagnostic, Rulebook, Severity, Source, Vocabulary};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// A rulebook that was read, with what was noticed, and its files.
pub struct Read {
    /// The rulebook, if nothing is wrong with it.
    pub rulebook: Option<Rulebook>,
    /// What was noticed.
    pub noticed: Vec<Diagnostic>,
    /// Its files.
    pub source: Source,
    /// The folder, or the name of the shipped rulebook.
    pub origin: String,
}

/// Reads a shipped rulebook by its code, or a folder by its path.
pub fn read(name: &str) -> Result<Read, Failure> {
    let folder = Path::new(name);
    if folder.is_dir() {
        return read_folder(folder);
    }
    if name.contains('/') {
        return Err(Failure::Usage(format!(
            "{name}: no such folder; give the folder of a rulebook or the code of one that ships"
        )));
    }
    let source = rulebook::shipped_source(name).ok_or_else(|| {
        let names = rulebook::shipped_names().join(", ");
        Failure::Usage(format!(
            "no rulebook '{}'; shipped are {names}; a folder is given by its path",
            crate::table::printable(name)
        ))
    })?;
    let (rulebook, noticed) =
        rulebook::load(&source, &rulebook::shipped_source, rulebook::shipped_vocabulary());
    Ok(Read { rulebook, noticed, source, origin: name.to_owned() })
}

/// Reads a rulebook that must be usable.
pub fn usable(name: &str) -> Result<Rulebook, Failure> {
    let read = read(name)?;
    read.rulebook.ok_or_else(|| {
        let errors: Vec<String> =
            read.noticed.iter().filter(|d| d.severity == Severity::Error).map(|d| format!("  {d}")).collect();
        Failure::Usage(format!(
            "{} cannot be used:\n{}",
            read.origin,
            crate::table::printable_lines(&errors.join("\n"))
        ))
    })
}

/// A folder may bring its own vocabulary beside it; otherwise the one that ships is used. Rulebooks that it includes are
/// looked for beside it, then among those that ship.
fn read_folder(folder: &Path) -> Result<Read, Failure> {
    let source = files(folder)?;
    let beside =
        folder.canonicalize().ok().and_then(|f| f.parent().map(Path::to_path_buf)).unwrap_or_default();
    let vocabulary = vocabulary(&beside)?;
    let find = |name: &str| {
        let safe = !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
        let near = safe.then(|| beside.join(name)).filter(|p| p.is_dir());
        near.and_then(|p| files(&p).ok()).or_else(|| rulebook::shipped_source(name))
    };
    let (rulebook, noticed) = rulebook::load(&source, &find, &vocabulary);
    Ok(Read { rulebook, noticed, source, origin: folder.display().to_string() })
}

fn vocabulary(beside: &Path) -> Result<Arc<Vocabulary>, Failure> {
    let (facts, fields) = (beside.join("vocabulary.toml"), beside.join("fields.toml"));
    if !facts.is_file() || !fields.is_file() {
        return Ok(Arc::clone(rulebook::shipped_vocabulary()));
    }
    let text = |path: &PathBuf| super::text(path);
    Vocabulary::parse(&text(&facts)?, &text(&fields)?).map(Arc::new).map_err(|wrong| {
        let lines: Vec<String> = wrong.iter().map(ToString::to_string).collect();
        Failure::Usage(format!("{}: {}", beside.display(), lines.join("\n")))
    })
}

fn files(folder: &Path) -> Result<Source, Failure> {
    let mut source = Source::default();
    let entries = std::fs::read_dir(folder).map_err(|e| super::refused(folder, e))?;
    for entry in entries {
        let path = entry.map_err(|e| super::refused(folder, e))?.path();
        let name = path.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default();
        if !path.is_file() || !(name.ends_with(".toml") || name.ends_with(".cedar")) {
            continue;
        }
        let size = std::fs::metadata(&path).map_or(0, |m| m.len());
        if size > rulebook::MAX_FILE as u64 {
            return Err(super::refused(
                &path,
                format!("{size} bytes; expected at most {}", rulebook::MAX_FILE),
            ));
        }
        let bytes = std::fs::read(&path).map_err(|e| super::refused(&path, e))?;
        source.add(&name, &bytes).map_err(|e| super::refused(folder, e))?;
    }
    if source.is_empty() {
        return Err(super::refused(folder, "no .toml or .cedar file; give the folder of a rulebook"));
    }
    Ok(source)
}
