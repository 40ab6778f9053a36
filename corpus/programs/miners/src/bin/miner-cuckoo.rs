//! Edge trimming on a graph of SipHash-2-4, as Cuckoo Cycle has it: edges whose ends nobody shares fall away, round by
//! round. `--size` gives the bits of the edge count (18 unless told). One nonce is one whole trimming.

use miners::with_nonce;

const ROUNDS: usize = 24;

fn siphash(key: [u64; 4], nonce: u64) -> u64 {
    let [mut a, mut b, mut c, mut d] = key;
    let mut round = || {
        a = a.wrapping_add(b);
        c = c.wrapping_add(d);
        b = b.rotate_left(13) ^ a;
        d = d.rotate_left(16) ^ c;
        a = a.rotate_left(32);
        c = c.wrapping_add(b);
        a = a.wrapping_add(d);
        b = b.rotate_left(17) ^ c;
        d = d.rotate_left(21) ^ a;
        c = c.rotate_left(32);
        [a, b, c, d]
    };
    let _ = round();
    let _ = round();
    let [w, x, y, z] = round();
    let mut last = [w ^ nonce, x, y ^ 0xff, z];
    for _ in 0..4 {
        let [p, q, r, s] = last;
        let p = p.wrapping_add(q);
        let r = r.wrapping_add(s);
        last = [p.rotate_left(32), q.rotate_left(13) ^ p, r, s.rotate_left(16) ^ r];
    }
    last[0] ^ last[1] ^ last[2] ^ last[3]
}

struct Graph {
    alive: Vec<u64>,
    degrees: Vec<u8>,
}

fn trim(graph: &mut Graph, key: [u64; 4], bits: usize) -> u64 {
    let (edges, mask) = (1_u64 << bits, (1_usize << bits) - 1);
    graph.alive.fill(u64::MAX);
    for round in 0..ROUNDS {
        let end = |edge: u64| {
            siphash([key[0] ^ edge, key[1], key[2], key[3]], 2 * edge + (round as u64 & 1)) as usize & mask
        };
        graph.degrees.fill(0);
        for edge in 0..edges {
            if graph.alive[edge as usize / 64] >> (edge % 64) & 1 == 1 {
                let degree = &mut graph.degrees[end(edge)];
                *degree = degree.saturating_add(1);
            }
        }
        for edge in 0..edges {
            let word = edge as usize / 64;
            if graph.alive[word] >> (edge % 64) & 1 == 1 && graph.degrees[end(edge)] < 2 {
                graph.alive[word] &= !(1 << (edge % 64));
            }
        }
    }
    graph.alive.iter().map(|word| u64::from(word.count_ones())).sum()
}

fn main() {
    let options = runner::Options::read();
    let bits = options.size.unwrap_or(18).clamp(10, 28);
    let prepare = |_, _: &_| Graph { alive: vec![0; (1 << bits) / 64], degrees: vec![0; 1 << bits] };
    runner::pool::mine(&options, "cuckoo", prepare, |graph, job, nonce| {
        let seed = blake2b_simd::blake2b(&with_nonce(&job.header, nonce));
        let mut random = runner::Random(miners::top(seed.as_bytes()));
        let key = std::array::from_fn(|_| random.next());
        trim(graph, key, bits) ^ random.next()
    });
}
