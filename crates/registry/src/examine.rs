//! Examining a whole store: every entry against its batch, every batch against the log, the log against the lock.
//!
//! Reads only. What it finds it names with its place, what that means, and what to do.

use crate::frame::Frame;
use crate::index::{self, EVERY};
use crate::seal::root;
use crate::state::State;
use crate::store::{Store, StoreError};
use statement::{Digest, Kept, Manifest};
use tlog::{Checkpoint, Hash, Head, SignedCheckpoint, StoredTree, Tile, VerifierKey, leaf_hash};

/// What an examination found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Examination {
    /// Frames that were read.
    pub frames: u64,
    /// Entries that were read.
    pub entries: u64,
    /// Of those, erased ones.
    pub erased: u64,
    /// Leaves of the log.
    pub leaves: u64,
    /// Entries that wait to be sealed.
    pub waiting: u64,
    /// What is wrong.
    pub troubles: Vec<Trouble>,
}

/// One thing that is wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trouble {
    /// Where.
    pub place: String,
    /// What was found.
    pub found: String,
    /// What it means and what to do.
    pub meaning: &'static str,
}

const REWRITTEN: &str = "what was sealed was changed or lost: restore this file from a backup; proofs made before show what stood there";
const RESTORE: &str =
    "the store was damaged: restore it from a backup; agents keep what has no receipt and send it again";
const KEYS: &str =
    "the checkpoint is not this log's: look for a mistaken key file or a lock of another registry";

/// Examines a store. `progress` is told frames read and frames there are; it may end the examination by giving `false`.
///
/// # Errors
///
/// [`StoreError`] if the store cannot be read at all; damage that can be named is in the [`Examination`].
pub fn examine(
    store: &impl Store,
    log: &VerifierKey,
    mut progress: impl FnMut(u64, u64) -> bool,
) -> Result<Examination, StoreError> {
    let mut found = Examination::default();
    let Some(head) = promised(store, log, &mut found)? else { return Ok(found) };
    found.leaves = head.size;
    let manifests = log_of(store, head, &mut found);
    let count = store.count()?;
    let mut state = State::default();
    let mut batch = Vec::new();
    let mut sealed = manifests.iter();
    let mut due = sealed.next();
    for number in 0..count {
        if !progress(number, count) {
            return Ok(found);
        }
        let frame = match index::frame(store, number) {
            Ok(frame) => frame,
            Err(error) => {
                found.trouble(format!("frame {number}"), error.to_string(), RESTORE);
                return Ok(found);
            }
        };
        fold(&mut state, &frame, number, &mut found);
        for leaf in frame.entries.iter().map(Kept::leaf) {
            batch.push(leaf);
            let full = due.filter(|m| u32::try_from(batch.len()).is_ok_and(|len| len == m.count));
            if let Some(manifest) = full {
                compare(manifest, &batch, &mut found);
                batch.clear();
                due = sealed.next();
            }
        }
    }
    found.waiting = u64::try_from(batch.len()).unwrap_or(u64::MAX);
    if let Some(manifest) = due {
        let missing = format!("ends before entry {}", manifest.first + u64::from(manifest.count));
        found.trouble("spine".to_owned(), missing, REWRITTEN);
    }
    Ok(found)
}

impl Examination {
    fn trouble(&mut self, place: String, found: String, meaning: &'static str) {
        self.troubles.push(Trouble { place, found, meaning });
    }
}

fn fold(state: &mut State, frame: &Frame, number: u64, found: &mut Examination) {
    found.frames += 1;
    found.entries += u64::try_from(frame.entries.len()).unwrap_or(0);
    let erased = frame.entries.iter().filter(|e| matches!(e, Kept::Hash(_))).count();
    found.erased += u64::try_from(erased).unwrap_or(0);
    // Behind an erased statement a chain cannot be followed from the spine alone.
    let chained = found.erased == 0;
    if let Err(error) = state.fold(frame)
        && (chained || frame.first != state.next)
    {
        found.trouble(format!("frame {number}"), error.to_string(), RESTORE);
    }
    (state.next, state.frames) = (frame.end(), number + 1);
}

fn compare(manifest: &Manifest, batch: &[Digest], found: &mut Examination) {
    let root = root(batch);
    if root != manifest.root {
        let last = manifest.first + u64::from(manifest.count) - 1;
        let text = format!("have root {root}, the log says {}", manifest.root);
        found.trouble(format!("entries {} to {last}", manifest.first), text, REWRITTEN);
    }
}

/// The head that the lock promises, and what is published against it.
fn promised(
    store: &impl Store,
    log: &VerifierKey,
    found: &mut Examination,
) -> Result<Option<Head>, StoreError> {
    let Some(value) = store.lock()? else {
        if store.count()? > 0 {
            found.trouble("lock".to_owned(), "is empty, but the spine is not".to_owned(), RESTORE);
        }
        return Ok(None);
    };
    let lock = signed(&value, log, "lock", found);
    if let (Some(published), Some(lock)) = (store.get(tlog::CHECKPOINT_NAME)?, &lock)
        && let Some(published) = signed(&published, log, "checkpoint", found)
        && (published.size > lock.size || (published.size == lock.size && published.root != lock.root))
    {
        let text = format!("has {} leaves, the lock promises {}", published.size, lock.size);
        found.trouble(
            "checkpoint".to_owned(),
            text,
            "the lock was rolled back or another log was published: restore the newest lock",
        );
    }
    Ok(lock.map(|c| c.head()))
}

fn signed(note: &[u8], log: &VerifierKey, place: &str, found: &mut Examination) -> Option<Checkpoint> {
    let read = SignedCheckpoint::parse(note).map_err(|e| e.to_string()).and_then(|signed| {
        let good = signed.verify(std::slice::from_ref(log)).is_ok_and(|v| !v.is_empty());
        if good { Ok(signed.checkpoint().clone()) } else { Err(format!("is not signed by {}", log.name())) }
    });
    match read {
        Ok(checkpoint) => Some(checkpoint),
        Err(why) => {
            found.trouble(place.to_owned(), why, KEYS);
            None
        }
    }
}

/// The manifests of the log, each held against its hash in the tree.
fn log_of(store: &impl Store, head: Head, found: &mut Examination) -> Vec<Manifest> {
    let tiles = |tile: Tile| store.get(&tile.to_string());
    let tree = match StoredTree::open(&tiles, head) {
        Ok(tree) => tree,
        Err(error) => {
            found.trouble("tiles".to_owned(), error.to_string(), REWRITTEN);
            return Vec::new();
        }
    };
    let mut all: Vec<Manifest> = Vec::new();
    for bundle in 0..head.size.div_ceil(EVERY) {
        let manifests = match index::manifests(store, bundle, head.size) {
            Ok(manifests) => manifests,
            Err(error) => {
                found.trouble(format!("bundle {bundle} of leaves"), error.to_string(), REWRITTEN);
                return all;
            }
        };
        for (leaf, (manifest, bytes)) in (bundle * EVERY..head.size).zip(manifests) {
            let hash: Hash = leaf_hash(&bytes);
            let stands = tree.leaf(leaf).map_err(|e| e.to_string());
            if stands.as_ref() != Ok(&hash) {
                let text = stands.map_or_else(|e| e, |s| format!("has hash {hash}, the tree says {s}"));
                found.trouble(format!("leaf {leaf}"), text, REWRITTEN);
            }
            let first = all.last().map_or(0, |m| m.first + u64::from(m.count));
            if manifest.first != first {
                found.trouble(
                    format!("leaf {leaf}"),
                    format!("begins with entry {}, expected {first}", manifest.first),
                    REWRITTEN,
                );
            }
            all.push(manifest);
        }
    }
    all
}
