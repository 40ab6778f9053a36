//! Numbered records in files that are only added to: what spool, evidence and relay keep.
//!
//! A file is a segment, called `GENERATION-FIRST` in hexadecimal after the number of its first record; its records follow
//! each other without gaps: length (4 bytes, low first), CRC-32C of the record (4 bytes, low first), record. What a power cut
//! left half written at the end is cut off; anything else that is wrong is named. Must not know what a record means.

mod segment;

use crate::disk::Disk;
use segment::{Place, Segment, scan};
use std::collections::VecDeque;
use std::io;

/// Most bytes of one record.
pub const MAX_RECORD: usize = 8 << 20;
/// Bytes before each record.
const HEAD: usize = 8;

/// Something on the disk that is not what was written.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{file} at byte {at}: {why}; {lost}")]
pub struct Damage {
    /// Which file.
    pub file: String,
    /// Where in it.
    pub at: u64,
    /// What is wrong.
    pub why: &'static str,
    /// What that costs.
    pub lost: String,
}

/// Records on a disk.
#[derive(Debug)]
pub struct Journal<D> {
    disk: D,
    generation: u32,
    fill: u64,
    segments: VecDeque<Segment>,
}

impl<D: Disk> Journal<D> {
    /// Reads what is there of a generation; a new segment is begun when one has `fill` bytes.
    ///
    /// # Errors
    ///
    /// If the disk cannot be read.
    pub fn open(disk: D, generation: u32, fill: u64) -> io::Result<(Self, Vec<Damage>)> {
        let mut journal = Self { disk, generation, fill, segments: VecDeque::new() };
        let mut damage = Vec::new();
        let firsts: Vec<u64> =
            journal.names()?.into_iter().filter(|n| n.0 == generation).map(|n| n.1).collect();
        for (at, first) in firsts.iter().enumerate() {
            let name = name(generation, *first);
            let most = fill + as_u64(MAX_RECORD + HEAD);
            let bytes = journal.disk.read(&name, most)?.unwrap_or_default();
            let (segment, wrong) = scan(*first, &bytes);
            // At the very end a record may be half written; that is no damage.
            let torn = at + 1 == firsts.len();
            damage.extend(wrong.into_iter().filter(|w| !(w.tail && torn)).map(|w| w.named(&name, *first)));
            journal.segments.push_back(segment);
        }
        Ok((journal, damage))
    }

    /// Generation and first number of every segment, of whatever generation.
    fn names(&self) -> io::Result<Vec<(u32, u64)>> {
        Ok(self.disk.list()?.iter().filter_map(|name| numbers(name)).collect())
    }

    /// Number of the oldest record.
    #[must_use]
    pub fn first(&self) -> Option<u64> {
        self.segments.front().map(|segment| segment.first)
    }

    /// One more than the number of the newest record.
    #[must_use]
    pub fn end(&self) -> Option<u64> {
        self.segments.back().map(Segment::end)
    }

    /// Bytes on the disk.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        self.segments.iter().map(|segment| segment.bytes).sum()
    }

    /// Which generation it is.
    #[must_use]
    pub fn generation(&self) -> u32 {
        self.generation
    }

    /// How many segments there are.
    #[must_use]
    pub fn segments(&self) -> usize {
        self.segments.len()
    }

    /// Adds records, the first under `number`. A number that does not follow the last begins another segment.
    ///
    /// # Errors
    ///
    /// If they are too large, not in order, or cannot be written; nothing was added then as far as this journal goes.
    pub fn append(&mut self, number: u64, records: &[&[u8]]) -> io::Result<()> {
        if records.iter().any(|record| record.len() > MAX_RECORD)
            || self.end().is_some_and(|end| number < end)
        {
            return Err(io::Error::new(
                io::ErrorKind::InvalidInput,
                "a record that is too large or out of order",
            ));
        }
        let new = self.segments.back().is_none_or(|last| last.end() != number || last.bytes >= self.fill);
        let begun = Segment { first: number, records: Vec::new(), bytes: 0 };
        let mut last = if new { begun } else { self.segments.back().cloned().unwrap_or(begun) };
        let (at, mut bytes) = (last.bytes, Vec::new());
        for record in records {
            let place = Place { at: as_u32(last.bytes), length: as_u32(as_u64(record.len())), whole: true };
            bytes.extend_from_slice(&place.length.to_le_bytes());
            bytes.extend_from_slice(&crc32c::crc32c(record).to_le_bytes());
            bytes.extend_from_slice(record);
            last.bytes += as_u64(record.len() + HEAD);
            last.records.push(place);
        }
        self.disk.write_at(&name(self.generation, last.first), at, &bytes)?;
        if !new {
            self.segments.pop_back();
        }
        self.segments.push_back(last);
        Ok(())
    }

    /// One record; none if it was never there, is gone or is damaged.
    ///
    /// # Errors
    ///
    /// If the disk cannot be read, or the record is no longer what was written.
    pub fn read(&self, number: u64) -> io::Result<Option<Vec<u8>>> {
        let after = self.segments.partition_point(|segment| segment.end() <= number);
        let Some((segment, place)) = self.segments.get(after).and_then(|s| Some((s, s.place(number)?)))
        else {
            return Ok(None);
        };
        let name = name(self.generation, segment.first);
        let length = usize::try_from(place.length).unwrap_or(usize::MAX);
        let bytes = self.disk.read_at(&name, u64::from(place.at), length.saturating_add(HEAD))?;
        match bytes.split_first_chunk::<4>().and_then(|(_, rest)| rest.split_first_chunk::<4>()) {
            Some((sum, record)) if crc32c::crc32c(record) == u32::from_le_bytes(*sum) => {
                Ok(Some(record.to_vec()))
            }
            _ => Err(io::Error::new(
                io::ErrorKind::InvalidData,
                format!("record {number} in {name} is damaged"),
            )),
        }
    }

    /// Numbers of all whole records from `from` on.
    pub fn numbers(&self, from: u64) -> impl Iterator<Item = u64> {
        let after = self.segments.partition_point(|segment| segment.end() <= from);
        let whole = |segment: &'_ Segment| {
            let first = segment.first;
            let numbers = (first..).zip(segment.records.clone());
            numbers.filter(|(_, place)| place.whole).map(|(number, _)| number)
        };
        self.segments.range(after..).flat_map(whole).filter(move |number| *number >= from)
    }

    /// Numbers of the first and after the last record of the oldest segment, and where the one after it begins.
    #[must_use]
    pub fn oldest(&self) -> Option<(u64, u64)> {
        self.segments.front().map(|segment| (segment.first, segment.end()))
    }

    /// Removes the oldest segments of which every record is before `number`; the last one stays.
    ///
    /// # Errors
    ///
    /// If one cannot be removed; it is then still there.
    pub fn remove_before(&mut self, number: u64) -> io::Result<()> {
        while self.segments.len() > 1 && self.segments.front().is_some_and(|oldest| oldest.end() <= number) {
            self.remove_oldest()?;
        }
        Ok(())
    }

    /// Removes the oldest segment.
    ///
    /// # Errors
    ///
    /// If it cannot be removed; it is then still there.
    pub fn remove_oldest(&mut self) -> io::Result<()> {
        if let Some(oldest) = self.segments.front() {
            self.disk.remove(&name(self.generation, oldest.first))?;
            self.segments.pop_front();
        }
        Ok(())
    }

    /// Removes all segments of other generations.
    ///
    /// # Errors
    ///
    /// If one cannot be removed.
    pub fn remove_others(&self) -> io::Result<()> {
        for (generation, first) in self.names()?.into_iter().filter(|n| n.0 != self.generation) {
            self.disk.remove(&name(generation, first))?;
        }
        Ok(())
    }

    /// Begins an empty generation beside this one.
    ///
    /// # Errors
    ///
    /// If what was left there of an earlier attempt cannot be removed.
    pub fn beside(&self) -> io::Result<Journal<&D>> {
        self.remove_others()?;
        let generation = self.generation.wrapping_add(1);
        Ok(Journal { disk: &self.disk, generation, fill: self.fill, segments: VecDeque::new() })
    }

    /// What it has, without the disk.
    #[must_use]
    pub fn into_contents(self) -> Contents {
        Contents { generation: self.generation, segments: self.segments }
    }

    /// Takes what a generation beside this one has in the place of its own; removes nothing.
    pub fn take_over(&mut self, contents: Contents) {
        (self.generation, self.segments) = (contents.generation, contents.segments);
    }

    /// The disk.
    #[must_use]
    pub fn disk(&self) -> &D {
        &self.disk
    }
}

/// The segments of one generation.
#[derive(Debug)]
pub struct Contents {
    generation: u32,
    segments: VecDeque<Segment>,
}

impl Contents {
    /// Which generation.
    #[must_use]
    pub fn generation(&self) -> u32 {
        self.generation
    }
}

fn name(generation: u32, first: u64) -> String {
    format!("{generation:08x}-{first:016x}")
}

fn numbers(name: &str) -> Option<(u32, u64)> {
    let (generation, first) = name.split_once('-')?;
    let digits = |text: &str, length| text.len() == length && text.bytes().all(|b| b.is_ascii_hexdigit());
    if !digits(generation, 8) || !digits(first, 16) {
        return None;
    }
    Some((u32::from_str_radix(generation, 16).ok()?, u64::from_str_radix(first, 16).ok()?))
}

fn as_u64(length: usize) -> u64 {
    u64::try_from(length).unwrap_or(u64::MAX)
}

fn as_u32(length: u64) -> u32 {
    u32::try_from(length).unwrap_or(u32::MAX)
}
