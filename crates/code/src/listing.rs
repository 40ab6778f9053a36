//! Code as text, for people who want to check.
//!
//! Text only; nothing is concluded from it.

use crate::{Arch, Class, Instruction, aarch64, decode, x86};

/// One instruction as text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// Address of its first byte.
    pub address: u64,
    /// Its bytes.
    pub bytes: Vec<u8>,
    /// Its text, in the syntax of the architecture's own manual; `(bad)` for what is no instruction.
    pub text: String,
    /// What it does.
    pub class: Class,
}

/// The most bytes one instruction can have.
const LONGEST: usize = 15;

/// Lists at most `limit` instructions from the first byte on, as [`decode`] reads them.
#[must_use]
pub fn listing(arch: Arch, address: u64, bytes: &[u8], limit: usize) -> Vec<Line> {
    let bytes = bytes.get(..limit.saturating_mul(LONGEST)).unwrap_or(bytes);
    let instructions = decode(arch, address, bytes).into_iter().take(limit);
    instructions.map(|instruction| line(arch, &instruction, address, bytes)).collect()
}

fn line(arch: Arch, instruction: &Instruction, address: u64, bytes: &[u8]) -> Line {
    let offset = instruction.address.wrapping_sub(address) as usize;
    let own = bytes.get(offset..).unwrap_or_default();
    let own = own.get(..usize::from(instruction.length)).unwrap_or(own);
    let text = match arch {
        Arch::X86_64 => x86::text(instruction.address, own),
        Arch::Aarch64 => aarch64::text(instruction.address, own),
        Arch::Other => None,
    };
    Line {
        address: instruction.address,
        bytes: own.to_vec(),
        text: text.unwrap_or_else(|| "(bad)".to_owned()),
        class: instruction.class,
    }
}
