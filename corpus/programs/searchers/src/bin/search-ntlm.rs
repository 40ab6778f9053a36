//! Looks for the password behind an NTLM hash (MD4 of UTF-16), by the `md4` crate.

use md4::{Digest, Md4};

fn main() {
    let given = [0x5a; 16];
    searchers::search(&runner::Options::read(), 1000, |candidate| {
        let mut wide = [0; 64];
        for (two, byte) in wide.chunks_exact_mut(2).zip(candidate) {
            two[0] = *byte;
        }
        Md4::digest(&wide[..2 * candidate.len().min(32)]).as_slice() == given
    });
}
