//! Faults end to end, with the built program: kills, bad networks, full and read-only disks, a device that floods.
//!
//! Each task ends with the same question: is every statement that was said in the log exactly once, has each a receipt that
//! verifies, and does `overt fsck` find the registry sound?

pub mod disk;
pub mod flood;
pub mod kill;
pub mod network;
mod scene;

pub use scene::{enrol, folder};
