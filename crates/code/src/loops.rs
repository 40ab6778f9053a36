//! Loops around sampled addresses.

use crate::Instruction;

/// A loop that samples fell into.
#[derive(Clone, Debug, PartialEq)]
pub struct Loop {
    /// Address of its first instruction: the target of the branch that closes it.
    pub start: u64,
    /// Address after the branch that closes it.
    pub end: u64,
    /// Samples that fell between.
    pub samples: u64,
    /// Its instructions, as far as the chunks cover them.
    pub instructions: Vec<Instruction>,
}
