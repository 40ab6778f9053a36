//! Walking through a segment file record by record, and judging what stands where the records end: nothing, a torn tail, or
//! damage. Must not change the file.
//!
//! Torn is only what one append in flight can leave: at most one record, the last, with nothing whole behind it. Whatever
//! else does not fit is damage to something that was acknowledged, and is never cut off.

use crate::medium::{From, Handle, fill};
use crate::record::{HEAD, Head, MAX_RECORD};
use std::io::{self, BufReader};

/// Bytes read at once.
const WINDOW: usize = 256 << 10;
/// Heads behind a damaged one that are followed up: what looks like more was put there to keep us busy.
const MOST_HEADS: usize = 64;

/// What a walk found.
#[derive(Debug, Default)]
pub(crate) struct Scan {
    /// Where each whole record begins.
    pub(crate) offsets: Vec<u32>,
    /// Where the last whole record ends.
    pub(crate) end: u64,
    /// Length of the file.
    pub(crate) length: u64,
}

/// What stands behind the last whole record.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Rest {
    /// Nothing.
    Nothing,
    /// A record that was not written to its end.
    Torn,
    /// Something else, and what.
    Damage(&'static str),
}

/// Walks over the records of a segment whose first is number `first`, as far as they are whole.
pub(crate) fn scan(handle: &mut dyn Handle, first: u64) -> io::Result<Scan> {
    let mut found = Scan { length: handle.len()?, ..Scan::default() };
    let mut reader = BufReader::with_capacity(WINDOW, From { handle, at: 0 });
    let mut frame = Vec::new();
    let mut head = [0; HEAD];
    while fill(&mut reader, &mut head)? == HEAD {
        let expected = first.saturating_add(found.offsets.len() as u64);
        let Some(head) = Head::parse(&head).filter(|head| head.number == expected) else { break };
        let Ok(offset) = u32::try_from(found.end) else { break };
        frame.resize(head.length as usize, 0);
        if fill(&mut reader, &mut frame)? < frame.len() || !head.holds(&frame) {
            break;
        }
        found.offsets.push(offset);
        found.end += head.record();
    }
    Ok(found)
}

impl Scan {
    /// Judges what stands behind the last whole record of a segment whose first is number `first`.
    pub(crate) fn rest(&self, handle: &mut dyn Handle, first: u64) -> io::Result<Rest> {
        let left = self.length.saturating_sub(self.end);
        if left == 0 {
            return Ok(Rest::Nothing);
        }
        let Some(left) = usize::try_from(left).ok().filter(|left| *left <= MAX_RECORD) else {
            return Ok(Rest::Damage("more follows than one record can have"));
        };
        let mut bytes = vec![0; left];
        let read = fill(&mut From { handle, at: self.end }, &mut bytes)?;
        bytes.truncate(read);
        Ok(judge(&bytes, first.saturating_add(self.offsets.len() as u64)))
    }
}

/// Judges bytes that do not begin with the whole record number `expected`.
fn judge(bytes: &[u8], expected: u64) -> Rest {
    let behind = match Head::parse(bytes) {
        Some(head) if head.number != expected => return Rest::Damage("a record has the number of another"),
        // The head is believed: all it spans is one write, whatever it looks like.
        Some(head) => usize::try_from(head.record()).unwrap_or(usize::MAX),
        None => 1,
    };
    let heads =
        (behind..bytes.len()).filter_map(|at| bytes.get(at..).filter(|rest| Head::parse(rest).is_some()));
    let heads: Vec<&[u8]> = heads.take(MOST_HEADS).collect();
    if heads.len() == MOST_HEADS || heads.into_iter().any(begins_whole) {
        return Rest::Damage("a record is damaged, and whole ones stand behind it");
    }
    Rest::Torn
}

fn begins_whole(bytes: &[u8]) -> bool {
    let Some(head) = Head::parse(bytes) else { return false };
    bytes.get(HEAD..HEAD + head.length as usize).is_some_and(|frame| head.holds(frame))
}
