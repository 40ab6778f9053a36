//! Receipts: that an entry is in the published log; and the guard against a log that was rolled back.

use crate::index;
use crate::registry::{Registry, lock};
use crate::seal::from_tiles;
use crate::store::{Store, StoreError};
use ed25519_zebra::VerificationKey;
use statement::{Digest, Manifest, Proof, Sheaf, to_cbor};
use std::sync::Arc;
use tlog::{Hash, Receipt, SignedCheckpoint, StoredTree, Tile, Tree, VerifierKey};

/// Why there is no receipt.
#[derive(Debug, thiserror::Error)]
pub enum ReceiptError {
    /// Not sealed and published yet.
    #[error(
        "entry {ordinal} is not in the published log yet, which has {next} entries; ask again in a second"
    )]
    NotYet {
        /// Which entry.
        ordinal: u64,
        /// How many are published.
        next: u64,
    },
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The log does not hold together.
    #[error("the log does not hold together at entry {ordinal}: {why}")]
    Damaged {
        /// Which entry.
        ordinal: u64,
        /// What is wrong.
        why: String,
    },
}

/// Somebody has a checkpoint that this log has signed and does not stand by.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RollbackSeen {
    /// A larger one.
    #[error(
        "a client holds a checkpoint of {seen} leaves with this log's signature, but this log has {own}: the store was rolled back to an earlier copy"
    )]
    Larger {
        /// What the client has seen.
        seen: u64,
        /// What is here.
        own: u64,
    },
    /// Another one of a size that this log had.
    #[error(
        "a client holds another checkpoint of {size} leaves with this log's signature: the log was forked"
    )]
    Forked {
        /// Of which size.
        size: u64,
    },
}

/// A sealed batch, ready to prove any of its entries. What is sealed does not change any more.
pub(crate) struct Proven {
    index: u64,
    manifest: Manifest,
    bytes: Vec<u8>,
    tree: Tree,
}

/// Batches that are kept ready, about 256 KiB each.
const MAX_PROVEN: usize = 32;

impl<S: Store> Registry<S> {
    /// The receipt of an entry, as a C2SP tlog-proof whose extra data is the proof within the batch.
    ///
    /// # Errors
    ///
    /// [`ReceiptError`].
    pub fn receipt(&self, ordinal: u64) -> Result<String, ReceiptError> {
        let published = self.published();
        let damaged = |why: String| ReceiptError::Damaged { ordinal, why };
        if ordinal >= published.next {
            return Err(ReceiptError::NotYet { ordinal, next: published.next });
        }
        let batch = self.proven(ordinal, published.head.size)?;
        let position = ordinal.saturating_sub(batch.manifest.first);
        let path = usize::try_from(position).ok().and_then(|position| batch.tree.path(position));
        let path = path.ok_or_else(|| damaged("its batch is cut short".to_owned()))?;
        let proof = Proof {
            manifest: batch.bytes.clone(),
            position: u32::try_from(position).unwrap_or(u32::MAX),
            path: path.iter().map(|h| Digest(h.0)).collect(),
        };
        let index = batch.index;
        let path = self.inclusion(index, published.head).map_err(damaged)?;
        let checkpoint = SignedCheckpoint::parse(&published.note).map_err(|e| damaged(e.to_string()))?;
        Ok(Receipt { extra: Some(to_cbor(&proof)), index, path, checkpoint }.to_string())
    }

    /// The batch that holds an entry of a log of `size` leaves; from memory, if it was asked for lately.
    fn proven(&self, ordinal: u64, size: u64) -> Result<Arc<Proven>, ReceiptError> {
        let holds = |batch: &&Arc<Proven>| (batch.manifest.first..batch.manifest.end()).contains(&ordinal);
        if let Some(batch) = lock(&self.proven).iter().find(holds) {
            return Ok(Arc::clone(batch));
        }
        let damaged = |why: &str| ReceiptError::Damaged { ordinal, why: why.to_owned() };
        let marks = self.core().leaf_marks.clone();
        let found = index::leaf_of(&self.store, &marks, size, ordinal)?;
        let (index, manifest, bytes) = found.ok_or_else(|| damaged("no leaf holds it"))?;
        let leaves = self.leaves(manifest.first, manifest.count)?;
        let tree = Tree::new(leaves.iter().map(|d| Hash(d.0)).collect());
        if tree.root().0 != manifest.root.0 {
            return Err(damaged("its batch does not have the root that was sealed"));
        }
        let batch = Arc::new(Proven { index, manifest, bytes, tree });
        let mut all = lock(&self.proven);
        all.push_front(Arc::clone(&batch));
        all.truncate(MAX_PROVEN);
        Ok(batch)
    }

    fn inclusion(&self, index: u64, head: tlog::Head) -> Result<Vec<Hash>, String> {
        let tiles = |tile: Tile| self.store.get(&tile.to_string());
        let tree = StoredTree::open(&tiles, head).map_err(|e| from_tiles(e).to_string())?;
        tree.inclusion(index, head.size).map_err(|e| from_tiles(e).to_string())
    }

    /// The batch that is leaf `index` of the published log, whole, with its proof: a piece of a bundle.
    ///
    /// # Errors
    ///
    /// [`ReceiptError`].
    pub fn sheaf(&self, leaf: u64) -> Result<Sheaf, ReceiptError> {
        let published = self.published();
        let head = published.head;
        let damaged = |why: String| ReceiptError::Damaged { ordinal: leaf, why };
        if leaf >= head.size {
            return Err(ReceiptError::NotYet { ordinal: leaf, next: head.size });
        }
        let at = usize::try_from(leaf % index::EVERY).unwrap_or(usize::MAX);
        let found = index::manifests(|name| self.store.get(name), leaf / index::EVERY, head.size)?
            .into_iter()
            .nth(at);
        let (manifest, bytes) = found.ok_or_else(|| damaged("the leaf is not there".to_owned()))?;
        let path = self.inclusion(leaf, head).map_err(damaged)?.iter().map(|h| Digest(h.0)).collect();
        let entries = self.entries(manifest.first, manifest.count)?;
        Ok(Sheaf { manifest: bytes, index: leaf, path, entries })
    }

    /// That the log of `old` leaves is the beginning of that of `new` leaves: what witnesses and clients ask for.
    ///
    /// # Errors
    ///
    /// [`ReceiptError`].
    pub fn consistency(&self, old: u64, new: u64) -> Result<Vec<Hash>, ReceiptError> {
        let damaged = |why: String| ReceiptError::Damaged { ordinal: old, why };
        let head = lock(&self.sealer).head;
        let tiles = |tile: Tile| self.store.get(&tile.to_string());
        let tree = StoredTree::open(&tiles, head).map_err(|e| damaged(from_tiles(e).to_string()))?;
        tree.consistency(old, new).map_err(|e| damaged(from_tiles(e).to_string()))
    }

    /// Holds a checkpoint that a client has seen against this log. One that this log did not sign says nothing. The registry
    /// stops if the client is right.
    ///
    /// # Errors
    ///
    /// [`RollbackSeen`].
    pub fn seen(&self, note: &[u8], origin: &str, key: VerificationKey) -> Result<(), RollbackSeen> {
        let Ok(signed) = SignedCheckpoint::parse(note) else { return Ok(()) };
        let ours = VerifierKey::log(origin, key.into()).ok();
        let genuine = ours.is_some_and(|k| signed.verify(&[k]).is_ok_and(|v| !v.is_empty()));
        if !genuine || signed.checkpoint().origin != origin {
            return Ok(());
        }
        let (seen, own) = (signed.checkpoint().head(), lock(&self.sealer).head);
        let found = if seen.size > own.size {
            Some(RollbackSeen::Larger { seen: seen.size, own: own.size })
        } else {
            let tiles = |tile: Tile| self.store.get(&tile.to_string());
            let root = StoredTree::open(&tiles, own).and_then(|tree| tree.root_at(seen.size));
            root.is_ok_and(|root| root != seen.root).then_some(RollbackSeen::Forked { size: seen.size })
        };
        match found {
            None => Ok(()),
            Some(found) => {
                self.stop(found.to_string());
                Err(found)
            }
        }
    }
}
