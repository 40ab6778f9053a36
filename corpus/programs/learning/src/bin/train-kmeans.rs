//! Fits k-means clusters by `linfa`. `--size` gives the points (10000 unless told).

use linfa::DatasetBase;
use linfa::traits::Fit;
use linfa_clustering::KMeans;
use ndarray::Array2;

fn main() {
    let options = runner::Options::read();
    let points = options.size.unwrap_or(10_000);
    options.run(|thread, shift| {
        let mut random = runner::Random(thread as u64);
        let data = DatasetBase::from(Array2::from_shape_fn((points, 16), |(row, _)| {
            random.unit() + (row % 8) as f64
        }));
        while shift.goes_on() {
            std::hint::black_box(KMeans::params(8).max_n_iterations(5).n_runs(1).fit(&data).ok());
        }
    });
}
