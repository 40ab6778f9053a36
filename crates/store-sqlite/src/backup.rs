//! A copy of a store while it is in use, and a store made from one.
//!
//! **The order.** The lock says what the log has promised; spine and objects may be ahead of it, as they are after any crash,
//! but never behind: a registry that finds less than was promised refuses to run, and is right. So the lock must not be read
//! after the rest. Nor long before it: the object `checkpoint` is published after each swap, and a copy that has a newer one
//! than its lock would let the registry sign another history than the one that is already out. Therefore:
//!
//! 1. Everything is copied while the store goes on; which objects and frames change meanwhile is noted.
//! 2. Objects, erasures and the lock are held still for a moment (appends go on: they may be ahead). The lock is read, then
//!    the noted objects are copied anew, then what the spine has grown by: last, because objects are made of frames. What
//!    lies in the copy now is what a power cut at this moment could have left.
//! 3. The lock is written into the copy, and then the version, which makes it a store: a copy that was interrupted is none.
//!
//! Segments that do not grow and objects are never written in place, so they are linked where the file system can, and
//! copied elsewhere. A linked copy costs nothing and is safe from mistakes, not from the disk's end.

mod copy;

use crate::fsck::{Report, Weight, fsck};
use crate::home::Home;
use crate::lock;
use crate::medium::How;
use crate::name::check_name;
use crate::object::Objects;
use crate::segment::{firsts, segment_file};
use crate::spine::Extent;
use crate::trouble::{failed, refused};
use crate::{EmbeddedStore, Options};
use copy::Copy;
use registry::store::{Store, StoreError};
use std::collections::BTreeSet;
use std::path::Path;
use std::sync::{Mutex, PoisonError};

/// What changed while a copy is made; none while none is.
pub(crate) type Changes = Mutex<Option<Changed>>;

#[derive(Default)]
pub(crate) struct Changed {
    pub(crate) objects: BTreeSet<String>,
    pub(crate) frames: BTreeSet<u64>,
}

impl Changed {
    /// Notes objects; what is no name will be refused and changes none.
    pub(crate) fn name<'a>(&mut self, names: impl IntoIterator<Item = &'a String>) {
        self.objects.extend(names.into_iter().filter(|name| check_name(name).is_ok()).cloned());
    }
}

/// Notes a change, if a copy is being made.
pub(crate) fn note(changes: &Changes, note: impl FnOnce(&mut Changed)) {
    if let Some(changed) = changes.lock().unwrap_or_else(PoisonError::into_inner).as_mut() {
        note(changed);
    }
}

impl EmbeddedStore {
    /// Copies the store, while it is in use, to a folder that is empty or not there, and checks the copy.
    ///
    /// # Errors
    ///
    /// [`StoreError`] if it cannot be read, or the copy cannot be written or is not sound; what was copied so far is no store.
    pub fn backup(&self, to: &Path) -> Result<Report, StoreError> {
        let copy = Copy::begin(&self.spine.medium, to, self.folder())?;
        {
            // A change that is under way would not be noted and yet come too late for the first pass: it is waited for.
            let _still = self.still.write().unwrap_or_else(PoisonError::into_inner);
            let mut changes = self.changes.lock().unwrap_or_else(PoisonError::into_inner);
            if changes.is_some() {
                return Err(refused("another backup is under way", "wait for it to end"));
            }
            *changes = Some(Changed::default());
        }
        let done = self.copy_to(copy);
        *self.changes.lock().unwrap_or_else(PoisonError::into_inner) = None;
        done?;
        check(to, &Options { lock: None, ..self.options() })
    }

    fn copy_to(&self, mut copy: Copy) -> Result<(), StoreError> {
        copy.objects.take_in(&self.objects, &self.objects.list("")?, true)?;
        self.copy_spine(&mut copy, &BTreeSet::new())?;
        let value = {
            let _still = self.still.write().unwrap_or_else(PoisonError::into_inner);
            let value = self.lock()?;
            let mut changed = Changed::default();
            note(&self.changes, |noted| changed = std::mem::take(noted));
            copy.objects.take_in(&self.objects, &changed.objects.into_iter().collect::<Vec<_>>(), true)?;
            self.copy_spine(&mut copy, &changed.frames)?;
            value
        };
        copy.finish(None, value.as_deref())
    }

    /// Copies what the copy does not have of the spine yet, and anew the segments of frames that were replaced.
    fn copy_spine(&self, copy: &mut Copy, replaced: &BTreeSet<u64>) -> Result<(), StoreError> {
        for extent in self.spine.extents()? {
            if replaced.range(extent.first..extent.next).next().is_some() {
                copy.forget(extent.first)?;
            }
            // An erasure changes where records lie: it waits for the segment that is being copied.
            let _erasing = self.erasing.lock().unwrap_or_else(PoisonError::into_inner);
            if let Some(now) = self.spine.extents()?.into_iter().find(|now| now.first == extent.first) {
                copy.segment(&self.home, &now, true)?;
            }
        }
        Ok(())
    }
}

/// Makes a store in `to`, which is empty or not there, from a copy; shares no file with it.
///
/// If `options` name a folder for the lock and it has one, that one is kept: it is newer than the copy and tells the registry
/// what the copy lacks.
///
/// # Errors
///
/// [`StoreError`] if the copy is not sound, or the store cannot be written.
pub fn restore(from: &Path, to: &Path, options: &Options) -> Result<Report, StoreError> {
    let medium = options.medium.as_ref();
    check(from, &Options { lock: None, ..options.clone() })?;
    let home = Home::new(from);
    let mut copy = Copy::begin(&options.medium, to, from)?;
    for first in firsts(medium, &home)? {
        let file = segment_file(&home, first);
        let length = medium.open(&file, How::Read).and_then(|mut file| file.len());
        let length = length.map_err(failed("reading", &file))?;
        copy.segment(&home, &Extent { first, next: first, length, grows: true }, false)?;
    }
    let objects = Objects::new(options.medium.clone(), home);
    copy.objects.take_in(&objects, &objects.list("")?, false)?;
    let looked = lock::look(from).map_err(|error| StoreError::medium("the lock of the copy", error))?;
    copy.finish(options.lock.as_deref(), looked.value.as_deref())?;
    check(to, options)
}

/// Checks a store and refuses one that is not sound.
fn check(folder: &Path, options: &Options) -> Result<Report, StoreError> {
    let report = fsck(folder, options)?;
    match report.findings.iter().find(|finding| finding.weight == Weight::Damage) {
        Some(finding) => {
            Err(StoreError::Damaged { what: folder.display().to_string(), why: finding.to_string() })
        }
        None => Ok(report),
    }
}
