//! What may be asked of the history, and the form of the answers. It must not read anything.

use crate::error::Error;
use crate::fold::Sums;
use crate::row::hex;
use facts::Activity;
use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};
use std::ops::Range;

/// Most lines of an answer.
pub const MAX_LINES: usize = 1_000_000;

/// A question. Empty lists ask for everything.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Query {
    /// Rows that begin at this time or later, in Unix milliseconds.
    pub from_ms: i64,
    /// Rows that begin before this time, in Unix milliseconds.
    pub to_ms: i64,
    /// These devices.
    pub devices: Vec<[u8; 16]>,
    /// These operators.
    pub operators: Vec<String>,
    /// These sites.
    pub sites: Vec<String>,
    /// Workloads whose name holds this text; ASCII letters match in either case.
    pub workload: Option<String>,
    /// These activities.
    pub activities: Vec<Activity>,
    /// These dispositions.
    pub dispositions: Vec<String>,
    /// What the lines of the answer stand for.
    pub group: Group,
    /// Steps of time, if the answer goes by time.
    pub bucket: Option<Bucket>,
    /// Whether statements are counted too: every row is then looked at.
    pub statements: bool,
}

/// What the lines of an answer stand for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Group {
    /// All rows together.
    #[default]
    None,
    /// A device.
    Device,
    /// A workload.
    Workload,
    /// An activity.
    Activity,
    /// A disposition.
    Disposition,
    /// A site.
    Site,
    /// An operator.
    Operator,
}

/// Steps of time. A row belongs to the step in which it begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bucket {
    /// Their length in milliseconds, at least 1.
    pub every_ms: i64,
    /// A time at which one begins, in Unix milliseconds: a local midnight, for days.
    pub origin_ms: i64,
}

impl Bucket {
    /// The time at which the step of a time begins, in Unix milliseconds.
    #[must_use]
    pub fn start(&self, ms: i64) -> i64 {
        let into = ms.saturating_sub(self.origin_ms).checked_rem_euclid(self.every_ms);
        ms.saturating_sub(into.unwrap_or(0))
    }
}

/// What a line of an answer stands for.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Key {
    /// All rows.
    All,
    /// A device.
    Device([u8; 16]),
    /// A workload with its identifier and name; none for statements without findings.
    Workload(Option<([u8; 8], String)>),
    /// An activity.
    Activity(Activity),
    /// A disposition; none where nothing was judged.
    Disposition(Option<String>),
    /// A site.
    Site(String),
    /// An operator.
    Operator(String),
}

impl Key {
    /// The key as a text for people; empty where there is none.
    #[must_use]
    pub fn text(&self) -> String {
        match self {
            Self::All | Self::Workload(None) | Self::Disposition(None) => String::new(),
            Self::Device(id) => hex(id),
            Self::Workload(Some((_, text)))
            | Self::Disposition(Some(text))
            | Self::Site(text)
            | Self::Operator(text) => text.clone(),
            Self::Activity(activity) => activity.name().to_owned(),
        }
    }

    /// The workload's identifier in hexadecimal digits.
    #[must_use]
    pub fn workload_id(&self) -> Option<String> {
        match self {
            Self::Workload(Some((id, _))) => Some(hex(id)),
            _ => None,
        }
    }

    /// What it is a key of, as it stands in answers.
    #[must_use]
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::All => "all",
            Self::Device(_) => "device",
            Self::Workload(_) => "workload",
            Self::Activity(_) => "activity",
            Self::Disposition(_) => "disposition",
            Self::Site(_) => "site",
            Self::Operator(_) => "operator",
        }
    }
}

/// A line of an answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// What it stands for.
    pub key: Key,
    /// The beginning of its step of time, in Unix milliseconds, where steps were asked for.
    pub bucket_ms: Option<i64>,
    /// What the rows come to.
    pub sums: Sums,
}

impl Serialize for Answer {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        if self.key != Key::All {
            map.serialize_entry(self.key.kind(), &self.key.text())?;
        }
        if let Some(id) = self.key.workload_id() {
            map.serialize_entry("workload_id", &id)?;
        }
        if let Some(bucket) = self.bucket_ms {
            map.serialize_entry("bucket_ms", &bucket)?;
        }
        if let Some(statements) = self.sums.statements {
            map.serialize_entry("statements", &statements)?;
        }
        map.serialize_entry("findings", &self.sums.findings)?;
        map.serialize_entry("cpu_ms", &self.sums.cpu_ms)?;
        map.serialize_entry("energy_mj", &self.sums.energy_mj)?;
        map.serialize_entry("unmetered", &self.sums.unmetered)?;
        map.serialize_entry("first_ms", &self.sums.first_ms)?;
        map.serialize_entry("last_ms", &self.sums.last_ms)?;
        map.end()
    }
}

impl Query {
    /// Whether the question makes sense.
    ///
    /// # Errors
    ///
    /// [`Error::Question`] if it does not.
    pub fn check(&self) -> Result<(), Error> {
        match self.bucket {
            Some(bucket) if bucket.every_ms < 1 => {
                Err(Error::Question { why: format!("steps of {} ms, expected at least 1", bucket.every_ms) })
            }
            _ => Ok(()),
        }
    }

    /// The times that it asks for.
    pub(crate) fn window(&self) -> Range<i64> {
        self.from_ms..self.to_ms
    }
}
