//! What the bits of an AArch64 word tell beyond its name.
//!
//! Field positions are those of the Arm Architecture Reference Manual, chapter C4.

use super::{Group, Kind};
use crate::{Class, Flow, Precision};

/// `msr fpcr, xN`, without the register.
const WRITE_FPCR: u32 = 0xd51b_4400;
/// `mrs xN, tpidr_el0`, without the register: the thread pointer.
const READ_THREAD: u32 = 0xd53b_d040;
/// `dc zva, xN`, without the register: clears a cache line.
const ZERO_LINE: u32 = 0xd50b_7420;

/// A field of a word.
const fn field(word: u32, low: u32, width: u32) -> u32 {
    (word >> low) & ((1 << width) - 1)
}

/// A signed field, in words of four bytes, as a distance in bytes.
#[allow(clippy::cast_possible_wrap)]
const fn distance(word: u32, low: u32, width: u32) -> i64 {
    let unsigned = field(word, low, width) as i64;
    let signed = if unsigned >> (width - 1) == 1 { unsigned - (1 << width) } else { unsigned };
    signed * 4
}

/// Floating-point format, for groups that have one.
pub(super) fn precision(word: u32, kind: &Kind) -> Option<Precision> {
    let by = |bits, single, double, half| match bits {
        b if b == single => Some(Precision::Single),
        b if b == double => Some(Precision::Double),
        b if b == half => Some(Precision::Half),
        _ => None,
    };
    match kind.group {
        Group::Float => by(field(word, 22, 2), 0, 1, 3),
        Group::SimdElement => by(field(word, 22, 2), 2, 3, 0),
        Group::Simd | Group::SimdScalar if kind.half => Some(Precision::Half),
        Group::Simd | Group::SimdScalar => by(field(word, 22, 1), 0, 1, 2),
        Group::Scalable => by(field(word, 22, 2), 2, 3, 1),
        Group::Whole => Some(Precision::Bfloat),
        Group::Single => by(field(word, 30, 2), 2, 3, 1).filter(|_| field(word, 26, 1) == 1),
        Group::Pair => by(field(word, 30, 2), 0, 1, 3).filter(|_| field(word, 26, 1) == 1),
        Group::General => None,
    }
}

/// Whether instructions of a class have a floating-point format at all.
pub(super) const fn has_format(class: Class) -> bool {
    matches!(
        class,
        Class::FloatMove
            | Class::FloatAdd
            | Class::FloatMultiply
            | Class::FloatDivide
            | Class::FloatOther
            | Class::Fma
            | Class::Convert
            | Class::HalfFloat
    )
}

/// The class, once aliases and formats are taken into account.
pub(super) fn refine(word: u32, name: &str, kind: Kind, precision: Option<Precision>) -> Class {
    let (rd, rn, rm) = (field(word, 0, 5), field(word, 5, 5), field(word, 16, 5));
    match kind.class {
        Class::Add if field(word, 24, 5) & 0b11110 == 0b01010 || field(word, 23, 6) == 0b100010 => {
            add(word, name)
        }
        Class::Logic if name == "ands" && rd == 31 => Class::Compare,
        Class::Logic if name == "orr" && rn == 31 => Class::Move,
        Class::Shift if name == "extr" && rn == rm => Class::Rotate,
        Class::Shift if name.ends_with("bfm") && extends(word, name) => Class::Move,
        Class::VectorLogic
            if name == "orr" && kind.group == Group::Simd && field(word, 24, 5) == 0b01110 && rn == rm =>
        {
            Class::VectorMove
        }
        Class::VectorXor if name == "eor" && rn == rm && kind.group == Group::Simd => Class::Move,
        Class::Move if matches!(kind.group, Group::Single | Group::Pair) && field(word, 26, 1) == 1 => {
            vector_move(word, kind.group)
        }
        Class::Shuffle if name == "dup" && kind.group == Group::Simd && field(word, 11, 5) == 1 => {
            Class::VectorMove
        }
        Class::System => system(word),
        class if half_arithmetic(class) && precision == Some(Precision::Half) => Class::HalfFloat,
        class => class,
    }
}

const fn half_arithmetic(class: Class) -> bool {
    matches!(
        class,
        Class::FloatAdd | Class::FloatMultiply | Class::FloatDivide | Class::FloatOther | Class::Fma
    )
}

/// `cmp`, `cmn` and `mov` to or from the stack pointer are additions and subtractions by encoding.
fn add(word: u32, name: &str) -> Class {
    let immediate = field(word, 23, 6) == 0b100010;
    let stack = field(word, 0, 5) == 31 || field(word, 5, 5) == 31;
    if name.ends_with('s') && field(word, 0, 5) == 31 {
        Class::Compare
    } else if immediate && name == "add" && field(word, 10, 12) == 0 && stack {
        Class::Move
    } else {
        Class::Add
    }
}

/// Whether a bit-field move only extends a byte, half-word or word.
fn extends(word: u32, name: &str) -> bool {
    let last = field(word, 10, 6);
    field(word, 16, 6) == 0 && (matches!(last, 7 | 15) || (last == 31 && name == "sbfm")) && name != "bfm"
}

/// A load or store of a vector register: whole vectors or one number.
const fn vector_move(word: u32, group: Group) -> Class {
    let whole = match group {
        Group::Pair => field(word, 30, 2) == 2,
        _ => field(word, 30, 2) == 0 && field(word, 23, 1) == 1,
    };
    if whole { Class::VectorMove } else { Class::FloatMove }
}

fn system(word: u32) -> Class {
    if word & 0xffff_ffe0 == WRITE_FPCR {
        return Class::RoundingMode;
    }
    if matches!(word & 0xffff_ffe0, READ_THREAD | ZERO_LINE) {
        return Class::Move;
    }
    // Hints: `yield` and `wfe` wait, `wfi`, `sev`, `sevl` are system matters, the rest does nothing here.
    if word & 0xffff_f01f == 0xd503_201f {
        return match field(word, 5, 7) {
            1 | 2 => Class::Pause,
            3..=5 => Class::System,
            _ => Class::Move,
        };
    }
    Class::System
}

/// Where control goes after the word at `address`.
pub(super) fn flow(word: u32, address: u64) -> Flow {
    let target = |low, width| address.wrapping_add_signed(distance(word, low, width));
    match word {
        w if w & 0xfc00_0000 == 0x1400_0000 => Flow::Jump(Some(target(0, 26))),
        w if w & 0xfc00_0000 == 0x9400_0000 => Flow::Call(Some(target(0, 26))),
        w if w & 0xff00_0000 == 0x5400_0000 => Flow::Conditional(target(5, 19)),
        w if w & 0x7e00_0000 == 0x3400_0000 => Flow::Conditional(target(5, 19)),
        w if w & 0x7e00_0000 == 0x3600_0000 => Flow::Conditional(target(5, 14)),
        w if w & 0x7e00_0000 == 0x7400_0000 => Flow::Conditional(target(5, 9)),
        w if w & 0xfe00_0000 == 0xd600_0000 => match field(w, 21, 4) {
            0 | 8 => Flow::Jump(None),
            1 | 9 => Flow::Call(None),
            _ => Flow::Return,
        },
        // `brk`, `hlt`, `udf`.
        w if w & 0xffe0_001f == 0xd420_0000 || w & 0xffe0_001f == 0xd440_0000 || w & 0xffff_0000 == 0 => {
            Flow::Stop
        }
        _ => Flow::Next,
    }
}

/// Width in bits of the vector registers.
pub(super) const fn width(word: u32, group: Group) -> u16 {
    let whole = match group {
        Group::Simd => field(word, 30, 1) == 1,
        Group::SimdElement if field(word, 28, 1) == 1 => return 0,
        Group::SimdElement => field(word, 30, 1) == 1,
        Group::Whole | Group::Scalable => true,
        Group::Single | Group::Pair if field(word, 26, 1) == 1 => {
            return if matches!(vector_move(word, group), Class::VectorMove) { 128 } else { 0 };
        }
        _ => return 0,
    };
    if whole { 128 } else { 64 }
}

/// The address that `adr`, `adrp` or a literal load names.
pub(super) fn data(word: u32, address: u64) -> Option<u64> {
    if word & 0x1f00_0000 == 0x1000_0000 {
        let bytes = distance(word, 5, 19) + i64::from(field(word, 29, 2));
        return Some(if word >> 31 == 1 {
            (address & !0xfff).wrapping_add_signed(bytes << 12)
        } else {
            address.wrapping_add_signed(bytes)
        });
    }
    // Literal loads; opc 3 without the vector bit is a prefetch.
    let literal = word & 0x3b00_0000 == 0x1800_0000 && word & 0xff00_0000 != 0xd800_0000;
    literal.then(|| address.wrapping_add_signed(distance(word, 5, 19)))
}

/// The immediate of `movz`, `movn` and of additions, shifted into place.
pub(super) fn immediate(word: u32) -> Option<u64> {
    let wide = word >> 31 == 1;
    let clip = |value: u64| if wide { value } else { value & 0xffff_ffff };
    if field(word, 23, 6) == 0b100101 {
        let value = u64::from(field(word, 5, 16)) << (16 * field(word, 21, 2));
        return match field(word, 29, 2) {
            0 => Some(clip(!value)),
            2 | 3 => Some(clip(value)),
            _ => None,
        };
    }
    if field(word, 23, 6) == 0b100010 {
        return Some(u64::from(field(word, 10, 12)) << (12 * field(word, 22, 1)));
    }
    None
}
