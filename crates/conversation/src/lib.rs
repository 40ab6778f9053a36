//! First bytes of a conversation in; protocol, dialect, chain, algorithm and methods out.
//!
//! Content decides, never a port, an address or a name. The crate keeps at most [`KEPT_BYTES`] of each direction,
//! reads hostile input, and must do no I/O, read no clock and keep nothing of what it read beyond the names that the
//! protocols define.

mod recogniser;

pub use recogniser::{KEPT_BYTES, MAX_BYTES, MAX_SEGMENTS, Recogniser};
