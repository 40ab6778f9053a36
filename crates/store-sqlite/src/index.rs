//! The sidecar of a rolled segment: where its records begin, so that opening a thousand segments need not read them.
//!
//! It is a copy of what the segment says and is made anew whenever it does not fit: nobody may trust it without looking at
//! the record it points to. Layout, all little endian: `overtidx`, number of the first frame (8 bytes), length of the segment
//! (8), count (4), that many offsets (4 each), CRC-32C of all before (4).

use crate::medium::{From, How, Medium, fill};
use std::io;
use std::path::Path;

const MAGIC: [u8; 8] = *b"overtidx";
const HEAD: usize = 28;
/// Most offsets of one sidecar: what a segment of empty frames holds, with room to spare.
const MAX_OFFSETS: u32 = 16 << 20;

/// What the head of a sidecar says of its segment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Summary {
    /// Number of its first frame.
    pub(crate) first: u64,
    /// Its length in bytes.
    pub(crate) length: u64,
    /// How many frames it has.
    pub(crate) count: u32,
}

impl Summary {
    fn encode(&self) -> Vec<u8> {
        let mut bytes = MAGIC.to_vec();
        bytes.extend_from_slice(&self.first.to_le_bytes());
        bytes.extend_from_slice(&self.length.to_le_bytes());
        bytes.extend_from_slice(&self.count.to_le_bytes());
        bytes
    }

    fn parse(bytes: &[u8]) -> Option<Self> {
        let (magic, rest) = bytes.split_first_chunk::<8>()?;
        let (first, rest) = rest.split_first_chunk::<8>()?;
        let (length, rest) = rest.split_first_chunk::<8>()?;
        let (count, _) = rest.split_first_chunk::<4>()?;
        let (first, length) = (u64::from_le_bytes(*first), u64::from_le_bytes(*length));
        let count = u32::from_le_bytes(*count);
        (*magic == MAGIC && count <= MAX_OFFSETS).then_some(Self { first, length, count })
    }
}

/// The head of a sidecar; none if there is none or it is not one. Its checksum is not looked at.
pub(crate) fn summary(medium: &dyn Medium, file: &Path) -> Option<Summary> {
    let mut handle = medium.open(file, How::Read).ok()?;
    let mut head = [0; HEAD];
    fill(&mut From { handle: handle.as_mut(), at: 0 }, &mut head).ok().filter(|read| *read == HEAD)?;
    Summary::parse(&head)
}

/// The offsets in a sidecar; none if it is missing, damaged or of another segment.
pub(crate) fn offsets(medium: &dyn Medium, file: &Path, expected: &Summary) -> Option<Vec<u32>> {
    let mut handle = medium.open(file, How::Read).ok()?;
    let mut bytes = vec![0; HEAD + expected.count as usize * 4 + 4];
    let mut reader = From { handle: handle.as_mut(), at: 0 };
    fill(&mut reader, &mut bytes).ok().filter(|read| *read == bytes.len())?;
    let (body, sum) = bytes.split_last_chunk::<4>()?;
    if u32::from_le_bytes(*sum) != crc32c::crc32c(body) || Summary::parse(body)? != *expected {
        return None;
    }
    let (offsets, _) = body.get(HEAD..)?.as_chunks::<4>();
    Some(offsets.iter().map(|offset| u32::from_le_bytes(*offset)).collect())
}

/// Writes a sidecar. Nothing is synced: one that is lost or torn is made anew.
pub(crate) fn write(medium: &dyn Medium, file: &Path, summary: &Summary, offsets: &[u32]) -> io::Result<()> {
    let mut bytes = summary.encode();
    for offset in offsets {
        bytes.extend_from_slice(&offset.to_le_bytes());
    }
    let sum = crc32c::crc32c(&bytes);
    bytes.extend_from_slice(&sum.to_le_bytes());
    match medium.remove(file) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => medium.open(file, How::New)?.write_at(&bytes, 0),
    }
}
