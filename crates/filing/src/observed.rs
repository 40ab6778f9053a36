//! What was observed: sums of statements by the hour or day, cut to a period at the place. Must not spread a sum over time:
//! what straddles an edge is left out and said so.

use crate::amount::Decimal;
use crate::form::{Cell, Source};
use facts::{Activity, TokenState};
use jiff::civil::Date;
use jiff::tz::TimeZone;
use statement::{DeviceId, Name};

/// Share of the time that statements must cover for a sum to stand in a form, thousandths. This is overt's own bar, not
/// law: below it the sum is given as what is known, and the field stays a gap.
pub const SUFFICIENT_COVERAGE: u16 = 950;

/// Statements of one device added up over an hour or a day, by what they say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// The site that the device was enrolled at.
    pub site: Name,
    /// The device.
    pub device: DeviceId,
    /// Name of the workload; empty for statements without findings.
    pub workload: String,
    /// What was done.
    pub activity: Activity,
    /// The named computation, where known.
    pub algorithm: Option<String>,
    /// Whether the work earns a token.
    pub token: TokenState,
    /// What the rulebook said of it, where it was judged.
    pub disposition: Option<String>,
    /// When the hour or day began, milliseconds since 1970 UTC.
    pub from_ms: u64,
    /// When it ended, which is not part of it.
    pub until_ms: u64,
    /// Processor time, milliseconds.
    pub cpu_ms: u64,
    /// Energy, millijoules, if every statement knew it.
    pub energy_mj: Option<u64>,
    /// Statements that say it.
    pub statements: u64,
    /// Ordinal of the first of them in the log.
    pub first: u64,
    /// Ordinal of the last.
    pub last: u64,
    /// Time of the statements that say it, milliseconds.
    pub seen_ms: u64,
    /// Time of all statements of the device in this hour or day, milliseconds; the same in all its rows.
    pub coverage_ms: u64,
}

/// Days at a place as a time, milliseconds since 1970 UTC: from the first to just before the second.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Span {
    /// Begin.
    pub from_ms: u64,
    /// End, not part of it.
    pub until_ms: u64,
}

impl Span {
    /// From the first moment of a day to the last moment of another, in a time zone, whatever its clocks do in between.
    /// None if the days lie before 1970 or outside of the calendar.
    #[must_use]
    pub fn of(from: Date, to: Date, zone: &TimeZone) -> Option<Self> {
        let start = |day: Date| {
            let moment = day.to_zoned(zone.clone()).ok()?.timestamp().as_millisecond();
            u64::try_from(moment).ok()
        };
        Some(Self { from_ms: start(from)?, until_ms: start(to.tomorrow().ok()?)? })
    }

    /// Its length in milliseconds.
    #[must_use]
    pub const fn length(self) -> u64 {
        self.until_ms.saturating_sub(self.from_ms)
    }

    /// Whether a row lies in it as a whole.
    #[must_use]
    pub const fn holds(self, row: &Row) -> bool {
        self.from_ms <= row.from_ms && row.until_ms <= self.until_ms
    }

    /// Whether a row lies in it in part.
    #[must_use]
    pub const fn touches(self, row: &Row) -> bool {
        row.from_ms < self.until_ms && self.from_ms < row.until_ms
    }

    /// The time that both have in common.
    #[must_use]
    pub fn shared(self, other: Self) -> u64 {
        self.until_ms.min(other.until_ms).saturating_sub(self.from_ms.max(other.from_ms))
    }
}

/// Rows added up.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sum {
    pub cpu_ms: u128,
    /// Processor time of the rows whose energy is known.
    pub metered_cpu_ms: u128,
    pub energy_mj: u128,
    /// Rows that did work of which the energy is not known.
    pub unmetered: u64,
    pub seen_ms: u128,
    pub statements: u64,
    pub first: u64,
    pub last: u64,
}

impl Sum {
    /// The sum of rows; none of no rows.
    pub fn of<'a>(rows: impl IntoIterator<Item = &'a Row>) -> Option<Self> {
        let mut sum: Option<Self> = None;
        for row in rows {
            let s = sum.get_or_insert(Self { first: row.first, ..Self::default() });
            s.cpu_ms += u128::from(row.cpu_ms);
            s.seen_ms += u128::from(row.seen_ms);
            s.statements = s.statements.saturating_add(row.statements);
            s.first = s.first.min(row.first);
            s.last = s.last.max(row.last);
            match row.energy_mj {
                Some(energy) => {
                    s.energy_mj += u128::from(energy);
                    s.metered_cpu_ms += u128::from(row.cpu_ms);
                }
                None if row.cpu_ms > 0 => s.unmetered += 1,
                None => {}
            }
        }
        sum
    }

    /// A value that was added up from these statements.
    pub fn cell(&self, value: String, how: &str, coverage_permille: u16) -> Cell {
        let Self { statements, first, last, .. } = *self;
        Cell::of(value, Source::Observed { statements, first, last, how: how.to_owned(), coverage_permille })
    }

    /// The energy if all of it is known and enough of the time is covered.
    ///
    /// # Errors
    ///
    /// What is known instead, in words.
    pub fn energy(&self, coverage_permille: u16) -> Result<Decimal, String> {
        let known = Decimal::kwh(self.energy_mj);
        if self.unmetered > 0 {
            let share = Decimal::percent(self.metered_cpu_ms, self.cpu_ms).unwrap_or_default();
            return Err(format!(
                "energy is known of {known} kWh, for work with {share} % of the processor time; the rest was not measured"
            ));
        }
        if coverage_permille < SUFFICIENT_COVERAGE {
            return Err(format!(
                "at least {known} kWh were seen, and statements cover {} of the time",
                percent(coverage_permille)
            ));
        }
        Ok(known)
    }
}

/// Thousandths as percent.
pub fn percent(permille: u16) -> String {
    format!("{}.{} %", permille / 10, permille % 10)
}

/// A part of a whole in thousandths, rounded down, so that only all is 1000; none of nothing is 0.
pub fn permille(part: u128, whole: u128) -> u16 {
    let share = part.saturating_mul(1000).checked_div(whole).unwrap_or_default();
    u16::try_from(share.min(1000)).unwrap_or(1000)
}
