//! What is gathered of a log: sums of findings, devices, and records with who wrote them.

use jiff::civil::Date;
use statement::{DeviceId, Name};

/// Under which heading findings are summed up.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Heading {
    /// The day.
    pub day: Date,
    /// The device.
    pub device: DeviceId,
    /// What was done: its place in the list of activities.
    pub activity: usize,
    /// The named computation, where known.
    pub algorithm: Option<String>,
    /// Whether it earns a token: its name.
    pub token: &'static str,
    /// What the rulebook says of it: its number, 255 where nothing was judged.
    pub disposition: u8,
}

/// What they come to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sum {
    /// Findings.
    pub findings: u64,
    /// Processor time in milliseconds.
    pub cpu_ms: u64,
    /// Energy in millijoules of the findings where it is known.
    pub energy_mj: Option<u64>,
    /// Findings whose energy is not known.
    pub unmetered: u64,
    /// The first statement by its place among all entries.
    pub first: u64,
    /// The last.
    pub last: u64,
}

/// A device as its records say.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DeviceSeen {
    /// What people call it.
    pub label: String,
    /// The site at which it was enrolled.
    pub site: Option<Name>,
    /// Statements within the period.
    pub statements: u64,
    /// Time that they cover, in milliseconds.
    pub covered_ms: u64,
    /// Energy of the whole device in millijoules, of the statements where it is known.
    pub energy_mj: Option<u64>,
}

/// A record with who wrote it and where it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Written<T> {
    /// The record.
    pub body: T,
    /// Who wrote it.
    pub by: String,
    /// When, milliseconds since 1970.
    pub at_ms: u64,
    /// Its place among all entries.
    pub ordinal: u64,
}

impl Sum {
    /// Adds a finding of a statement.
    pub(crate) fn add(&mut self, ordinal: u64, cpu_ms: u64, energy_mj: Option<u64>) {
        self.findings += 1;
        self.cpu_ms = self.cpu_ms.saturating_add(cpu_ms);
        match energy_mj {
            Some(more) => self.energy_mj = Some(self.energy_mj.unwrap_or(0).saturating_add(more)),
            None => self.unmetered += 1,
        }
        (self.first, self.last) = (self.first.min(ordinal), self.last.max(ordinal));
    }
}
