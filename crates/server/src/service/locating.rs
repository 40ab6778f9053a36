//! Finding a device's statement by the device's own number: the latest from memory, older ones from the history.

use super::Service;
use super::witnesses::unpoisoned;
use registry::Outcome;
use statement::DeviceId;
use std::collections::{HashMap, VecDeque};
use std::sync::Mutex;
use store_parquet::{Error, Query};

/// How many statements are remembered.
const REMEMBERED: usize = 262_144;

/// Where the latest statements are.
#[derive(Default)]
pub(crate) struct Recent(Mutex<Places>);

#[derive(Default)]
struct Places {
    ordinals: HashMap<(DeviceId, u64), u64>,
    order: VecDeque<(DeviceId, u64)>,
}

impl Recent {
    /// Takes note of what was accepted.
    pub(crate) fn note(&self, named: &[Option<(DeviceId, u64)>], outcomes: &[Outcome]) {
        let mut places = unpoisoned(self.0.lock());
        for (name, outcome) in named.iter().zip(outcomes) {
            if let (Some(name), Outcome::Accepted(ordinal)) = (name, outcome) {
                places.ordinals.insert(*name, *ordinal);
                places.order.push_back(*name);
            }
        }
        while places.order.len() > REMEMBERED {
            if let Some(oldest) = places.order.pop_front() {
                places.ordinals.remove(&oldest);
            }
        }
    }
}

impl Service {
    /// The ordinal of a device's statement; none if it is not there.
    ///
    /// # Errors
    ///
    /// [`Error`] if the history cannot be read.
    pub fn ordinal_of(&self, device: DeviceId, sequence: u64) -> Result<Option<u64>, Error> {
        let recent = unpoisoned(self.inner.recent.0.lock()).ordinals.get(&(device, sequence)).copied();
        if recent.is_some() {
            return Ok(recent);
        }
        let query = Query { to_ms: store_parquet::MAX_TIME, devices: vec![device.0], ..Query::default() };
        let mut after = None;
        loop {
            let page = self.inner.facts.rows(&query, true, store_parquet::MAX_PAGE, after)?;
            if let Some(row) = page.rows.iter().find(|row| row.sequence == sequence) {
                return Ok(Some(row.ordinal));
            }
            after = page.next;
            // Rows come newest first, so all further ones are older.
            if after.is_none() || page.rows.last().is_some_and(|row| row.sequence < sequence) {
                return Ok(None);
            }
        }
    }
}
