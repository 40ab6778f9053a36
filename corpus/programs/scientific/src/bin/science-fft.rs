//! Transforms, filters and transforms back a noisy signal, by `rustfft`. `--size` gives its bits (16 unless told).

use rustfft::{FftPlanner, num_complex::Complex};

fn main() {
    let options = runner::Options::read();
    let length = 1 << options.size.unwrap_or(16);
    options.run(|thread, shift| {
        let mut planner = FftPlanner::<f64>::new();
        let (forward, back) = (planner.plan_fft_forward(length), planner.plan_fft_inverse(length));
        let mut random = runner::Random(thread as u64);
        let mut signal: Vec<Complex<f64>> =
            (0..length).map(|i| Complex::new((i as f64 * 0.01).sin() + random.unit(), 0.0)).collect();
        while shift.goes_on() {
            forward.process(&mut signal);
            signal[length / 8..length * 7 / 8].fill(Complex::default());
            back.process(&mut signal);
            signal.iter_mut().for_each(|v| *v /= length as f64);
        }
    });
}
