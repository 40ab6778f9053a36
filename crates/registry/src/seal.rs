//! Sealing: batches of entries become leaves of the log.
//!
//! The order of effects, and what a crash leaves after each:
//!
//! 1. Manifests are made of what waits. *Nothing is written; all of it waits again.*
//! 2. Tiles and bundles are written and durable, whole, under a name of their own (`stage`). *They hash to a head
//!    that nobody signed; they are forgotten later.*
//! 3. The checkpoint is signed and swapped into the lock. *From here the log has promised: what waits is what comes after
//!    it. A start brings the tiles to their places.*
//! 4. Tiles and bundles are written to their places. *From here a start goes on at 5.*
//! 5. Cosignatures are collected by the caller. *They are asked for again; a witness signs the same head twice gladly.*
//! 6. The object `checkpoint` is written: published. *A start finds the lock ahead of it and goes on at 5.*
//! 7. Receipts are handed out for what is published, and beginnings of full tiles are removed. *Leftovers are removed later.*
//!
//! A start and normal work run the same steps; there is no code for crashes. A failure of unknown outcome leaves what was
//! begun in memory, and the next sealing finds out first what became of it.

use crate::stage;
use crate::store::{Object, Store, StoreError};
use ed25519_zebra::SigningKey;
use statement::{Digest, MANIFEST_VERSION, MAX_BATCH, Manifest, Seen, to_cbor};
use std::collections::BTreeMap;
use tlog::{Checkpoint, CheckpointError, Hash, Head, SignedCheckpoint, StoredError, Tile, append};

/// Most leaves that one sealing adds.
const MAX_LEAVES: usize = 256;

/// An entry that waits to be sealed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Waiting {
    /// Its leaf hash in the batch.
    pub leaf: Digest,
    /// When it was admitted.
    pub at_ms: u64,
    /// Whether it is a statement.
    pub statement: bool,
    /// The rulebook by which it was judged.
    pub rulebook: Option<Digest>,
    /// Numbers of the dispositions of its findings.
    pub dispositions: Vec<u8>,
}

/// Why sealing did not come about; nothing is lost.
#[derive(Debug, thiserror::Error)]
pub enum SealError {
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The tiles do not belong to the head in the lock.
    #[error("the tiles of the log do not lead to its checkpoint: {0}")]
    Tiles(String),
    /// The checkpoint cannot be made.
    #[error(transparent)]
    Checkpoint(#[from] CheckpointError),
    /// Another sealer is at work on the same log.
    #[error(
        "another sealer has signed a checkpoint since; this one stops (was its store copied, or is it started twice?)"
    )]
    Superseded,
}

/// What sealing came to.
#[derive(Clone, Debug)]
pub struct Sealed {
    /// The head that is promised now.
    pub head: Head,
    /// The ordinal after the last sealed entry.
    pub next: u64,
    /// The signed checkpoint, without cosignatures.
    pub checkpoint: SignedCheckpoint,
    /// The first ordinals of the new leaves.
    pub firsts: Vec<u64>,
}

/// The one that seals.
pub(crate) struct Sealer {
    origin: String,
    key: SigningKey,
    /// The lock's value, as this sealer knows it.
    lock: Option<Vec<u8>>,
    /// The head that the lock promises.
    pub(crate) head: Head,
    /// The first ordinal that is not sealed.
    pub(crate) next: u64,
    filled: Vec<String>,
    begun: Option<Begun>,
}

/// A sealing that was begun and of which it is not known yet how far it came.
struct Begun {
    value: Vec<u8>,
    swapped: bool,
    objects: Vec<Object>,
    filled: Vec<String>,
    sealed: Sealed,
}

impl Sealer {
    /// A sealer that goes on from what the lock holds.
    pub(crate) fn new(origin: String, key: SigningKey, lock: Option<Vec<u8>>, head: Head, next: u64) -> Self {
        Self { origin, key, lock, head, next, filled: Vec::new(), begun: None }
    }

    /// Steps 1 to 4. `waiting` are the entries from [`Sealer::next`] on, in order. Gives none if there is nothing to seal.
    pub(crate) fn seal(
        &mut self,
        store: &impl Store,
        waiting: &[Waiting],
    ) -> Result<Option<Sealed>, SealError> {
        if let Some(sealed) = self.finish(store)? {
            return Ok(Some(sealed));
        }
        if waiting.is_empty() && self.lock.is_some() {
            return Ok(None);
        }
        let begun = self.prepare(store, waiting)?;
        stage::keep(store, begun.sealed.head, &begun.objects)?;
        let begun = self.begun.insert(begun);
        let swapped = store.swap(self.lock.as_deref(), &begun.value);
        begun.swapped = swapped.is_ok();
        match (self.finish(store)?, swapped) {
            (Some(sealed), _) => Ok(Some(sealed)),
            (None, Err(error)) => Err(error.into()),
            (None, Ok(())) => Ok(None),
        }
    }

    /// Steps 1 and 2, but for keeping what comes of them.
    fn prepare(&self, store: &impl Store, waiting: &[Waiting]) -> Result<Begun, SealError> {
        let batches = waiting.chunks(usize::try_from(MAX_BATCH).unwrap_or(usize::MAX)).take(MAX_LEAVES);
        let mut next = self.next;
        let mut firsts = Vec::new();
        let mut leaves = Vec::new();
        for batch in batches {
            let manifest = manifest(next, batch);
            firsts.push(next);
            next += u64::from(manifest.count);
            leaves.push(to_cbor(&manifest));
        }
        let tiles = |tile: Tile| store.get(&tile.to_string());
        let appended = append(&tiles, self.head, &leaves).map_err(from_tiles)?;
        let checkpoint = SignedCheckpoint::sign(&Checkpoint::new(&self.origin, appended.head), &self.key)?;
        Ok(Begun {
            value: checkpoint.note().to_string().into_bytes(),
            swapped: false,
            objects: appended.objects.into_iter().map(|(name, value)| Object { name, value }).collect(),
            filled: appended.filled,
            sealed: Sealed { head: appended.head, next, checkpoint, firsts },
        })
    }

    /// Finds out how far a sealing came that was begun, and brings it to its end if the lock has promised it.
    fn finish(&mut self, store: &impl Store) -> Result<Option<Sealed>, SealError> {
        let Some(begun) = &mut self.begun else { return Ok(None) };
        if !begun.swapped {
            let found = store.lock()?;
            if found == self.lock {
                self.begun = None;
                return Ok(None);
            }
            if found.as_deref() != Some(&begun.value) {
                return Err(SealError::Superseded);
            }
            begun.swapped = true;
        }
        store.put(&begun.objects)?;
        let Some(begun) = self.begun.take() else { return Ok(None) };
        self.lock = Some(begun.value);
        (self.head, self.next) = (begun.sealed.head, begun.sealed.next);
        self.filled.extend(begun.filled);
        Ok(Some(begun.sealed))
    }

    /// Steps 6 and 7: publishes a checkpoint with whatever cosignatures were collected.
    pub(crate) fn publish(&mut self, store: &impl Store, note: &[u8]) -> Result<(), SealError> {
        store.put(&[Object { name: tlog::CHECKPOINT_NAME.to_owned(), value: note.to_vec() }])?;
        stage::clear(store, self.head)?;
        let mut names = Vec::new();
        for prefix in &self.filled {
            names.extend(store.list(prefix)?);
        }
        store.remove(&names)?;
        self.filled.clear();
        Ok(())
    }
}

pub(crate) fn from_tiles(error: StoredError<StoreError>) -> SealError {
    match error {
        StoredError::Read(error) => SealError::Store(error),
        other => SealError::Tiles(other.to_string()),
    }
}

/// The RFC 9162 root over leaf hashes.
pub(crate) fn root(leaves: &[Digest]) -> Digest {
    let hashes: Vec<Hash> = leaves.iter().map(|d| Hash(d.0)).collect();
    Digest(tlog::root(&hashes).0)
}

pub(crate) fn manifest(first: u64, batch: &[Waiting]) -> Manifest {
    let leaves: Vec<Digest> = batch.iter().map(|w| w.leaf).collect();
    let mut rulebooks: Vec<Digest> = batch.iter().filter_map(|w| w.rulebook).collect();
    rulebooks.sort_unstable();
    rulebooks.dedup();
    let mut counts = BTreeMap::new();
    for code in batch.iter().flat_map(|w| &w.dispositions) {
        *counts.entry(*code).or_insert(0_u32) += 1;
    }
    Manifest {
        version: MANIFEST_VERSION,
        first,
        count: u32::try_from(batch.len()).unwrap_or(MAX_BATCH),
        root: root(&leaves),
        from_ms: batch.first().map_or(0, |w| w.at_ms),
        until_ms: batch.last().map_or(0, |w| w.at_ms),
        statements: u32::try_from(batch.iter().filter(|w| w.statement).count()).unwrap_or(MAX_BATCH),
        rulebooks,
        dispositions: counts.into_iter().map(|(disposition, count)| Seen { disposition, count }).collect(),
    }
}
