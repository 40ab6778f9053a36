//! Erasure: another frame in the place of one, and the old bytes in no file of the store.
//!
//! The segment is written anew and takes the old one's name in one step. What this cannot reach: blocks that the file system
//! has freed and not yet used again (a disk that is encrypted or trimmed answers that), and backups, which keep the old
//! bytes until they are made anew.

use crate::medium::{Handle, How};
use crate::record::encode;
use crate::segment::{index_file, segment_file, walk};
use crate::spine::{Known, Spine};
use crate::tail::Tail;
use crate::trouble::failed;
use registry::store::{MAX_FRAME, StoreError};
use std::io::{self, ErrorKind};

/// Bytes copied at once.
const WINDOW: usize = 1 << 20;

impl Spine {
    /// Puts `frame` in the place of frame `at`.
    pub(crate) fn replace(&self, at: u64, frame: &[u8]) -> Result<(), StoreError> {
        if frame.len() > MAX_FRAME {
            return Err(StoreError::TooLarge { what: "a frame", found: frame.len(), most: MAX_FRAME });
        }
        self.with(|known| {
            let count = known.count();
            let places = self.places(known, at)?;
            let found = places.and_then(|places| Some((places.segment, places.tail, places.of(at)?)));
            let Some((segment, tail, place)) = found else {
                let (found, expected) = (format!("{count} frames"), format!("a frame {at}"));
                return Err(StoreError::Conflict { what: "the spine", found, expected });
            };
            self.rewrite(known, segment, tail, place, &encode(at, frame))
        })
    }

    fn rewrite(
        &self,
        known: &mut Known,
        segment: u64,
        tail: bool,
        place: (u64, u64),
        record: &[u8],
    ) -> Result<(), StoreError> {
        let medium = self.medium.as_ref();
        let (file, fresh) = (segment_file(&self.home, segment), self.home.fresh());
        let copied = medium.open(&file, How::Read).and_then(|mut old| {
            let mut new = medium.open(&fresh, How::New)?;
            splice(old.as_mut(), new.as_mut(), place, record)
        });
        if let Err(error) = copied {
            let _left = medium.remove(&fresh);
            return Err(failed("rewriting", &file)(error));
        }
        // From here on the file may be either: nothing that was known of it holds.
        known.recent = None;
        if tail {
            known.tail = None;
        }
        let index = index_file(&self.home, segment);
        match medium.remove(&index) {
            Err(error) if error.kind() != ErrorKind::NotFound => {
                return Err(failed("removing", &index)(error));
            }
            _ => medium.rename(&fresh, &file).map_err(failed("naming", &file))?,
        }
        let folder = self.home.spine();
        medium.sync_folder(&folder).map_err(failed("syncing", &folder))?;
        self.learn(known, segment, tail)
    }

    /// Reads the new file from end to end, which also shows that it is what it should be.
    fn learn(&self, known: &mut Known, segment: u64, tail: bool) -> Result<(), StoreError> {
        let medium = self.medium.as_ref();
        if tail {
            known.tail = Some(Tail::open(medium, &self.home, segment, None)?.0);
            return Ok(());
        }
        let (summary, offsets) = walk(medium, &self.home, segment)?;
        if let Some(place) = known.rolled(segment) {
            *place = summary;
        }
        known.recent = Some((segment, offsets));
        Ok(())
    }
}

/// Copies `old` to `new` with `record` in the place of what lies in `place`.
fn splice(old: &mut dyn Handle, new: &mut dyn Handle, place: (u64, u64), record: &[u8]) -> io::Result<()> {
    let (start, end) = place;
    let length = old.len()?;
    let written = copy(old, 0..start, new, 0)?;
    new.write_at(record, written)?;
    copy(old, end..length, new, written + record.len() as u64)?;
    new.sync()
}

/// Copies a range of one file to a place in another; where that ends.
pub(crate) fn copy(
    old: &mut dyn Handle,
    range: std::ops::Range<u64>,
    new: &mut dyn Handle,
    mut to: u64,
) -> io::Result<u64> {
    let mut at = range.start;
    let mut window = vec![0; WINDOW];
    while at < range.end {
        let most = usize::try_from(range.end - at).unwrap_or(WINDOW).min(WINDOW);
        let window = window.get_mut(..most).unwrap_or_default();
        let read = old.read_at(window, at)?;
        if read == 0 {
            return Err(io::Error::new(ErrorKind::UnexpectedEof, "it became shorter while it was read"));
        }
        new.write_at(window.get(..read).unwrap_or_default(), to)?;
        at += read as u64;
        to += read as u64;
    }
    Ok(to)
}
