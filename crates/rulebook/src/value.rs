//! Values of facts, with units converted where people write them.

use crate::fact::Kind;
use serde::Serialize;
use std::fmt;

/// The value of one fact.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(untagged)]
pub enum Value {
    /// Yes or no.
    YesNo(bool),
    /// A whole number in the unit of the fact.
    Quantity(i64),
    /// One of the values that the vocabulary lists.
    Choice(String),
}

impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::YesNo(true) => f.write_str("yes"),
            Self::YesNo(false) => f.write_str("no"),
            Self::Quantity(n) => n.fmt(f),
            Self::Choice(text) => f.write_str(text),
        }
    }
}

/// Why a value does not suit its fact.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ValueError {
    /// Another kind of value was expected.
    #[error("found {found}; expected {expected}")]
    Type {
        /// What was found.
        found: String,
        /// What was expected.
        expected: String,
    },
    /// Not among the listed values.
    #[error("found '{found}'; expected one of {expected}")]
    Choice {
        /// What was found.
        found: String,
        /// The listed values.
        expected: String,
    },
    /// Outside of the range that makes sense.
    #[error("found {found}; expected 0 to {max} {unit}")]
    Range {
        /// What was found.
        found: String,
        /// The largest value that makes sense.
        max: i64,
        /// The unit.
        unit: String,
    },
    /// A unit that does not convert.
    #[error("found the unit '{found}'; expected {expected} or a multiple of it")]
    Unit {
        /// What was found.
        found: String,
        /// The unit of the fact.
        expected: String,
    },
}

/// A unit with its decimal exponent against the base unit, for instance MW against W: 6.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Unit {
    base: &'static str,
    exponent: u32,
}

/// Every unit that may be written, with its base unit and decimal exponent (SI prefixes, SI brochure 9, table 7).
const UNITS: [(&str, &str, u32); 27] = [
    ("W", "W", 0),
    ("kW", "W", 3),
    ("MW", "W", 6),
    ("GW", "W", 9),
    ("Wh", "Wh", 0),
    ("kWh", "Wh", 3),
    ("MWh", "Wh", 6),
    ("GWh", "Wh", 9),
    ("TWh", "Wh", 12),
    ("‰", "‰", 0),
    ("%", "‰", 1),
    ("tce", "tce", 0),
    ("t", "t", 0),
    ("kt", "t", 3),
    ("USD", "USD", 0),
    ("mKZT/kWh", "mKZT/kWh", 0),
    ("KZT/kWh", "mKZT/kWh", 3),
    ("PFLOP", "PFLOP", 0),
    ("EFLOP", "PFLOP", 3),
    ("ZFLOP", "PFLOP", 6),
    ("YFLOP", "PFLOP", 9),
    ("m2", "m2", 0),
    ("m3", "m3", 0),
    ("kg", "kg", 0),
    ("h", "h", 0),
    ("MUSD", "USD", 6),
    ("days", "days", 0),
];

impl Unit {
    /// The unit of that name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        UNITS.iter().find(|(n, ..)| *n == name).map(|(_, base, exponent)| Self { base, exponent: *exponent })
    }

    /// Whether facts are kept in this unit.
    #[must_use]
    pub const fn is_base(self) -> bool {
        self.exponent == 0
    }

    /// The unit that facts are kept in.
    #[must_use]
    pub const fn base(self) -> &'static str {
        self.base
    }
}

/// Reads a decimal number with a unit, `12.5 MW`, into whole base units. `None` where it is no such text or not whole.
pub(crate) fn quantity(text: &str, unit: &str) -> Result<i64, ValueError> {
    let wrong = || ValueError::Type {
        found: format!("'{}'", shorten(text)),
        expected: format!("a whole number of {unit}"),
    };
    let text = text.trim();
    let end = text.find(|c: char| !(c.is_ascii_digit() || c == '.' || c == '_')).unwrap_or(text.len());
    let (number, name) = text.split_at_checked(end).ok_or_else(wrong)?;
    let name = name.trim();
    let written = if name.is_empty() { Unit::named(unit) } else { Unit::named(name) };
    let written = written
        .filter(|u| u.base == unit)
        .ok_or_else(|| ValueError::Unit { found: shorten(name), expected: unit.to_owned() })?;
    decimal(number, written.exponent).ok_or_else(wrong)
}

/// A decimal number times ten to the exponent, if that is whole and fits.
pub(crate) fn decimal(number: &str, exponent: u32) -> Option<i64> {
    let number: String = number.chars().filter(|c| *c != '_').collect();
    let (whole, part) = number.split_once('.').unwrap_or((&number, ""));
    let part = part.trim_end_matches('0');
    if whole.is_empty() || part.len() > exponent as usize || !part.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let zeros = "0".repeat(exponent as usize - part.len());
    format!("{whole}{part}{zeros}").parse().ok()
}

/// Checks a value against its kind; text is read as a choice, a quantity with unit, or yes and no.
pub(crate) fn checked(value: Value, kind: &Kind) -> Result<Value, ValueError> {
    match (kind, value) {
        (Kind::YesNo, v @ Value::YesNo(_)) => Ok(v),
        (Kind::Choice { values }, Value::Choice(text)) => {
            if values.contains(&text) {
                Ok(Value::Choice(text))
            } else {
                Err(ValueError::Choice { found: shorten(&text), expected: values.join(", ") })
            }
        }
        (Kind::Quantity { unit, max }, Value::Quantity(n)) => within(n, unit, *max),
        (Kind::Quantity { unit, max }, Value::Choice(text)) => within(quantity(&text, unit)?, unit, *max),
        (kind, other) => {
            Err(ValueError::Type { found: shorten(&format!("'{other}'")), expected: kind.words() })
        }
    }
}

fn within(n: i64, unit: &str, max: i64) -> Result<Value, ValueError> {
    if (0..=max).contains(&n) {
        Ok(Value::Quantity(n))
    } else {
        Err(ValueError::Range { found: n.to_string(), max, unit: unit.to_owned() })
    }
}

/// Most characters of foreign text in a message.
const SHOWN: usize = 60;

/// Foreign text as it may stand in a message: short, and without control characters.
pub(crate) fn shorten(text: &str) -> String {
    let clean = text.chars().map(|c| if c.is_control() { '\u{fffd}' } else { c });
    let mut short: String = clean.clone().take(SHOWN).collect();
    if clean.count() > SHOWN {
        short.push('…');
    }
    short
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantities_convert_exactly_or_are_refused() {
        assert_eq!(quantity("75 MW", "W"), Ok(75_000_000));
        assert_eq!(quantity("0.5MW", "W"), Ok(500_000));
        assert_eq!(quantity("6000 kWh", "Wh"), Ok(6_000_000));
        assert_eq!(quantity("12.5 %", "‰"), Ok(125));
        assert_eq!(quantity("1_000", "tce"), Ok(1000));
        for (wrong, unit) in [
            ("75 MWh", "W"),
            ("0.0001 kW", "W"),
            ("-1 W", "W"),
            ("1e3 W", "W"),
            ("", "W"),
            ("9999999999999 GW", "W"),
            ("12.55 %", "‰"),
        ] {
            assert!(quantity(wrong, unit).is_err(), "{wrong}");
        }
    }

    #[test]
    fn every_unit_leads_to_a_base_unit() {
        for (name, base, _) in UNITS {
            assert!(Unit::named(base).is_some_and(Unit::is_base), "{name}");
        }
    }
}
