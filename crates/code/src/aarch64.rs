//! AArch64: from disarm64's instructions to ours.
//!
//! Settles what the mnemonic alone does not tell: aliases (`mov` is an `orr`, `cmp` a `subs`), number formats,
//! branch targets. Must accept any words.

mod bits;
mod class;
mod constants;

use crate::{Class, Instruction};
pub(crate) use constants::operands;
use disarm64::{InsnDisplay, InsnOpcode, Opcode, decoder};
use std::sync::OnceLock;

/// Bytes of an instruction.
pub(crate) const WORD: usize = 4;

/// More than the number of instructions that the decoder knows.
const KNOWN: usize = 4096;

/// What a mnemonic and its encoding group tell, worked out at first sight.
#[derive(Clone, Copy, Debug)]
struct Kind {
    class: Class,
    group: Group,
    half: bool,
    loads: bool,
    stores: bool,
}

/// Encoding groups whose bits are read alike.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Group {
    /// Scalar floating point, format in bits 23:22.
    Float,
    /// Vectors of fixed width, width in bit 30.
    Simd,
    /// The same, by element: format in bits 23:22.
    SimdElement,
    /// One element of a vector register.
    SimdScalar,
    /// 128-bit instructions for ciphers, hashes, dot products.
    Whole,
    /// Scalable vectors, format in bits 23:22.
    Scalable,
    /// Loads and stores of one register.
    Single,
    /// Loads and stores of two registers, and literals.
    Pair,
    /// Everything else.
    General,
}

static KINDS: [OnceLock<Kind>; KNOWN] = [const { OnceLock::new() }; KNOWN];

fn kind(opcode: &Opcode) -> Kind {
    let make = || {
        let definition = opcode.definition();
        let group: &'static str = definition.class.into();
        let group = group.to_ascii_uppercase();
        Kind::new(definition, &group)
    };
    KINDS.get(opcode.id() as usize).map_or_else(make, |cell| *cell.get_or_init(make))
}

impl Kind {
    fn new(definition: &disarm64::Insn, group: &str) -> Self {
        let name = definition.mnemonic;
        let features = format!("{:?}", definition.feature_set);
        let gathers = definition.operands.iter().any(|operand| {
            let kind = format!("{:?}", operand.kind);
            kind.starts_with("SVE_ADDR_RZ") || kind.starts_with("SVE_ADDR_Z")
        });
        let class = match class::by_name(name, group) {
            Class::VectorMove if gathers => Class::Gather,
            class => class,
        };
        let moves = matches!(class, Class::Move | Class::VectorMove | Class::Gather | Class::Atomic);
        let both = class == Class::StringOp
            || (class == Class::Atomic && !group.starts_with("LDST") && group != "IC_SYSTEM");
        Self {
            class,
            group: Group::of(group),
            half: features.contains("F16") && !features.contains("FML"),
            loads: both || (moves && name.starts_with("ld")),
            stores: both || (moves && name.starts_with("st")),
        }
    }
}

impl Group {
    fn of(group: &str) -> Self {
        let starts = |prefixes: &[&str]| prefixes.iter().any(|p| group.starts_with(p));
        if starts(&["FLOAT", "FPRCVT"]) {
            Self::Float
        } else if starts(&["ASIMDELEM", "ASISDELEM"]) {
            Self::SimdElement
        } else if starts(&["ASIMD", "ASISDLS"]) {
            Self::Simd
        } else if starts(&["ASISD"]) {
            Self::SimdScalar
        } else if starts(&["DOT", "CRYPTO", "BFLOAT", "LUT"]) {
            Self::Whole
        } else if starts(&["SVE", "SME"]) {
            Self::Scalable
        } else if starts(&["LDSTPAIR", "LDSTNAPAIR", "LOADLIT"]) {
            Self::Pair
        } else if starts(&["LDST_"]) {
            Self::Single
        } else {
            Self::General
        }
    }
}

/// The decoder's view of a word. Scalar shifts by an immediate whose `immh` is zero are unallocated; the decoder
/// takes them for instructions and would reckon a negative shift when it writes them out.
fn opcode(word: u32) -> Option<Opcode> {
    let unallocated = word & 0xdff8_0400 == 0x5f00_0400;
    decoder::decode(word).filter(|_| !unallocated)
}

/// The instruction in one word.
pub(crate) fn word(address: u64, word: u32) -> Instruction {
    let Some(opcode) = opcode(word) else {
        return Instruction::invalid(address, 4);
    };
    let kind = kind(&opcode);
    let precision = bits::precision(word, &kind);
    let class = bits::refine(word, opcode.definition().mnemonic, kind, precision);
    Instruction {
        address,
        length: 4,
        class,
        flow: bits::flow(word, address),
        precision: precision.filter(|_| bits::has_format(class)),
        width: bits::width(word, kind.group),
        loads: kind.loads,
        stores: kind.stores,
        data: bits::data(word, address),
        immediate: bits::immediate(word),
    }
}

/// Decodes from the first byte on; what is left over at the end is one instruction of class other.
pub(crate) fn decode(address: u64, bytes: &[u8]) -> Vec<Instruction> {
    let (words, rest) = bytes.as_chunks::<WORD>();
    let decoded = words
        .iter()
        .enumerate()
        .map(|(index, &bytes)| word(address.wrapping_add((index * WORD) as u64), u32::from_le_bytes(bytes)));
    let tail = u8::try_from(rest.len()).ok().filter(|&length| length > 0);
    let tail =
        tail.map(|length| Instruction::invalid(address.wrapping_add((words.len() * WORD) as u64), length));
    decoded.chain(tail).collect()
}

/// The text of one instruction, or `None` where there is none.
pub(crate) fn text(address: u64, bytes: &[u8]) -> Option<String> {
    let word = u32::from_le_bytes(*bytes.first_chunk()?);
    let text = opcode(word)?.display_at(address).to_string();
    Some(text.split_whitespace().collect::<Vec<_>>().join(" "))
}
