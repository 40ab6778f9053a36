//! What the spool knows besides its statements: one small file that is replaced as a whole.
//!
//! Must not be trusted further than its checksum: it is our own file, but disks fail.

use super::SpoolError;
use crate::disk::Disk;
use minicbor::{Decode, Encode};
use statement::{DeviceId, Digest, from_cbor, to_cbor};
use std::io;

/// The name of the file.
const FILE: &str = "state";
/// Most bytes of it.
const MOST: u64 = 64 << 10;
/// Most gaps that are told one by one; further ones widen the last.
const MOST_GAPS: usize = 64;

/// Most runs of receipts beyond a statement without one.
const MOST_RELEASED: usize = 1_024;

/// A place in the chain.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct Position {
    /// Number of the next statement.
    #[n(0)]
    pub next: u64,
    /// Digest of the statement before it; [`Digest::NONE`] at number 0.
    #[n(1)]
    pub digest: Digest,
}

/// Statements that no longer exist.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct Gap {
    /// The first number.
    #[n(0)]
    pub first: u64,
    /// How many.
    #[n(1)]
    pub count: u64,
    /// Why.
    #[n(2)]
    pub why: String,
}

/// The state.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub(super) struct State {
    #[n(0)]
    pub device: DeviceId,
    /// Which generation of segments counts.
    #[n(1)]
    pub generation: u32,
    /// Number of the oldest statement that is still wanted.
    #[n(2)]
    pub first: u64,
    /// One more than the highest number with a receipt.
    #[n(3)]
    pub receipted: u64,
    /// How far statements may be known outside.
    #[n(4)]
    pub head: Position,
    /// What was given up and is not said yet.
    #[n(5)]
    pub gaps: Vec<Gap>,
    /// Numbers that are not here and of which nothing is left to be said: first, and one more than the last.
    #[n(6)]
    pub told: Vec<(u64, u64)>,
    /// Numbers beyond the first with a receipt, in order, apart from each other: first, and one more than the last.
    #[n(7)]
    pub released: Vec<(u64, u64)>,
}

impl State {
    pub fn new(device: DeviceId) -> Self {
        let head = Position { next: 0, digest: Digest::NONE };
        Self {
            device,
            generation: 0,
            first: 0,
            receipted: 0,
            head,
            gaps: Vec::new(),
            told: Vec::new(),
            released: Vec::new(),
        }
    }

    /// Reads the file: digest of the rest, and the rest.
    pub fn read(disk: &impl Disk) -> Result<Option<Self>, SpoolError> {
        let Some(bytes) = disk.read(FILE, MOST)? else { return Ok(None) };
        let damaged = |why: &str| SpoolError::State(why.to_owned());
        let (digest, rest) = bytes.split_first_chunk().ok_or_else(|| damaged("it is cut off"))?;
        if Digest::of(rest) != Digest(*digest) {
            return Err(damaged("it is not what was written"));
        }
        from_cbor(rest, "state").map(Some).map_err(|error| damaged(&error.to_string()))
    }

    pub fn write(&self, disk: &impl Disk) -> io::Result<()> {
        let rest = to_cbor(self);
        disk.replace(FILE, &[&Digest::of(&rest).0[..], &rest].concat())
    }

    /// Whether a statement still waits for its receipt.
    pub fn wants(&self, number: u64) -> bool {
        number >= self.first && !self.released.iter().any(|(first, end)| (*first..*end).contains(&number))
    }

    /// Notes a receipt; `false` if there are too many gaps between receipts for another one.
    pub fn release(&mut self, number: u64) -> bool {
        let end = number.saturating_add(1);
        let at = self.released.partition_point(|range| range.1 < number);
        let full = self.released.len() >= MOST_RELEASED;
        match self.released.get_mut(at) {
            Some(range) if range.1 == number => range.1 = end,
            _ if full => return false,
            _ => self.released.insert(at, (number, end)),
        }
        self.receipted = self.receipted.max(end);
        true
    }

    /// Moves on to the oldest number that is still wanted.
    pub fn advance(&mut self, oldest: u64) {
        self.first = self.first.max(oldest);
        self.released.retain(|(_, end)| *end > self.first);
    }

    /// Whether the lack of these numbers is noted.
    pub fn knows(&self, first: u64, end: u64) -> bool {
        let gaps = self.gaps.iter().map(|gap| (gap.first, gap.first.saturating_add(gap.count)));
        gaps.chain(self.told.iter().copied()).any(|(known, until)| known <= first && end <= until)
    }

    /// Notes that nothing is left to be said of these numbers.
    pub fn tell(&mut self, first: u64, end: u64) {
        self.told.retain(|(_, until)| *until > self.first);
        let full = self.told.len() >= MOST_GAPS;
        match self.told.last_mut() {
            _ if end <= first => {}
            Some((_, until)) if full || *until == first => *until = end,
            _ => self.told.push((first, end)),
        }
    }

    /// Takes the oldest gap as said.
    pub fn tell_gap(&mut self) {
        if !self.gaps.is_empty() {
            let gap = self.gaps.remove(0);
            self.tell(gap.first, gap.first.saturating_add(gap.count));
        }
    }

    /// Notes that the statements from `first` to before `end` no longer exist.
    pub fn lose(&mut self, first: u64, end: u64, why: &str) {
        let full = self.gaps.len() >= MOST_GAPS;
        match self.gaps.last_mut() {
            _ if end <= first => {}
            Some(last) if full || (last.first + last.count == first && last.why == why) => {
                last.count = end.saturating_sub(last.first);
            }
            _ => self.gaps.push(Gap { first, count: end - first, why: why.to_owned() }),
        }
    }
}
