//! Solves, decomposes and inverts matrices by `nalgebra`. `--size` gives the order (128 unless told).

use nalgebra::DMatrix;

fn main() {
    let options = runner::Options::read();
    let order = options.size.unwrap_or(128);
    options.run(|thread, shift| {
        let mut random = runner::Random(thread as u64);
        while shift.goes_on() {
            let matrix = DMatrix::from_fn(order, order, |_, _| random.unit());
            let product = &matrix * matrix.transpose();
            std::hint::black_box(product.clone().cholesky());
            std::hint::black_box(matrix.clone().lu().solve(&product));
            if shift.goes_on() {
                std::hint::black_box(product.symmetric_eigen());
            }
        }
    });
}
