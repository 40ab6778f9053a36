//! Trains a perceptron by plain gradient descent, written with `ndarray`. `--size` gives the width (256 unless told).

use ndarray::{Array2, Zip};

fn invented(rows: usize, columns: usize, random: &mut runner::Random) -> Array2<f32> {
    Array2::from_shape_fn((rows, columns), |_| (random.unit() - 0.5) as f32)
}

fn main() {
    let options = runner::Options::read();
    let width = options.size.unwrap_or(256);
    options.run(|thread, shift| {
        let mut random = runner::Random(thread as u64);
        let x = invented(128, 64, &mut random);
        let y = x.dot(&invented(64, 8, &mut random));
        let mut one = invented(64, width, &mut random);
        let mut two = invented(width, width, &mut random) * 0.1;
        let mut last = invented(width, 8, &mut random) * 0.1;
        while shift.goes_on() {
            let a = x.dot(&one).mapv(f32::tanh);
            let b = a.dot(&two).mapv(f32::tanh);
            let error = (b.dot(&last) - &y) / 128.0;
            let mut db = error.dot(&last.t());
            Zip::from(&mut db).and(&b).for_each(|d, &v| *d *= 1.0 - v * v);
            let mut da = db.dot(&two.t());
            Zip::from(&mut da).and(&a).for_each(|d, &v| *d *= 1.0 - v * v);
            last.scaled_add(-0.05, &b.t().dot(&error));
            two.scaled_add(-0.05, &a.t().dot(&db));
            one.scaled_add(-0.05, &x.t().dot(&da));
        }
        println!("{:?}", last.sum());
    });
}
