//! The chain of one device: which statements are there, which are missing, and what may come next.
//!
//! Statements may arrive late, twice and out of order (a relay, a file carried by hand), so missing ones leave gaps that can
//! be closed later, each side checked against the hash that the neighbour names.

use crate::refusal::Refusal;
use minicbor::{Decode, Encode};
use statement::{Digest, Dropped, Statement};

/// Most gaps of one chain.
pub const MAX_GAPS: usize = 16;
/// By how much an interval may begin before the end of the one before: rounding and slewing of clocks, in milliseconds.
pub const OVERLAP_MS: u64 = 1_000;

/// Where a device's chain stands.
#[derive(Clone, Debug, Default, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct Chain {
    /// The next number.
    #[n(0)]
    pub next: u64,
    /// Digest of the statement before it.
    #[n(1)]
    pub last: Option<Digest>,
    /// End of that statement's interval, milliseconds since 1970.
    #[n(2)]
    pub until_ms: u64,
    /// Statements that are missing, in order.
    #[n(3)]
    pub gaps: Vec<Gap>,
}

/// Missing statements.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct Gap {
    /// The first missing number.
    #[n(0)]
    pub first: u64,
    /// The number after the last missing one.
    #[n(1)]
    pub end: u64,
    /// What the first missing one has to name as the one before; [`Digest::NONE`] where that is not known.
    #[n(2)]
    pub after: Digest,
    /// The digest that the last missing one has to have; [`Digest::NONE`] where that is not known.
    #[n(3)]
    pub before: Digest,
    /// End of the interval before the first missing one, milliseconds since 1970; 0 where that is not known.
    #[n(4)]
    pub from_ms: u64,
    /// Begin of the interval after the last missing one; [`u64::MAX`] where that is not known or the clock was set in it.
    #[n(5)]
    pub until_ms: u64,
}

/// What a chain needs to know of a statement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Link {
    /// Its number.
    pub sequence: u64,
    /// The digest that it names as the one before.
    pub previous: Digest,
    /// Its own digest.
    pub digest: Digest,
    /// Begin of its interval.
    pub from_ms: u64,
    /// End of its interval.
    pub until_ms: u64,
    /// Whether it states that the clock was set.
    pub stepped: bool,
    /// What it says was given up.
    pub dropped: Option<(u64, u64)>,
}

impl Link {
    /// What a chain needs to know of a statement with this digest.
    #[must_use]
    pub fn of(statement: &Statement, digest: Digest) -> Self {
        let range = |d: &Dropped| (d.first, d.first.saturating_add(d.count));
        Self {
            sequence: statement.sequence,
            previous: statement.previous,
            digest,
            from_ms: statement.from_ms,
            until_ms: statement.until_ms(),
            stepped: statement.clock.step_ms.is_some(),
            dropped: statement.dropped.as_ref().map(range),
        }
    }
}

/// What became of an offered statement.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Taken {
    /// It is new.
    New,
    /// It is there already.
    Duplicate,
}

impl Chain {
    /// Takes a statement up, or says why not; then nothing has changed.
    ///
    /// What is checked of two neighbours does not depend on which of them came first: the later one names the earlier one,
    /// and begins after it unless it states that the clock was set.
    ///
    /// # Errors
    ///
    /// [`Refusal::Chain`], [`Refusal::Equivocation`], [`Refusal::Gaps`] or [`Refusal::Overlap`].
    pub fn offer(&mut self, link: &Link) -> Result<Taken, Refusal> {
        let gap = self.gap(link.sequence);
        match gap {
            Some(gap) => fills(&gap, link)?,
            None if link.sequence >= self.next => self.extends(link)?,
            None => return self.again(link),
        }
        let with = self.with(link);
        if with.gaps.len() > MAX_GAPS {
            return Err(Refusal::Gaps { sequence: link.sequence, most: MAX_GAPS + 1, next: self.next });
        }
        *self = with;
        Ok(Taken::New)
    }

    /// Takes up a statement that was admitted, where what it was checked against is gone.
    pub(crate) fn trust(&mut self, link: &Link) {
        if link.sequence >= self.next || self.gap(link.sequence).is_some() {
            *self = self.with(link);
            let surplus = self.gaps.len().saturating_sub(MAX_GAPS);
            self.gaps.drain(..surplus);
        }
    }

    /// The gap in which a number is.
    fn gap(&self, sequence: u64) -> Option<Gap> {
        self.gaps.iter().find(|g| (g.first..g.end).contains(&sequence)).copied()
    }

    fn last(&self) -> Digest {
        self.last.unwrap_or(Digest::NONE)
    }

    /// Checks a statement against the last one, if it is the next.
    fn extends(&self, link: &Link) -> Result<(), Refusal> {
        if link.sequence > self.next {
            return Ok(());
        }
        if link.previous != self.last() {
            let (sequence, found) = (link.sequence, link.previous);
            return Err(Refusal::Chain { sequence, found, expected: self.last() });
        }
        apart(self.until_ms, if link.stepped { u64::MAX } else { link.from_ms })
    }

    /// The chain with a statement that is missing or new.
    fn with(&self, link: &Link) -> Self {
        let mut new = self.clone();
        // Begin of its interval, as far as it binds the one before.
        let from_ms = if link.stepped { u64::MAX } else { link.from_ms };
        let sequence = link.sequence;
        if sequence >= self.next {
            let (first, after) = (self.next, self.last());
            let before = link.previous;
            new.gaps.push(Gap {
                first,
                end: sequence,
                after,
                before,
                from_ms: self.until_ms,
                until_ms: from_ms,
            });
            new.next = sequence.saturating_add(1);
            (new.last, new.until_ms) = (Some(link.digest), link.until_ms);
        } else {
            let split = |gap: &Gap| {
                if !(gap.first..gap.end).contains(&sequence) {
                    return [Some(*gap), None];
                }
                let left = Gap { end: sequence, before: link.previous, until_ms: from_ms, ..*gap };
                let (first, after) = (sequence.saturating_add(1), link.digest);
                [Some(left), Some(Gap { first, after, from_ms: link.until_ms, ..*gap })]
            };
            new.gaps = self.gaps.iter().flat_map(split).flatten().collect();
        }
        if let Some((first, end)) = link.dropped.filter(|(first, end)| first < end) {
            new.gaps = new.gaps.iter().flat_map(|gap| without(gap, first, end)).collect();
        }
        new.gaps.retain(|g| g.first < g.end);
        new
    }

    fn again(&self, link: &Link) -> Result<Taken, Refusal> {
        // Only the last digest is kept; an older number with another content gets no receipt of its own either way.
        if link.sequence.saturating_add(1) == self.next && self.last() != link.digest {
            return Err(Refusal::Equivocation {
                sequence: link.sequence,
                found: link.digest,
                expected: self.last(),
            });
        }
        Ok(Taken::Duplicate)
    }

    /// How many statements are missing.
    #[must_use]
    pub fn missing(&self) -> u64 {
        self.gaps.iter().map(|g| g.end.saturating_sub(g.first)).fold(0, u64::saturating_add)
    }
}

/// Checks a missing statement against what stands on both sides of its gap, where it reaches them.
fn fills(gap: &Gap, link: &Link) -> Result<(), Refusal> {
    let sequence = link.sequence;
    if sequence == gap.first {
        if gap.after != Digest::NONE && link.previous != gap.after {
            return Err(Refusal::Chain { sequence, found: link.previous, expected: gap.after });
        }
        apart(gap.from_ms, if link.stepped { u64::MAX } else { link.from_ms })?;
    }
    if sequence.saturating_add(1) == gap.end {
        if gap.before != Digest::NONE && link.digest != gap.before {
            return Err(Refusal::Equivocation { sequence, found: link.digest, expected: gap.before });
        }
        apart(link.until_ms, gap.until_ms)?;
    }
    Ok(())
}

/// That an interval which begins at `from_ms` does not cover time before `until_ms`, but for rounding.
fn apart(until_ms: u64, from_ms: u64) -> Result<(), Refusal> {
    if from_ms.saturating_add(OVERLAP_MS) < until_ms {
        return Err(Refusal::Overlap { from_ms, until_ms });
    }
    Ok(())
}

/// What is still missing of a gap when the numbers from `first` to before `end` were given up; parts may be empty.
fn without(gap: &Gap, first: u64, end: u64) -> [Gap; 2] {
    if end <= gap.first || gap.end <= first {
        return [*gap, Gap { end: gap.first, ..*gap }];
    }
    let left = Gap { end: first.max(gap.first), before: Digest::NONE, until_ms: u64::MAX, ..*gap };
    let right = Gap { first: end.min(gap.end), after: Digest::NONE, from_ms: 0, ..*gap };
    [left, right]
}
