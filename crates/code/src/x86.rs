//! x86-64: from iced's instructions to ours.
//!
//! Decides what a mnemonic alone does not tell: locks, zeroing idioms, rotations written as double shifts,
//! memory operands. Must accept any bytes.

mod class;
mod float;

use crate::{Class, Flow, Instruction};
use class::Kind;
use iced_x86::{
    Decoder, DecoderOptions, FlowControl, Formatter, InstructionInfoFactory, InstructionInfoOptions,
    IntelFormatter, Mnemonic, OpAccess, OpKind, Register,
};
use std::sync::LazyLock;

/// Displacements below this are offsets into a structure, not the address of a table.
const LEAST_TABLE_ADDRESS: u64 = 0x1_0000;

/// Programs have no memory from here on, with four levels of page tables.
const USER_SPACE: u64 = 1 << 47;

/// Class and format for each mnemonic, by its number.
static BY_MNEMONIC: LazyLock<Vec<Kind>> = LazyLock::new(|| {
    Mnemonic::values().map(|mnemonic| class::by_name(&format!("{mnemonic:?}").to_ascii_lowercase())).collect()
});

/// A decoder that can be set down at any offset of one piece of code.
pub(crate) struct Reader<'a> {
    decoder: Decoder<'a>,
    address: u64,
    length: usize,
    info: InstructionInfoFactory,
}

impl<'a> Reader<'a> {
    /// A reader over bytes that lie at `address`.
    pub(crate) fn new(address: u64, bytes: &'a [u8]) -> Self {
        let decoder = Decoder::with_ip(64, bytes, address, DecoderOptions::NONE);
        Self { decoder, address, length: bytes.len(), info: InstructionInfoFactory::new() }
    }

    /// The instruction at an offset, or `None` past the end.
    pub(crate) fn at(&mut self, offset: usize) -> Option<Instruction> {
        let raw = self.raw(offset)?;
        let address = raw.ip();
        if raw.is_invalid() { Some(Instruction::invalid(address, 1)) } else { Some(self.convert(&raw)) }
    }

    /// The length of the instruction at an offset, or `None` past the end or where there is none.
    pub(crate) fn length_at(&mut self, offset: usize) -> Option<usize> {
        self.raw(offset).filter(|raw| !raw.is_invalid()).map(|raw| raw.len())
    }

    fn raw(&mut self, offset: usize) -> Option<iced_x86::Instruction> {
        if offset >= self.length || self.decoder.set_position(offset).is_err() {
            return None;
        }
        self.decoder.set_ip(self.address.wrapping_add(offset as u64));
        Some(self.decoder.decode())
    }

    fn convert(&mut self, raw: &iced_x86::Instruction) -> Instruction {
        let kind = classify(raw);
        let (loads, stores) = self.memory(raw);
        Instruction {
            address: raw.ip(),
            length: u8::try_from(raw.len()).unwrap_or(1),
            class: kind.class,
            flow: flow(raw),
            precision: kind.precision,
            width: if kind.scalar { 0 } else { width(raw) },
            loads,
            stores,
            data: data(raw),
            immediate: immediate(raw),
        }
    }

    fn memory(&mut self, raw: &iced_x86::Instruction) -> (bool, bool) {
        let memory = raw.op_kinds().any(|kind| {
            !matches!(
                kind,
                OpKind::Register
                    | OpKind::NearBranch64
                    | OpKind::Immediate8
                    | OpKind::Immediate8to32
                    | OpKind::Immediate8to64
                    | OpKind::Immediate32
                    | OpKind::Immediate32to64
            )
        });
        if !memory && !raw.is_stack_instruction() {
            return (false, false);
        }
        let info = self.info.info_options(raw, InstructionInfoOptions::NO_REGISTER_USAGE);
        let accesses = || info.used_memory().iter().map(iced_x86::UsedMemory::access);
        (accesses().any(reads), accesses().any(writes))
    }
}

/// Decodes from the first byte on.
pub(crate) fn decode(address: u64, bytes: &[u8]) -> Vec<Instruction> {
    let mut reader = Reader::new(address, bytes);
    let mut offset = 0;
    std::iter::from_fn(|| {
        let instruction = reader.at(offset)?;
        offset += usize::from(instruction.length.max(1));
        Some(instruction)
    })
    .collect()
}

const fn reads(access: OpAccess) -> bool {
    matches!(access, OpAccess::Read | OpAccess::CondRead | OpAccess::ReadWrite | OpAccess::ReadCondWrite)
}

const fn writes(access: OpAccess) -> bool {
    matches!(access, OpAccess::Write | OpAccess::CondWrite | OpAccess::ReadWrite | OpAccess::ReadCondWrite)
}

fn classify(raw: &iced_x86::Instruction) -> Kind {
    let mnemonic = raw.mnemonic();
    if raw.has_lock_prefix() {
        return Kind::plain(Class::Atomic);
    }
    if raw.is_string_instruction() {
        return Kind::plain(Class::StringOp);
    }
    let kind = BY_MNEMONIC.get(mnemonic as usize).copied().unwrap_or(Kind::plain(Class::Other));
    let class = match kind.class {
        Class::Xor | Class::VectorXor if clears(raw) => Class::Move,
        Class::Add | Class::VectorAdd if subtracts(mnemonic) && clears(raw) => Class::Move,
        Class::Move if mnemonic == Mnemonic::Xchg && touches_memory(raw) => Class::Atomic,
        Class::Multiply if raw.op_count() == 1 => Class::WideMultiply,
        Class::Shift
            if matches!(mnemonic, Mnemonic::Shld | Mnemonic::Shrd)
                && raw.op0_register() == raw.op1_register() =>
        {
            Class::Rotate
        }
        Class::VectorMove if broadcasts(mnemonic) && !touches_memory(raw) => Class::Shuffle,
        other => other,
    };
    Kind { class, ..kind }
}

/// Whether both sources are the same register, so that exclusive or and subtraction give zero.
fn clears(raw: &iced_x86::Instruction) -> bool {
    let last = raw.op_count().saturating_sub(1);
    let before = last.saturating_sub(1);
    raw.op_kind(last) == OpKind::Register
        && raw.op_kind(before) == OpKind::Register
        && raw.op_register(last) == raw.op_register(before)
        && last != before
}

const fn subtracts(mnemonic: Mnemonic) -> bool {
    matches!(
        mnemonic,
        Mnemonic::Sub
            | Mnemonic::Psubb
            | Mnemonic::Psubw
            | Mnemonic::Psubd
            | Mnemonic::Psubq
            | Mnemonic::Vpsubb
            | Mnemonic::Vpsubw
            | Mnemonic::Vpsubd
            | Mnemonic::Vpsubq
    )
}

fn touches_memory(raw: &iced_x86::Instruction) -> bool {
    raw.op_kinds().any(|kind| kind == OpKind::Memory)
}

/// Whether a vector move repeats one element: a load when from memory, a permutation when from a register.
fn broadcasts(mnemonic: Mnemonic) -> bool {
    use Mnemonic::{Vbroadcastsd, Vbroadcastss, Vpbroadcastb, Vpbroadcastd, Vpbroadcastq, Vpbroadcastw};
    matches!(
        mnemonic,
        Vbroadcastsd | Vbroadcastss | Vpbroadcastb | Vpbroadcastd | Vpbroadcastq | Vpbroadcastw
    )
}

fn flow(raw: &iced_x86::Instruction) -> Flow {
    match raw.flow_control() {
        FlowControl::UnconditionalBranch => Flow::Jump(near(raw)),
        FlowControl::IndirectBranch => Flow::Jump(None),
        FlowControl::ConditionalBranch => near(raw).map_or(Flow::Next, Flow::Conditional),
        FlowControl::Return => Flow::Return,
        FlowControl::Call if matches!(raw.op0_kind(), OpKind::NearBranch64) => Flow::Call(near(raw)),
        FlowControl::IndirectCall => Flow::Call(None),
        FlowControl::Exception => Flow::Stop,
        FlowControl::Interrupt if raw.mnemonic() == Mnemonic::Int3 => Flow::Stop,
        _ if raw.mnemonic() == Mnemonic::Hlt => Flow::Stop,
        _ => Flow::Next,
    }
}

fn near(raw: &iced_x86::Instruction) -> Option<u64> {
    matches!(raw.op0_kind(), OpKind::NearBranch64 | OpKind::NearBranch32 | OpKind::NearBranch16)
        .then(|| raw.near_branch_target())
}

/// Width in bits of the widest vector register.
fn width(raw: &iced_x86::Instruction) -> u16 {
    let vector = |register: Register| register.is_vector_register() || register.is_mm();
    let widest = (0..raw.op_count())
        .filter(|&operand| raw.op_kind(operand) == OpKind::Register)
        .map(|operand| raw.op_register(operand))
        .filter(|&register| vector(register))
        .map(|register| register.size() * 8)
        .max();
    widest.and_then(|bits| u16::try_from(bits).ok()).unwrap_or(0)
}

/// Absolute address that a memory operand names, alone or as the start of a table.
fn data(raw: &iced_x86::Instruction) -> Option<u64> {
    if !touches_memory(raw) {
        return None;
    }
    if raw.is_ip_rel_memory_operand() {
        return Some(raw.ip_rel_memory_address());
    }
    if matches!(raw.segment_prefix(), Register::FS | Register::GS) || raw.mnemonic() == Mnemonic::Lea {
        return None;
    }
    let displacement = raw.memory_displacement64();
    let absolute = raw.memory_base() == Register::None;
    let most = if absolute { USER_SPACE } else { 1 << 31 };
    (LEAST_TABLE_ADDRESS..most).contains(&displacement).then_some(displacement)
}

/// The constant operand. `lea` adds constants, so its displacement counts, as wide as the register written.
fn immediate(raw: &iced_x86::Instruction) -> Option<u64> {
    if raw.mnemonic() == Mnemonic::Lea {
        if raw.is_ip_rel_memory_operand() || raw.memory_displacement64() == 0 {
            return None;
        }
        let wide = raw.memory_displacement64();
        return Some(if raw.op0_register().size() == 4 { wide & 0xffff_ffff } else { wide });
    }
    (0..raw.op_count()).rev().find_map(|operand| {
        let value = raw.try_immediate(operand).ok()?;
        // Sign-extended 8-bit immediates of 32-bit operations come out as 64 bits.
        Some(if raw.op_kind(operand) == OpKind::Immediate8to32 { value & 0xffff_ffff } else { value })
    })
}

/// The text of one instruction, or `None` where there is none.
pub(crate) fn text(address: u64, bytes: &[u8]) -> Option<String> {
    let raw = Decoder::with_ip(64, bytes, address, DecoderOptions::NONE).decode();
    if raw.is_invalid() {
        return None;
    }
    let mut formatter = IntelFormatter::new();
    let options = formatter.options_mut();
    options.set_hex_prefix("0x");
    options.set_hex_suffix("");
    options.set_uppercase_hex(false);
    options.set_space_after_operand_separator(true);
    options.set_rip_relative_addresses(false);
    options.set_branch_leading_zeros(false);
    let mut text = String::new();
    formatter.format(&raw, &mut text);
    Some(text)
}
