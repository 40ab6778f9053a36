//! The part of a round that asks for receipts and lets go of what they prove.
//!
//! Must not let go of anything before the checkpoint that proves it is on the disk.

use super::{CHECKPOINT, PATIENCE, RoundError, Sender};
use crate::api::{MAX_RECEIPTS, Registry};
use crate::disk::Disk;
use crate::event::Event;
use crate::receipt::{Receipted, Refused};
use crate::shared::Shared;
use crate::spool::SpoolError;
use std::collections::BTreeMap;
use tlog::Tile;

/// Most receipts that are asked for before statements are let go of.
const RECEIPTS: usize = 256;
/// Most receipts of one round.
const RECEIPTS_A_ROUND: usize = 4_096;

impl<D: Disk> Sender<D> {
    /// Asks for receipts, oldest first, and lets go of what they prove. Gives how many, and whether some are missing.
    pub(super) fn collect<R: Registry>(
        &mut self,
        shared: &Shared<D>,
        registry: &R,
        report: &mut impl FnMut(Event),
    ) -> Result<(usize, bool), RoundError> {
        let until = self.next.unwrap_or(0);
        let asked = |number: &u64| !self.foreign.contains(number) && !self.refused.contains(number);
        let wanted: Vec<u64> = {
            let spool = shared.spool();
            spool.waiting(0).take_while(|n| *n < until).filter(asked).take(RECEIPTS_A_ROUND).collect()
        };
        let (mut released, mut missing) = (0, false);
        for some in wanted.chunks(RECEIPTS) {
            let given = self.ask(some, registry)?;
            let mut receipts = Vec::new();
            let mut ended = Ok(());
            for sequence in some {
                let Some(receipt) = given.get(sequence) else {
                    missing = true;
                    break;
                };
                match self.receipted(*sequence, receipt, shared, registry, report) {
                    Ok(receipted) => receipts.extend(receipted),
                    Err(error) => {
                        ended = Err(error);
                        break;
                    }
                }
            }
            if !receipts.is_empty() {
                self.keep_checkpoint()?;
                released += shared.spool().release(&receipts)?;
            }
            ended?;
            if missing {
                break;
            }
        }
        missing |= !self.refused.is_empty();
        self.be_patient(released > 0 || !missing);
        Ok((released, missing))
    }

    /// The receipts of these numbers, which are in order, as far as there are any.
    fn ask<R: Registry>(&self, numbers: &[u64], registry: &R) -> Result<BTreeMap<u64, Vec<u8>>, RoundError> {
        let (Some(first), Some(last)) = (numbers.first(), numbers.last()) else { return Ok(BTreeMap::new()) };
        let count = (last - first).saturating_add(1).min(MAX_RECEIPTS);
        Ok(registry.receipts(self.device, *first, count)?.into_iter().collect())
    }

    /// What a receipt proves; nothing where the statement is gone, or another than the registry has.
    fn receipted<R: Registry>(
        &mut self,
        sequence: u64,
        receipt: &[u8],
        shared: &Shared<D>,
        registry: &R,
        report: &mut impl FnMut(Event),
    ) -> Result<Option<Receipted>, RoundError> {
        let Some(statement) = shared.spool().statement(sequence)? else { return Ok(None) };
        match self.log.verify(&statement, receipt, &|tile: Tile| registry.tile(tile)) {
            Ok(receipted) => Ok(Some(receipted)),
            // The registry knows this number from before this machine was rolled back: ours is another statement.
            Err(Refused::Other { .. }) => {
                self.foreign.insert(sequence);
                report(Event::Foreign { sequence });
                Ok(None)
            }
            Err(why) => Err(RoundError::Receipt { sequence, why }),
        }
    }

    /// The checkpoint is on the disk before anything is let go of on its word.
    fn keep_checkpoint(&self) -> Result<(), SpoolError> {
        match self.log.seen() {
            Some(seen) => Ok(self.disk.replace(CHECKPOINT, seen.to_string().as_bytes())?),
            None => Ok(()),
        }
    }

    /// What is accepted and never proven is sent once more.
    fn be_patient(&mut self, well: bool) {
        self.patience = if well { PATIENCE } else { self.patience.saturating_sub(1) };
        if self.patience == 0 {
            (self.patience, self.next) = (PATIENCE, None);
        }
    }
}
