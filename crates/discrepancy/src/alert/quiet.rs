//! Quiet hours: when nothing is sent but what may break through. What falls into them is sent when they end.
//!
//! Must not drop anything.

use crate::schedule::{Schedule, ScheduleError};
use jiff::Timestamp;
use jiff::tz::TimeZone;

/// Quiet hours with the calendar they are by.
#[derive(Clone, Debug)]
pub struct Quiet {
    hours: Option<Schedule>,
    zone: TimeZone,
}

impl Quiet {
    /// No quiet hours.
    #[must_use]
    pub fn never() -> Self {
        Self { hours: None, zone: TimeZone::UTC }
    }

    /// Hours in the notation of declared schedules: `Mo-Fr 22:00-07:00; Sa-Su 00:00-24:00`.
    ///
    /// # Errors
    ///
    /// [`ScheduleError`] names the part that was not understood.
    pub fn parse(hours: &str, zone: TimeZone) -> Result<Self, ScheduleError> {
        Ok(Self { hours: Some(Schedule::parse(hours)?), zone })
    }

    /// Whether it is quiet at a moment, milliseconds since 1970.
    #[must_use]
    pub fn at(&self, now_ms: u64) -> bool {
        let Some(hours) = &self.hours else { return false };
        let at = i64::try_from(now_ms).ok().and_then(|ms| Timestamp::from_millisecond(ms).ok());
        at.is_some_and(|at| hours.open(at.to_zoned(self.zone.clone()).datetime()))
    }
}
