//! One file of records: where each lies, and which of them are what was written.
//!
//! Must not touch the disk.

use super::{Damage, HEAD, MAX_RECORD, as_u32, as_u64};

/// One file of records.
#[derive(Clone, Debug)]
pub(super) struct Segment {
    pub first: u64,
    /// Where each record lies: begin and length, and whether it is what was written.
    pub records: Vec<Place>,
    pub bytes: u64,
}

#[derive(Clone, Copy, Debug)]
pub(super) struct Place {
    pub at: u32,
    pub length: u32,
    pub whole: bool,
}

impl Segment {
    pub fn end(&self) -> u64 {
        self.first.saturating_add(as_u64(self.records.len()))
    }

    pub fn place(&self, number: u64) -> Option<Place> {
        let index = usize::try_from(number.checked_sub(self.first)?).ok()?;
        self.records.get(index).copied().filter(|place| place.whole)
    }
}

/// What is wrong in a segment.
pub(super) struct Wrong {
    at: u64,
    index: usize,
    why: &'static str,
    pub tail: bool,
}

impl Wrong {
    pub fn named(self, file: &str, first: u64) -> Damage {
        let number = first.saturating_add(as_u64(self.index));
        let lost = if self.tail {
            format!("number {number} and what follows it in this file are lost")
        } else {
            format!("number {number} is lost")
        };
        Damage { file: file.to_owned(), at: self.at, why: self.why, lost }
    }
}

/// Finds the records of a segment.
pub(super) fn scan(first: u64, bytes: &[u8]) -> (Segment, Vec<Wrong>) {
    let mut segment = Segment { first, records: Vec::new(), bytes: 0 };
    let (mut wrong, mut rest) = (Vec::new(), bytes);
    while !rest.is_empty() {
        let (at, index) = (segment.bytes, segment.records.len());
        let Some((sum, record, after)) = record(rest) else {
            wrong.push(Wrong { at, index, why: "the file ends within a record", tail: true });
            break;
        };
        let whole = crc32c::crc32c(record) == sum;
        if !whole {
            let tail = after.is_empty();
            wrong.push(Wrong { at, index, why: "a record is not what was written", tail });
            if tail {
                break;
            }
        }
        let place = Place { at: as_u32(at), length: as_u32(as_u64(record.len())), whole };
        segment.records.push(place);
        segment.bytes += as_u64(record.len() + HEAD);
        rest = after;
    }
    (segment, wrong)
}

/// Checksum, record, and what follows it.
fn record(bytes: &[u8]) -> Option<(u32, &[u8], &[u8])> {
    let (length, rest) = bytes.split_first_chunk::<4>()?;
    let (sum, rest) = rest.split_first_chunk::<4>()?;
    let length = usize::try_from(u32::from_le_bytes(*length)).ok().filter(|l| *l <= MAX_RECORD)?;
    let (record, after) = rest.split_at_checked(length)?;
    Some((u32::from_le_bytes(*sum), record, after))
}
