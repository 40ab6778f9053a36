//! What a bundle held, in numbers.

use statement::Statement;
use std::collections::BTreeMap;

/// What a bundle held.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Summary {
    /// Batches.
    pub batches: u64,
    /// Statements that are there.
    pub statements: u64,
    /// Records that are there.
    pub records: u64,
    /// Entries that stand as their hash alone.
    pub hashes: u64,
    /// Devices that speak.
    pub devices: u64,
    /// Begin of the earliest interval, milliseconds since 1970.
    pub from_ms: Option<u64>,
    /// End of the latest.
    pub until_ms: Option<u64>,
    /// Millijoules stated.
    pub energy_mj: u64,
    /// Statements whose key is not in the bundle.
    pub without_key: u64,
    /// Statements that are missing within the chains that are here.
    pub missing: u64,
    /// Findings by disposition, from the manifests.
    pub dispositions: BTreeMap<u8, u64>,
}

impl Summary {
    /// Counts one statement more into the span of time and the energy.
    pub(crate) fn count(&mut self, statement: &Statement) {
        let until = statement.until_ms();
        self.from_ms = Some(self.from_ms.map_or(statement.from_ms, |ms| ms.min(statement.from_ms)));
        self.until_ms = Some(self.until_ms.map_or(until, |ms| ms.max(until)));
        let energy = statement.energy.as_ref().map_or(0, |e| e.millijoules);
        self.energy_mj = self.energy_mj.saturating_add(energy);
    }
}
