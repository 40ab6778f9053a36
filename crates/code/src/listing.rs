//! Code as text, for people who want to check.

use crate::{Arch, Class};

/// One instruction as text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// Address of its first byte.
    pub address: u64,
    /// Its bytes.
    pub bytes: Vec<u8>,
    /// Its text, in the syntax of the architecture's own manual.
    pub text: String,
    /// What it does.
    pub class: Class,
}

/// Lists at most `limit` instructions from the first byte on.
#[must_use]
pub fn listing(_arch: Arch, _address: u64, _bytes: &[u8], _limit: usize) -> Vec<Line> {
    Vec::new()
}
