//! Aligns gene sequences by Smith-Waterman with affine gaps. `--size` gives their length (2000 unless told).

fn score(a: &[u8], b: &[u8]) -> i32 {
    let (mut row, mut gaps) = (vec![0_i32; b.len() + 1], vec![-99_i32; b.len() + 1]);
    let mut best = 0;
    for &x in a {
        let (mut diagonal, mut gap) = (0, -99);
        for (j, &y) in b.iter().enumerate() {
            let same = diagonal + if x == y { 2 } else { -1 };
            gap = (gap - 1).max(row[j] - 3);
            gaps[j + 1] = (gaps[j + 1] - 1).max(row[j + 1] - 3);
            diagonal = row[j + 1];
            row[j + 1] = same.max(gap).max(gaps[j + 1]).max(0);
            best = best.max(row[j + 1]);
        }
    }
    best
}

fn main() {
    let options = runner::Options::read();
    let length = options.size.unwrap_or(2000);
    options.run(|thread, shift| {
        let mut random = runner::Random(thread as u64);
        let mut gene =
            |n: usize| -> Vec<u8> { (0..n).map(|_| b"ACGT"[(random.next() & 3) as usize]).collect() };
        let known = gene(length);
        while shift.goes_on() {
            std::hint::black_box(score(&gene(length), &known));
        }
    });
}
