//! Loops around sampled addresses.
//!
//! A loop is what lies between a branch backward and its target. Recognised by shape alone: nothing here follows
//! values or calls.

use crate::stream::Stream;
use crate::{Flow, Instruction};
use std::cmp::Reverse;
use std::collections::BinaryHeap;

/// The longest loop, bytes. Programs written at run time for RandomX take up to 8 KiB, unrolled hash functions up
/// to some 30 KiB.
pub(crate) const LONGEST: u64 = 64 * 1024;

/// How many branches backward are looked at for one sampled address.
const MOST_BRANCHES: usize = 512;

/// How many branches forward are followed to see whether a loop closes; of longer ways it is taken for granted.
const MOST_TURNS: usize = 512;

/// Instructions before and after a sampled address that stand for its surroundings when it is in no loop, and in a
/// long one.
const BEFORE: usize = 12;
const AFTER: usize = 20;

/// Loops up to this many instructions are taken whole; of longer ones the part around each sample counts.
const WHOLE: usize = 64;

/// A loop that samples fell into.
#[derive(Clone, Debug, PartialEq)]
pub struct Loop {
    /// Address of its first instruction: the target of the branch that closes it.
    pub start: u64,
    /// Address after the branch that closes it.
    pub end: u64,
    /// Samples that fell between.
    pub samples: u64,
    /// Its first instructions, as far as the chunks cover them, at most [`Loop::MAX_INSTRUCTIONS`].
    pub instructions: Vec<Instruction>,
}

impl Loop {
    /// The most instructions that a loop keeps.
    pub const MAX_INSTRUCTIONS: usize = 4096;
}

/// A loop by its positions in a stream: from the first instruction to the one after the branch.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Span {
    pub(crate) from: usize,
    pub(crate) to: usize,
    pub(crate) start: u64,
    pub(crate) end: u64,
}

/// The innermost loop around the instruction at a position: the first branch backward from there on that leads to it
/// or before it.
pub(crate) fn around(stream: &Stream, position: usize) -> Option<Span> {
    let hit = stream.instructions.get(position)?.address;
    let first = stream.backward.partition_point(|&(branch, _)| branch < position);
    let candidates = stream.backward.iter().skip(first).take(MOST_BRANCHES);
    candidates
        .map_while(|&(branch, target)| {
            stream.instructions.get(branch).map(|closing| (branch, target, closing))
        })
        .take_while(|(branch, _, closing)| {
            closing.address - hit <= LONGEST && stream.passes(position, *branch)
        })
        .filter(|(_, target, closing)| *target <= hit && closing.address - target <= LONGEST)
        .map(|(branch, target, closing)| (span(stream, branch, target, closing), closing))
        .find(|(span, closing)| is_one_body(stream, span, closing) && reaches(stream, position, span))
        .map(|(span, _)| span)
}

fn span(stream: &Stream, branch: usize, target: u64, closing: &Instruction) -> Span {
    Span { from: stream.first_from(target), to: branch + 1, start: target, end: closing.end() }
}

/// Whether a branch backward closes a loop rather than leads to another function.
fn is_one_body(stream: &Stream, span: &Span, closing: &Instruction) -> bool {
    let last = span.to.saturating_sub(1);
    match closing.flow {
        Flow::Conditional(_) => !stream.surely_apart(span.from, last),
        _ => !stream.likely_apart(span.from, last),
    }
}

/// Whether control can get from a position to the branch that closes the span, going forward only. Code that was
/// laid out behind the end of a function and jumps back into it closes no loop.
fn reaches(stream: &Stream, position: usize, span: &Span) -> bool {
    let mut waiting: BinaryHeap<Reverse<u64>> = BinaryHeap::new();
    let mut reached = true;
    let first = stream.turns.partition_point(|&turn| turn < position);
    for &turn in stream.turns.iter().skip(first).take(MOST_TURNS) {
        let Some(instruction) = stream.instructions.get(turn) else { break };
        while waiting.peek().is_some_and(|target| target.0 <= instruction.address) {
            waiting.pop();
            reached = true;
        }
        if turn + 1 >= span.to {
            return reached;
        }
        if let (true, Flow::Conditional(target) | Flow::Jump(Some(target))) = (reached, instruction.flow) {
            waiting.extend((target > instruction.address).then_some(Reverse(target)));
        }
        reached &= matches!(instruction.flow, Flow::Conditional(_));
    }
    true
}

/// The positions whose instructions stand for a sample: the loop, or the part of it around the sample, or the
/// straight surroundings.
pub(crate) fn surroundings(stream: &Stream, position: usize, span: Option<Span>) -> (usize, usize) {
    match span {
        Some(span) if span.to - span.from <= WHOLE => (span.from, span.to),
        Some(span) => {
            let half = WHOLE / 2;
            (position.saturating_sub(half).max(span.from), (position + half).min(span.to))
        }
        None => straight(stream, position),
    }
}

/// A window around a position that crosses neither a gap in the code nor the edge of the function.
fn straight(stream: &Stream, position: usize) -> (usize, usize) {
    let start = position.saturating_sub(BEFORE);
    let before = stream.range(start, position + 1);
    let joined = |pair: &[Instruction]| match pair {
        [first, second] => first.end() == second.address && !leaves(first),
        _ => false,
    };
    let back = before.windows(2).rev().take_while(|pair| joined(pair)).count();
    let after = stream.range(position, position + AFTER);
    let forward = after.windows(2).take_while(|pair| joined(pair)).count();
    (position - back, position + forward + 1)
}

const fn leaves(instruction: &Instruction) -> bool {
    matches!(instruction.flow, Flow::Return | Flow::Stop)
}
