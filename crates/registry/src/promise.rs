//! What the log has promised, by the lock and by what is published, and whether the two belong together.

use crate::open::OpenError;
use crate::registry::Published;
use crate::seal::{SealError, from_tiles};
use crate::store::{Store, StoreError};
use tlog::{Hash, Head, SignedCheckpoint, StoredError, VerifierKey};

/// The head in the lock, if our key signed it.
pub fn promised(value: Option<&[u8]>, origin: &str, own: &VerifierKey) -> Result<Head, OpenError> {
    let Some(value) = value else { return Ok(Head::empty()) };
    let signed = SignedCheckpoint::parse(value)?;
    if signed.checkpoint().origin == origin && is_signed(&signed, own) {
        return Ok(signed.checkpoint().head());
    }
    Err(OpenError::OtherLog { found: signed.checkpoint().origin.clone(), expected: origin.to_owned() })
}

pub fn rolled_back(head: Head, found: &str) -> OpenError {
    OpenError::RolledBack { promised: format!("a log of {} leaves", head.size), found: found.to_owned() }
}

/// Tiles that do not lead to the promised head; a store that cannot be read is not one that was rolled back.
pub fn torn(head: Head, error: StoredError<StoreError>) -> OpenError {
    match from_tiles(error) {
        SealError::Store(error) => OpenError::Store(error),
        other => rolled_back(head, &other.to_string()),
    }
}

fn is_signed(note: &SignedCheckpoint, own: &VerifierKey) -> bool {
    note.verify(std::slice::from_ref(own)).is_ok_and(|verified| !verified.is_empty())
}

/// What is published; what the lock has promised beyond it is published again by the caller. `root_at` gives the root that
/// the promised log had at a size.
pub fn published(
    store: &impl Store,
    own: &VerifierKey,
    head: Head,
    next: u64,
    root_at: impl FnOnce(u64) -> Result<Hash, OpenError>,
) -> Result<Published, OpenError> {
    let nothing = Published { note: Vec::new(), head: Head::empty(), next: 0 };
    let Some(note) = store.get(tlog::CHECKPOINT_NAME)? else { return Ok(nothing) };
    // Damage to what is published is no reason not to start: it is published again.
    let Some(signed) = SignedCheckpoint::parse(&note).ok().filter(|signed| is_signed(signed, own)) else {
        return Ok(nothing);
    };
    let found = signed.checkpoint().head();
    match () {
        () if found == head => Ok(Published { note, head, next }),
        () if found.size <= head.size && root_at(found.size)? == found.root => Ok(nothing),
        () => Err(OpenError::LockBehind { published: found.size, promised: head.size }),
    }
}
