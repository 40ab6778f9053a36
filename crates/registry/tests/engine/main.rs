//! The registry as its users see it: one store, devices that speak, a log that proves.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

mod life;
mod world;
