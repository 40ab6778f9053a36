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
    /// What the first missing one has to name as the one before.
    #[n(2)]
    pub after: Digest,
    /// The digest that the last missing one has to have.
    #[n(3)]
    pub before: Digest,
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
    /// # Errors
    ///
    /// [`Refusal::Chain`], [`Refusal::Equivocation`], [`Refusal::Gaps`] or [`Refusal::Overlap`].
    pub fn offer(&mut self, link: &Link) -> Result<Taken, Refusal> {
        if link.sequence >= self.next {
            return self.extend(link).map(|()| Taken::New);
        }
        let gap = self.gaps.iter().position(|g| (g.first..g.end).contains(&link.sequence));
        match gap {
            Some(at) => self.fill(at, link).map(|()| Taken::New),
            None => self.again(link),
        }
    }

    fn last(&self) -> Digest {
        self.last.unwrap_or(Digest::NONE)
    }

    fn extend(&mut self, link: &Link) -> Result<(), Refusal> {
        let broken = |expected| Refusal::Chain { sequence: link.sequence, found: link.previous, expected };
        if link.sequence == self.next && link.previous != self.last() {
            return Err(broken(self.last()));
        }
        if !link.stepped && link.from_ms.saturating_add(OVERLAP_MS) < self.until_ms {
            return Err(Refusal::Overlap { from_ms: link.from_ms, until_ms: self.until_ms });
        }
        let mut gaps = self.gaps.clone();
        if link.sequence > self.next {
            gaps.push(Gap {
                first: self.next,
                end: link.sequence,
                after: self.last(),
                before: link.previous,
            });
        }
        if let Some((first, end)) = link.dropped {
            gaps.retain(|g| g.first < first || g.end > end);
        }
        if gaps.len() > MAX_GAPS {
            return Err(Refusal::Gaps { sequence: link.sequence, most: MAX_GAPS + 1, next: self.next });
        }
        // A clock that was set back makes earlier times possible again; otherwise time only goes on.
        let until_ms = if link.stepped { link.until_ms } else { link.until_ms.max(self.until_ms) };
        *self = Self { next: link.sequence.saturating_add(1), last: Some(link.digest), until_ms, gaps };
        Ok(())
    }

    fn fill(&mut self, at: usize, link: &Link) -> Result<(), Refusal> {
        let Some(gap) = self.gaps.get(at).copied() else { return Ok(()) };
        let sequence = link.sequence;
        if sequence == gap.first && link.previous != gap.after {
            return Err(Refusal::Chain { sequence, found: link.previous, expected: gap.after });
        }
        if sequence + 1 == gap.end && link.digest != gap.before {
            return Err(Refusal::Equivocation { sequence, found: link.digest, expected: gap.before });
        }
        let left = Gap { end: sequence, before: link.previous, ..gap };
        let right = Gap { first: sequence + 1, after: link.digest, ..gap };
        let rest = [left, right].into_iter().filter(|g| g.first < g.end);
        if self.gaps.len() - 1 + rest.clone().count() > MAX_GAPS {
            return Err(Refusal::Gaps { sequence, most: MAX_GAPS + 1, next: self.next });
        }
        self.gaps.splice(at..=at, rest);
        Ok(())
    }

    fn again(&self, link: &Link) -> Result<Taken, Refusal> {
        // Only the last digest is kept; an older number with another content gets no receipt of its own either way.
        if link.sequence + 1 == self.next && self.last() != link.digest {
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
        self.gaps.iter().map(|g| g.end - g.first).sum()
    }
}
