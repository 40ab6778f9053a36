//! The on-device loop: sense, identify, spend by a budget.
//!
//! Owns the pace of looking and nothing else: what a reading means is for `identify`, how it is read for
//! `sense-linux`. Live looking and replaying go through the same [`identify::Observation`].

mod looker;
mod pace;

pub use looker::{Look, Looker, Watch, replay};
pub use pace::{Budget, Pace};
pub use sense_linux::OpenError;
