//! The API over a running registry: what is handed in, what is read back, and by whom.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

mod device;
mod fuzzed;
mod names;
mod reading;
mod registering;
mod roles;
mod submitting;
mod targets;
mod world;
