//! Statements on the disk until a receipt is held, and the chain that they form.
//!
//! The one promise: no two statements of this device with the same number ever leave it. So a statement is on the disk before
//! anybody may see it, and how far statements were handed out is on the disk before they are ([`Spool::hand_out`]). What a
//! power cut leaves half written was never handed out, and its number is used again.
//!
//! Files: `state` (replaced as a whole) and the segments of a journal. An hour of one statement a minute is about 25 KB,
//! 30 days about 17 MB. Beyond its bound the oldest are given up, and the next statement says so.
//!
//! Must not send, and must not let go of a statement but for a verified receipt or the bound.

mod again;
mod error;
mod state;

use crate::disk::Disk;
use crate::journal::{Damage, Journal};
use crate::receipt::Receipted;
use state::State;
use statement::{
    DeviceId, DeviceKey, Digest, Dropped, Envelope, MAX_STATEMENT, Nonce, Purpose, Statement, sign, to_cbor,
};
use std::io;

pub use again::Again;
pub use error::SpoolError;
pub use state::{Gap, Position};

/// Bytes on disk that a spool may have where nothing else is said.
pub const DEFAULT_BOUND: u64 = 64 << 20;
/// Smallest bound: two segments and a large statement.
pub const MIN_BOUND: u64 = 256 << 10;
/// Bytes of a segment: about three hours of statements.
const SEGMENT: u64 = 64 << 10;
/// Why statements beyond the bound are gone.
const OVER_BOUND: &str = "the bound of the device's disk was reached";
/// Why statements that cannot be read are gone.
const DAMAGED: &str = "the device's disk was damaged";

/// Statements to be sent.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Batch {
    /// A CBOR sequence of envelopes.
    pub body: Vec<u8>,
    /// The number of each.
    pub sequences: Vec<u64>,
}

/// The spool of one device.
#[derive(Debug)]
pub struct Spool<D> {
    journal: Journal<D>,
    state: State,
    head: Position,
    bound: u64,
    /// Whether the state on the disk may be another than this one.
    unsure: bool,
}

impl<D: Disk> Spool<D> {
    /// Opens or makes the spool of a device; tells what was found damaged. `bound` is in bytes, at least [`MIN_BOUND`].
    ///
    /// # Errors
    ///
    /// [`SpoolError`].
    pub fn open(disk: D, device: DeviceId, bound: u64) -> Result<(Self, Vec<Damage>), SpoolError> {
        let state = State::read(&disk)?.unwrap_or_else(|| State::new(device));
        if state.device != device {
            return Err(SpoolError::Device { found: state.device, expected: device });
        }
        let (mut journal, mut damage) = Journal::open(disk, state.generation, SEGMENT)?;
        // Left over from a rechaining or a release that was cut short.
        journal.remove_others()?;
        journal.remove_before(state.first)?;
        let head = state.head;
        let mut spool = Self { journal, state, head, bound: bound.max(MIN_BOUND), unsure: false };
        spool.find_head()?;
        damage.extend(spool.find_gaps());
        Ok((spool, damage))
    }

    /// The head of the chain: the newest statement on the disk, or what was handed out before, whichever is later.
    fn find_head(&mut self) -> Result<(), SpoolError> {
        let newest = self.journal.numbers(self.state.head.next).last();
        if let Some(newest) = newest
            && let Some(bytes) = self.journal.read(newest)?
        {
            self.head = Position { next: newest.saturating_add(1), digest: Digest::of(&bytes) };
        }
        Ok(())
    }

    /// What is missing between the oldest and the head was lost, and is said with the next statement.
    fn find_gaps(&mut self) -> Vec<Damage> {
        let (mut next, mut damage) = (self.state.first, Vec::new());
        let numbers: Vec<u64> = self.journal.numbers(next).chain([self.head.next]).collect();
        for number in numbers {
            if number > next && !self.state.knows(next, number) {
                self.state.lose(next, number, DAMAGED);
                let lost = format!("{} statements from number {next} on are lost", number - next);
                damage.push(Damage {
                    file: "spool".to_owned(),
                    at: next,
                    why: "statements are missing",
                    lost,
                });
            }
            next = number.saturating_add(1);
        }
        damage
    }

    /// Whose statements these are.
    #[must_use]
    pub fn device(&self) -> DeviceId {
        self.state.device
    }

    /// Number and previous digest of the next statement.
    #[must_use]
    pub fn head(&self) -> Position {
        self.head
    }

    /// Numbers of the statements that wait for a receipt, from `from` on.
    pub fn waiting(&self, from: u64) -> impl Iterator<Item = u64> {
        self.journal.numbers(from.max(self.state.first)).filter(|number| self.state.wants(*number))
    }

    /// What was given up and is not said yet.
    #[must_use]
    pub fn gaps(&self) -> &[Gap] {
        &self.state.gaps
    }

    /// Bytes on the disk, segments only.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        self.journal.bytes()
    }

    /// Closes the chain over a statement and writes it; it is on the disk when this returns its number.
    ///
    /// # Errors
    ///
    /// [`SpoolError`]; the chain is then where it was.
    pub fn append(&mut self, draft: Statement, key: &DeviceKey, nonce: Nonce) -> Result<u64, SpoolError> {
        let gap = self.state.gaps.first().cloned();
        let dropped = gap.map(|gap| Dropped { first: gap.first, count: gap.count, why: gap.why });
        let stated = dropped.is_some();
        let Position { next, digest } = self.head;
        let dropped = dropped.or(draft.dropped);
        let closed = Statement {
            device: self.state.device,
            sequence: next,
            previous: digest,
            nonce,
            dropped,
            ..draft
        };
        let bytes = sealed(&closed, key)?;
        self.settle()?;
        self.make_room(bytes.len())?;
        self.journal.append(next, &[&bytes])?;
        self.head = Position { next: next.saturating_add(1), digest: Digest::of(&bytes) };
        if stated {
            self.state.tell_gap();
            // If this fails the gap is stated once more after a restart, which does no harm.
            let _ = self.write_state();
        }
        Ok(next)
    }

    /// Gives up the oldest statements until there is room for `more` bytes.
    fn make_room(&mut self, more: usize) -> Result<(), SpoolError> {
        let more = u64::try_from(more).unwrap_or(u64::MAX);
        while self.journal.bytes().saturating_add(more) > self.bound && self.journal.segments() > 1 {
            if let Some((_, end)) = self.journal.oldest() {
                let lost: Vec<u64> = self.waiting(0).take_while(|number| *number < end).collect();
                for number in lost {
                    self.state.lose(number, number + 1, OVER_BOUND);
                }
                self.state.advance(end);
                self.write_state()?;
            }
            self.journal.remove_oldest()?;
        }
        Ok(())
    }

    /// Statements from number `from` on that may now be sent: at most `most`, at most `bytes` together but at least one.
    ///
    /// # Errors
    ///
    /// [`SpoolError`]; nothing may be sent then.
    pub fn hand_out(&mut self, from: u64, most: usize, bytes: usize) -> Result<Batch, SpoolError> {
        self.unsure |= self.state.head != self.head;
        self.settle()?;
        let mut batch = Batch::default();
        for number in self.waiting(from).take(most) {
            let Some(statement) = self.journal.read(number)? else { continue };
            if !batch.body.is_empty() && batch.body.len() + statement.len() > bytes {
                break;
            }
            batch.body.extend_from_slice(&statement);
            batch.sequences.push(number);
        }
        Ok(batch)
    }

    /// The statement with this number as it was handed out.
    ///
    /// # Errors
    ///
    /// [`SpoolError::Disk`].
    pub fn statement(&self, sequence: u64) -> Result<Option<Vec<u8>>, SpoolError> {
        Ok(self.journal.read(sequence)?)
    }

    /// Lets go of statements for which verified receipts are held. Gives how many.
    ///
    /// # Errors
    ///
    /// [`SpoolError`]: a receipt for something else, or a disk that cannot be written; nothing is lost then.
    pub fn release(&mut self, receipts: &[Receipted]) -> Result<usize, SpoolError> {
        let (mut state, mut released) = (self.state.clone(), 0);
        for receipt in receipts {
            let (sequence, found) = (receipt.sequence(), receipt.statement());
            let Some(bytes) = self.journal.read(sequence)?.filter(|_| state.wants(sequence)) else {
                continue;
            };
            let expected = Digest::of(&bytes);
            if found != expected {
                return Err(SpoolError::Receipt { sequence, found, expected });
            }
            released += usize::from(state.release(sequence));
        }
        let oldest = self.journal.numbers(state.first).find(|number| state.wants(*number));
        state.advance(oldest.unwrap_or(self.head.next));
        self.state = state;
        self.write_state()?;
        self.journal.remove_before(self.state.first)?;
        Ok(released)
    }

    fn write_state(&mut self) -> Result<(), SpoolError> {
        self.state.head = self.head;
        self.unsure = true;
        self.state.write(self.journal.disk())?;
        self.unsure = false;
        Ok(())
    }

    /// Writes the state where the last attempt may have failed.
    fn settle(&mut self) -> Result<(), SpoolError> {
        if self.unsure { self.write_state() } else { Ok(()) }
    }
}

/// Signs a statement that a registry would take.
fn sealed(statement: &Statement, key: &DeviceKey) -> Result<Vec<u8>, SpoolError> {
    let payload = to_cbor(statement);
    Statement::from_cbor(&payload)?;
    let bytes = sign(&payload, key, Purpose::Statement);
    if payload.len() > MAX_STATEMENT { Err(SpoolError::TooLarge(bytes.len())) } else { Ok(bytes) }
}

/// Takes a signed statement apart.
fn opened(bytes: &[u8]) -> Result<Statement, SpoolError> {
    let wrong =
        |error: statement::EnvelopeError| io::Error::new(io::ErrorKind::InvalidData, error.to_string());
    let envelope = Envelope::parse(bytes).map_err(wrong)?;
    Ok(Statement::from_cbor(envelope.payload)?)
}
