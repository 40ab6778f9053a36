//! The work of a small-field STARK prover, written out: transforms of many columns over the Goldilocks field, a Merkle
//! tree of algebraic sponges over the rows, and folding. `--size` gives the bits of the rows (13 unless told).

const P: u64 = 0xffff_ffff_0000_0001;
const COLUMNS: usize = 16;
const ROUNDS: usize = 22;

fn reduce(x: u128) -> u64 {
    let (low, high) = (x as u64, (x >> 64) as u64);
    let (top, mid) = (high >> 32, high & 0xffff_ffff);
    let (mut t, borrow) = low.overflowing_sub(top);
    if borrow {
        t = t.wrapping_sub(0xffff_ffff);
    }
    let (sum, carry) = t.overflowing_add(mid * 0xffff_ffff);
    let sum = if carry { sum.wrapping_add(0xffff_ffff) } else { sum };
    if sum >= P { sum - P } else { sum }
}

fn mul(a: u64, b: u64) -> u64 {
    reduce(u128::from(a) * u128::from(b))
}

fn add(a: u64, b: u64) -> u64 {
    reduce(u128::from(a) + u128::from(b))
}

fn sub(a: u64, b: u64) -> u64 {
    if a >= b { a - b } else { a + (P - b) }
}

fn pow(mut base: u64, mut exponent: u64) -> u64 {
    let mut result = 1;
    while exponent > 0 {
        if exponent & 1 == 1 {
            result = mul(result, base);
        }
        base = mul(base, base);
        exponent >>= 1;
    }
    result
}

fn transform(values: &mut [u64], roots: &[u64]) {
    let n = values.len();
    let mut width = n / 2;
    while width > 0 {
        let stride = n / (2 * width);
        for block in values.chunks_exact_mut(2 * width) {
            let (left, right) = block.split_at_mut(width);
            for (i, (a, b)) in left.iter_mut().zip(right).enumerate() {
                let (x, y) = (*a, *b);
                *a = add(x, y);
                *b = mul(sub(x, y), roots[i * stride]);
            }
        }
        width /= 2;
    }
}

fn sponge(state: &mut [u64; 8], keys: &[u64]) {
    for round in 0..ROUNDS {
        for (word, key) in state.iter_mut().zip(&keys[round * 8..]) {
            let x = add(*word, *key);
            let square = mul(x, x);
            *word = mul(mul(square, square), mul(square, x));
        }
        let sum = state.iter().fold(0, |s, &w| add(s, w));
        for (i, word) in state.iter_mut().enumerate() {
            *word = add(sum, mul(*word, i as u64 + 2));
        }
    }
}

fn main() {
    let options = runner::Options::read();
    let rows = 1_usize << options.size.unwrap_or(13);
    options.run(|number, shift| {
        let mut random = runner::Random(number as u64);
        let root = pow(7, (P - 1) / rows as u64);
        let roots: Vec<u64> = std::iter::successors(Some(1), |r| Some(mul(*r, root))).take(rows).collect();
        let keys: Vec<u64> = (0..8 * ROUNDS).map(|_| random.next() % P).collect();
        let mut columns: Vec<Vec<u64>> =
            (0..COLUMNS).map(|_| (0..rows).map(|_| random.next() % P).collect()).collect();
        while shift.goes_on() {
            for column in &mut columns {
                transform(column, &roots);
            }
            let mut layer: Vec<[u64; 8]> = (0..rows)
                .map(|row| {
                    let mut state = [0; 8];
                    for part in columns.chunks_exact(4) {
                        part.iter()
                            .zip(&mut state)
                            .for_each(|(column, word)| *word = add(*word, column[row]));
                        sponge(&mut state, &keys);
                    }
                    state
                })
                .collect();
            while layer.len() > 1 && shift.goes_on() {
                let fold = |two: &[[u64; 8]]| {
                    let mut state = std::array::from_fn(|i| if i < 4 { two[0][i] } else { two[1][i - 4] });
                    sponge(&mut state, &keys);
                    state
                };
                layer = layer.chunks_exact(2).map(fold).collect();
            }
            std::hint::black_box(&layer);
        }
    });
}
