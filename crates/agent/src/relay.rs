//! Forwards for the devices of a site: takes bodies, keeps them on its own disk, sends them on, hands receipts back.
//!
//! A relay proves nothing and need not be believed: devices let go of nothing without a receipt of the log, which they verify
//! themselves. So what a relay loses, its devices send again. It holds no key and changes no byte. The HTTP side is not here:
//! whoever listens calls [`Relay::take`], and answers what devices ask by asking the registry behind.

use crate::api::{Answer, MAX_BODY, MAX_STATEMENTS, Registry, Trouble};
use crate::disk::Disk;
use crate::journal::{Damage, Journal};
use crate::spool::Position;
use statement::{DeviceId, Digest, Envelope, EnvelopeError, PayloadError, Statement, split};
use std::collections::BTreeMap;
use std::io;

/// Bytes on disk that a relay may have where nothing else is said.
pub const DEFAULT_BOUND: u64 = 1 << 30;
/// Bytes of a segment.
const SEGMENT: u64 = 4 << 20;
/// The file that says how far was sent on.
const SENT: &str = "sent";

/// Why a relay does not take a body, or does not get on.
#[derive(Debug, thiserror::Error)]
pub enum RelayError {
    /// Not a sequence of envelopes.
    #[error(transparent)]
    Envelope(#[from] EnvelopeError),
    /// Not statements.
    #[error("statement {index} of the body is none: {why}")]
    Statement {
        /// Its place.
        index: usize,
        /// Why.
        why: PayloadError,
    },
    /// No room: the device keeps its statements.
    #[error("the relay has {found} bytes waiting, expected at most {bound}; send again later")]
    Full {
        /// What waits.
        found: u64,
        /// What is allowed.
        bound: u64,
    },
    /// The disk.
    #[error("the relay's disk cannot be read or written: {0}")]
    Disk(#[from] io::Error),
    /// The registry.
    #[error(transparent)]
    Registry(#[from] Trouble),
}

/// A body that is to be sent on.
#[derive(Clone, Debug)]
pub struct Pending {
    /// Statements, one after the other.
    pub body: Vec<u8>,
    /// The relay's own number of the last.
    last: u64,
}

/// A relay.
#[derive(Debug)]
pub struct Relay<D> {
    journal: Journal<D>,
    next: u64,
    sent: u64,
    bound: u64,
    /// Where the chain of each device stands as far as it was taken here.
    chains: BTreeMap<DeviceId, Position>,
}

impl<D: Disk> Relay<D> {
    /// Opens what waits on a disk; tells what was found damaged. `bound` is in bytes.
    ///
    /// # Errors
    ///
    /// [`RelayError::Disk`].
    pub fn open(disk: D, bound: u64) -> Result<(Self, Vec<Damage>), RelayError> {
        let sent = disk.read(SENT, 8)?.and_then(|bytes| Some(u64::from_le_bytes(*bytes.first_chunk()?)));
        let (journal, damage) = Journal::open(disk, 0, SEGMENT)?;
        let sent = sent.unwrap_or(0).max(journal.first().unwrap_or(0));
        let next = journal.end().unwrap_or(0).max(sent);
        let mut relay = Self { journal, next, sent, bound, chains: BTreeMap::new() };
        let waiting: Vec<u64> = relay.journal.numbers(sent).collect();
        for number in waiting {
            if let Some(bytes) = relay.journal.read(number)? {
                relay.note(&bytes);
            }
        }
        Ok((relay, damage))
    }

    fn note(&mut self, bytes: &[u8]) {
        let statement = Envelope::parse(bytes).ok().and_then(|e| Statement::from_cbor(e.payload).ok());
        if let Some(Statement { device, sequence, .. }) = statement {
            let position = Position { next: sequence.saturating_add(1), digest: Digest::of(bytes) };
            let held = self.chains.entry(device).or_insert(position);
            if position.next > held.next {
                *held = position;
            }
        }
    }

    /// Takes a body of statements; they are on the disk when this returns. Being taken is no proof of anything.
    ///
    /// # Errors
    ///
    /// [`RelayError`]: nothing of the body was taken then.
    pub fn take(&mut self, body: &[u8]) -> Result<usize, RelayError> {
        let envelopes = split(body, MAX_STATEMENTS)?;
        for (index, envelope) in envelopes.iter().enumerate() {
            Statement::from_cbor(envelope.payload).map_err(|why| RelayError::Statement { index, why })?;
        }
        let found = self.journal.bytes();
        if found.saturating_add(u64::try_from(body.len()).unwrap_or(u64::MAX)) > self.bound {
            return Err(RelayError::Full { found, bound: self.bound });
        }
        let records: Vec<&[u8]> = envelopes.iter().map(|envelope| envelope.bytes).collect();
        if !records.is_empty() {
            self.journal.append(self.next, &records)?;
        }
        self.next += u64::try_from(records.len()).unwrap_or(0);
        records.into_iter().for_each(|bytes| self.note(bytes));
        Ok(envelopes.len())
    }

    /// How many statements wait to be sent on.
    #[must_use]
    pub fn waiting(&self) -> usize {
        self.journal.numbers(self.sent).count()
    }

    /// What is sent on next, one body; none if nothing waits.
    ///
    /// # Errors
    ///
    /// [`RelayError::Disk`].
    pub fn next(&self) -> Result<Option<Pending>, RelayError> {
        let (mut body, mut last) = (Vec::new(), None);
        for number in self.journal.numbers(self.sent).take(MAX_STATEMENTS) {
            let Some(bytes) = self.journal.read(number)? else { continue };
            if !body.is_empty() && body.len() + bytes.len() > MAX_BODY {
                break;
            }
            body.extend_from_slice(&bytes);
            last = Some(number);
        }
        Ok(last.map(|last| Pending { body, last }))
    }

    /// Lets go of what the registry has answered.
    ///
    /// # Errors
    ///
    /// [`RelayError::Disk`]: it is sent again then.
    pub fn sent_on(&mut self, pending: &Pending) -> Result<(), RelayError> {
        self.sent = self.sent.max(pending.last.saturating_add(1));
        self.journal.disk().replace(SENT, &self.sent.to_le_bytes())?;
        self.journal.remove_before(self.sent)?;
        Ok(())
    }

    /// Sends on what waits, one body. Gives what the registry said; none if nothing waits.
    ///
    /// # Errors
    ///
    /// [`RelayError`]: what was not answered is sent again.
    pub fn forward<R: Registry>(&mut self, registry: &R) -> Result<Option<Answer>, RelayError> {
        let Some(pending) = self.next()? else { return Ok(None) };
        let answer = registry.statements(&pending.body, None)?;
        self.sent_on(&pending)?;
        Ok(Some(answer))
    }

    /// Where the chain of a device stands by what waits here; none if nothing does.
    #[must_use]
    pub fn here(&self, device: DeviceId) -> Option<Position> {
        self.chains.get(&device).copied().filter(|_| self.waiting() > 0)
    }

    /// Where the chain of a device stands: what waits here counts, so that it is not asked for twice.
    ///
    /// # Errors
    ///
    /// [`RelayError::Registry`].
    pub fn position<R: Registry>(&self, device: DeviceId, registry: &R) -> Result<Position, RelayError> {
        let there = registry.position(device)?;
        Ok(self.here(device).filter(|here| here.next > there.next).unwrap_or(there))
    }
}
