//! Double SHA-256 with a midstate, written out in plain arithmetic: four nonces side by side, no SHA instructions.

const K: [u32; 64] = [
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
    0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
    0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
    0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
    0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
    0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
    0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
    0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2,
];
const START: [u32; 8] =
    [0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19];
/// Nonces worked on together.
const LANES: usize = 4;
type Word = [u32; LANES];

fn each(f: impl Fn(usize) -> u32) -> Word {
    std::array::from_fn(f)
}

#[inline(always)]
fn compress(state: [Word; 8], block: &[Word; 16]) -> [Word; 8] {
    let mut w = [[0; LANES]; 64];
    w[..16].copy_from_slice(block);
    for t in 16..64 {
        w[t] = each(|l| {
            let (a, b) = (w[t - 15][l], w[t - 2][l]);
            let s0 = a.rotate_right(7) ^ a.rotate_right(18) ^ (a >> 3);
            let s1 = b.rotate_right(17) ^ b.rotate_right(19) ^ (b >> 10);
            w[t - 16][l].wrapping_add(s0).wrapping_add(w[t - 7][l]).wrapping_add(s1)
        });
    }
    let [mut a, mut b, mut c, mut d, mut e, mut f, mut g, mut h] = state;
    for t in 0..64 {
        let t1 = each(|l| {
            let s1 = e[l].rotate_right(6) ^ e[l].rotate_right(11) ^ e[l].rotate_right(25);
            let ch = (e[l] & f[l]) ^ (!e[l] & g[l]);
            h[l].wrapping_add(s1).wrapping_add(ch).wrapping_add(K[t]).wrapping_add(w[t][l])
        });
        let t2 = each(|l| {
            let s0 = a[l].rotate_right(2) ^ a[l].rotate_right(13) ^ a[l].rotate_right(22);
            s0.wrapping_add((a[l] & b[l]) ^ (a[l] & c[l]) ^ (b[l] & c[l]))
        });
        (h, g, f, e) = (g, f, e, each(|l| d[l].wrapping_add(t1[l])));
        (d, c, b, a) = (c, b, a, each(|l| t1[l].wrapping_add(t2[l])));
    }
    let out = [a, b, c, d, e, f, g, h];
    std::array::from_fn(|i| each(|l| state[i][l].wrapping_add(out[i][l])))
}

fn padded(words: &[Word], bits: u32) -> [Word; 16] {
    let mut block = [[0; LANES]; 16];
    block[..words.len()].copy_from_slice(words);
    block[words.len()] = [0x8000_0000; LANES];
    block[15] = [bits; LANES];
    block
}

fn best_of_four(header: &[u8], nonce: u64) -> u64 {
    let word = |i: usize| {
        u32::from_be_bytes([header[4 * i], header[4 * i + 1], header[4 * i + 2], header[4 * i + 3]])
    };
    let first: [Word; 16] = std::array::from_fn(|i| [word(i); LANES]);
    let midstate = compress(START.map(|w| [w; LANES]), &first);
    let tail = [
        [word(16); LANES],
        [word(17); LANES],
        [(nonce >> 30) as u32; LANES],
        each(|l| (nonce as u32) * 4 + l as u32),
    ];
    let once = compress(midstate, &padded(&tail, 640));
    let twice = compress(START.map(|w| [w; LANES]), &padded(&once, 256));
    (0..LANES).map(|l| u64::from(twice[0][l]) << 32 | u64::from(twice[1][l])).min().unwrap_or(u64::MAX)
}

fn main() {
    let options = runner::Options::read();
    runner::pool::mine(&options, "sha256d", |_, _| (), |_, job, nonce| best_of_four(&job.header, nonce));
}
