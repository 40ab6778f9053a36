//! Tables and constants that the code near sampled addresses uses.
//!
//! Only what hot code touches: the loop around a sampled address, or the code around it, and the set-up shortly
//! before, within the same function as far as its edges can be told. Nothing is read at the addresses found.

use crate::loops;
use crate::stream::Stream;
use crate::{Arch, Chunk, Class, Instruction, aarch64};

/// Bytes before a loop that count as its set-up, where no function begins in between.
const SET_UP: u64 = 768;
/// Bytes after a loop.
const TAIL: u64 = 64;
/// Bytes after a sampled address in no loop.
const ONWARD: u64 = 384;
/// The most references given.
const MOST: usize = 16_384;
/// Constants below this are counts, sizes and offsets.
const LEAST: u64 = 0x1_0000;
/// The fewest changes between neighbouring bits for a constant to be worth naming: masks and powers have fewer.
const FEWEST_CHANGES: u32 = 4;
/// A moved constant this close to the code is an address in the program, not a number.
const NEAR: u64 = 0x1000_0000;

/// What an instruction refers to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Operand {
    /// An address in memory.
    Data(u64),
    /// A constant in the instruction itself, or put together by a sequence of them; as wide as the operation.
    Immediate(u64),
}

/// One use of a table or constant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Reference {
    /// Address of the instruction; of the last one where several put the operand together.
    pub code: u64,
    /// What it refers to.
    pub operand: Operand,
}

/// Finds the tables and constants used near sampled addresses (`hot`, in any order) by the code in `bytes`, which
/// lie at `address`. By address of the instruction, each use once, at most 16,384. Constants are given only where
/// they are large and irregular enough to tell something.
#[must_use]
pub fn references(arch: Arch, address: u64, bytes: &[u8], hot: &[u64]) -> Vec<Reference> {
    let mut hot = hot.to_vec();
    hot.sort_unstable();
    hot.dedup();
    let stream = Stream::new(arch, &[Chunk { address, bytes }], &hot);
    let mut found = Vec::new();
    for (from, to) in regions(&stream, &hot) {
        let instructions = stream.range(from, to);
        match arch {
            Arch::Aarch64 => aarch64::operands(address, bytes, instructions, &mut found),
            _ => found.extend(instructions.iter().flat_map(operands)),
        }
        if found.len() > MOST {
            break;
        }
    }
    found.retain(|reference| !matches!(reference.operand, Operand::Immediate(value) if !tells(value)));
    found.sort_unstable();
    found.dedup();
    found.truncate(MOST);
    found
}

/// Ranges of positions near sampled addresses, ascending and apart.
fn regions(stream: &Stream, hot: &[u64]) -> Vec<(usize, usize)> {
    let mut regions: Vec<(usize, usize)> =
        hot.iter().filter_map(|&hit| stream.position(hit)).map(|position| region(stream, position)).collect();
    regions.sort_unstable();
    let mut apart: Vec<(usize, usize)> = Vec::new();
    for (from, to) in regions {
        match apart.last_mut() {
            Some(last) if from <= last.1 => last.1 = last.1.max(to),
            _ => apart.push((from, to)),
        }
    }
    apart
}

/// The code that belongs to the sample at a position.
fn region(stream: &Stream, position: usize) -> (usize, usize) {
    let hit = stream.instructions.get(position).map_or(0, |instruction| instruction.address);
    let (inner, start, end) = match loops::around(stream, position) {
        Some(span) => {
            ((span.from, span.to), span.start.saturating_sub(SET_UP), span.end.saturating_add(TAIL))
        }
        None => ((position, position + 1), hit.saturating_sub(SET_UP), hit.saturating_add(ONWARD)),
    };
    let (mut from, mut to) = (stream.first_from(start), stream.first_from(end));
    // The function's edges, by bisection over marks that only grow.
    let (mut low, mut high) = (from, inner.0);
    while low < high {
        let middle = low.midpoint(high);
        if stream.likely_apart(middle, inner.0) { low = middle + 1 } else { high = middle }
    }
    from = from.max(low);
    let last = inner.1.saturating_sub(1);
    let (mut low, mut high) = (inner.1, to.max(inner.1));
    while low < high {
        let middle = low.midpoint(high);
        if stream.likely_apart(last, middle) { high = middle } else { low = middle + 1 }
    }
    to = low;
    (from, to)
}

/// What one x86 instruction refers to.
fn operands(instruction: &Instruction) -> impl Iterator<Item = Reference> + use<> {
    let code = instruction.address;
    let control = matches!(instruction.class, Class::Call | Class::Branch);
    let data = instruction.data.filter(|_| !control).map(Operand::Data);
    let immediate = instruction.immediate.filter(|_| !control).map(|value| {
        let address = instruction.class == Class::Move && value >= LEAST && value.abs_diff(code) < NEAR;
        if address { Operand::Data(value) } else { Operand::Immediate(value) }
    });
    data.into_iter().chain(immediate).map(move |operand| Reference { code, operand })
}

/// Whether a constant is large and irregular enough to tell something.
fn tells(value: u64) -> bool {
    let small = value < LEAST || value.wrapping_neg() < LEAST;
    !small && (value ^ (value >> 1)).count_ones() >= FEWEST_CHANGES
}
