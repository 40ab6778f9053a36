//! Ranges of a fact within which no provision can tell two values apart.
//!
//! Conditions compare facts with constants only. So the constants cut the values of a quantity into ranges, and every value
//! of a range is judged alike: one value of each range is enough to try them all, exactly. A yes-no or a choice has one
//! region for each value.

use crate::fact::{Fact, Kind};
use crate::value::Value;
use std::collections::BTreeSet;

/// Most regions of one fact: the number of a region is a byte, and the last one says that the fact is missing.
pub const MAX_REGIONS: usize = 250;
/// The region of a fact that is not known.
pub const MISSING: u8 = u8::MAX;

/// The regions of one fact.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Regions {
    /// One value of each region, in order.
    samples: Vec<Value>,
    /// For quantities, the first value of each region.
    starts: Vec<i64>,
}

impl Regions {
    /// Cuts the values of a fact at the constants it is compared with. `None` if there are too many.
    pub fn new(fact: &Fact, constants: &BTreeSet<i64>) -> Option<Self> {
        let regions = match &fact.kind {
            Kind::YesNo => {
                Self { samples: vec![Value::YesNo(false), Value::YesNo(true)], starts: Vec::new() }
            }
            Kind::Choice { values } => {
                Self { samples: values.iter().cloned().map(Value::Choice).collect(), starts: Vec::new() }
            }
            Kind::Quantity { max, .. } => {
                // Each constant is a region of its own, since conditions may ask for more, at least or exactly.
                let cuts = constants.iter().flat_map(|c| [*c, c.saturating_add(1)]);
                let starts: BTreeSet<i64> = cuts.filter(|c| (0..=*max).contains(c)).chain([0]).collect();
                let starts: Vec<i64> = starts.into_iter().collect();
                Self { samples: starts.iter().copied().map(Value::Quantity).collect(), starts }
            }
        };
        (regions.samples.len() <= MAX_REGIONS).then_some(regions)
    }

    /// How many regions there are.
    pub fn len(&self) -> usize {
        self.samples.len()
    }

    /// One value of each region.
    pub fn samples(&self) -> &[Value] {
        &self.samples
    }

    /// The region of a value that suits the fact.
    pub fn of(&self, value: &Value) -> u8 {
        let found = match value {
            Value::Quantity(n) => self.starts.partition_point(|start| start <= n).checked_sub(1),
            other => self.samples.iter().position(|s| s == other),
        };
        found.and_then(|i| u8::try_from(i).ok()).unwrap_or(MISSING)
    }

    /// The first and the last value of a quantity's region; the last of all has no end.
    pub fn range(&self, region: u8) -> Option<(i64, Option<i64>)> {
        let first = *self.starts.get(usize::from(region))?;
        Some((first, self.starts.get(usize::from(region) + 1).map(|next| next - 1)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn load() -> Fact {
        Fact {
            name: "site.load_w".into(),
            kind: Kind::Quantity { unit: "W".into(), max: 1000 },
            label: String::new(),
            zh: String::new(),
            asked_of: String::new(),
        }
    }

    #[test]
    fn a_constant_cuts_below_at_and_above() {
        let regions = Regions::new(&load(), &BTreeSet::from([75])).unwrap();
        assert_eq!(regions.samples(), [Value::Quantity(0), Value::Quantity(75), Value::Quantity(76)]);
        for (value, region) in [(0, 0), (74, 0), (75, 1), (76, 2), (1000, 2)] {
            assert_eq!(regions.of(&Value::Quantity(value)), region, "{value}");
        }
        assert_eq!(regions.range(0), Some((0, Some(74))));
        assert_eq!(regions.range(2), Some((76, None)));
    }

    #[test]
    fn constants_outside_of_what_makes_sense_cut_nothing() {
        let regions = Regions::new(&load(), &BTreeSet::from([-5, 5000])).unwrap();
        assert_eq!(regions.len(), 1);
    }
}
