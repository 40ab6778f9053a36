//! What people register of operators, sites, devices and workloads: what is true on which day, what a rulebook still asks
//! for and why, and what a file would change before it is applied.
//!
//! Pure: texts and times are arguments. Must not write to a registry and must not fill in what nobody said.

mod register;

pub use register::{Entry, Register, Stretch};
