//! One round of sending: where the registry stands, what it has not got, which receipts it has to give.
//!
//! A round may be cut short anywhere, by an error or a power cut, and is then simply done again: the registry knows
//! duplicates, and nothing is let go of without a verified receipt. Must not wait or loop: that is `daemon`.

mod receipts;

use crate::api::{Answer, MAX_BODY, MAX_STATEMENTS, Registry, Trouble};
use crate::disk::Disk;
use crate::event::Event;
use crate::receipt::{Log, Refused};
use crate::shared::Shared;
use crate::spool::SpoolError;
use statement::{DeviceId, DeviceKey};
use std::collections::BTreeSet;

/// Rounds without the oldest receipt after which statements are sent once more: an acknowledgement is no proof.
const PATIENCE: u32 = 16;
/// The file with the checkpoint that was seen last.
const CHECKPOINT: &str = "checkpoint";
/// Most bytes of it.
const MAX_CHECKPOINT: u64 = 1 << 20;

/// Why a round ended early.
#[derive(Debug, thiserror::Error)]
pub enum RoundError {
    /// The registry.
    #[error(transparent)]
    Registry(#[from] Trouble),
    /// The disk.
    #[error(transparent)]
    Spool(#[from] SpoolError),
    /// A receipt that proves nothing.
    #[error("the receipt of statement {sequence} is refused: {why}")]
    Receipt {
        /// Which statement.
        sequence: u64,
        /// Why.
        why: Refused,
    },
}

/// What a round came to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Round {
    /// Statements that were sent.
    pub sent: usize,
    /// Statements that were let go of.
    pub released: usize,
    /// Whether statements wait for a receipt that there is not yet.
    pub waiting: bool,
}

/// Sends what a spool has.
pub struct Sender<D> {
    device: DeviceId,
    key: DeviceKey,
    log: Log,
    disk: D,
    /// The first number that was not sent since the last contact; none before the first contact.
    next: Option<u64>,
    /// Below this number the registry may have other statements than ours: nothing is sent before receipts tell.
    unsure_below: Option<u64>,
    /// Numbers under which the registry has, or wants, another statement.
    foreign: BTreeSet<u64>,
    /// Numbers that it does not admit for now: they are kept, and hold up no other.
    refused: BTreeSet<u64>,
    patience: u32,
}

impl<D: Disk> Sender<D> {
    /// A sender; `disk` keeps the checkpoint that was seen last.
    ///
    /// # Errors
    ///
    /// If that cannot be read.
    pub fn open(device: DeviceId, key: DeviceKey, policy: tlog::Policy, disk: D) -> std::io::Result<Self> {
        let seen = disk.read(CHECKPOINT, MAX_CHECKPOINT)?;
        let damaged = |error: tlog::CheckpointError| {
            std::io::Error::new(std::io::ErrorKind::InvalidData, format!("{CHECKPOINT}: {error}"))
        };
        let log = Log::new(policy, seen.as_deref()).map_err(damaged)?;
        Ok(Self {
            device,
            key,
            log,
            disk,
            next: None,
            unsure_below: None,
            foreign: BTreeSet::new(),
            refused: BTreeSet::new(),
            patience: PATIENCE,
        })
    }

    /// The log as this device knows it.
    #[must_use]
    pub fn log(&self) -> &Log {
        &self.log
    }

    /// Does one round.
    ///
    /// # Errors
    ///
    /// [`RoundError`]; the next round begins by asking where the registry stands.
    pub fn round<R: Registry>(
        &mut self,
        shared: &Shared<D>,
        registry: &R,
        report: &mut impl FnMut(Event),
    ) -> Result<Round, RoundError> {
        let result = self.try_round(shared, registry, report);
        if result.is_err() {
            self.next = None;
        }
        result
    }

    fn try_round<R: Registry>(
        &mut self,
        shared: &Shared<D>,
        registry: &R,
        report: &mut impl FnMut(Event),
    ) -> Result<Round, RoundError> {
        if self.next.is_none() {
            self.contact(shared, registry, report)?;
        }
        if let Some(below) = self.unsure_below {
            let (released, _) = self.collect(shared, registry, report)?;
            let unknown =
                shared.spool().waiting(0).take_while(|n| *n < below).any(|n| !self.foreign.contains(&n));
            if unknown {
                return Ok(Round { sent: 0, released, waiting: true });
            }
            self.sign_again(shared, registry, report)?;
            self.unsure_below = None;
        }
        let sent = self.send(shared, registry, report)?;
        let (released, waiting) = self.collect(shared, registry, report)?;
        if self.foreign.is_empty() {
            return Ok(Round { sent, released, waiting });
        }
        self.sign_again(shared, registry, report)?;
        Ok(Round { sent, released, waiting: true })
    }

    /// Asks where the registry stands, and whether it speaks of the same chain.
    fn contact<R: Registry>(
        &mut self,
        shared: &Shared<D>,
        registry: &R,
        report: &mut impl FnMut(Event),
    ) -> Result<(), RoundError> {
        let position = registry.position(self.device)?;
        let mut spool = shared.spool();
        let agrees = spool.agrees(position)?;
        let skipped = match spool.catch_up(position) {
            Err(behind @ SpoolError::Behind { .. }) => {
                drop(spool);
                // It learns from what this device has seen that it was rolled back. What it answers makes no difference here.
                let _ = registry.statements(&[], self.log.seen().map(ToString::to_string).as_deref());
                return Err(behind.into());
            }
            caught_up => caught_up?,
        };
        if skipped > 0 {
            report(Event::RolledBack { first: position.next - skipped, count: skipped });
        }
        self.refused.clear();
        self.unsure_below = (!agrees).then_some(position.next);
        // What it has under these numbers need not be sent to be asked for.
        self.next = Some(if agrees { 0 } else { position.next });
        Ok(())
    }

    /// Sends all that was not sent yet.
    fn send<R: Registry>(
        &mut self,
        shared: &Shared<D>,
        registry: &R,
        report: &mut impl FnMut(Event),
    ) -> Result<usize, RoundError> {
        let mut sent = 0;
        loop {
            let from = self.next.unwrap_or(0);
            let batch = shared.spool().hand_out(from, MAX_STATEMENTS, MAX_BODY)?;
            let Some(last) = batch.sequences.last() else { return Ok(sent) };
            let seen = self.log.seen().map(ToString::to_string);
            let answer = registry.statements(&batch.body, seen.as_deref())?;
            sent += batch.sequences.len();
            self.next = Some(last.saturating_add(1));
            self.hear(&answer, &batch.sequences, report);
            give_evidence(&answer, shared, registry, report)?;
        }
    }

    fn hear(&mut self, answer: &Answer, sequences: &[u64], report: &mut impl FnMut(Event)) {
        for refused in &answer.refused {
            let Some(sequence) = sequences.get(refused.index) else { continue };
            if matches!(refused.reason.as_str(), "chain-broken" | "equivocation") {
                self.foreign.insert(*sequence);
            } else {
                self.refused.insert(*sequence);
            }
            let clean = |text: &str| crate::words::clean(text);
            let (reason, detail) = (clean(&refused.reason), clean(&refused.detail));
            report(Event::Refused { sequence: *sequence, reason, detail });
        }
    }

    /// Signs again what the registry does not have and cannot take as it is.
    fn sign_again<R: Registry>(
        &mut self,
        shared: &Shared<D>,
        registry: &R,
        report: &mut impl FnMut(Event),
    ) -> Result<(), RoundError> {
        let position = registry.position(self.device)?;
        let (foreign, mut spool) = (std::mem::take(&mut self.foreign), shared.spool());
        let sent = self.next.unwrap_or(0);
        let again =
            spool.sign_again(position, &self.key, |number| number < sent && !foreign.contains(&number))?;
        self.next = Some(0);
        report(Event::SignedAgain { signed: again.signed, lost: again.lost });
        Ok(())
    }
}

/// Hands over what the registry asks for and is still here.
fn give_evidence<D: Disk, R: Registry>(
    answer: &Answer,
    shared: &Shared<D>,
    registry: &R,
    report: &mut impl FnMut(Event),
) -> Result<(), Trouble> {
    for digest in answer.wanted.iter().filter_map(|digest| digest.parse().ok()) {
        let piece = shared.evidence().get(digest);
        match piece {
            Ok(Some(piece)) => {
                registry.evidence(digest, &piece)?;
                report(Event::Evidence { digest });
            }
            Ok(None) => report(Event::NoEvidence { digest, why: "it is no longer kept".to_owned() }),
            Err(error) => report(Event::NoEvidence { digest, why: error.to_string() }),
        }
    }
    Ok(())
}
