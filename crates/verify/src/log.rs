//! A whole log, from its static files alone: every leaf, the root, the signatures, and that no entry is sealed twice or left out.

use crate::report::Report;
use statement::{CborError, Manifest};
use std::collections::BTreeMap;
use tlog::{
    CheckpointError, Hash, Place, Policy, SignedCheckpoint, TILE_WIDTH, Tile, leaf_hash, parse_bundle,
};

/// Why a log cannot be read through.
#[derive(Debug, thiserror::Error)]
pub enum LogError {
    /// No checkpoint.
    #[error("checkpoint: {0}")]
    Checkpoint(#[from] CheckpointError),
    /// A file that should be there.
    #[error("{name} is missing")]
    Missing {
        /// Its name.
        name: String,
    },
    /// Where it is read from failed.
    #[error("{name}: {why}")]
    Read {
        /// Which file.
        name: String,
        /// What happened.
        why: String,
    },
    /// A bundle of leaves in another form.
    #[error("{name}: {why}")]
    Bundle {
        /// Which file.
        name: String,
        /// What is wrong.
        why: String,
    },
    /// A leaf that is no manifest.
    #[error("leaf {leaf}: {error}")]
    Manifest {
        /// Which leaf.
        leaf: u64,
        /// What is wrong.
        error: CborError,
    },
}

/// What a log holds.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LogSummary {
    /// Leaves.
    pub leaves: u64,
    /// Entries that are sealed.
    pub entries: u64,
    /// Of those, statements.
    pub statements: u64,
    /// Findings by disposition.
    pub dispositions: BTreeMap<u8, u64>,
    /// When the first entry was admitted, milliseconds since 1970.
    pub from_ms: Option<u64>,
    /// When the last was.
    pub until_ms: Option<u64>,
}

/// Checks a whole log. `read` gives the file of a name, such as `tile/entries/000`; `progress` is told leaves read and all.
///
/// # Errors
///
/// [`LogError`].
pub fn whole_log(
    mut read: impl FnMut(&str) -> Result<Option<Vec<u8>>, String>,
    policy: &Policy,
    mut progress: impl FnMut(u64, u64),
) -> Result<(Report, LogSummary), LogError> {
    let mut file = |name: &str| {
        let bytes = read(name).map_err(|why| LogError::Read { name: name.to_owned(), why })?;
        bytes.ok_or_else(|| LogError::Missing { name: name.to_owned() })
    };
    let checkpoint = SignedCheckpoint::parse(&file(tlog::CHECKPOINT_NAME)?)?;
    let mut report = Report::default();
    report.judged(&policy.evaluate(&checkpoint, &[]));
    let head = checkpoint.checkpoint().head();
    let mut summary = LogSummary { leaves: head.size, ..LogSummary::default() };
    let mut hashes: Vec<Hash> = Vec::new();
    let mut broken = None;
    for index in 0..head.size.div_ceil(u64::from(TILE_WIDTH)) {
        let first = index * u64::from(TILE_WIDTH);
        let width = u16::try_from((head.size - first).min(u64::from(TILE_WIDTH))).unwrap_or(TILE_WIDTH);
        let tile = Tile { place: Place::Entries, index, width };
        let (bytes, there) = match file(&tile.to_string()) {
            Err(LogError::Missing { .. }) if width < TILE_WIDTH => {
                (file(&tile.full().to_string())?, TILE_WIDTH)
            }
            bytes => (bytes?, width),
        };
        let wrong = |why: String| LogError::Bundle { name: tile.to_string(), why };
        let entries = parse_bundle(&bytes, there).map_err(|e| wrong(e.to_string()))?;
        for (leaf, entry) in (first..head.size).zip(entries) {
            hashes.push(leaf_hash(entry));
            let manifest = Manifest::from_cbor(entry).map_err(|error| LogError::Manifest { leaf, error })?;
            if manifest.first != summary.entries {
                broken.get_or_insert((leaf, manifest.first, summary.entries));
            }
            summary.add(&manifest);
        }
        progress(u64::try_from(hashes.len()).unwrap_or(u64::MAX), head.size);
    }
    if tlog::root(&hashes) == head.root {
        report.holds_that(format!("the {} leaves hash to the root of the checkpoint", head.size));
    } else {
        report.fails(format!("the {} leaves do not hash to the root of the checkpoint", head.size));
    }
    match broken {
        None => report.holds_that(format!(
            "the batches cover entries 0 to {} without gap or repetition",
            summary.entries
        )),
        Some((leaf, found, expected)) => {
            report.fails(format!("leaf {leaf} begins with entry {found}, expected {expected}"));
        }
    }
    Ok((report, summary))
}

impl LogSummary {
    fn add(&mut self, manifest: &Manifest) {
        self.entries = manifest.first.saturating_add(u64::from(manifest.count));
        self.statements += u64::from(manifest.statements);
        for seen in &manifest.dispositions {
            *self.dispositions.entry(seen.disposition).or_default() += u64::from(seen.count);
        }
        self.from_ms = self.from_ms.or(Some(manifest.from_ms));
        self.until_ms = Some(manifest.until_ms);
    }
}
