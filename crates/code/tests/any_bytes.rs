//! Any bytes whatever decode to something, in bounds and without a panic.

use code::{Arch, Chunk, Class, decode, listing, profile, references};
use proptest::prelude::*;

fn arch() -> impl Strategy<Value = Arch> {
    prop_oneof![Just(Arch::X86_64), Just(Arch::Aarch64), Just(Arch::Other)]
}

fn address() -> impl Strategy<Value = u64> {
    prop_oneof![0_u64..0x1_0000, any::<u64>(), (u64::MAX - 600)..=u64::MAX]
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(256) })]

    #[test]
    fn decoding_accounts_for_every_byte(arch in arch(), address in address(), bytes in prop::collection::vec(any::<u8>(), 0..512)) {
        let decoded = decode(arch, address, &bytes);
        let total: usize = decoded.iter().map(|instruction| usize::from(instruction.length)).sum();
        prop_assert_eq!(total, if arch == Arch::Other { 0 } else { bytes.len() });
        let lines = listing(arch, address, &bytes, 40);
        prop_assert!(lines.len() <= 40 && lines.len() <= decoded.len());
        for (line, instruction) in lines.iter().zip(&decoded) {
            prop_assert_eq!((line.address, line.class), (instruction.address, instruction.class));
        }
    }

    #[test]
    fn a_profile_accounts_for_every_sample(
        arch in arch(),
        address in address(),
        bytes in prop::collection::vec(any::<u8>(), 0..512),
        offsets in prop::collection::vec((0_u64..600, 0_u32..10), 0..40),
    ) {
        let hits: Vec<(u64, u32)> = offsets.iter().map(|&(offset, count)| (address.wrapping_add(offset), count)).collect();
        let half = bytes.len() / 2;
        let second = address.wrapping_add(half as u64);
        let chunks = [Chunk { address: second, bytes: &bytes[half..] }, Chunk { address, bytes: &bytes[..half] }];
        let found = profile(arch, &chunks, &hits);
        let samples: u64 = hits.iter().map(|&(_, count)| u64::from(count)).sum();
        prop_assert_eq!(found.samples + found.undecoded, samples);
        let sum: f64 = found.shares.iter().sum();
        let whole = if found.samples == 0 { 0.0 } else { 1.0 };
        prop_assert!((sum - whole).abs() < 1e-9);
        prop_assert!(found.loops.len() <= code::Profile::MAX_LOOPS && found.in_loop <= 1.0);
        prop_assert_eq!(profile(arch, &chunks, &hits), found);
        let hot: Vec<u64> = hits.iter().map(|&(address, _)| address).collect();
        let used = references(arch, address, &bytes, &hot);
        prop_assert!(used.len() <= 2 * bytes.len() && used.is_sorted());
    }

    #[test]
    fn any_aarch64_word_has_a_text(word in any::<u32>()) {
        let lines = listing(Arch::Aarch64, 0x1000, &word.to_le_bytes(), 1);
        prop_assert!(lines.len() == 1 && !lines[0].text.is_empty());
        prop_assert!(lines[0].class.index() < Class::COUNT);
    }
}
