//! A start: what the lock has promised must be there, and what came after it is taken up by the code of normal work.

use crate::frame::Frame;
use crate::index::{self, EVERY, Marks};
use crate::promise::{promised, published, rolled_back, torn};
use crate::registry::{AdmitError, Core, READ_BYTES, Registry, grounds, lock, waiting};
use crate::rules::Rules;
use crate::seal::{SealError, Sealer, root};
use crate::snapshot;
use crate::stage;
use crate::state::{State, tail};
use crate::store::{Object, Store, StoreError};
use ed25519_zebra::{SigningKey, VerificationKey};
use statement::{Digest, Kept};
use std::collections::VecDeque;
use tlog::{CheckpointError, Hash, Head, StoredTree, Tile, VerifierKey, leaf_hash};

/// Snapshots that are kept.
const SNAPSHOTS: usize = 2;

/// Why a registry does not start. Nothing is changed by the attempt.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The lock holds something else.
    #[error("the lock holds no checkpoint: {0}")]
    Lock(#[from] CheckpointError),
    /// The lock holds the checkpoint of another log or key.
    #[error(
        "the lock holds a checkpoint of log '{found}' that the key of log '{expected}' did not sign: is this the right key file?"
    )]
    OtherLog {
        /// What was found.
        found: String,
        /// What was expected.
        expected: String,
    },
    /// Less is there than the lock has promised.
    #[error(
        "the store was rolled back: the lock has promised {promised}, {found}; restore the newest copy of the store, not of the lock"
    )]
    RolledBack {
        /// What was promised.
        promised: String,
        /// What is there.
        found: String,
    },
    /// More, or something else, was published than the lock has promised.
    #[error(
        "the lock was rolled back: a checkpoint of {published} leaves is published that the lock, at {promised} leaves, does not lead to; restore the newest copy of the lock"
    )]
    LockBehind {
        /// Leaves of the published checkpoint.
        published: u64,
        /// Leaves that the lock promises.
        promised: u64,
    },
    /// The spine is not what a registry writes.
    #[error(transparent)]
    Spine(#[from] AdmitError),
    /// The log cannot be gone on with.
    #[error(transparent)]
    Seal(#[from] SealError),
    /// A name that cannot be a log's origin.
    #[error(transparent)]
    Origin(#[from] tlog::KeyError),
}

impl<S: Store> Registry<S> {
    /// Opens the registry in a store, or begins one in an empty store.
    ///
    /// # Errors
    ///
    /// [`OpenError`].
    pub fn open(store: S, origin: &str, key: SigningKey, rules: Rules) -> Result<Self, OpenError> {
        let lock_value = store.lock()?;
        let own = VerifierKey::log(origin, VerificationKey::from(&key).into())?;
        let head = promised(lock_value.as_deref(), origin, &own)?;
        // What was promised may not have come to its place; it belongs there whatever else is found.
        let staged = stage::kept(&store, head)?;
        if !staged.is_empty() {
            store.put(&staged)?;
        }
        let tiles = |tile: Tile| store.get(&tile.to_string());
        let tree = StoredTree::open(&tiles, head).map_err(|e| torn(head, e))?;
        let next = sealed(&store, head, |leaf| tree.leaf(leaf).map_err(|e| torn(head, e)))?;
        let (snapshot, (state, frame_marks, leaf_marks)) = latest(&store, head)?;
        let published =
            published(&store, &own, head, next, |size| tree.root_at(size).map_err(|e| torn(head, e)))?;
        let core = Core { grounds: grounds(&state, &rules), state, frame_marks, leaf_marks };
        let sealer = Sealer::new(origin.to_owned(), key, lock_value, head, next);
        let registry = Self::assemble(store, rules, core, VecDeque::new(), sealer, published);
        lock(&registry.snapshots).extend(snapshot);
        registry.mark_leaves(head)?;
        registry.wait_again(next)?;
        registry.catch_up(next)?;
        registry.promised_is_there(head, next)?;
        Ok(registry)
    }

    /// Takes up the entries after `next` that the snapshot knows already.
    fn wait_again(&self, next: u64) -> Result<(), OpenError> {
        let (frames, known, mut at) = {
            let core = self.core();
            if next >= core.state.next {
                return Ok(());
            }
            let at = index::frame_of(&self.store, &core.frame_marks, core.state.frames, next)?;
            (core.state.frames, core.state.next, at)
        };
        while at < frames {
            for bytes in self.store.read(at, READ_BYTES)? {
                let frame =
                    Frame::from_cbor(&bytes).map_err(|error| AdmitError::Frame { frame: at, error })?;
                at += 1;
                if frame.first >= known {
                    break;
                }
                let leaves = frame.leaves();
                let sealed = usize::try_from(next.saturating_sub(frame.first)).unwrap_or(usize::MAX);
                lock(&self.waiting).extend(waiting(&frame, &leaves).skip(sealed));
            }
        }
        Ok(())
    }

    /// Marks the leaves that the snapshot does not know yet.
    fn mark_leaves(&self, head: Head) -> Result<(), OpenError> {
        let from = u64::try_from(self.core().leaf_marks.0.len()).unwrap_or(0);
        for bundle in from..head.size.div_ceil(EVERY) {
            let first = index::manifests(|name| self.store.get(name), bundle, head.size)?
                .first()
                .map(|(m, _)| m.first);
            self.core_mut().leaf_marks.note(bundle * EVERY, first.unwrap_or(0));
        }
        Ok(())
    }

    /// The spine must hold what was sealed: as many entries, and the last batch with its root.
    fn promised_is_there(&self, head: Head, next: u64) -> Result<(), OpenError> {
        let known = self.core().state.next;
        if known < next {
            return Err(rolled_back(head, &format!("{next} entries are sealed, the spine has {known}")));
        }
        let Some(last) = next.checked_sub(1) else { return Ok(()) };
        let Some((_, manifest, _)) = index::leaf_of(&self.store, &self.core().leaf_marks, head.size, last)?
        else {
            return Err(rolled_back(head, "the last leaf is not there"));
        };
        let leaves = self.leaves(manifest.first, manifest.count)?;
        if root(&leaves) == manifest.root {
            return Ok(());
        }
        Err(rolled_back(head, &format!("entries from {} on are not the sealed ones", manifest.first)))
    }

    /// The leaf hashes of a run of entries, from the spine.
    pub(crate) fn leaves(&self, first: u64, count: u32) -> Result<Vec<Digest>, StoreError> {
        Ok(self.entries(first, count)?.iter().map(Kept::leaf).collect())
    }

    /// The number of the frame that holds an entry, which has been admitted.
    ///
    /// # Errors
    ///
    /// [`StoreError`].
    pub fn frame_of(&self, ordinal: u64) -> Result<u64, StoreError> {
        let (marks, frames) = {
            let core = self.core();
            (core.frame_marks.clone(), core.state.frames)
        };
        index::frame_of(&self.store, &marks, frames, ordinal)
    }

    /// A run of entries, from the spine; shorter if the spine ends before.
    ///
    /// # Errors
    ///
    /// [`StoreError`].
    pub fn entries(&self, first: u64, count: u32) -> Result<Vec<Kept>, StoreError> {
        let (marks, frames) = {
            let core = self.core();
            (core.frame_marks.clone(), core.state.frames)
        };
        if frames == 0 {
            return Ok(Vec::new());
        }
        let mut number = index::frame_of(&self.store, &marks, frames, first)?;
        let count = usize::try_from(count).unwrap_or(usize::MAX);
        let mut out = Vec::new();
        while out.len() < count && number < frames {
            let frame = index::frame(&self.store, number)?;
            let skip = usize::try_from(first.saturating_sub(frame.first)).unwrap_or(usize::MAX);
            out.extend(frame.entries.into_iter().skip(skip));
            number += 1;
        }
        out.truncate(count);
        Ok(out)
    }

    /// Keeps a snapshot of what is known, and removes all but it and the last one that this registry wrote or began with.
    ///
    /// # Errors
    ///
    /// [`StoreError`]; the spine still has everything.
    pub fn snapshot(&self) -> Result<(), StoreError> {
        let (name, value) = {
            let core = self.core();
            (
                snapshot::name(core.state.frames),
                snapshot::write(&core.state, &core.frame_marks, &core.leaf_marks),
            )
        };
        let own = name.clone();
        self.store.put(&[Object { name, value }])?;
        let mut trusted = lock(&self.snapshots);
        trusted.retain(|name| *name != own);
        trusted.push(own);
        let surplus = trusted.len().saturating_sub(SNAPSHOTS);
        trusted.drain(..surplus);
        // Among the others may be some of a spine that is no more.
        let mut all = self.store.list(snapshot::FOLDER)?;
        all.retain(|name| !trusted.contains(name));
        self.store.remove(&all)
    }
}

/// The ordinal after the last sealed entry. `stands` gives the hash that the tree has for a leaf.
fn sealed(
    store: &impl Store,
    head: Head,
    stands: impl FnOnce(u64) -> Result<Hash, OpenError>,
) -> Result<u64, OpenError> {
    let Some(last) = head.size.checked_sub(1) else { return Ok(0) };
    let all = index::manifests(|name| store.get(name), last / EVERY, head.size)?;
    let at = usize::try_from(last % EVERY).unwrap_or(usize::MAX);
    let (manifest, bytes) = all.get(at).ok_or_else(|| rolled_back(head, "its last leaf is not there"))?;
    if stands(last)? != leaf_hash(bytes) {
        return Err(rolled_back(head, "its last leaf is not the one that was sealed"));
    }
    Ok(manifest.end())
}

/// Whether the last frame that a state knows is the one that the spine has: not so if the spine was restored from an
/// older copy and has gone on otherwise.
fn same_spine(store: &impl Store, state: &State) -> Result<bool, OpenError> {
    let Some(last) = state.frames.checked_sub(1) else { return Ok(true) };
    let frame = index::frame(store, last)?;
    Ok(frame.end() == state.next && tail(&frame.leaves()) == state.tail)
}

/// A state with the marks of its frames and leaves.
type Known = (State, Marks, Marks);

/// The newest snapshot that can be read and belongs to this spine; others are passed over, since the spine has everything
/// but what was erased.
fn latest(store: &impl Store, head: Head) -> Result<(Option<String>, Known), OpenError> {
    let count = store.count()?;
    for name in store.list(snapshot::FOLDER)?.into_iter().rev() {
        let Some(bytes) = store.get(&name)? else { continue };
        if let Ok((state, frames, leaves)) = snapshot::read(&bytes)
            && state.frames <= count
            && same_spine(store, &state)?
            && u64::try_from(leaves.0.len()).is_ok_and(|marks| marks <= head.size.div_ceil(EVERY))
        {
            return Ok((Some(name), (state, frames, leaves)));
        }
    }
    Ok((None, Known::default()))
}
