//! Plots nonces as Signum does: 8192 Shabal-256 hashes back to front over a growing gap, then an xor with the last,
//! written to disk in scoops.

use shabal::{Digest, Shabal256};
use std::io::Write;

const NONCE: usize = 262_144;
const CAP: usize = 4096;

fn plot(account: u64, nonce: u64, gap: &mut [u8], shift: &mut runner::Shift) -> bool {
    gap[NONCE..NONCE + 8].copy_from_slice(&account.to_be_bytes());
    gap[NONCE + 8..NONCE + 16].copy_from_slice(&nonce.to_be_bytes());
    for start in (0..NONCE).step_by(32).rev() {
        let end = (start + 32 + CAP).min(NONCE + 16);
        let hash = Shabal256::digest(&gap[start + 32..end]);
        gap[start..start + 32].copy_from_slice(&hash);
        if start % 8192 == 0 && !shift.goes_on() {
            return false;
        }
    }
    let last = Shabal256::digest(&*gap);
    gap[..NONCE].iter_mut().zip(last.iter().cycle()).for_each(|(g, l)| *g ^= l);
    true
}

fn main() {
    let options = runner::Options::read();
    options.run(|thread, shift| {
        let path = options.scratch(&format!("nonces-{thread}"));
        let mut file = std::fs::File::create(&path.0).expect("a file");
        let mut gap = vec![0; NONCE + 16];
        let mut nonce = 0;
        while plot(thread as u64 + 1, nonce, &mut gap, shift) {
            nonce += 1;
            file.write_all(&gap[..NONCE]).expect("space");
            if nonce % 64 == 0 {
                file = std::fs::File::create(&path.0).expect("a file");
            }
        }
    });
}
