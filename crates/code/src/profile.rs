//! What hot code does, weighed by samples.
//!
//! Figures only: nothing here says what a figure means.

use crate::{Arch, Class, Loop};

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

/// Profiles the code around sampled addresses.
#[must_use]
pub fn profile(_arch: Arch, _chunks: &[Chunk<'_>], _hits: &[(u64, u32)]) -> Profile {
    Profile::default()
}
