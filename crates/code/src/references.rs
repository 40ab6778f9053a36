//! Tables and constants that the code near hot addresses uses.

use crate::Arch;

/// What an instruction refers to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Operand {
    /// An address in memory.
    Data(u64),
    /// A constant in the instruction itself.
    Immediate(u64),
}

/// One use of a table or constant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Reference {
    /// Address of the instruction.
    pub code: u64,
    /// What it refers to.
    pub operand: Operand,
}

/// Finds the tables and constants used near hot addresses.
#[must_use]
pub fn references(_arch: Arch, _address: u64, _bytes: &[u8], _hot: &[u64]) -> Vec<Reference> {
    Vec::new()
}
