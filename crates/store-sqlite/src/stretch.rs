//! Looking frames up and reading them: where a frame lies, and some frames of one segment in a row.
//!
//! The look-up needs what the spine knows, the reading does not. Every record is checked when it is read.

use crate::index::Summary;
use crate::medium::{From, Handle, How, fill};
use crate::record::{HEAD, Head};
use crate::segment::{offsets, segment_file};
use crate::spine::{Known, Spine};
use crate::trouble::{damaged, failed};
use registry::store::StoreError;
use std::io::BufReader;
use std::path::PathBuf;
use std::sync::Arc;

/// Bytes read at once.
const WINDOW: usize = 256 << 10;

/// Some frames of one segment.
pub(crate) struct Stretch {
    file: PathBuf,
    handle: Box<dyn Handle>,
    /// The segment's first frame.
    pub(crate) segment: u64,
    /// Whether the segment is the one that grows.
    pub(crate) tail: bool,
    from: u64,
    start: u64,
    count: usize,
}

/// Where a segment's records lie.
pub(crate) struct Places<'a> {
    /// Its first frame.
    pub(crate) segment: u64,
    /// Where each record begins.
    offsets: &'a [u32],
    /// Where the last one ends.
    length: u64,
    /// Whether it is the segment that grows.
    pub(crate) tail: bool,
}

impl Places<'_> {
    /// Where frame `number` begins and ends.
    pub(crate) fn of(&self, number: u64) -> Option<(u64, u64)> {
        let at = usize::try_from(number.checked_sub(self.segment)?).ok()?;
        let start = u64::from(*self.offsets.get(at)?);
        let end = self.offsets.get(at + 1).map_or(self.length, |next| u64::from(*next));
        Some((start, end))
    }
}

impl Known {
    /// How many frames there are.
    pub(crate) fn count(&self) -> u64 {
        let rolled = self.rolled.last().map_or(0, |last| last.first.saturating_add(last.count.into()));
        self.tail.as_ref().map_or(rolled, crate::tail::Tail::next)
    }

    /// The rolled segment that has frame `number`.
    pub(crate) fn rolled(&mut self, number: u64) -> Option<&mut Summary> {
        let at = self.rolled.partition_point(|segment| segment.first <= number).checked_sub(1)?;
        self.rolled.get_mut(at).filter(|found| number - found.first < u64::from(found.count))
    }
}

impl Spine {
    /// The places of the segment that has frame `number`; none if there is no such frame.
    pub(crate) fn places<'a>(
        &self,
        known: &'a mut Known,
        number: u64,
    ) -> Result<Option<Places<'a>>, StoreError> {
        if number >= known.count() {
            return Ok(None);
        }
        let Some(summary) = known.rolled(number).copied() else {
            let places = |tail: &'a crate::tail::Tail| Places {
                segment: tail.first,
                offsets: &tail.offsets,
                length: tail.length,
                tail: true,
            };
            return Ok(known.tail.as_ref().map(places));
        };
        let recent = match known.recent.take().filter(|(first, _)| *first == summary.first) {
            Some((_, offsets)) => offsets,
            None => offsets(self.medium.as_ref(), &self.home, &summary)?,
        };
        let (_, offsets): &(u64, Arc<[u32]>) = known.recent.insert((summary.first, recent));
        Ok(Some(Places { segment: summary.first, offsets, length: summary.length, tail: false }))
    }

    /// Frames from number `from` on that lie in one segment and fit in `bytes`; the first in any case if `one` is asked for.
    pub(crate) fn stretch(
        &self,
        known: &mut Known,
        from: u64,
        bytes: usize,
        one: bool,
    ) -> Result<Option<Stretch>, StoreError> {
        let Some(places) = self.places(known, from)? else { return Ok(None) };
        let (mut left, mut count) = (bytes as u64, 0);
        while let Some((start, end)) = places.of(from + count as u64) {
            let frame = end.saturating_sub(start).saturating_sub(HEAD as u64);
            if frame > left && !(one && count == 0) {
                break;
            }
            left = left.saturating_sub(frame);
            count += 1;
        }
        let Some((start, _)) = places.of(from).filter(|_| count > 0) else { return Ok(None) };
        let file = segment_file(&self.home, places.segment);
        let handle = self.medium.open(&file, How::Read).map_err(failed("opening", &file))?;
        let (segment, tail) = (places.segment, places.tail);
        Ok(Some(Stretch { file, handle, segment, tail, from, start, count }))
    }
}

impl Stretch {
    /// Reads and checks the frames.
    pub(crate) fn read(&mut self) -> Result<Vec<Vec<u8>>, StoreError> {
        let mut reader =
            BufReader::with_capacity(WINDOW, From { handle: self.handle.as_mut(), at: self.start });
        let (mut frames, mut at) = (Vec::new(), self.start);
        for number in (self.from..).take(self.count) {
            let mut head = [0; HEAD];
            let read = fill(&mut reader, &mut head).map_err(failed("reading", &self.file))?;
            let found = Head::parse(&head).filter(|found| read == HEAD && found.number == number);
            let head =
                found.ok_or_else(|| damaged(&self.file, at, format!("frame {number} is not there")))?;
            let mut frame = vec![0; head.length as usize];
            fill(&mut reader, &mut frame).map_err(failed("reading", &self.file))?;
            if !head.holds(&frame) {
                return Err(damaged(&self.file, at, format!("frame {number} has a wrong checksum")));
            }
            at += head.record();
            frames.push(frame);
        }
        Ok(frames)
    }
}
