//! Samples in, findings with evidence out.
//!
//! The heart of overt: it groups processes into workloads, decodes what they execute, weighs that against
//! constants, data, memory, threads and conversations, and says what the work is, how sure that is and why.
//! Pure: no I/O, no clock, no randomness. The same slices give the same findings, live, replayed or in a test.

mod algorithm;
mod component;
mod evidence;
mod explain;
mod features;
pub mod fit;
mod fusion;
mod grouping;
mod judge;
mod ledger;
mod observation;
mod products;
mod sums;
mod token_link;
mod unit;

pub use explain::{Explanation, HotLoop};
pub use features::{Feature, Features, Group};
pub use fusion::{Model, ModelError};
pub use observation::{Example, Judged, Observation};
