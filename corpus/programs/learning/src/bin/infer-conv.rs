//! Runs a small convolutional network on pictures in 32-bit floats, written out. `--size` gives the picture's side (96
//! unless told).

fn convolve(input: &[f32], side: usize, channels: usize, weights: &[f32], out: usize) -> Vec<f32> {
    let mut result = vec![0_f32; side * side * out];
    for o in 0..out {
        for c in 0..channels {
            let kernel = &weights[(o * channels + c) * 9..][..9];
            let plane = &input[c * side * side..][..side * side];
            for y in 1..side - 1 {
                let row = &mut result[(o * side + y) * side..][..side];
                for (k, &w) in kernel.iter().enumerate() {
                    let source = &plane[(y + k / 3 - 1) * side + k % 3..][..side - 2];
                    row[1..side - 1].iter_mut().zip(source).for_each(|(r, s)| *r += w * s);
                }
            }
        }
    }
    result.iter_mut().for_each(|v| *v = v.max(0.0));
    result
}

fn main() {
    let options = runner::Options::read();
    let side = options.size.unwrap_or(96);
    options.run(|thread, shift| {
        let mut random = runner::Random(thread as u64);
        let widths = [3, 16, 32, 32];
        let layers: Vec<Vec<f32>> = widths
            .windows(2)
            .map(|w| (0..w[0] * w[1] * 9).map(|_| random.unit() as f32 - 0.5).collect())
            .collect();
        while shift.goes_on() {
            let mut picture: Vec<f32> = (0..3 * side * side).map(|_| random.unit() as f32).collect();
            for (layer, two) in layers.iter().zip(widths.windows(2)) {
                picture = convolve(&picture, side, two[0], layer, two[1]);
                if !shift.goes_on() {
                    return;
                }
            }
            std::hint::black_box(&picture);
        }
    });
}
