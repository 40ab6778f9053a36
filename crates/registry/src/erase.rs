//! Erasure: what a statement said is gone, its hash stays, and every proof about the others holds.
//!
//! In this order: the erasure is recorded (who, why); a snapshot keeps what the chains need to know; then the frames are
//! replaced. A crash in between leaves a recorded erasure that is carried out when it is asked for again.

use crate::command::short;
use crate::frame::Frame;
use crate::index;
use crate::recording::Batch;
use crate::registry::{AdmitError, Registry};
use crate::store::{Store, StoreError};
use statement::{Body, Erased, Kept, Nonce, RECORD_VERSION, Record};

/// Why nothing, or not all, was erased.
#[derive(Debug, thiserror::Error)]
pub enum EraseError {
    /// Entries that are not there, or not sealed yet.
    #[error("entries {first} to {last} are not all sealed: {next} are")]
    Range {
        /// The first that was asked for.
        first: u64,
        /// The last that was asked for.
        last: u64,
        /// How many are sealed and published.
        next: u64,
    },
    /// The record could not be written.
    #[error(transparent)]
    Record(#[from] AdmitError),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl<S: Store> Registry<S> {
    /// Erases the statements among `count` sealed entries from `first` on; records stay. Gives how many were erased now.
    ///
    /// # Errors
    ///
    /// [`EraseError`].
    pub fn erase(&self, wish: Erased, by: &str, now_ms: u64, nonce: Nonce) -> Result<u64, EraseError> {
        let next = self.published().next;
        let end = wish.first.saturating_add(wish.count);
        if wish.count == 0 || end > next {
            return Err(EraseError::Range { first: wish.first, last: end.saturating_sub(1), next });
        }
        short("reason", &wish.why).map_err(AdmitError::Command)?;
        let (first, by) = (wish.first, by.to_owned());
        let record = Record { version: RECORD_VERSION, nonce, at_ms: now_ms, by, body: Body::Erased(wish) };
        let mut writer = self.begin()?;
        let mut batch = Batch::default();
        batch.add(&record);
        self.write_records(&mut writer, &mut batch, now_ms)?;
        self.snapshot()?;
        let (marks, frames) = {
            let core = self.core();
            (core.frame_marks.clone(), core.state.frames)
        };
        let mut number = index::frame_of(&self.store, &marks, frames, first)?;
        let mut erased = 0;
        loop {
            let mut frame = index::frame(&self.store, number)?;
            if frame.first >= end {
                return Ok(erased);
            }
            let here = blank(&mut frame, first, end);
            if here > 0 {
                self.store.replace(number, &frame.to_cbor())?;
            }
            erased += here;
            number += 1;
            if number >= frames {
                return Ok(erased);
            }
        }
    }
}

/// Puts hashes in the place of the statements from `first` to before `end`; gives how many.
fn blank(frame: &mut Frame, first: u64, end: u64) -> u64 {
    let mut count = 0;
    for (ordinal, entry) in (frame.first..).zip(&mut frame.entries) {
        if (first..end).contains(&ordinal) && matches!(entry, Kept::Statement(_)) {
            *entry = Kept::Hash(entry.leaf());
            count += 1;
        }
    }
    count
}
