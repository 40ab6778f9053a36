//! Fits gradient-boosted stumps on histograms of a table. `--size` gives the rows (50000 unless told).

const COLUMNS: usize = 24;
const BINS: usize = 64;

fn best_stump(table: &[u8], residuals: &[f32]) -> (usize, usize, f32, f32) {
    let mut best = (0, 0, 0.0, 0.0);
    let mut most = f32::MIN;
    for column in 0..COLUMNS {
        let (mut sums, mut counts) = ([0_f32; BINS], [0_f32; BINS]);
        for (row, residual) in table.chunks_exact(COLUMNS).zip(residuals) {
            sums[row[column] as usize] += residual;
            counts[row[column] as usize] += 1.0;
        }
        let (all, total): (f32, f32) = (sums.iter().sum(), counts.iter().sum());
        let (mut left, mut count) = (0.0, 1.0);
        for bin in 0..BINS - 1 {
            left += sums[bin];
            count += counts[bin];
            let rest = total - count + 2.0;
            let gain = left * left / count + (all - left) * (all - left) / rest;
            if gain > most {
                (most, best) = (gain, (column, bin, left / count, (all - left) / rest));
            }
        }
    }
    best
}

fn main() {
    let options = runner::Options::read();
    let rows = options.size.unwrap_or(50_000);
    options.run(|thread, shift| {
        let mut random = runner::Random(thread as u64);
        let table: Vec<u8> = (0..rows * COLUMNS).map(|_| (random.next() % BINS as u64) as u8).collect();
        let wanted: Vec<f32> =
            table.chunks_exact(COLUMNS).map(|r| f32::from(r[0]) - f32::from(r[1] ^ r[2])).collect();
        let mut residuals = wanted.clone();
        while shift.goes_on() {
            let (column, bin, left, right) = best_stump(&table, &residuals);
            for (row, residual) in table.chunks_exact(COLUMNS).zip(&mut residuals) {
                *residual -= 0.1 * if row[column] as usize <= bin { left } else { right };
            }
            if residuals[0].abs() < 1e-3 {
                residuals.clone_from(&wanted);
            }
        }
    });
}
