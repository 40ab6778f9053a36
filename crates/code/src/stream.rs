//! The instructions around sampled addresses, in the order of their addresses.
//!
//! A sampled address is the start of an instruction; the start of a chunk need not be. So x86 code is decoded
//! from a place before the first sampled address from which decoding falls onto it, and falls into step again
//! at every further one. Chunks that touch are read as one. Each byte is decoded about once.

use crate::{Arch, Chunk, Flow, Instruction, aarch64, x86};

/// Code around samples, decoded once.
#[derive(Debug, Default)]
pub(crate) struct Stream {
    /// By address. Where there was no code between two chunks, addresses leap.
    pub(crate) instructions: Vec<Instruction>,
    /// For each instruction, what was counted up to and with it.
    functions: Vec<Mark>,
    /// Branches backward: position and target.
    pub(crate) backward: Vec<(usize, u64)>,
    /// Positions of all instructions after which control may not go on to the next; calls come back.
    pub(crate) turns: Vec<usize>,
}

/// What was counted up to an instruction: starts of functions and jumps into the unknown.
#[derive(Clone, Copy, Debug, Default)]
struct Mark {
    /// Those that say so themselves (`endbr64`, `bti c`, `paciasp`).
    sure: u32,
    /// Those that follow a return and padding too.
    likely: u32,
    /// Jumps to places that the instruction does not tell.
    leaps: u32,
}

impl Stream {
    /// Decodes chunks around sampled addresses. `hits` is in ascending order.
    pub(crate) fn new(arch: Arch, chunks: &[Chunk<'_>], hits: &[u64]) -> Self {
        let mut stream = Self::default();
        for (address, bytes) in join(chunks) {
            let end = address.saturating_add(bytes.len() as u64);
            let from = hits.partition_point(|&hit| hit < address);
            let to = hits.partition_point(|&hit| hit < end);
            let inside: Vec<usize> =
                hits.get(from..to).unwrap_or_default().iter().map(|hit| (hit - address) as usize).collect();
            if !inside.is_empty() {
                stream.extend(arch, address, &bytes, &inside);
            }
        }
        stream.index();
        stream
    }

    fn extend(&mut self, arch: Arch, address: u64, bytes: &[u8], hits: &[usize]) {
        let from = self.instructions.len();
        match arch {
            Arch::X86_64 => follow(address, bytes, hits, &mut self.instructions),
            Arch::Aarch64 => {
                let skip = (address.wrapping_neg() % aarch64::WORD as u64) as usize;
                let aligned = bytes.get(skip..).unwrap_or_default();
                self.instructions.extend(aarch64::decode(address.wrapping_add(skip as u64), aligned));
            }
            Arch::Other => {}
        }
        self.mark_functions(arch, address, bytes, from);
    }

    /// Notes where functions begin among the instructions from a position on.
    fn mark_functions(&mut self, arch: Arch, address: u64, bytes: &[u8], from: usize) {
        let mut mark = self.functions.last().copied().unwrap_or_default();
        let mut returned = false;
        let targets = branch_targets(self.range(from, self.instructions.len()));
        for instruction in self.instructions.get(from..).unwrap_or_default() {
            let code = bytes.get((instruction.address - address) as usize..).unwrap_or_default();
            let sure = opens_function(arch, code);
            let padding = pads(arch, code);
            let fresh = returned && !padding && instruction.address.is_multiple_of(16);
            let likely = sure || (fresh && targets.binary_search(&instruction.address).is_err());
            mark.sure += u32::from(sure);
            mark.likely += u32::from(likely);
            mark.leaps += u32::from(instruction.flow == Flow::Jump(None));
            returned = matches!(instruction.flow, Flow::Return | Flow::Stop) || (returned && padding);
            self.functions.push(mark);
        }
    }

    fn index(&mut self) {
        let backward = self.instructions.iter().enumerate().filter_map(|(position, instruction)| {
            let (Flow::Jump(Some(target)) | Flow::Conditional(target)) = instruction.flow else {
                return None;
            };
            (target <= instruction.address).then_some((position, target))
        });
        self.backward = backward.collect();
        let turn = |instruction: &Instruction| !matches!(instruction.flow, Flow::Next | Flow::Call(_));
        let all = self.instructions.iter().enumerate();
        self.turns = all.filter(|(_, instruction)| turn(instruction)).map(|(position, _)| position).collect();
    }

    /// The position of the instruction that begins at an address.
    pub(crate) fn position(&self, address: u64) -> Option<usize> {
        self.instructions.binary_search_by_key(&address, |instruction| instruction.address).ok()
    }

    /// The position of the first instruction at or after an address.
    pub(crate) fn first_from(&self, address: u64) -> usize {
        self.instructions.partition_point(|instruction| instruction.address < address)
    }

    /// The instructions in a range of positions, as far as there are any.
    pub(crate) fn range(&self, from: usize, to: usize) -> &[Instruction] {
        self.instructions.get(from..to.min(self.instructions.len())).unwrap_or_default()
    }

    /// Whether two positions lie in one function, as far as functions mark their start themselves.
    pub(crate) fn surely_apart(&self, from: usize, to: usize) -> bool {
        self.mark(from).sure != self.mark(to).sure
    }

    /// Whether a function seems to begin after `from`, up to and with `to`.
    pub(crate) fn likely_apart(&self, from: usize, to: usize) -> bool {
        self.mark(from).likely != self.mark(to).likely
    }

    /// Whether control passes from one position on to a later one without a jump to an unknown place.
    pub(crate) fn passes(&self, from: usize, to: usize) -> bool {
        let before = from.checked_sub(1).map_or(0, |position| self.mark(position).leaps);
        before == self.mark(to).leaps
    }

    fn mark(&self, position: usize) -> Mark {
        self.functions.get(position).copied().unwrap_or_default()
    }
}

/// Targets of conditional branches, ascending: a function seldom begins there.
fn branch_targets(instructions: &[Instruction]) -> Vec<u64> {
    let target = |instruction: &Instruction| match instruction.flow {
        Flow::Conditional(target) => Some(target),
        _ => None,
    };
    let mut targets: Vec<u64> = instructions.iter().filter_map(target).collect();
    targets.sort_unstable();
    targets
}

/// Chunks in the order of their addresses, those that touch or overlap joined. None goes past the last address.
fn join<'a>(chunks: &[Chunk<'a>]) -> Vec<(u64, Vec<u8>)> {
    let clip = |chunk: &Chunk<'a>| {
        let room = usize::try_from(u64::MAX - chunk.address).unwrap_or(usize::MAX);
        Chunk { bytes: chunk.bytes.get(..room).unwrap_or(chunk.bytes), ..*chunk }
    };
    let mut sorted: Vec<Chunk<'a>> =
        chunks.iter().map(clip).filter(|chunk| !chunk.bytes.is_empty()).collect();
    sorted.sort_by_key(|chunk| (chunk.address, chunk.bytes.len()));
    let mut joined: Vec<(u64, Vec<u8>)> = Vec::new();
    for chunk in sorted {
        if let Some((address, bytes)) = joined.last_mut() {
            let done = address.saturating_add(bytes.len() as u64);
            if chunk.address <= done {
                bytes.extend_from_slice(
                    chunk.bytes.get((done - chunk.address) as usize..).unwrap_or_default(),
                );
                continue;
            }
        }
        joined.push((chunk.address, chunk.bytes.to_vec()));
    }
    joined
}

/// Decodes x86 code so that every sampled offset that can be is the start of an instruction.
fn follow(address: u64, bytes: &[u8], hits: &[usize], out: &mut Vec<Instruction>) {
    let mut reader = x86::Reader::new(address, bytes);
    let mut pending = hits.iter().copied().peekable();
    let Some(&first) = pending.peek() else { return };
    let mut offset = in_step(&mut reader, 0, first);
    while let Some(instruction) = reader.at(offset) {
        let sampled = pending.next_if_eq(&offset).is_some();
        let next = offset + usize::from(instruction.length.max(1));
        match pending.peek() {
            Some(&hit) if hit < next => {
                if sampled {
                    out.push(instruction);
                    offset = hit;
                } else {
                    offset = in_step(&mut reader, offset + 1, hit);
                }
            }
            _ => {
                out.push(instruction);
                offset = next;
            }
        }
    }
}

/// The first offset in `from..=to` from which decoding reaches `to` exactly.
fn in_step(reader: &mut x86::Reader<'_>, from: usize, to: usize) -> usize {
    let mut tried = vec![false; to.saturating_sub(from)];
    for start in from..to {
        let mut offset = start;
        while offset < to {
            match tried.get_mut(offset - from) {
                Some(seen) if !*seen => *seen = true,
                _ => break,
            }
            let Some(length) = reader.length_at(offset) else { break };
            offset += length;
        }
        if offset == to {
            return start;
        }
    }
    to
}

/// Whether the bytes begin with a marker that stands at the start of functions.
fn opens_function(arch: Arch, code: &[u8]) -> bool {
    match arch {
        Arch::X86_64 => code.starts_with(&[0xf3, 0x0f, 0x1e, 0xfa]),
        // `bti c`, `bti jc`, `paciasp`, `pacibsp`.
        Arch::Aarch64 => [0xd503_245f_u32, 0xd503_24df, 0xd503_233f, 0xd503_237f]
            .iter()
            .any(|word| code.starts_with(&word.to_le_bytes())),
        Arch::Other => false,
    }
}

/// Whether the bytes begin with an instruction that fills the space between functions.
fn pads(arch: Arch, code: &[u8]) -> bool {
    match arch {
        Arch::X86_64 => {
            let prefixes = code.iter().take_while(|&&byte| matches!(byte, 0x66 | 0x2e | 0x48)).count();
            let rest = code.get(prefixes..).unwrap_or_default();
            rest.starts_with(&[0x90]) || rest.starts_with(&[0xcc]) || rest.starts_with(&[0x0f, 0x1f])
        }
        Arch::Aarch64 => code.starts_with(&[0x1f, 0x20, 0x03, 0xd5]) || code.starts_with(&[0; 4]),
        Arch::Other => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn addresses(chunks: &[Chunk<'_>], hits: &[u64]) -> Vec<u64> {
        Stream::new(Arch::X86_64, chunks, hits).instructions.iter().map(|i| i.address).collect()
    }

    #[test]
    fn decoding_falls_into_step_with_a_sampled_address_when_the_chunk_starts_inside_an_instruction() {
        // The last five bytes of `movabs rax, imm64`, of which `e8` alone would swallow the rest;
        // then `add rax, rcx` (0x105), `ror rax, 13` (0x108), `dec edx` (0x10c), `jnz 0x105` (0x10e).
        let bytes =
            [0x11, 0x22, 0x33, 0x44, 0xe8, 0x48, 0x01, 0xc8, 0x48, 0xc1, 0xc8, 0x0d, 0xff, 0xca, 0x75, 0xf5];
        let found = addresses(&[Chunk { address: 0x100, bytes: &bytes }], &[0x108]);
        assert!([0x108, 0x10c, 0x10e].iter().all(|address| found.contains(address)), "{found:x?}");
        let found = addresses(&[Chunk { address: 0x100, bytes: &bytes }], &[0x105, 0x108]);
        assert!([0x105, 0x108, 0x10c, 0x10e].iter().all(|address| found.contains(address)), "{found:x?}");
    }

    #[test]
    fn chunks_that_touch_or_overlap_are_read_as_one() {
        // `mov eax, 0x11223344` cut in two.
        let (left, right) = ([0x90, 0xb8, 0x44], [0x44, 0x33, 0x22, 0x11, 0xc3]);
        let chunks = [Chunk { address: 0x12, bytes: &right }, Chunk { address: 0x10, bytes: &left }];
        assert_eq!(addresses(&chunks, &[0x10]), [0x10, 0x11, 0x16]);
    }
}
