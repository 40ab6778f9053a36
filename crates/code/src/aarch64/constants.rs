//! Addresses and constants that AArch64 code puts together from several instructions.
//!
//! Follows `adrp` with `add` or a load, and `movz` or `movn` with `movk`, register by register, in the order of
//! addresses. It does not follow branches: what it finds is what straight code would use.

use crate::{Instruction, Operand, Reference};

const REGISTERS: usize = 32;

/// What is known of the registers.
#[derive(Default)]
struct Registers {
    /// Page from `adrp`.
    pages: [Option<u64>; REGISTERS],
    /// Constant under way, and the address of the last instruction that added to it.
    constants: [Option<(u64, u64)>; REGISTERS],
}

/// Adds what a run of instructions refers to. `address` is that of `bytes`, which hold the instructions.
pub(crate) fn operands(address: u64, bytes: &[u8], instructions: &[Instruction], found: &mut Vec<Reference>) {
    let mut registers = Registers::default();
    for instruction in instructions {
        let offset = instruction.address.wrapping_sub(address) as usize;
        let Some(word) = bytes.get(offset..).and_then(<[u8]>::first_chunk) else { continue };
        registers.step(instruction, u32::from_le_bytes(*word), found);
    }
    (0..REGISTERS).for_each(|register| registers.finish(register, found));
}

impl Registers {
    fn step(&mut self, instruction: &Instruction, word: u32, found: &mut Vec<Reference>) {
        let (written, base) = (register(word, 0), register(word, 5));
        let code = instruction.address;
        let mut data = |address| found.push(Reference { code, operand: Operand::Data(address) });
        if word & 0x9f00_0000 == 0x9000_0000 {
            set(&mut self.pages, written, instruction.data);
            return;
        }
        if let Some(address) = instruction.data {
            data(address);
        } else if let (Some(page), Some(offset)) = (get(&self.pages, base), offset(word)) {
            data(page.wrapping_add(offset));
        }
        if word & 0x1f80_0000 == 0x1280_0000 {
            self.wide_move(instruction, word, found);
        } else {
            [written, base, register(word, 16)].into_iter().for_each(|register| self.finish(register, found));
        }
        if !instruction.stores {
            set(&mut self.pages, written, None);
        }
    }

    /// `movz`, `movn` begin a constant, `movk` goes on with it.
    fn wide_move(&mut self, instruction: &Instruction, word: u32, found: &mut Vec<Reference>) {
        let register = register(word, 0);
        let Some(part) = instruction.immediate else { return };
        let keeps = (word >> 29) & 3 == 3;
        if keeps {
            let lane = 0xffff_u64 << (16 * ((word >> 21) & 3));
            let whole = get(&self.constants, register)
                .map(|(_, value)| (instruction.address, (value & !lane) | part));
            set(&mut self.constants, register, whole);
        } else {
            self.finish(register, found);
            set(&mut self.constants, register, Some((instruction.address, part)));
        }
    }

    /// A register is used or written anew: its constant is complete.
    fn finish(&mut self, register: usize, found: &mut Vec<Reference>) {
        if let Some((code, value)) = self.constants.get_mut(register).and_then(Option::take) {
            found.push(Reference { code, operand: Operand::Immediate(value) });
        }
    }
}

const fn register(word: u32, low: u32) -> usize {
    ((word >> low) & 31) as usize
}

fn get<T: Copy>(values: &[Option<T>; REGISTERS], register: usize) -> Option<T> {
    values.get(register).copied().flatten()
}

fn set<T>(values: &mut [Option<T>; REGISTERS], register: usize, value: Option<T>) {
    if let Some(place) = values.get_mut(register) {
        *place = value;
    }
}

/// The offset that an addition (`add xD, xN, #imm`) or a load or store with unsigned offset adds to its base.
fn offset(word: u32) -> Option<u64> {
    let unsigned = u64::from((word >> 10) & 0xfff);
    if word & 0xff80_0000 == 0x9100_0000 {
        return Some(unsigned << (12 * ((word >> 22) & 1)));
    }
    if word & 0x3b00_0000 != 0x3900_0000 {
        return None;
    }
    let whole = word & 0x0480_0000 == 0x0480_0000 && word >> 30 == 0;
    Some(unsigned << if whole { 4 } else { word >> 30 })
}
