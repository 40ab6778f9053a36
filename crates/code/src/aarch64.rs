//! AArch64.
use crate::Instruction;
pub(crate) fn decode(_address: u64, _bytes: &[u8]) -> Vec<Instruction> {
    Vec::new()
}
