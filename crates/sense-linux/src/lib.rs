//! Reads what a Linux kernel tells of running work, and hands it out as [`facts::Slice`]s.
//!
//! Sampled program counters, the code around the hot ones, the names of known constants it uses, processor
//! time and data of busy processes, and who talks to whom. What cannot be read becomes a line of coverage
//! with the reason and what would change it. The crate must not decide what the work is, and must never stop,
//! signal, slow or write to what it observes: no attaching, no clearing of reference bits, no data pages
//! beyond matching them against known public tables.

mod constants;
mod conversations;
mod coverage;
mod elf;
mod entry;
mod hot;
mod machine;
mod memory;
mod names;
mod net;
mod perf;
mod procfs;
#[doc(hidden)]
pub mod readers;
mod scan;
mod sensors;
mod table;
mod usage;

pub use sensors::{OpenError, Options, Sensors};
