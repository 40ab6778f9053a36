//! Whether a statement can be true: ranges, sums and texts.

use crate::bytes::Digest;
use crate::payload::{
    Finding, MAX_DURATION_MS, MAX_FINDINGS, MAX_PARTS, MAX_SEQUENCE, MAX_TEXT, MIN_DURATION_MS, PayloadError,
    Statement, VERSION,
};

/// A thousand thousandths.
const WHOLE: u32 = 1_000;
/// What rounding each of several shares may add up to.
const ROUNDING: u32 = 20;
/// Last moment that a date may have: the year 9999.
const LAST_MS: u64 = 253_402_300_799_000;

impl Statement {
    /// Checks that it can be true.
    pub(crate) fn check(&self) -> Result<(), PayloadError> {
        if self.version != VERSION {
            return Err(PayloadError::Version { found: self.version });
        }
        within("duration in ms", self.duration_ms, MIN_DURATION_MS, MAX_DURATION_MS, "1000 to 86400000")?;
        within("begin in ms", self.from_ms, 0, LAST_MS, "a moment before the year 10000")?;
        within("number in the chain", self.sequence, 0, MAX_SEQUENCE, "at most 2^53 - 1")?;
        if (self.sequence == 0) != (self.previous == Digest::NONE) {
            return Err(PayloadError::Begin { sequence: self.sequence, previous: self.previous });
        }
        within("number of findings", self.findings.len(), 0, MAX_FINDINGS, "at most 64")?;
        within("number of sensors", self.coverage.len(), 0, MAX_PARTS, "at most 17")?;
        within("number of intervals", self.intervals, 1, u16::MAX, "at least 1")?;
        text("version of the agent", &self.agent)?;
        for why in self.coverage.iter().filter_map(|c| c.why.as_deref()) {
            text("reason of a coverage", why)?;
        }
        if let Some(dropped) = &self.dropped {
            text("reason of what was dropped", &dropped.why)?;
            within(
                "end of what was dropped",
                dropped.first.saturating_add(dropped.count),
                1,
                self.sequence,
                "before this statement",
            )?;
        }
        if let Some(energy) = &self.energy {
            text("source of energy", &energy.source)?;
        }
        self.findings.iter().try_for_each(finding)
    }
}

fn finding(finding: &Finding) -> Result<(), PayloadError> {
    text("name of a workload", &finding.name)?;
    if let Some(algorithm) = &finding.algorithm {
        text("name of an algorithm", algorithm)?;
    }
    within("number of readings", finding.readings.len(), 1, MAX_PARTS, "1 to 17")?;
    within("number of components", finding.mixture.len(), 0, MAX_PARTS, "at most 17")?;
    within("number of items of evidence", finding.evidence.len(), 0, MAX_PARTS, "at most 17")?;
    let probability = finding.readings.iter().map(|r| u32::from(r.permille)).sum();
    within("probability in thousandths", probability, 0, WHOLE + ROUNDING, "at most 1000 together")?;
    let share = finding.mixture.iter().map(|c| u32::from(c.share_permille)).sum();
    within("share in thousandths", share, 0, WHOLE + ROUNDING, "at most 1000 together")?;
    let chance = finding.mixture.iter().map(|c| c.permille).max().unwrap_or(0);
    within("probability in thousandths", u32::from(chance), 0, WHOLE, "at most 1000")
}

fn within<T>(
    what: &'static str,
    found: T,
    low: T,
    high: T,
    expected: &'static str,
) -> Result<(), PayloadError>
where
    T: PartialOrd + TryInto<i128>,
{
    if (low..=high).contains(&found) {
        return Ok(());
    }
    Err(PayloadError::Range { what, found: found.try_into().unwrap_or(i128::MAX), expected })
}

fn text(what: &'static str, text: &str) -> Result<(), PayloadError> {
    within(what, text.len(), 0, MAX_TEXT, "at most 96 bytes")?;
    if text.chars().any(char::is_control) {
        return Err(PayloadError::Text { what });
    }
    Ok(())
}
