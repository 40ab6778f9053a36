//! Deterministic mutation of inputs: the same seed gives the same inputs on every machine.
//!
//! No coverage feedback: this is the short check that needs nothing but stable Rust. libFuzzer, through `fuzz/`, does
//! the long one.

/// Values at which lengths and counts tend to go wrong.
const EDGES: [u64; 9] = [0, 1, 0x7f, 0xff, 0x7fff, 0xffff, 0x7fff_ffff, 0xffff_ffff, u64::MAX];

/// Most changes made to one input.
const MAX_CHANGES: u64 = 6;

/// A source of mutated inputs.
#[derive(Clone, Debug)]
pub struct Mutator {
    state: u64,
}

impl Mutator {
    /// A source that begins at `seed`.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        // xorshift never leaves zero.
        Self { state: seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1 }
    }

    fn next(&mut self) -> u64 {
        self.state ^= self.state << 13;
        self.state ^= self.state >> 7;
        self.state ^= self.state << 17;
        self.state.wrapping_mul(0x2545_f491_4f6c_dd1d)
    }

    fn below(&mut self, bound: usize) -> usize {
        let bound = bound.max(1) as u64;
        usize::try_from((self.next() >> 11) % bound).unwrap_or(0)
    }

    /// A mutated copy of one of `seeds`, at most `longest` bytes.
    pub fn mutated(&mut self, seeds: &[Vec<u8>], longest: usize) -> Vec<u8> {
        let at = self.below(seeds.len());
        let mut input = seeds.get(at).cloned().unwrap_or_default();
        for _ in 0..=self.next() % MAX_CHANGES {
            self.change(&mut input, seeds);
        }
        input.truncate(longest);
        input
    }

    fn change(&mut self, input: &mut Vec<u8>, seeds: &[Vec<u8>]) {
        let at = self.below(input.len());
        match self.next() % 8 {
            0 => self.flip(input, at),
            1 => self.overwrite_with_edge(input, at),
            2 => input.truncate(at),
            3 => self.insert(input, at),
            4 => self.remove(input, at),
            5 => self.repeat(input, at),
            6 => self.splice(input, at, seeds),
            _ => self.noise(input, at),
        }
    }

    fn flip(&mut self, input: &mut [u8], at: usize) {
        let bit = self.below(8);
        if let Some(byte) = input.get_mut(at) {
            *byte ^= 1 << bit;
        }
    }

    fn overwrite_with_edge(&mut self, input: &mut [u8], at: usize) {
        let edge = EDGES.get(self.below(EDGES.len())).copied().unwrap_or(0);
        let width = 1 << self.below(4);
        let bytes = if self.next() & 1 == 0 { edge.to_le_bytes() } else { edge.to_be_bytes().map(u8::from) };
        for (to, from) in input.iter_mut().skip(at).zip(bytes.iter().take(width)) {
            *to = *from;
        }
    }

    fn insert(&mut self, input: &mut Vec<u8>, at: usize) {
        let byte = self.next().to_le_bytes()[0];
        let count = 1 + self.below(64);
        input.splice(at..at, std::iter::repeat_n(byte, count));
    }

    fn remove(&mut self, input: &mut Vec<u8>, at: usize) {
        let end = (at + 1 + self.below(64)).min(input.len());
        input.drain(at.min(end)..end);
    }

    fn repeat(&mut self, input: &mut Vec<u8>, at: usize) {
        let end = (at + 1 + self.below(256)).min(input.len());
        let piece = input.get(at..end).unwrap_or_default().to_vec();
        for _ in 0..=self.below(16) {
            input.splice(at..at, piece.iter().copied());
        }
    }

    fn splice(&mut self, input: &mut Vec<u8>, at: usize, seeds: &[Vec<u8>]) {
        let other = seeds.get(self.below(seeds.len())).map(Vec::as_slice).unwrap_or_default();
        let from = self.below(other.len());
        input.truncate(at);
        input.extend_from_slice(other.get(from..).unwrap_or_default());
    }

    fn noise(&mut self, input: &mut [u8], at: usize) {
        let count = 1 + self.below(16);
        for byte in input.iter_mut().skip(at).take(count) {
            *byte = self.next().to_le_bytes()[0];
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn inputs(seed: u64) -> Vec<Vec<u8>> {
        let seeds = [b"{\"id\":1}".to_vec(), vec![0; 40]];
        let mut mutator = Mutator::new(seed);
        (0..200).map(|_| mutator.mutated(&seeds, 100)).collect()
    }

    #[test]
    fn the_same_seed_gives_the_same_inputs() {
        assert_eq!(inputs(7), inputs(7));
        assert_ne!(inputs(7), inputs(8));
    }

    #[test]
    fn inputs_differ_and_stay_within_the_bound() {
        let inputs = inputs(1);
        assert!(inputs.iter().all(|i| i.len() <= 100));
        let distinct: std::collections::BTreeSet<_> = inputs.iter().collect();
        assert!(distinct.len() > 150, "only {} distinct inputs", distinct.len());
    }

    #[test]
    fn no_seeds_at_all_still_gives_inputs() {
        assert!(Mutator::new(0).mutated(&[], 10).len() <= 10);
    }
}
