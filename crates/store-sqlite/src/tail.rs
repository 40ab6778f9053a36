//! The tail: the one segment that grows, and what is done at its end when nobody knows how the last write went.
//!
//! Must not decide when that is asked: the spine does, at a start and after any failure.

use crate::home::Home;
use crate::medium::{From, Handle, How, Medium, fill};
use crate::record::MAX_RECORD;
use crate::scan::{Rest, Scan, scan};
use crate::segment::segment_file;
use crate::trouble::{damaged, failed};
use registry::store::StoreError;
use std::fmt;
use std::io;
use std::path::PathBuf;

/// The segment that grows.
pub(crate) struct Tail {
    pub(crate) file: PathBuf,
    handle: Box<dyn Handle>,
    /// Number of its first frame.
    pub(crate) first: u64,
    /// Where its records begin.
    pub(crate) offsets: Vec<u32>,
    /// Where the last one ends; all before is durable.
    pub(crate) length: u64,
}

/// A torn record that was cut off.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cut {
    /// The segment file.
    pub file: PathBuf,
    /// Where the record began.
    pub offset: u64,
    /// How many bytes of it there were.
    pub bytes: u64,
}

impl fmt::Display for Cut {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { file, offset, bytes } = self;
        write!(
            f,
            "cut {bytes} bytes of an unfinished write off {} at byte {offset}: it was never acknowledged",
            file.display()
        )
    }
}

impl Tail {
    /// Makes the segment that begins with frame number `first`.
    pub(crate) fn new(medium: &dyn Medium, home: &Home, first: u64) -> Result<Self, StoreError> {
        let file = segment_file(home, first);
        let handle = medium.open(&file, How::New).map_err(failed("making", &file))?;
        Ok(Self { file, handle, first, offsets: Vec::new(), length: 0 })
    }

    /// Opens the last segment and makes its end certain.
    ///
    /// Up to byte `durable` it is known to be on the medium; nothing is known at a start.
    pub(crate) fn open(
        medium: &dyn Medium,
        home: &Home,
        first: u64,
        durable: Option<u64>,
    ) -> Result<(Self, Option<Cut>), StoreError> {
        let file = segment_file(home, first);
        let mut handle = medium.open(&file, How::Write).map_err(failed("opening", &file))?;
        let found = scan(handle.as_mut(), first).map_err(failed("reading", &file))?;
        if let Some(durable) = durable.filter(|durable| found.end < *durable) {
            return Err(damaged(&file, found.end, format!("{durable} bytes of it were acknowledged")));
        }
        let cut = match found.rest(handle.as_mut(), first).map_err(failed("reading", &file))? {
            Rest::Nothing => None,
            Rest::Torn => {
                Some(Cut { file: file.clone(), offset: found.end, bytes: found.length - found.end })
            }
            Rest::Damage(why) => return Err(damaged(&file, found.end, why)),
        };
        settle(handle.as_mut(), &found, cut.is_some(), durable).map_err(failed("mending", &file))?;
        let tail = Self { file, handle, first, offsets: found.offsets, length: found.end };
        Ok((tail, cut))
    }

    /// Number of the frame that comes next.
    pub(crate) fn next(&self) -> u64 {
        self.first.saturating_add(self.offsets.len() as u64)
    }

    /// Writes a record behind the last; durable when it returns.
    pub(crate) fn write(&mut self, record: &[u8]) -> io::Result<()> {
        let offset = u32::try_from(self.length).map_err(io::Error::other)?;
        self.handle.write_at(record, self.length)?;
        self.handle.sync()?;
        self.offsets.push(offset);
        self.length += record.len() as u64;
        Ok(())
    }
}

/// Cuts a torn record off and makes all whole ones durable.
///
/// A whole record that was read back need not be on the medium. When a sync fails, Linux marks the pages clean all the same
/// and reports the failure once: they read back well from memory, a second sync succeeds without writing anything, and the
/// next power cut takes them ("fsyncgate", PostgreSQL 2018). A process that died after such a failure cannot tell us. So
/// whatever was not acknowledged to us is written once more, which makes its pages dirty, and synced. At a start that can
/// only be the last record: a spine goes on after a failure only when it has come through here. Writing what is there
/// already cannot tear it.
fn settle(handle: &mut dyn Handle, found: &Scan, torn: bool, durable: Option<u64>) -> io::Result<()> {
    if torn {
        handle.truncate(found.end)?;
    }
    let last = found.offsets.last().map_or(0, |offset| u64::from(*offset));
    let from = durable.unwrap_or(last);
    let open = usize::try_from(found.end.saturating_sub(from)).unwrap_or(usize::MAX);
    if open > 0 {
        let mut bytes = vec![0; open.min(MAX_RECORD)];
        let read = fill(&mut From { handle, at: from }, &mut bytes)?;
        if read < open {
            return Err(io::Error::new(io::ErrorKind::UnexpectedEof, "it became shorter while it was read"));
        }
        handle.write_at(&bytes, from)?;
    }
    handle.sync()
}
