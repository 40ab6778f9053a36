//! Wagner's generalised birthday search over personalised BLAKE2b, as Equihash has it (n=96, k=5 in spirit): generate
//! 2^17 strings, then five rounds of bucket sort, collide and xor. One nonce is one whole search.

use miners::with_nonce;

const ROUNDS: usize = 5;
const STRINGS: usize = 1 << 17;
const BITS: u32 = 16;

type Row = ([u8; 12], u32);

fn generate(header: &[u8], nonce: u64, rows: &mut Vec<Row>) {
    let mut params = blake2b_simd::Params::new();
    params.hash_length(60).personal(b"ZcashPoW\x60\0\0\0\x05\0\0\0");
    let mut base = params.to_state();
    base.update(&with_nonce(header, nonce));
    rows.clear();
    for index in 0..(STRINGS / 5) as u32 {
        let mut state = base.clone();
        let hash = state.update(&index.to_le_bytes()).finalize();
        for part in hash.as_bytes().chunks_exact(12) {
            let mut row = [0; 12];
            row.copy_from_slice(part);
            rows.push((row, index));
        }
    }
}

fn collide(rows: &[Row], round: usize, next: &mut Vec<Row>, order: &mut Vec<u32>, starts: &mut [u32]) {
    let key = |row: &Row| usize::from(u16::from_be_bytes([row.0[2 * round], row.0[2 * round + 1]]));
    starts.fill(0);
    for row in rows {
        starts[key(row) + 1] += 1;
    }
    for i in 1..starts.len() {
        starts[i] += starts[i - 1];
    }
    let mut fill: Vec<u32> = starts[..1 << BITS].to_vec();
    order.clear();
    order.resize(rows.len(), 0);
    for (i, row) in rows.iter().enumerate() {
        let slot = &mut fill[key(row)];
        order[*slot as usize] = i as u32;
        *slot += 1;
    }
    next.clear();
    for bucket in 0..1 << BITS {
        let members = &order[starts[bucket] as usize..starts[bucket + 1] as usize];
        for (n, &a) in members.iter().enumerate() {
            for &b in &members[n + 1..] {
                let (one, two) = (&rows[a as usize], &rows[b as usize]);
                let mut xor = [0; 12];
                for (x, (p, q)) in xor.iter_mut().zip(one.0.iter().zip(&two.0)) {
                    *x = p ^ q;
                }
                if next.len() < STRINGS * 2 {
                    next.push((xor, one.1 ^ two.1.rotate_left(7)));
                }
            }
        }
    }
}

fn main() {
    let options = runner::Options::read();
    let prepare =
        |_, _: &_| (Vec::<Row>::new(), Vec::<Row>::new(), Vec::<u32>::new(), vec![0_u32; (1 << BITS) + 1]);
    runner::pool::mine(&options, "equihash", prepare, |(rows, next, order, starts), job, nonce| {
        generate(&job.header, nonce, rows);
        for round in 0..ROUNDS {
            collide(rows, round, next, order, starts);
            std::mem::swap(rows, next);
        }
        let mix = rows.iter().fold(nonce, |m, row| m.wrapping_mul(0x0100_0000_01b3) ^ u64::from(row.1));
        runner::Random(mix).next()
    });
}
