//! Laws of everything that is signed or kept: it comes back as it was, and nothing else is taken for it.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

mod any;
mod codes;
mod limits;
mod pieces;
mod round;
