//! A witness: cosigns the checkpoints of a log only as long as the log grows (tlog-witness, `add-checkpoint`).
//!
//! Everything but the network and the disk: the caller reads the stored head of the origin, asks [`Witness::decide`],
//! stores the new head **before** it sends the answer, and does so only if the stored head is still the one it read
//! (compare-and-swap); else it starts over. That is what keeps a witness from going back. Must not do I/O.

mod reply;
mod request;

pub use reply::{Reply, ReplyError, read_reply};
pub use request::{MAX_REQUEST, Request, RequestError};

use crate::checkpoint::{Checkpoint, SignedCheckpoint};
use crate::cosignature::cosign;
use crate::edge::Head;
use crate::key::{KeyError, KeyKind, VerifierKey, check_name};
use crate::proof::{ProofError, verify_consistency};
use ed25519_zebra::{SigningKey, VerificationKeyBytes};

/// What the body of a conflict says it is.
pub const SIZE_TYPE: &str = "text/x.tlog.size";
/// What other bodies say they are.
pub const TEXT_TYPE: &str = "text/plain; charset=utf-8";

/// A witness with its name, its key, and the logs it knows.
pub struct Witness {
    name: String,
    key: SigningKey,
    logs: Vec<VerifierKey>,
}

/// What to answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// Status code of HTTP: 200, 400, 403, 404, 409 or 422 (500 if it cannot sign).
    pub status: u16,
    /// `Content-Type` of the body.
    pub content_type: &'static str,
    /// Body, ending in a newline.
    pub body: String,
}

/// What to store before answering.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// For which log.
    pub origin: String,
    /// What must still be stored; none if nothing was.
    pub from: Option<Head>,
    /// What to store.
    pub to: Head,
}

/// What a request comes to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decision {
    /// What to store first; none if nothing changes.
    pub change: Option<Change>,
    /// What to answer then.
    pub answer: Answer,
}

impl Witness {
    /// A witness. The name of each log's key is the origin of its checkpoints; a log may have several keys.
    ///
    /// # Errors
    ///
    /// [`KeyError`] if its name cannot stand in a note, or a key is not one that logs sign with.
    pub fn new(name: &str, key: SigningKey, logs: Vec<VerifierKey>) -> Result<Self, KeyError> {
        check_name(name)?;
        if let Some(other) = logs.iter().find(|log| log.kind() != KeyKind::Log) {
            return Err(KeyError::Kind(other.kind().byte()));
        }
        Ok(Self { name: name.to_owned(), key, logs })
    }

    /// The key that its cosignatures are checked with.
    ///
    /// # Errors
    ///
    /// [`KeyError`] never in practice: the name was checked, and keys made from secrets are not weak.
    pub fn verifier_key(&self) -> Result<VerifierKey, KeyError> {
        VerifierKey::cosigner(&self.name, VerificationKeyBytes::from(&self.key).into())
    }

    /// What to answer to the body of a request that is none.
    #[must_use]
    pub fn malformed(error: &RequestError) -> Answer {
        refuse(400, &error.to_string())
    }

    /// Decides on a request. `stored` is the head stored for the origin of the request's checkpoint, if any; `now` is in
    /// seconds since 1970-01-01T00:00:00Z.
    #[must_use]
    pub fn decide(&self, request: &Request, stored: Option<Head>, now: u64) -> Decision {
        match self.checked(request, stored.unwrap_or_else(Head::empty)) {
            Ok(()) => self.cosigned(request.checkpoint.checkpoint(), stored, now),
            Err(answer) => Decision { change: None, answer },
        }
    }

    /// All checks of the document, in its order.
    fn checked(&self, request: &Request, stored: Head) -> Result<(), Answer> {
        self.known(&request.checkpoint)?;
        let head = request.checkpoint.checkpoint().head();
        if request.old > head.size {
            let error = ProofError::Shrinks { old: request.old, new: head.size };
            return Err(refuse(400, &error.to_string()));
        }
        if request.old != stored.size {
            return Err(conflict(stored.size));
        }
        if request.old == head.size && request.proof.is_empty() && stored.root != head.root {
            return Err(conflict(stored.size));
        }
        verify_consistency(stored.size, stored.root, head.size, head.root, &request.proof)
            .map_err(|error| refuse(422, &error.to_string()))
    }

    fn known(&self, checkpoint: &SignedCheckpoint) -> Result<(), Answer> {
        let origin = &checkpoint.checkpoint().origin;
        let keys: Vec<VerifierKey> = self.logs.iter().filter(|key| key.name() == origin).cloned().collect();
        if keys.is_empty() {
            return Err(refuse(404, &format!("no log {origin:?} is known here")));
        }
        checkpoint.verify(&keys).map(|_| ()).map_err(|error| refuse(403, &error.to_string()))
    }

    fn cosigned(&self, checkpoint: &Checkpoint, from: Option<Head>, now: u64) -> Decision {
        let (origin, to) = (checkpoint.origin.clone(), checkpoint.head());
        match cosign(checkpoint, &self.name, &self.key, now) {
            Ok(signature) => Decision {
                change: (from != Some(to)).then_some(Change { origin, from, to }),
                answer: Answer { status: 200, content_type: TEXT_TYPE, body: signature.line() },
            },
            Err(error) => Decision { change: None, answer: refuse(500, &error.to_string()) },
        }
    }
}

fn refuse(status: u16, why: &str) -> Answer {
    Answer { status, content_type: TEXT_TYPE, body: format!("{why}\n") }
}

fn conflict(size: u64) -> Answer {
    Answer { status: 409, content_type: SIZE_TYPE, body: format!("{size}\n") }
}
