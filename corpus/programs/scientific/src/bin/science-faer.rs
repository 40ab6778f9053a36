//! Factorises large matrices by `faer`. `--size` gives the order (256 unless told).

use faer::Mat;
use faer::linalg::solvers::Solve;

fn main() {
    let options = runner::Options::read();
    let order = options.size.unwrap_or(256);
    faer::set_global_parallelism(faer::Par::Seq);
    options.run(|thread, shift| {
        let mut random = runner::Random(thread as u64);
        while shift.goes_on() {
            let matrix = Mat::<f64>::from_fn(order, order, |_, _| random.unit());
            let right = Mat::<f64>::from_fn(order, 4, |_, _| random.unit());
            std::hint::black_box(matrix.partial_piv_lu().solve(&right));
            std::hint::black_box(matrix.qr().solve(&right));
            std::hint::black_box(&matrix * matrix.transpose());
        }
    });
}
