//! Whether a receipt proves that a statement is in the log, and whether the log is still the one that was seen before.
//!
//! Pure: the policy, the checkpoint seen last and the log's tiles are arguments. Only this module makes a [`Receipted`], and
//! the spool lets go of nothing without one. Must not ask anybody.

use statement::{CborError, Digest, Envelope, EnvelopeError, Manifest, PayloadError, Proof, Statement};
use tlog::{
    CheckpointError, Hash, Policy, ProofError, Receipt, ReceiptError, SignedCheckpoint, StoredTree, Tiles,
    leaf_hash, verify_consistency, verify_inclusion,
};

/// That a receipt for this very statement was verified.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Receipted {
    sequence: u64,
    statement: Digest,
}

impl Receipted {
    /// Number of the statement.
    #[must_use]
    pub fn sequence(&self) -> u64 {
        self.sequence
    }

    /// Digest of the statement.
    #[must_use]
    pub fn statement(&self) -> Digest {
        self.statement
    }
}

/// Why a receipt proves nothing.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// What was sent is no statement.
    #[error("what the receipt is held against is no statement: {0}")]
    Envelope(#[from] EnvelopeError),
    /// What was sent is no statement.
    #[error("what the receipt is held against is no statement: {0}")]
    Payload(#[from] PayloadError),
    /// Not a receipt.
    #[error(transparent)]
    Receipt(#[from] ReceiptError),
    /// No batch proof in it.
    #[error("the receipt has no batch proof in its extra line")]
    NoProof,
    /// A batch proof or manifest in another form.
    #[error(transparent)]
    Cbor(#[from] CborError),
    /// The log's side does not hold.
    #[error("the log is not believed: {0}")]
    Log(String),
    /// The log's side holds, but the batch has another statement there.
    #[error("the batch has another statement at position {position}: {why}")]
    Other {
        /// Position in the batch.
        position: u32,
        /// What does not fit.
        why: ProofError,
    },
    /// A log with another name than before.
    #[error("the receipt is of the log {found:?}, before it was {expected:?}")]
    OtherLog {
        /// What was found.
        found: String,
        /// What was seen before.
        expected: String,
    },
    /// The log is smaller than it was.
    #[error("the log was rolled back: it has {found} leaves, and had {seen}")]
    RolledBack {
        /// Leaves now.
        found: u64,
        /// Leaves seen before.
        seen: u64,
    },
    /// The log does not hold what it held.
    #[error(
        "the log shows a fork: {found} leaves do not begin with the {seen} that were seen before ({why})"
    )]
    Fork {
        /// Leaves now.
        found: u64,
        /// Leaves seen before.
        seen: u64,
        /// What does not fit.
        why: String,
    },
    /// The log's tiles could not be read.
    #[error("whether the log still holds what it held cannot be told: {0}")]
    Unproven(String),
}

/// A log as this device knows it.
#[derive(Clone, Debug)]
pub struct Log {
    policy: Policy,
    seen: Option<SignedCheckpoint>,
}

impl Log {
    /// A log under a policy, with the checkpoint that was seen last.
    ///
    /// # Errors
    ///
    /// [`CheckpointError`] if that is none.
    pub fn new(policy: Policy, seen: Option<&[u8]>) -> Result<Self, CheckpointError> {
        Ok(Self { policy, seen: seen.map(SignedCheckpoint::parse).transpose()? })
    }

    /// The checkpoint that was seen last, to be kept.
    #[must_use]
    pub fn seen(&self) -> Option<&SignedCheckpoint> {
        self.seen.as_ref()
    }

    /// Leaves of the largest checkpoint that was seen.
    #[must_use]
    pub fn size(&self) -> Option<u64> {
        self.seen.as_ref().map(|seen| seen.checkpoint().size)
    }

    /// Verifies a receipt that the registry gave just now: its checkpoint must go on from the one seen last.
    ///
    /// # Errors
    ///
    /// [`Refused`].
    pub fn verify<T: Tiles>(
        &mut self,
        statement: &[u8],
        receipt: &[u8],
        tiles: &T,
    ) -> Result<Receipted, Refused> {
        let (receipted, checkpoint) = self.proven(statement, receipt)?;
        self.go_on(checkpoint, tiles)?;
        Ok(receipted)
    }

    /// Verifies a receipt that was carried by hand: its checkpoint may be older than the one seen last.
    ///
    /// # Errors
    ///
    /// [`Refused`].
    pub fn verify_carried(&self, statement: &[u8], receipt: &[u8]) -> Result<Receipted, Refused> {
        let (receipted, checkpoint) = self.proven(statement, receipt)?;
        match &self.seen {
            Some(seen) if seen.checkpoint().size == checkpoint.checkpoint().size => same(seen, &checkpoint)?,
            _ => {}
        }
        Ok(receipted)
    }

    /// From the log down to the statement: checkpoint and quorum, manifest in the log, statement in the batch.
    fn proven(&self, statement: &[u8], receipt: &[u8]) -> Result<(Receipted, SignedCheckpoint), Refused> {
        let sequence = Statement::from_cbor(Envelope::parse(statement)?.payload)?.sequence;
        let receipt = Receipt::parse(receipt)?;
        let proof = Proof::from_cbor(receipt.extra.as_deref().ok_or(Refused::NoProof)?)?;
        let manifest = Manifest::from_cbor(&proof.manifest)?;
        let evaluation = receipt.evaluate(leaf_hash(&proof.manifest), &self.policy, &[]);
        if !evaluation.accepted() {
            let wrong: Vec<&str> =
                evaluation.steps().iter().filter(|step| !step.ok).map(|step| step.text.as_str()).collect();
            return Err(Refused::Log(wrong.join("; ")));
        }
        let path: Vec<Hash> = proof.path.iter().map(|digest| Hash(digest.0)).collect();
        let (leaf, root) = (leaf_hash(statement), Hash(manifest.root.0));
        verify_inclusion(leaf, u64::from(proof.position), u64::from(manifest.count), &path, root)
            .map_err(|why| Refused::Other { position: proof.position, why })?;
        Ok((Receipted { sequence, statement: Digest::of(statement) }, receipt.checkpoint))
    }

    fn go_on<T: Tiles>(&mut self, checkpoint: SignedCheckpoint, tiles: &T) -> Result<(), Refused> {
        if let Some(seen) = &self.seen {
            let (old, new) = (seen.checkpoint(), checkpoint.checkpoint());
            if old.origin != new.origin {
                let (found, expected) = (new.origin.clone(), old.origin.clone());
                return Err(Refused::OtherLog { found, expected });
            }
            if new.size < old.size {
                return Err(Refused::RolledBack { found: new.size, seen: old.size });
            }
            if new.size == old.size {
                return same(seen, &checkpoint);
            }
            let unproven = |error: &dyn std::fmt::Display| Refused::Unproven(error.to_string());
            let tree = StoredTree::open(tiles, new.head()).map_err(|e| unproven(&e))?;
            let proof = tree.consistency(old.size, new.size).map_err(|e| unproven(&e))?;
            verify_consistency(old.size, old.root, new.size, new.root, &proof)
                .map_err(|e| fork(new.size, old.size, &e))?;
        }
        self.seen = Some(checkpoint);
        Ok(())
    }
}

/// Two checkpoints of one size must have one root.
fn same(seen: &SignedCheckpoint, found: &SignedCheckpoint) -> Result<(), Refused> {
    let (old, new) = (seen.checkpoint(), found.checkpoint());
    if old.root == new.root {
        return Ok(());
    }
    Err(fork(new.size, old.size, &ProofError::Root { found: new.root, expected: old.root }))
}

fn fork(found: u64, seen: u64, why: &ProofError) -> Refused {
    Refused::Fork { found, seen, why: why.to_string() }
}
