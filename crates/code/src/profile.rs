//! What hot code does, weighed by samples.
//!
//! Figures only: nothing here says what a figure means.

use crate::loops::{self, Span};
use crate::stream::Stream;
use crate::{Arch, Class, Flow, Instruction, Loop, Precision};
use std::collections::BTreeMap;

/// Bytes of a page.
const PAGE: u64 = 4096;

/// A piece of executable memory.
#[derive(Clone, Copy, Debug)]
pub struct Chunk<'a> {
    /// Address of its first byte.
    pub address: u64,
    /// The bytes.
    pub bytes: &'a [u8],
}

/// What hot code does. Shares are fractions between 0 and 1 and are 0 where nothing was decoded.
#[derive(Clone, Debug, PartialEq)]
pub struct Profile {
    /// Samples whose code was decoded.
    pub samples: u64,
    /// Samples that fell into no chunk.
    pub undecoded: u64,
    /// Share of each class, by [`Class::index`], among the instructions around the samples; they sum to 1.
    pub shares: [f64; Class::COUNT],
    /// The loops, hottest first, at most [`Profile::MAX_LOOPS`].
    pub loops: Vec<Loop>,
    /// Distinct sampled addresses.
    pub addresses: u32,
    /// Pages of 4 KiB that together hold 90 % of the samples.
    pub pages90: u32,
    /// Addresses that together hold half of the samples.
    pub addresses50: u32,
    /// Mean number of instructions of a loop's body, by samples in loops.
    pub loop_length: f64,
    /// Share of decoded samples that fell into a recognised loop.
    pub in_loop: f64,
    /// Mean number of instructions between two changes of control around a sample.
    pub block_length: f64,
    /// Share of instructions that read memory.
    pub load_share: f64,
    /// Share of instructions that write memory.
    pub store_share: f64,
    /// Share of instructions that work in single precision.
    pub single: f64,
    /// Share of instructions that work in double precision.
    pub double: f64,
    /// Share of instructions that work in 16-bit floating point, either format.
    pub half: f64,
    /// Share of instructions that work on vectors.
    pub vector: f64,
    /// Mean width of those, bits.
    pub width: f64,
    /// Share of instructions that compute: see [`Class::is_arithmetic`].
    pub arithmetic: f64,
}

impl Profile {
    /// The most loops that a profile keeps.
    pub const MAX_LOOPS: usize = 32;

    /// The share of one class.
    #[must_use]
    pub fn share(&self, class: Class) -> f64 {
        self.shares.get(class.index()).copied().unwrap_or(0.0)
    }
}

impl Default for Profile {
    fn default() -> Self {
        Self {
            samples: 0,
            undecoded: 0,
            shares: [0.0; Class::COUNT],
            loops: Vec::new(),
            addresses: 0,
            pages90: 0,
            addresses50: 0,
            loop_length: 0.0,
            in_loop: 0.0,
            block_length: 0.0,
            load_share: 0.0,
            store_share: 0.0,
            single: 0.0,
            double: 0.0,
            half: 0.0,
            vector: 0.0,
            width: 0.0,
            arithmetic: 0.0,
        }
    }
}

/// Profiles the code around sampled addresses: pairs of an address and how often it was sampled. Addresses that no
/// chunk holds count as undecoded. Chunks may come in any order and touch; hits too.
#[must_use]
pub fn profile(arch: Arch, chunks: &[Chunk<'_>], hits: &[(u64, u32)]) -> Profile {
    let hits = merged(hits);
    let addresses: Vec<u64> = hits.iter().map(|&(address, _)| address).collect();
    let stream = Stream::new(arch, chunks, &addresses);
    let mut profile = spread(&hits);
    let mut tally = Tally::default();
    let mut loops: BTreeMap<Span, u64> = BTreeMap::new();
    let runs = runs(&stream);
    for &(address, count) in &hits {
        let Some(position) = stream.position(address) else {
            profile.undecoded += count;
            continue;
        };
        let span = loops::around(&stream, position);
        if let Some(span) = span {
            *loops.entry(span).or_default() += count;
        }
        tally.add_all(&stream, loops::surroundings(&stream, position, span), count);
        profile.samples += count;
        profile.block_length += runs.get(position).copied().map_or(0.0, f64::from) * count as f64;
    }
    profile.block_length = share(profile.block_length, profile.samples as f64);
    tally.write(&mut profile);
    write_loops(&stream, &loops, &mut profile);
    profile
}

/// Hits in ascending order, each address once.
fn merged(hits: &[(u64, u32)]) -> Vec<(u64, u64)> {
    let mut counts: BTreeMap<u64, u64> = BTreeMap::new();
    for &(address, count) in hits {
        *counts.entry(address).or_default() += u64::from(count);
    }
    counts.into_iter().filter(|&(_, count)| count > 0).collect()
}

/// A profile with only the figures that need no code: how the samples spread.
fn spread(hits: &[(u64, u64)]) -> Profile {
    let mut pages: BTreeMap<u64, u64> = BTreeMap::new();
    for &(address, count) in hits {
        *pages.entry(address / PAGE).or_default() += count;
    }
    Profile {
        addresses: u32::try_from(hits.len()).unwrap_or(u32::MAX),
        addresses50: fewest(hits.iter().map(|&(_, count)| count), 0.5),
        pages90: fewest(pages.into_values(), 0.9),
        ..Profile::default()
    }
}

/// How many of the largest counts it takes to hold a fraction of all.
fn fewest(counts: impl Iterator<Item = u64>, fraction: f64) -> u32 {
    let mut counts: Vec<u64> = counts.collect();
    counts.sort_unstable_by(|a, b| b.cmp(a));
    let wanted = counts.iter().sum::<u64>() as f64 * fraction;
    let mut held = 0;
    let taken = counts.iter().take_while(|&&count| {
        let short = (held as f64) < wanted;
        held += count;
        short
    });
    u32::try_from(taken.count()).unwrap_or(u32::MAX)
}

/// For each instruction, the number of instructions in its run between two changes of control.
fn runs(stream: &Stream) -> Vec<u32> {
    let all = &stream.instructions;
    let mut runs = Vec::with_capacity(all.len());
    let ends = |a: &Instruction, b: &Instruction| a.flow != Flow::Next || a.end() != b.address;
    for run in all.chunk_by(|a, b| !ends(a, b)) {
        let length = u32::try_from(run.len()).unwrap_or(u32::MAX);
        runs.extend(std::iter::repeat_n(length, run.len()));
    }
    runs
}

fn write_loops(stream: &Stream, loops: &BTreeMap<Span, u64>, profile: &mut Profile) {
    let mut hottest: Vec<(&Span, u64)> = loops.iter().map(|(span, &samples)| (span, samples)).collect();
    hottest.sort_by_key(|&(span, samples)| (std::cmp::Reverse(samples), span.start, span.end));
    let samples: u64 = loops.values().sum();
    let length: f64 =
        hottest.iter().map(|(span, samples)| (span.to - span.from) as f64 * *samples as f64).sum();
    profile.loop_length = share(length, samples as f64);
    profile.in_loop = share(samples as f64, profile.samples as f64);
    let kept = hottest.into_iter().take(Profile::MAX_LOOPS);
    profile.loops = kept
        .map(|(span, samples)| Loop {
            start: span.start,
            end: span.end,
            samples,
            instructions: stream.range(span.from, span.to.min(span.from + Loop::MAX_INSTRUCTIONS)).to_vec(),
        })
        .collect();
}

fn share(part: f64, whole: f64) -> f64 {
    if whole > 0.0 { part / whole } else { 0.0 }
}

/// Instructions counted by weight.
struct Tally {
    classes: [f64; Class::COUNT],
    loads: f64,
    stores: f64,
    single: f64,
    double: f64,
    half: f64,
    vector: f64,
    bits: f64,
}

impl Default for Tally {
    fn default() -> Self {
        let classes = [0.0; Class::COUNT];
        Self { classes, loads: 0.0, stores: 0.0, single: 0.0, double: 0.0, half: 0.0, vector: 0.0, bits: 0.0 }
    }
}

impl Tally {
    /// Counts a range of instructions so that together they weigh as much as the samples they stand for.
    fn add_all(&mut self, stream: &Stream, (from, to): (usize, usize), count: u64) {
        let instructions = stream.range(from, to);
        let weight = share(count as f64, instructions.len() as f64);
        instructions.iter().for_each(|instruction| self.add(instruction, weight));
    }

    fn add(&mut self, instruction: &Instruction, weight: f64) {
        if let Some(class) = self.classes.get_mut(instruction.class.index()) {
            *class += weight;
        }
        self.loads += if instruction.loads { weight } else { 0.0 };
        self.stores += if instruction.stores { weight } else { 0.0 };
        match instruction.precision {
            Some(Precision::Single) => self.single += weight,
            Some(Precision::Double) => self.double += weight,
            Some(Precision::Half | Precision::Bfloat) => self.half += weight,
            None => {}
        }
        if instruction.width > 0 {
            self.vector += weight;
            self.bits += weight * f64::from(instruction.width);
        }
    }

    fn write(&self, profile: &mut Profile) {
        let total: f64 = self.classes.iter().sum();
        profile.shares = self.classes.map(|class| share(class, total));
        let arithmetic =
            Class::ALL.into_iter().zip(profile.shares).filter(|(class, _)| class.is_arithmetic());
        profile.arithmetic = arithmetic.map(|(_, share)| share).sum();
        profile.load_share = share(self.loads, total);
        profile.store_share = share(self.stores, total);
        profile.single = share(self.single, total);
        profile.double = share(self.double, total);
        profile.half = share(self.half, total);
        profile.vector = share(self.vector, total);
        profile.width = share(self.bits, self.vector);
    }
}
