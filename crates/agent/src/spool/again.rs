//! Going on from where the registry is: after a machine was rolled back to an older image, after statements were given up,
//! after the key was replaced.
//!
//! Statements that the registry does not have are signed once more with numbers that follow its own. They are written beside
//! the old ones and take their place in one step; a power cut in between leaves the old ones. Must not touch what the
//! registry has accepted.

use super::{Position, Spool, SpoolError, opened, sealed};
use crate::disk::Disk;
use crate::journal::Journal;
use statement::{DeviceKey, Digest, Dropped};
use std::io;

/// Bytes of statements that are written at once.
const AT_ONCE: usize = 60 << 10;
/// Why numbers are missing between what the registry has and what is still here.
const GONE: &str = "given up or lost before the registry had them";

/// What became of the statements that the registry does not have.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Again {
    /// How many were signed again.
    pub signed: u64,
    /// How many numbers of the registry this device knows nothing of: it ran ahead, and was rolled back.
    pub unknown: u64,
    /// How many numbers are missing between the registry and what is kept.
    pub lost: u64,
}

impl<D: Disk> Spool<D> {
    /// Whether what the registry has is this chain as far as it goes: by the digest of its last statement, which names the
    /// one before and so all of them. Where that one is no longer here, only if nothing waits that could be another.
    ///
    /// # Errors
    ///
    /// [`SpoolError::Disk`].
    pub fn agrees(&self, position: Position) -> Result<bool, SpoolError> {
        let Some(last) = position.next.checked_sub(1) else { return Ok(true) };
        Ok(match self.journal.read(last)? {
            Some(bytes) => Digest::of(&bytes) == position.digest,
            None => self.waiting(0).next().is_none_or(|oldest| oldest > last),
        })
    }

    /// Goes on from the registry's position where that is ahead of this chain: what was made since is not on this disk.
    /// Gives how many numbers are skipped.
    ///
    /// # Errors
    ///
    /// [`SpoolError::Behind`] if the registry lacks what there are receipts for.
    pub fn catch_up(&mut self, position: Position) -> Result<u64, SpoolError> {
        self.not_behind(position)?;
        let skipped = position.next.saturating_sub(self.head.next);
        if skipped > 0 {
            self.state.tell(self.head.next, position.next);
            self.head = position;
            self.write_state()?;
        }
        Ok(skipped)
    }

    fn not_behind(&self, position: Position) -> Result<(), SpoolError> {
        let (found, receipted) = (position.next, self.state.receipted);
        if found < receipted { Err(SpoolError::Behind { found, receipted }) } else { Ok(()) }
    }

    /// Signs all statements again that the registry does not have, so that they follow its position.
    /// `has` tells for a number whether the registry accepted that very statement.
    ///
    /// # Errors
    ///
    /// [`SpoolError`]; nothing was lost then, and it can be tried again.
    pub fn sign_again(
        &mut self,
        position: Position,
        key: &DeviceKey,
        has: impl Fn(u64) -> bool,
    ) -> Result<Again, SpoolError> {
        self.not_behind(position)?;
        let numbers = self.waiting(0);
        let (kept, others): (Vec<u64>, Vec<u64>) = numbers.partition(|number| has(*number));
        let mut again = Again { unknown: position.next.saturating_sub(self.head.next), ..Again::default() };
        let (mut state, mut head) = (self.state.clone(), position);
        state.tell(self.head.next, position.next);
        let mut writer = Writer { journal: self.journal.beside()?, first: 0, waiting: Vec::new(), bytes: 0 };
        for number in kept {
            if let Some(bytes) = self.journal.read(number)? {
                writer.push(number, bytes)?;
            }
        }
        for number in others {
            let Some(bytes) = self.journal.read(number)? else { continue };
            let mut statement = opened(&bytes)?;
            (statement.sequence, statement.previous) = (head.next.max(number), head.digest);
            let count = statement.sequence - head.next;
            if count > 0 {
                statement.dropped = Some(Dropped { first: head.next, count, why: GONE.to_owned() });
                state.tell(head.next, statement.sequence);
            }
            let bytes = sealed(&statement, key)?;
            head = Position { next: statement.sequence.saturating_add(1), digest: Digest::of(&bytes) };
            writer.push(statement.sequence, bytes)?;
            again = Again { signed: again.signed + 1, lost: again.lost + count, ..again };
        }
        let contents = writer.finish()?.into_contents();
        state.generation = contents.generation();
        state.gaps.retain(|gap| gap.first < position.next);
        (self.state, self.head) = (state, head);
        self.journal.take_over(contents);
        // If this fails, nothing is added or handed out before it succeeds; the old segments are there until then.
        self.write_state()?;
        self.journal.remove_others()?;
        Ok(again)
    }
}

/// Writes statements into a generation, many at once.
struct Writer<'d, D> {
    journal: Journal<&'d D>,
    first: u64,
    waiting: Vec<Vec<u8>>,
    bytes: usize,
}

impl<'d, D: Disk> Writer<'d, D> {
    fn push(&mut self, number: u64, bytes: Vec<u8>) -> io::Result<()> {
        let next = self.first.saturating_add(u64::try_from(self.waiting.len()).unwrap_or(u64::MAX));
        if number != next || self.bytes + bytes.len() > AT_ONCE {
            self.flush()?;
            self.first = number;
        }
        self.bytes += bytes.len();
        self.waiting.push(bytes);
        Ok(())
    }

    fn flush(&mut self) -> io::Result<()> {
        let waiting = std::mem::take(&mut self.waiting);
        self.bytes = 0;
        if waiting.is_empty() {
            return Ok(());
        }
        self.journal.append(self.first, &waiting.iter().map(Vec::as_slice).collect::<Vec<_>>())
    }

    fn finish(mut self) -> io::Result<Journal<&'d D>> {
        self.flush()?;
        Ok(self.journal)
    }
}
