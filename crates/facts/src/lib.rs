//! The words every room of overt shares: samples, activities, evidence, findings.
//!
//! Plain data only. This crate must not decide anything, do I/O, read a clock or draw randomness; the rooms
//! above it read the world (`sense-linux`) or reason about it (`identify`).

mod activity;
mod conversation;
mod coverage;
mod finding;
mod sample;
mod weight;

pub use activity::{Activity, UnknownActivity};
pub use conversation::{Chain, Conversation, Direction, Endpoint, Protocol, Recognised, Transport};
pub use coverage::{Coverage, Sensor, State};
pub use finding::{Evidence, EvidenceKind, Finding, Looked, Reading, Share, TokenLink, TokenState, UnitKind};
pub use sample::{
    Arch, Code, ConstantUse, Hit, Image, ImageKind, Machine, Privilege, Process, ProcessKey, Slice, Symbol,
    Usage,
};
pub use weight::{Strength, Weight};
