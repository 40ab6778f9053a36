//! The bulky evidence behind statements: kept on the device under its SHA-256, handed out to whoever the registry says.
//!
//! A journal of records: digest (32 bytes) and the gzip form (RFC 1952) of what has that digest. Beyond the bound the oldest
//! goes first. Must not know what is in it.

use crate::disk::Disk;
use crate::journal::{Damage, Journal, MAX_RECORD};
use flate2::Compression;
use flate2::read::GzDecoder;
use flate2::write::GzEncoder;
use statement::Digest;
use std::collections::HashMap;
use std::io::{self, Read as _, Write as _};

/// Bytes on disk that evidence may have where nothing else is said.
pub const DEFAULT_BOUND: u64 = 256 << 20;
/// Most bytes of one piece, unpacked.
pub const MAX_PIECE: usize = 64 << 20;
/// Bytes of a segment.
const SEGMENT: u64 = 4 << 20;

/// The evidence that is kept.
#[derive(Debug)]
pub struct Evidence<D> {
    journal: Journal<D>,
    places: HashMap<Digest, u64>,
    next: u64,
    bound: u64,
}

impl<D: Disk> Evidence<D> {
    /// Opens what is there; tells what was found damaged. `bound` is in bytes; one segment is always kept.
    ///
    /// # Errors
    ///
    /// If the disk cannot be read.
    pub fn open(disk: D, bound: u64) -> io::Result<(Self, Vec<Damage>)> {
        let (journal, damage) = Journal::open(disk, 0, SEGMENT)?;
        let mut places = HashMap::new();
        for number in journal.numbers(0) {
            if let Some(digest) = journal.read(number)?.and_then(|record| record.first_chunk().copied()) {
                places.insert(Digest(digest), number);
            }
        }
        let next = journal.end().unwrap_or(0);
        Ok((Self { journal, places, next, bound }, damage))
    }

    /// Keeps a piece, and gives its digest; one that is there already is not kept twice.
    ///
    /// # Errors
    ///
    /// If it is too large or cannot be written.
    pub fn keep(&mut self, piece: &[u8]) -> io::Result<Digest> {
        let digest = Digest::of(piece);
        if self.places.contains_key(&digest) {
            return Ok(digest);
        }
        let mut packer = GzEncoder::new(digest.0.to_vec(), Compression::default());
        packer.write_all(piece)?;
        let record = packer.finish()?;
        if piece.len() > MAX_PIECE || record.len() > MAX_RECORD {
            let why = format!("evidence of {} bytes, expected at most {MAX_PIECE}", piece.len());
            return Err(io::Error::new(io::ErrorKind::InvalidInput, why));
        }
        self.make_room(record.len())?;
        self.journal.append(self.next, &[&record])?;
        self.places.insert(digest, self.next);
        self.next += 1;
        Ok(digest)
    }

    fn make_room(&mut self, more: usize) -> io::Result<()> {
        let more = u64::try_from(more).unwrap_or(u64::MAX);
        while self.journal.bytes().saturating_add(more) > self.bound && self.journal.segments() > 1 {
            self.journal.remove_oldest()?;
            let first = self.journal.first().unwrap_or(self.next);
            self.places.retain(|_, number| *number >= first);
        }
        Ok(())
    }

    /// The piece with this digest; none if it was never there or is gone.
    ///
    /// # Errors
    ///
    /// If it cannot be read, or is no longer what was kept.
    pub fn get(&self, digest: Digest) -> io::Result<Option<Vec<u8>>> {
        let Some(number) = self.places.get(&digest) else { return Ok(None) };
        let Some(record) = self.journal.read(*number)? else { return Ok(None) };
        let packed = record.get(digest.0.len()..).unwrap_or_default();
        let mut piece = Vec::new();
        let most = u64::try_from(MAX_PIECE).unwrap_or(u64::MAX);
        GzDecoder::new(packed).take(most).read_to_end(&mut piece)?;
        if Digest::of(&piece) == digest {
            return Ok(Some(piece));
        }
        Err(io::Error::new(
            io::ErrorKind::InvalidData,
            format!("the evidence {digest} is no longer what was kept"),
        ))
    }

    /// Bytes on the disk.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        self.journal.bytes()
    }
}
