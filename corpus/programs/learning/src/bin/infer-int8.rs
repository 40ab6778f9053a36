//! Runs a perceptron on 8-bit weights and activations with 32-bit sums, scaled between layers. `--size` gives the width
//! (1024 unless told).

const LAYERS: usize = 4;

fn product(weights: &[i8], input: &[i8]) -> i32 {
    weights.iter().zip(input).map(|(&w, &x)| i32::from(i16::from(w) * i16::from(x))).sum()
}

fn main() {
    let options = runner::Options::read();
    let width = options.size.unwrap_or(1024);
    options.run(|thread, shift| {
        let mut random = runner::Random(thread as u64);
        let layers: Vec<Vec<i8>> =
            (0..LAYERS).map(|_| (0..width * width).map(|_| random.next() as i8).collect()).collect();
        while shift.goes_on() {
            let mut values: Vec<i8> = (0..width).map(|_| random.next() as i8).collect();
            for layer in &layers {
                let sums: Vec<i32> = layer.chunks_exact(width).map(|row| product(row, &values)).collect();
                let scale = 127.0 / sums.iter().map(|s| s.unsigned_abs()).max().unwrap_or(1).max(1) as f32;
                values = sums.iter().map(|&s| (s as f32 * scale).max(0.0) as i8).collect();
            }
            std::hint::black_box(&values);
        }
    });
}
