//! Versioned records that cross a process or lie on disk.
//!
//! Converts between those records and the plain data of `facts`. Must not decide anything: a record that is
//! malformed, too large or of an unknown version is refused with one error, and nothing of it is used.

pub mod case;
pub mod history;
pub mod look;
pub mod recording;

pub use case::{Case, CaseError};
pub use look::Document;
pub use recording::{Recording, RecordingError};
