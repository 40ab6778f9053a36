//! The spine: numbered frames in segment files.
//!
//! An append is one write and one sync. After any failure the spine no longer believes what it knows: the next call looks at
//! the files again, by the code that a start runs. Must not look into frames.

use crate::home::Home;
use crate::index::Summary;
use crate::medium::Medium;
use crate::record::encode;
use crate::segment::{firsts, index_file, keep, rolled, walk};
use crate::tail::{Cut, Tail};
use crate::trouble::failed;
use registry::store::{MAX_FRAME, StoreError};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Most notes of torn tails that are kept.
const MAX_CUTS: usize = 1_000;

/// The frames of a store.
pub(crate) struct Spine {
    pub(crate) medium: Arc<dyn Medium>,
    pub(crate) home: Home,
    roll: u64,
    slot: Mutex<Slot>,
}

/// What is known, if anything is.
#[derive(Default)]
pub(crate) struct Slot {
    known: Option<Known>,
    /// The tail's first frame and how far it is on the medium.
    durable: Option<(u64, u64)>,
    cuts: Vec<Cut>,
}

/// What the files are known to hold.
pub(crate) struct Known {
    pub(crate) rolled: Vec<Summary>,
    pub(crate) tail: Option<Tail>,
    /// Offsets of the rolled segment that was read last.
    pub(crate) recent: Option<(u64, Arc<[u32]>)>,
}

/// One segment as it is now.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Extent {
    /// Its first frame.
    pub(crate) first: u64,
    /// The frame after its last.
    pub(crate) next: u64,
    /// Bytes of it that are durable.
    pub(crate) length: u64,
    /// Whether it is the one that grows.
    pub(crate) grows: bool,
}

impl Spine {
    /// Opens the spine; segments are rolled when they have `roll` bytes.
    pub(crate) fn open(medium: Arc<dyn Medium>, home: Home, roll: u64) -> Result<Self, StoreError> {
        let spine = Self { medium, home, roll, slot: Mutex::default() };
        spine.with(|_| Ok(()))?;
        Ok(spine)
    }

    /// Torn tails that were cut off since it was opened.
    pub(crate) fn cuts(&self) -> Vec<Cut> {
        self.slot().cuts.clone()
    }

    pub(crate) fn count(&self) -> Result<u64, StoreError> {
        self.with(|known| Ok(known.count()))
    }

    pub(crate) fn append(&self, at: u64, frame: &[u8]) -> Result<(), StoreError> {
        if frame.len() > MAX_FRAME {
            return Err(StoreError::TooLarge { what: "a frame", found: frame.len(), most: MAX_FRAME });
        }
        self.with(|known| {
            let count = known.count();
            if count != at {
                let (found, expected) = (format!("{count} frames"), format!("{at}"));
                return Err(StoreError::Conflict { what: "the spine", found, expected });
            }
            self.push(known, &encode(at, frame))
        })
    }

    fn push(&self, known: &mut Known, record: &[u8]) -> Result<(), StoreError> {
        let full = |tail: &Tail| tail.length > 0 && tail.length + record.len() as u64 > self.roll;
        if known.tail.as_ref().is_some_and(full) {
            self.roll(known);
        }
        let count = known.count();
        let fresh = known.tail.is_none();
        let tail = match &mut known.tail {
            Some(tail) => tail,
            none => none.insert(Tail::new(self.medium.as_ref(), &self.home, count)?),
        };
        tail.write(record).map_err(failed("writing", &tail.file))?;
        if fresh {
            // The frame is durable when its file's name is.
            let folder = self.home.spine();
            self.medium.sync_folder(&folder).map_err(failed("syncing", &folder))?;
        }
        Ok(())
    }

    /// Puts the tail among the segments that do not grow any more.
    fn roll(&self, known: &mut Known) {
        let Some(tail) = known.tail.take() else { return };
        let count = u32::try_from(tail.offsets.len()).unwrap_or(u32::MAX);
        let summary = Summary { first: tail.first, length: tail.length, count };
        keep(self.medium.as_ref(), &index_file(&self.home, tail.first), &summary, &tail.offsets);
        known.rolled.push(summary);
    }

    /// Frames from `from` on. Holds nobody up while it reads: what it reads from is the file as it was at the look-up.
    pub(crate) fn read(&self, from: u64, bytes: usize) -> Result<Vec<Vec<u8>>, StoreError> {
        let (mut frames, mut left) = (Vec::<Vec<u8>>::new(), bytes);
        let look_up = |frames: &[Vec<u8>], left| {
            let next = from.saturating_add(frames.len() as u64);
            self.with(|known| self.stretch(known, next, left, frames.is_empty()))
        };
        while let Some(mut stretch) = look_up(&frames, left)? {
            let read = match stretch.read() {
                Err(StoreError::Damaged { .. }) if !stretch.tail => {
                    // Either the segment is damaged, or only its sidecar: reading all of it tells, and mends that.
                    self.walk_again(stretch.segment)?;
                    look_up(&frames, left)?.map(|mut again| again.read()).transpose()?.unwrap_or_default()
                }
                read => read?,
            };
            if read.is_empty() {
                break;
            }
            left = left.saturating_sub(read.iter().map(Vec::len).sum());
            frames.extend(read);
        }
        Ok(frames)
    }

    /// All segments.
    pub(crate) fn extents(&self) -> Result<Vec<Extent>, StoreError> {
        self.with(|known| {
            let rolled = known.rolled.iter().map(|segment| {
                let next = segment.first.saturating_add(segment.count.into());
                Extent { first: segment.first, next, length: segment.length, grows: false }
            });
            let tail = known.tail.iter().map(|tail| Extent {
                first: tail.first,
                next: tail.next(),
                length: tail.length,
                grows: true,
            });
            Ok(rolled.chain(tail).collect())
        })
    }

    fn walk_again(&self, segment: u64) -> Result<(), StoreError> {
        self.with(|known| {
            known.recent = None;
            walk(self.medium.as_ref(), &self.home, segment).map(drop)
        })
    }

    /// Runs `call` on what is known; what is not known is found out first, and forgotten after a failure.
    pub(crate) fn with<T>(
        &self,
        call: impl FnOnce(&mut Known) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        let mut slot = self.slot();
        let mut known = match slot.known.take() {
            Some(known) => known,
            None => self.find_out(&mut slot)?,
        };
        let answer = call(&mut known);
        slot.durable = known.tail.as_ref().map(|tail| (tail.first, tail.length));
        if !matches!(answer, Err(StoreError::Medium { .. } | StoreError::Damaged { .. })) {
            slot.known = Some(known);
        }
        answer
    }

    fn slot(&self) -> MutexGuard<'_, Slot> {
        // A panic in a call leaves nothing known, which is what the next call needs.
        self.slot.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Looks at the files, mends the end of the last, and makes all that is there durable.
    fn find_out(&self, slot: &mut Slot) -> Result<Known, StoreError> {
        let medium = self.medium.as_ref();
        let firsts = firsts(medium, &self.home)?;
        let pairs = firsts.iter().zip(firsts.iter().skip(1));
        let rolled = pairs.map(|(first, next)| rolled(medium, &self.home, *first, *next));
        let mut known = Known { rolled: rolled.collect::<Result<_, _>>()?, tail: None, recent: None };
        if let Some(last) = firsts.last() {
            let durable = slot.durable.filter(|(first, _)| first == last).map(|(_, length)| length);
            let (tail, cut) = Tail::open(medium, &self.home, *last, durable)?;
            slot.cuts.extend(cut.filter(|_| slot.cuts.len() < MAX_CUTS));
            known.tail = Some(tail);
        }
        let folder = self.home.spine();
        medium.sync_folder(&folder).map_err(failed("syncing", &folder))?;
        Ok(known)
    }
}
