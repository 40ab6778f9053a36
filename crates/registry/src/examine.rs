//! Examining a whole store: every entry against its batch, every batch against the log, the log against the lock.
//!
//! Reads only. What it finds it names with its place, what that means, and what to do.

mod log;

use crate::frame::Frame;
use crate::index;
use crate::registry::waiting;
use crate::seal::{Waiting, manifest};
use crate::snapshot;
use crate::state::State;
use crate::store::{Store, StoreError};
use statement::{Kept, Manifest};
use std::collections::BTreeMap;
use tlog::{Checkpoint, Head, SignedCheckpoint, VerifierKey};

/// Troubles that are named; an examination ends when there are more.
const MAX_TROUBLES: usize = 1_000;

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
const SNAPSHOT: &str = "a snapshot is of no use: a start passes it over and reads the spine instead, unless statements were erased; remove it, or restore it from a backup";
const LOCK: &str = "the lock was rolled back or another log was published: restore the newest lock";
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
    let manifests = log::manifests(store, head, &mut found)?;
    let snapshots = snapshots(store, &mut found)?;
    let count = store.count()?;
    let mut walk = Walk { state: State::default(), batch: Vec::new(), due: manifests.iter() };
    for number in 0..count {
        if !progress(number, count) || found.troubles.len() > MAX_TROUBLES {
            return Ok(found);
        }
        match index::frame(store, number) {
            Ok(frame) => walk.frame(number, &frame, &mut found),
            Err(error) => {
                found.trouble(format!("frame {number}"), error.to_string(), RESTORE);
                return Ok(found);
            }
        }
        if let Some(kept) = snapshots.get(&walk.state.frames) {
            compare(kept, &walk.state, &mut found);
        }
    }
    found.waiting = u64::try_from(walk.batch.len()).unwrap_or(u64::MAX);
    if let Some(manifest) = walk.due.next() {
        found.trouble("spine".to_owned(), format!("ends before entry {}", manifest.end()), REWRITTEN);
    }
    for frames in snapshots.keys().filter(|frames| **frames > count) {
        let text = format!("knows {frames} frames, the spine has {count}");
        found.trouble(snapshot::name(*frames), text, SNAPSHOT);
    }
    Ok(found)
}

/// Where an examination stands on its way along the spine.
struct Walk<'a> {
    state: State,
    /// Entries of the batch that is not complete yet.
    batch: Vec<Waiting>,
    /// The batches that are still to come.
    due: std::slice::Iter<'a, Manifest>,
}

impl Walk<'_> {
    fn frame(&mut self, number: u64, frame: &Frame, found: &mut Examination) {
        found.frames += 1;
        found.entries += u64::try_from(frame.entries.len()).unwrap_or(0);
        let erased = frame.entries.iter().filter(|e| matches!(e, Kept::Hash(_))).count();
        found.erased += u64::try_from(erased).unwrap_or(0);
        let leaves = frame.leaves();
        if let Err(error) = self.state.fold_with(frame, &leaves) {
            found.trouble(format!("frame {number}"), error.to_string(), RESTORE);
            (self.state.next, self.state.frames) = (frame.end(), number + 1);
        }
        for entry in waiting(frame, &leaves) {
            self.batch.push(entry);
            let due = self.due.as_slice().first();
            let full = due.filter(|m| u32::try_from(self.batch.len()).is_ok_and(|len| len == m.count));
            if let Some(sealed) = full {
                held_against(sealed, &self.batch, found);
                self.batch.clear();
                self.due.next();
            }
        }
    }
}

/// Holds a batch against what was sealed of it.
fn held_against(sealed: &Manifest, batch: &[Waiting], found: &mut Examination) {
    let made = manifest(sealed.first, batch);
    let what = match () {
        () if made == *sealed => return,
        () if made.root != sealed.root => format!("have root {}, the log says {}", made.root, sealed.root),
        () => "have the sealed root, but other times, kinds or judgements than were sealed".to_owned(),
    };
    let last = sealed.end().saturating_sub(1);
    found.trouble(format!("entries {} to {last}", sealed.first), what, REWRITTEN);
}

/// The snapshots that can be read, by the number of frames that they know.
fn snapshots(store: &impl Store, found: &mut Examination) -> Result<BTreeMap<u64, State>, StoreError> {
    let mut all = BTreeMap::new();
    for name in store.list(snapshot::FOLDER)? {
        let Some(bytes) = store.get(&name)? else { continue };
        match snapshot::read(&bytes) {
            Ok((state, _, _)) if snapshot::name(state.frames) == name => {
                drop(all.insert(state.frames, state))
            }
            Ok((state, _, _)) => {
                found.trouble(name, format!("is the snapshot of {} frames", state.frames), SNAPSHOT);
            }
            Err(error) => found.trouble(name, error.to_string(), SNAPSHOT),
        }
    }
    Ok(all)
}

fn compare(kept: &State, state: &State, found: &mut Examination) {
    // Behind an erased statement a chain cannot be followed from the spine alone.
    let same =
        (kept.next, kept.tail) == (state.next, state.tail) && snapshot::agree(kept, state, !state.gone);
    if !same {
        let text = "knows something else than the spine says".to_owned();
        found.trouble(snapshot::name(kept.frames), text, SNAPSHOT);
    }
}

impl Examination {
    fn trouble(&mut self, place: String, found: String, meaning: &'static str) {
        self.troubles.push(Trouble { place, found, meaning });
    }
}

/// The head that the lock promises, and what is published against it.
fn promised(
    store: &impl Store,
    log: &VerifierKey,
    found: &mut Examination,
) -> Result<Option<Head>, StoreError> {
    let Some(value) = store.lock()? else {
        if store.get(tlog::CHECKPOINT_NAME)?.is_some() || !store.list("tile/")?.is_empty() {
            found.trouble("lock".to_owned(), "is empty, but a log is there".to_owned(), LOCK);
        }
        return Ok(None);
    };
    let lock = signed(&value, log, "lock", found);
    if let (Some(published), Some(lock)) = (store.get(tlog::CHECKPOINT_NAME)?, &lock)
        && let Some(published) = signed(&published, log, "checkpoint", found)
        && (published.size > lock.size || (published.size == lock.size && published.root != lock.root))
    {
        let text = format!("has {} leaves, the lock promises {}", published.size, lock.size);
        found.trouble("checkpoint".to_owned(), text, LOCK);
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
