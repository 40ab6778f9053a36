//! Alerts on differences.
//!
//! Must not send anything.
