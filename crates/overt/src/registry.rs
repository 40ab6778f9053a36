//! The registry from the command line: `up`, `serve`, `agent`, `witness`, and what one asks a running registry.

pub mod admin;
pub mod agent;
pub mod ask;
pub mod bundle;
pub mod carry;
pub mod folder;
pub mod history;
pub mod keep;
pub mod leaves;
pub mod play;
pub mod receipt;
pub mod relay;
pub mod serve;
pub mod status;
pub mod up;
mod voucher;
pub mod witness;

use crate::Failure;
use std::fmt::Display;

/// A failure that names what was being done.
pub fn failed(what: impl Display, error: impl Display) -> Failure {
    Failure::Usage(format!("{what}: {}", crate::table::printable(&error.to_string())))
}
