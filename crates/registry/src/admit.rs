//! Admission: which of the checked statements become entries, and what is made of each.
//!
//! Nothing here changes the state: a frame is prepared, the caller makes it durable, and only then are its changes taken over.

use crate::chain::{Chain, Link, Taken};
use crate::check::{Checked, Genuine};
use crate::device::Share;
use crate::frame::{Frame, MAX_ENTRIES, MAX_ENTRY_BYTES, Verdict};
use crate::refusal::Refusal;
use crate::rules::{Ground, Rules, UNJUDGED};
use crate::state::State;
use crate::store::StoreError;
use statement::{DeviceId, Digest, Kept, Name};
use std::collections::HashMap;

/// By how much a statement may end ahead of the registry's clock, in milliseconds.
pub const AHEAD_MS: u64 = 300_000;
/// The oldest statement that is admitted, in days.
pub const OLDEST_DAYS: u64 = 400;
const DAY_MS: u64 = 86_400_000;

/// What became of one statement of a body.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It is entry number so-and-so.
    Accepted(u64),
    /// It was there already.
    Duplicate,
    /// It is not admitted.
    Refused(Refusal),
}

/// A frame that waits to be made durable.
pub struct Prepared {
    /// The frame; without entries if nothing is new.
    pub frame: Frame,
    /// What becomes of each statement of each body once it is durable.
    pub outcomes: Vec<Vec<Outcome>>,
    /// The statements that it admits, in order.
    pub admitted: Vec<Genuine>,
    /// How many bodies fitted; the others have to wait for the next frame.
    pub bodies: usize,
    pub(crate) changes: HashMap<DeviceId, (Chain, Share)>,
}

/// The grounds of all sites, by name.
pub type Grounds = HashMap<Name, Ground>;

impl Prepared {
    /// Prepares a frame from bodies, in order, as many as fit.
    #[must_use]
    pub fn new(state: &State, rules: &Rules, grounds: &Grounds, bodies: Vec<Checked>, now_ms: u64) -> Self {
        let mut new = Self {
            frame: Frame::new(state.next, now_ms),
            outcomes: Vec::new(),
            admitted: Vec::new(),
            bodies: 0,
            changes: HashMap::new(),
        };
        for body in bodies {
            let outcomes = body.items.into_iter().map(|item| match item {
                Ok(genuine) => new.offer(state, rules, grounds, genuine, now_ms),
                Err(refusal) => Outcome::Refused(refusal),
            });
            let outcomes = outcomes.collect();
            new.outcomes.push(outcomes);
            new.bodies += 1;
        }
        new
    }

    /// That bodies fit into one frame together.
    ///
    /// # Errors
    ///
    /// [`StoreError::TooLarge`].
    pub(crate) fn together(bodies: &[Checked]) -> Result<(), StoreError> {
        let genuine = || bodies.iter().flat_map(|body| &body.items).flatten();
        let (count, bytes) = (genuine().count(), genuine().map(|g| g.bytes.len()).sum::<usize>());
        let too_large = |what, found, most| Err(StoreError::TooLarge { what, found, most });
        match () {
            () if count > MAX_ENTRIES => {
                too_large("a frame of statements that are admitted together", count, MAX_ENTRIES)
            }
            () if bytes > MAX_ENTRY_BYTES => too_large("a frame", bytes, MAX_ENTRY_BYTES),
            () => Ok(()),
        }
    }

    /// Whether another body of so many statements and bytes fits into the same frame.
    #[must_use]
    pub fn fits(statements: usize, bytes: usize) -> bool {
        statements <= MAX_ENTRIES && bytes <= MAX_ENTRY_BYTES
    }

    fn offer(
        &mut self,
        state: &State,
        rules: &Rules,
        grounds: &Grounds,
        genuine: Genuine,
        now_ms: u64,
    ) -> Outcome {
        match self.take(state, &genuine, now_ms) {
            Err(refusal) => Outcome::Refused(refusal),
            Ok(Taken::Duplicate) => Outcome::Duplicate,
            Ok(Taken::New) => {
                let ordinal = self.frame.end();
                let site = state.devices.get(&genuine.statement.device).map(|d| &d.site);
                let verdict = self.judge(rules, site.and_then(|site| grounds.get(site)), &genuine);
                self.frame.verdicts.push(verdict);
                self.frame.entries.push(Kept::Statement(genuine.bytes.clone()));
                self.admitted.push(genuine);
                Outcome::Accepted(ordinal)
            }
        }
    }

    fn take(&mut self, state: &State, genuine: &Genuine, now_ms: u64) -> Result<Taken, Refusal> {
        let (statement, key) = (&genuine.statement, genuine.key);
        let device = state.devices.get(&statement.device).ok_or(Refusal::UnknownKey { key })?;
        let until_ms = statement.until_ms();
        if let Some(ended_ms) = device.ended(key, until_ms) {
            return Err(Refusal::EndedKey { key, until_ms, ended_ms });
        }
        in_time(until_ms, now_ms)?;
        let (chain, share) =
            self.changes.entry(statement.device).or_insert_with(|| (device.chain.clone(), device.share));
        share.take(now_ms).map_err(|after_s| Refusal::Rate { after_s })?;
        chain.offer(&Link::of(statement, genuine.digest))
    }

    fn judge(&mut self, rules: &Rules, ground: Option<&Ground>, genuine: &Genuine) -> Verdict {
        let findings = &genuine.statement.findings;
        let Some((ground, digest)) = ground.and_then(|g| rules.digest(g).map(|digest| (g, digest))) else {
            return Verdict { rulebook: 0, dispositions: vec![UNJUDGED; findings.len()].into() };
        };
        let dispositions = rules.judge(ground, genuine.statement.from_ms, findings).into();
        Verdict { rulebook: self.rulebook(digest), dispositions }
    }

    /// The number of a rulebook in this frame.
    fn rulebook(&mut self, digest: Digest) -> u8 {
        let books = &mut self.frame.rulebooks;
        let at = books.iter().position(|d| *d == digest).unwrap_or_else(|| {
            books.push(digest);
            books.len() - 1
        });
        u8::try_from(at + 1).unwrap_or(0)
    }
}

fn in_time(until_ms: u64, now_ms: u64) -> Result<(), Refusal> {
    let ahead_ms = until_ms.saturating_sub(now_ms);
    if ahead_ms > AHEAD_MS {
        return Err(Refusal::Ahead { until_ms, ahead_ms, allowed_ms: AHEAD_MS });
    }
    let age_days = now_ms.saturating_sub(until_ms) / DAY_MS;
    if age_days > OLDEST_DAYS {
        return Err(Refusal::Old { age_days, allowed_days: OLDEST_DAYS });
    }
    Ok(())
}
