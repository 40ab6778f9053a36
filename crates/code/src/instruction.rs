//! One decoded instruction, the same for both architectures.
//!
//! Straight decoding only: finding the right place to start is the business of `stream`.

use crate::{Arch, Class, aarch64, x86};

/// Floating-point format of an instruction's arithmetic.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Precision {
    /// IEEE binary16.
    Half,
    /// bfloat16.
    Bfloat,
    /// IEEE binary32.
    Single,
    /// IEEE binary64.
    Double,
}

/// Where control goes after an instruction.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Flow {
    /// To the next instruction.
    Next,
    /// Always elsewhere; the target where the instruction itself tells it.
    Jump(Option<u64>),
    /// To the target or to the next instruction.
    Conditional(u64),
    /// Into a function and back; the target where the instruction itself tells it.
    Call(Option<u64>),
    /// Back to the caller.
    Return,
    /// Nowhere: a trap.
    Stop,
}

/// One decoded instruction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Instruction {
    /// Address of its first byte.
    pub address: u64,
    /// Length in bytes, 1 to 15.
    pub length: u8,
    /// What it does.
    pub class: Class,
    /// Where control goes.
    pub flow: Flow,
    /// Floating-point format of its arithmetic, where it has one.
    pub precision: Option<Precision>,
    /// Width of the vector registers it works on, bits; 0 for scalar work. Scalable vectors count as 128.
    pub width: u16,
    /// Whether it reads memory.
    pub loads: bool,
    /// Whether it writes memory.
    pub stores: bool,
    /// Absolute address of an operand that is given relative to the program counter or absolutely.
    pub data: Option<u64>,
    /// Immediate operand, as wide as the operation; the constant added by an address computation too.
    pub immediate: Option<u64>,
}

impl Instruction {
    /// Address of the byte after it.
    #[must_use]
    pub const fn end(&self) -> u64 {
        self.address.wrapping_add(self.length as u64)
    }

    /// An instruction that could not be decoded.
    pub(crate) const fn invalid(address: u64, length: u8) -> Self {
        Self {
            address,
            length,
            class: Class::Other,
            flow: Flow::Next,
            precision: None,
            width: 0,
            loads: false,
            stores: false,
            data: None,
            immediate: None,
        }
    }
}

/// Decodes bytes one instruction after another from the first byte on. What is no instruction becomes
/// [`Class::Other`] of length 1 (4 on AArch64), so the answer has at most as many entries as bytes. Bytes of an
/// unknown architecture give nothing.
#[must_use]
pub fn decode(arch: Arch, address: u64, bytes: &[u8]) -> Vec<Instruction> {
    match arch {
        Arch::X86_64 => x86::decode(address, bytes),
        Arch::Aarch64 => aarch64::decode(address, bytes),
        Arch::Other => Vec::new(),
    }
}
