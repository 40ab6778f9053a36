//! Sealing what waits, and publishing what was sealed; the steps stand in [`crate::seal`].

use crate::registry::{Published, Registry, lock};
use crate::seal::{SealError, Sealed, Waiting};
use crate::store::Store;
use std::sync::PoisonError;
use tlog::Head;

impl<S: Store> Registry<S> {
    /// The ordinal after the last sealed entry.
    pub fn sealed_next(&self) -> u64 {
        lock(&self.sealer).next
    }

    /// Steps 1 to 4 of sealing; see [`crate::seal`]. Gives none if nothing waits.
    ///
    /// # Errors
    ///
    /// [`SealError`]; what waits goes on waiting, and what was begun is brought to its end by the next call.
    pub fn seal(&self) -> Result<Option<Sealed>, SealError> {
        let mut sealer = lock(&self.sealer);
        let waiting: Vec<Waiting> = lock(&self.waiting).iter().cloned().collect();
        let size = sealer.head.size;
        let sealed = match sealer.seal(&self.store, &waiting) {
            Err(SealError::Superseded) => {
                self.stop(SealError::Superseded.to_string());
                return Err(SealError::Superseded);
            }
            other => other?,
        };
        if let Some(sealed) = &sealed {
            let mut core = self.core_mut();
            for (leaf, first) in (size..).zip(&sealed.firsts) {
                core.leaf_marks.note(leaf, *first);
            }
            drop(core);
            let done = usize::try_from(sealed.next - sealed.firsts.first().copied().unwrap_or(sealed.next));
            let mut waiting = lock(&self.waiting);
            let done = done.unwrap_or(usize::MAX).min(waiting.len());
            waiting.drain(..done);
        }
        Ok(sealed)
    }

    /// Steps 6 and 7: publishes what was sealed, with its cosignatures. What is older than the published is passed over.
    ///
    /// # Errors
    ///
    /// [`SealError`]; it may be published again.
    pub fn publish(&self, note: &[u8], head: Head, next: u64) -> Result<(), SealError> {
        let mut sealer = lock(&self.sealer);
        if self.published().head.size > head.size {
            return Ok(());
        }
        sealer.publish(&self.store, note)?;
        let published = Published { note: note.to_vec(), head, next };
        *self.published.write().unwrap_or_else(PoisonError::into_inner) = published;
        Ok(())
    }
}
