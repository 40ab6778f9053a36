//! The registry: what is checked becomes durable, then known, then sealed, then proved.
//!
//! Locks, always taken in this order and never held over a slow thing that another needs: `writer` (one append at a time),
//! `core` (read by many, written for moments), `waiting`, `sealer` (one sealing at a time), `published`; `proven` and `snapshots` alone.

use crate::admit::{Grounds, Outcome, Prepared};
use crate::check::Checked;
use crate::command::CommandError;
use crate::frame::Frame;
use crate::index::Marks;
use crate::receipt::Proven;
use crate::rules::Rules;
use crate::seal::{Sealer, Waiting};
use crate::state::{FoldError, State};
use crate::store::{Store, StoreError};
use statement::{CborError, Digest, EnvelopeError, Kept};
use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};
use tlog::Head;

/// A registry over a store.
pub struct Registry<S> {
    pub(crate) store: S,
    pub(crate) rules: Rules,
    writer: Mutex<Writer>,
    core: RwLock<Core>,
    pub(crate) waiting: Mutex<VecDeque<Waiting>>,
    pub(crate) sealer: Mutex<Sealer>,
    pub(crate) published: RwLock<Published>,
    /// Batches that were proved lately, newest first.
    pub(crate) proven: Mutex<VecDeque<Arc<Proven>>>,
    /// Names of the snapshots that belong to this spine, oldest first.
    pub(crate) snapshots: Mutex<Vec<String>>,
    stopped: RwLock<Option<String>>,
}

/// Whether the last append is known to have taken effect or not.
#[derive(Default)]
pub(crate) struct Writer {
    uncertain: bool,
}

/// What is known.
pub struct Core {
    /// The state.
    pub state: State,
    /// The grounds of sites.
    pub grounds: Grounds,
    pub(crate) frame_marks: Marks,
    pub(crate) leaf_marks: Marks,
}

/// What is published.
#[derive(Clone, Debug)]
pub struct Published {
    /// The checkpoint with its cosignatures.
    pub note: Vec<u8>,
    /// Its head.
    pub head: Head,
    /// The ordinal after the last entry that it covers.
    pub next: u64,
}

/// Why nothing was admitted or recorded; whoever sent it keeps it and sends it again.
#[derive(Debug, thiserror::Error)]
pub enum AdmitError {
    /// The body is no sequence of statements.
    #[error(transparent)]
    Body(#[from] EnvelopeError),
    /// The wish is refused.
    #[error(transparent)]
    Command(#[from] CommandError),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A frame of the spine is not what a registry writes.
    #[error("frame {frame}: {error}")]
    Frame {
        /// Which.
        frame: u64,
        /// What is wrong.
        error: CborError,
    },
    /// The spine is not what a registry writes.
    #[error(transparent)]
    Fold(#[from] FoldError),
    /// The registry has stopped itself.
    #[error("the registry has stopped: {why}")]
    Stopped {
        /// Why.
        why: String,
    },
}

/// What a body, or several, came to.
pub struct Admitted {
    /// The outcome of each statement of each body.
    pub outcomes: Vec<Vec<Outcome>>,
    /// The frame that was appended, if anything was new.
    pub frame: Option<Arc<Frame>>,
}

impl<S: Store> Registry<S> {
    pub(crate) fn assemble(
        store: S,
        rules: Rules,
        core: Core,
        waiting: VecDeque<Waiting>,
        sealer: Sealer,
        published: Published,
    ) -> Self {
        Self {
            store,
            rules,
            writer: Mutex::default(),
            core: RwLock::new(core),
            waiting: Mutex::new(waiting),
            sealer: Mutex::new(sealer),
            published: RwLock::new(published),
            proven: Mutex::default(),
            snapshots: Mutex::default(),
            stopped: RwLock::default(),
        }
    }

    /// The store.
    pub fn store(&self) -> &S {
        &self.store
    }

    /// The rulebooks.
    pub fn rules(&self) -> &Rules {
        &self.rules
    }

    /// What is known, to be read; hold it for moments only.
    pub fn core(&self) -> RwLockReadGuard<'_, Core> {
        self.core.read().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn core_mut(&self) -> RwLockWriteGuard<'_, Core> {
        self.core.write().unwrap_or_else(PoisonError::into_inner)
    }

    /// What is published.
    pub fn published(&self) -> Published {
        self.published.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// How many entries wait to be sealed.
    pub fn waiting(&self) -> usize {
        lock(&self.waiting).len()
    }

    /// Admits checked bodies together: one frame, one durable write. More than [`crate::MAX_STATEMENTS`] statements or
    /// [`crate::MAX_BODY`] bytes together are not for one frame; the caller sees to it.
    ///
    /// # Errors
    ///
    /// [`AdmitError`]: nothing was acknowledged, and the same bodies may be sent again.
    pub fn admit(&self, bodies: Vec<Checked>, now_ms: u64) -> Result<Admitted, AdmitError> {
        Prepared::together(&bodies)?;
        let mut writer = self.begin()?;
        let prepared = {
            let core = self.core();
            Prepared::new(&core.state, &self.rules, &core.grounds, bodies, now_ms)
        };
        let new = !prepared.frame.entries.is_empty();
        if new {
            self.append(&mut writer, &prepared.frame)?;
        }
        let leaves = prepared.admitted.iter().map(|g| g.leaf).collect::<Vec<_>>();
        let mut core = self.core_mut();
        for (id, (chain, share)) in prepared.changes {
            if let Some(device) = core.state.devices.get_mut(&id) {
                (device.chain, device.share) = (chain, share);
            }
        }
        if !new {
            return Ok(Admitted { outcomes: prepared.outcomes, frame: None });
        }
        let number = core.state.frames;
        core.frame_marks.note(number, prepared.frame.first);
        core.state.passed(&prepared.frame, &leaves);
        drop(core);
        lock(&self.waiting).extend(waiting(&prepared.frame, &leaves));
        Ok(Admitted { outcomes: prepared.outcomes, frame: Some(Arc::new(prepared.frame)) })
    }

    /// Folds a frame that is durable; its entries before number `sealed` do not wait to be sealed.
    pub(crate) fn take_over(&self, frame: &Frame, sealed: u64) -> Result<(), AdmitError> {
        let leaves = frame.leaves();
        let mut core = self.core_mut();
        let (number, placed) = (core.state.frames, core.state.placed);
        core.state.fold_with(frame, &leaves)?;
        core.frame_marks.note(number, frame.first);
        if core.state.placed != placed {
            core.grounds = grounds(&core.state, &self.rules);
        }
        drop(core);
        let sealed = usize::try_from(sealed.saturating_sub(frame.first)).unwrap_or(usize::MAX);
        lock(&self.waiting).extend(waiting(frame, &leaves).skip(sealed));
        Ok(())
    }

    /// The right to append, once it is certain what the spine holds.
    pub(crate) fn begin(&self) -> Result<MutexGuard<'_, Writer>, AdmitError> {
        if let Some(why) = self.stopped.read().unwrap_or_else(PoisonError::into_inner).clone() {
            return Err(AdmitError::Stopped { why });
        }
        let mut writer = lock(&self.writer);
        if writer.uncertain {
            self.catch_up(0)?;
            writer.uncertain = false;
        }
        Ok(writer)
    }

    /// Folds what the spine holds beyond what is known: at a start, and after an append of unknown outcome. Entries before
    /// number `sealed` do not wait to be sealed.
    pub(crate) fn catch_up(&self, sealed: u64) -> Result<(), AdmitError> {
        let count = self.store.count()?;
        loop {
            let at = self.core().state.frames;
            if at >= count {
                return Ok(());
            }
            for (number, bytes) in (at..).zip(self.store.read(at, READ_BYTES)?) {
                let frame =
                    Frame::from_cbor(&bytes).map_err(|error| AdmitError::Frame { frame: number, error })?;
                self.take_over(&frame, sealed)?;
            }
        }
    }

    pub(crate) fn append(&self, writer: &mut Writer, frame: &Frame) -> Result<(), AdmitError> {
        let at = self.core().state.frames;
        let bytes = frame.to_cbor();
        writer.uncertain = true;
        if let Err(error) = self.store.append(at, &bytes) {
            let there = self.store.count()? > at && self.store.read(at, 1)?.first() == Some(&bytes);
            if !there {
                return Err(error.into());
            }
        }
        writer.uncertain = false;
        Ok(())
    }

    /// Stops for good, with a reason that everybody gets from now on.
    pub fn stop(&self, why: String) {
        *self.stopped.write().unwrap_or_else(PoisonError::into_inner) = Some(why);
    }

    /// Why the registry has stopped, if it has.
    pub fn stopped(&self) -> Option<String> {
        self.stopped.read().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

/// Bytes of frames that are read at once.
pub(crate) const READ_BYTES: usize = 32 << 20;

/// The grounds of all sites.
pub(crate) fn grounds(state: &State, rules: &Rules) -> Grounds {
    let one = |id: &statement::Name| {
        let site = state.site(id)?;
        let kind = state.operator(&site.operator).and_then(|o| o.kind.as_deref());
        Some((id.clone(), rules.ground(site, kind).ok()?))
    };
    state.sites.keys().filter_map(one).collect()
}

/// What waits to be sealed of a frame.
pub(crate) fn waiting<'a>(frame: &'a Frame, leaves: &'a [Digest]) -> impl Iterator<Item = Waiting> + 'a {
    let all = frame.entries.iter().zip(&frame.verdicts).zip(leaves);
    all.map(|((entry, verdict), leaf)| Waiting {
        leaf: *leaf,
        at_ms: frame.at_ms,
        // An erased entry was a statement: records are not erased.
        statement: !matches!(entry, Kept::Record(_)),
        rulebook: usize::from(verdict.rulebook).checked_sub(1).and_then(|i| frame.rulebooks.get(i)).copied(),
        dispositions: verdict.dispositions.to_vec(),
    })
}

pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
