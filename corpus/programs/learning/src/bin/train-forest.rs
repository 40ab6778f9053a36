//! Grows random forests by `smartcore`; with `--mode predict` grows one and asks it again and again.

use smartcore::ensemble::random_forest_classifier::{
    RandomForestClassifier, RandomForestClassifierParameters,
};
use smartcore::linalg::basic::matrix::DenseMatrix;

fn main() {
    let options = runner::Options::read();
    let rows = options.size.unwrap_or(1000);
    options.run(|thread, shift| {
        let mut random = runner::Random(thread as u64);
        let values: Vec<Vec<f64>> = (0..rows).map(|_| (0..12).map(|_| random.unit()).collect()).collect();
        let labels: Vec<i32> = values.iter().map(|row| i32::from(row[0] + row[3] * row[5] > 0.7)).collect();
        let data = DenseMatrix::from_2d_vec(&values).expect("equal rows");
        let grow = || {
            let params = RandomForestClassifierParameters::default().with_n_trees(2).with_max_depth(8);
            RandomForestClassifier::fit(&data, &labels, params).expect("a forest")
        };
        let forest = options.is("predict").then(grow);
        while shift.goes_on() {
            match &forest {
                Some(forest) => drop(std::hint::black_box(forest.predict(&data).expect("labels"))),
                None => drop(std::hint::black_box(grow())),
            }
        }
    });
}
