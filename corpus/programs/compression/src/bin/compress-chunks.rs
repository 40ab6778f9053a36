//! Deduplicates a file as backup programs do: a rolling gear hash cuts it into chunks, each is looked up by its
//! polynomial fingerprint and new ones are kept.

use std::collections::HashSet;
use std::sync::Mutex;

fn main() {
    let mut random = runner::Random(42);
    let gear: Vec<u64> = (0..256).map(|_| random.next()).collect();
    let known = Mutex::new(HashSet::new());
    compression::compress(&runner::Options::read(), 1 << 20, |bytes| {
        let (mut roll, mut print, mut start, mut kept) = (0_u64, 0_u64, 0, 0);
        for (i, byte) in bytes.iter().enumerate() {
            roll = (roll << 1).wrapping_add(gear[usize::from(*byte)]);
            print = print.wrapping_mul(0x0100_0000_01b3).wrapping_add(u64::from(*byte));
            if roll & 0xfff8_0000_0000_0000 == 0 || i - start > 65_536 {
                if known.lock().is_ok_and(|mut known| known.insert(print)) {
                    kept += i - start;
                }
                (start, print) = (i, 0);
            }
        }
        kept
    });
}
