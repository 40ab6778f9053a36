//! What a person or a script can rely on when calling `overt rules`.

// A test fails by panicking.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic)]

mod judging;
mod refusing;
mod support;
mod what_if;
