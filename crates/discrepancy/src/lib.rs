//! Declared against observed: for every device, site and period what was registered, what the statements show, and the
//! difference with its evidence and coverage, largest first; and the engine that makes alerts of differences.
//!
//! Pure: registers, statements, times and states are arguments. Must not read a store, send anything, or accuse anybody: a
//! difference says what stands beside what was declared, how sure that is, and what would settle it.

pub mod alert;

mod assess;
mod chinese;
mod compare;
mod coverage;
mod declared;
mod difference;
mod idle;
mod json;
mod power;
mod reliability;
mod said;
mod schedule;
mod sentence;
mod settle;
mod silence;
mod tally;
mod thresholds;

pub use compare::{Comparison, Input, Limit, Period, Standing, compare};
pub use declared::{Declared, Unread, Work};
pub use difference::{
    Cited, Contest, Coverage, Difference, EARNS, Item, Kind, MAX_ORDINALS, Magnitude, Subject, Texts,
};
pub use reliability::{Reliability, ReliabilityError};
pub use said::{Said, Seen};
pub use schedule::{Schedule, ScheduleError};
pub use thresholds::Thresholds;
