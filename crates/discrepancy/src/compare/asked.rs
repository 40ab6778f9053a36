//! What is asked of a comparison, and what it answers: plain data.
//!
//! Must not compare anything.

use crate::declared::Unread;
use crate::difference::{Contest, Coverage, Difference, Subject};
use crate::reliability::Reliability;
use crate::said::Said;
use crate::thresholds::Thresholds;
use facts::Activity;
use jiff::tz::TimeZone;
use registration::Register;
use statement::Name;
use std::collections::BTreeSet;

/// The time that is asked about.
#[derive(Clone, Debug)]
pub struct Period {
    /// Begin, milliseconds since 1970.
    pub from_ms: u64,
    /// End, at most the present.
    pub to_ms: u64,
    /// The calendar of the place: days of registrations and hours of schedules are by it.
    pub zone: TimeZone,
}

/// A limit of power at a site that follows from its rulebook or contract.
#[derive(Clone, Debug, PartialEq)]
pub struct Limit {
    /// The site.
    pub site: Name,
    /// Watts.
    pub watts: f64,
    /// Where it is from: an article, a field.
    pub source: String,
}

/// What is compared.
#[derive(Clone, Copy, Debug)]
pub struct Input<'a> {
    /// What was registered, all versions.
    pub register: &'a Register,
    /// What the devices said, in any order; what lies outside of the period is left out.
    pub said: &'a [Said],
    /// The time.
    pub period: &'a Period,
    /// Matters about findings.
    pub contests: &'a [Contest],
    /// Limits of power beside the registered ones.
    pub limits: &'a [Limit],
    /// What a difference needs.
    pub thresholds: &'a Thresholds,
    /// What a conclusion is worth.
    pub reliability: &'a Reliability,
}

/// What stands of one device over the period, difference or not.
#[derive(Clone, Debug, PartialEq)]
pub struct Standing {
    /// What it is about.
    pub subject: Subject,
    /// Declared activities, on any day.
    pub declared: BTreeSet<Activity>,
    /// Processor time by activity seen, part of the whole, largest first.
    pub seen: Vec<(Activity, f64)>,
    /// Energy of the whole device, kWh, where it was measured.
    pub kwh: Option<f64>,
    /// What could be seen.
    pub coverage: Coverage,
}

/// The whole answer.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Comparison {
    /// Differences, largest first.
    pub differences: Vec<Difference>,
    /// Every device that was registered or spoke.
    pub standings: Vec<Standing>,
    /// Registered terms that could not be read, and were taken as not said.
    pub unread: Vec<Unread>,
}
