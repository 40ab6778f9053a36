//! Checks a statement with its receipt, a bundle of batches, or a whole log: offline, step by step, with nothing but the bytes
//! and a trust policy.
//!
//! Pure: no I/O, no clock, no threads, so that it runs in a browser as well as in a basement. Bytes come in pieces; the costly
//! part, signatures, comes out as work that the caller may spread over threads. Must not fetch, and must not judge what a
//! statement says: it tells whether these are the bytes that were signed and sealed.

mod bundle;
mod keys;
mod log;
mod report;
mod single;
mod summary;

pub use bundle::{ReadError, Reader, Signatures, pieces};
pub use keys::Keys;
pub use log::{LogError, LogSummary, whole_log};
pub use report::{LIMITS, Mark, Report, Step};
pub use single::statement;
pub use summary::Summary;
