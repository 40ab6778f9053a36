//! Exact decimal amounts: energies, sums of readings, money. Must not round where it need not, and never in silence.

use std::fmt;

/// Digits after the decimal point that are kept: enough for the smallest unit of the common tokens.
const PLACES: usize = 9;
/// One in billionths.
const ONE: i128 = 1_000_000_000;
/// Longest text of a number, characters.
const MAX_DIGITS: usize = 24;
/// Millijoules of one watt-hour.
const MJ_PER_WH: u128 = 3_600_000;

/// A decimal number in billionths, zero or more.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Decimal(i128);

impl Decimal {
    /// Reads digits with at most nine after a point: no sign, no exponent, no separators.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        let (whole, part) = text.split_once('.').unwrap_or((text, ""));
        let digits = |t: &str| t.bytes().all(|b| b.is_ascii_digit());
        let good = !whole.is_empty()
            && whole.len() <= MAX_DIGITS
            && part.len() <= PLACES
            && digits(whole)
            && digits(part);
        if !good {
            return None;
        }
        let part: i128 = format!("{part:0<PLACES$}").parse().ok()?;
        whole.parse::<i128>().ok()?.checked_mul(ONE)?.checked_add(part).map(Self)
    }

    /// Kilowatt-hours of millijoules, rounded half up to the watt-hour.
    #[must_use]
    pub fn kwh(millijoules: u128) -> Self {
        let wh = (millijoules + MJ_PER_WH / 2) / MJ_PER_WH;
        Self(i128::try_from(wh).unwrap_or(i128::MAX / ONE).saturating_mul(ONE / 1000))
    }

    /// Hours of milliseconds, rounded half up to hundredths.
    #[must_use]
    pub fn hours(milliseconds: u128) -> Self {
        let hundredths = (milliseconds + 18_000) / 36_000;
        Self(i128::try_from(hundredths).unwrap_or_default().saturating_mul(ONE / 100))
    }

    /// A whole number of hundredths, for money.
    #[must_use]
    pub fn hundredths(n: i64) -> Self {
        Self(i128::from(n.max(0)) * (ONE / 100))
    }

    /// A part of a whole in percent, rounded half up to hundredths of a percent; none of an empty whole.
    #[must_use]
    pub fn percent(part: u128, whole: u128) -> Option<Self> {
        let share = (part.checked_mul(10_000)?.checked_add(whole / 2)?).checked_div(whole)?;
        Some(Self(i128::try_from(share).ok()?.checked_mul(ONE / 100)?))
    }

    /// A rate, rounded half up to so many places, at most nine.
    #[must_use]
    pub fn rounded(value: f64, places: usize) -> Option<Self> {
        Self::parse(&format!("{value:.places$}"))
    }

    /// Whole thousandths, rounded down: watt-hours of kilowatt-hours.
    #[must_use]
    pub fn thousandths(self) -> Option<i64> {
        i64::try_from(self.0 / (ONE / 1000)).ok()
    }

    /// As a floating-point number, for ratios.
    #[must_use]
    pub fn as_f64(self) -> f64 {
        self.to_string().parse().unwrap_or_default()
    }

    /// A thousandth of it, if that has a form: megawatt-hours of kilowatt-hours.
    #[must_use]
    pub fn per_thousand(self) -> Option<Self> {
        (self.0 % 1000 == 0).then_some(Self(self.0 / 1000))
    }

    /// The sum, unless it is too large.
    #[must_use]
    pub fn plus(self, other: Self) -> Option<Self> {
        self.0.checked_add(other.0).map(Self)
    }
}

impl fmt::Display for Decimal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = format!("{}.{:0PLACES$}", self.0 / ONE, self.0 % ONE);
        f.pad(text.trim_end_matches('0').trim_end_matches('.'))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decimals_are_exact_or_refused() {
        for text in ["0", "7", "0.000000001", "1234.5", "999999999999"] {
            assert_eq!(Decimal::parse(text).map(|d| d.to_string()).as_deref(), Some(text));
        }
        for wrong in ["", ".", "-1", "1e3", "1,5", "0.0000000001", "١", "99999999999999999999999999"] {
            assert_eq!(Decimal::parse(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn a_kilowatt_hour_is_three_point_six_megajoules() {
        assert_eq!(Decimal::kwh(3_600_000_000).to_string(), "1");
        assert_eq!(Decimal::kwh(1_800_000).to_string(), "0.001", "half a watt-hour rounds up");
        assert_eq!(Decimal::percent(1, 3).map(|p| p.to_string()).as_deref(), Some("33.33"));
        assert_eq!(Decimal::percent(1, 0), None);
    }
}
