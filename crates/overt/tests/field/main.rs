//! The registry in the field, by its commands alone: what a recording, a carrier, a relay and a TPM come to.

// A test fails by panicking.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

mod carried;
mod played;
mod relayed;
mod support;
mod vouched;
