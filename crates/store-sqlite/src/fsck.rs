//! Checking a store: every byte that the store itself answers for, each finding with what it means and what to do.
//!
//! Reads only. What frames, objects and the lock's value say is for the registry to check.

mod folders;
mod frames;

use crate::Options;
use crate::home::{Home, VERSION, holder};
use crate::lock;
use registry::store::StoreError;
use std::fmt;
use std::fs::{File, TryLockError};
use std::path::{Path, PathBuf};

/// Most findings that are listed.
const MAX_FINDINGS: usize = 1_000;

/// How bad a finding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Weight {
    /// The store mends it by itself when it is opened.
    Note,
    /// Something acknowledged is not as it was written, or cannot be read.
    Damage,
}

/// One thing that is not as it should be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// How bad it is.
    pub weight: Weight,
    /// The file.
    pub file: PathBuf,
    /// Where in it, in bytes.
    pub offset: Option<u64>,
    /// What is wrong.
    pub what: String,
    /// What to do.
    pub advice: &'static str,
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let weight = match self.weight {
            Weight::Note => "note",
            Weight::Damage => "damage",
        };
        write!(f, "{weight}: {}", self.file.display())?;
        if let Some(offset) = self.offset {
            write!(f, " at byte {offset}")?;
        }
        write!(f, ": {}; {}", self.what, self.advice)
    }
}

/// What a check found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// Frames, as far as the segments have them whole; what is missing between is a finding.
    pub frames: u64,
    /// Segment files.
    pub segments: u64,
    /// Objects.
    pub objects: u64,
    /// Bytes of all segments and objects.
    pub bytes: u64,
    /// The process that has the store open: what it is just writing may show as a note.
    pub open_in: Option<String>,
    /// Whether the lock has a value.
    pub locked: bool,
    /// What is not as it should be; at most 1,000.
    pub findings: Vec<Finding>,
}

impl Report {
    /// Whether nothing that was acknowledged is missing or changed.
    #[must_use]
    pub fn is_sound(&self) -> bool {
        self.findings.iter().all(|finding| finding.weight == Weight::Note)
    }

    fn add(
        &mut self,
        weight: Weight,
        file: &Path,
        offset: impl Into<Option<u64>>,
        what: impl Into<String>,
        advice: &'static str,
    ) {
        if self.findings.len() < MAX_FINDINGS {
            let (file, offset, what) = (file.to_path_buf(), offset.into(), what.into());
            self.findings.push(Finding { weight, file, offset, what, advice });
        }
    }
}

/// Checks the store in `folder`, which may be open in another process.
///
/// # Errors
///
/// [`StoreError::Medium`] if the folder is no store of this version, or cannot be read at all.
pub fn fsck(folder: &Path, options: &Options) -> Result<Report, StoreError> {
    let home = Home::new(folder);
    let medium = options.medium.as_ref();
    match home.found(medium)?.as_deref() {
        Some(VERSION) => {}
        Some(other) => return Err(home.unknown(other)),
        None => return Err(home.missing()),
    }
    let mut report = Report { open_in: open_in(folder), ..Report::default() };
    frames::check(&mut report, medium, &home)?;
    folders::check(&mut report, medium, &home)?;
    check_lock(&mut report, options.lock.as_deref().unwrap_or(folder));
    Ok(report)
}

/// The process that has the store open, if one has.
fn open_in(folder: &Path) -> Option<String> {
    let mut file = File::open(folder.join("LOCK")).ok()?;
    match file.try_lock_shared() {
        Err(TryLockError::WouldBlock) => {
            Some(holder(&mut file).unwrap_or_else(|| "another process".to_owned()))
        }
        _ => None,
    }
}

fn check_lock(report: &mut Report, folder: &Path) {
    let file = folder.join(lock::FILE);
    let advice = "stop the registry, keep the file, and take the lock from the last published checkpoint";
    match lock::look(folder) {
        Ok(found) if found.check == "ok" => report.locked = found.value.is_some(),
        Ok(found) => report.add(Weight::Damage, &file, None, found.check, advice),
        Err(error) if folder.join(format!("{}-journal", lock::FILE)).exists() => {
            let what = format!("a swap was interrupted ({error})");
            report.add(Weight::Note, &file, None, what, "it is rolled back when the store is opened");
        }
        Err(error) => report.add(Weight::Damage, &file, None, error.to_string(), advice),
    }
}
