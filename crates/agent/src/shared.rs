//! What the sensing and the sending thread share. Must not be held while anybody waits for a network.

use crate::evidence::Evidence;
use crate::spool::Spool;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// What sender and sensing share.
pub struct Shared<D> {
    /// The statements.
    pub spool: Mutex<Spool<D>>,
    /// The bulky evidence.
    pub evidence: Mutex<Evidence<D>>,
}

impl<D> Shared<D> {
    /// The spool, also after another thread died with it: what is on the disk is whole at every moment.
    pub fn spool(&self) -> MutexGuard<'_, Spool<D>> {
        self.spool.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The evidence.
    pub fn evidence(&self) -> MutexGuard<'_, Evidence<D>> {
        self.evidence.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
