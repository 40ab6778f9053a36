//! Fluid flow round an obstacle by a lattice-Boltzmann method on nine directions. `--size` gives the width (256 unless
//! told).

const WEIGHTS: [f32; 9] =
    [4. / 9., 1. / 9., 1. / 9., 1. / 9., 1. / 9., 1. / 36., 1. / 36., 1. / 36., 1. / 36.];
const DIRECTIONS: [(isize, isize); 9] =
    [(0, 0), (1, 0), (0, 1), (-1, 0), (0, -1), (1, 1), (-1, 1), (-1, -1), (1, -1)];

fn relax(cells: &mut [Vec<f32>; 9], cell: usize) {
    let f: [f32; 9] = std::array::from_fn(|i| cells[i][cell]);
    let density: f32 = f.iter().sum();
    let x = (f[1] + f[5] + f[8] - f[3] - f[6] - f[7]) / density;
    let y = (f[2] + f[5] + f[6] - f[4] - f[7] - f[8]) / density;
    let square = 1.5 * (x * x + y * y);
    for i in 0..9 {
        let along = 3.0 * (DIRECTIONS[i].0 as f32 * x + DIRECTIONS[i].1 as f32 * y);
        let rest = WEIGHTS[i] * density * (1.0 + along + 0.5 * along * along - square);
        cells[i][cell] += 1.2 * (rest - f[i]);
    }
}

fn main() {
    let options = runner::Options::read();
    let (width, height) = (options.size.unwrap_or(256), options.size.unwrap_or(256) / 2);
    options.run(|_, shift| {
        let size = width * height;
        let mut cells: [Vec<f32>; 9] =
            std::array::from_fn(|i| vec![WEIGHTS[i] * if i == 1 { 1.3 } else { 1.0 }; size]);
        let mut next = cells.clone();
        while shift.goes_on() {
            (0..size).for_each(|cell| relax(&mut cells, cell));
            for i in 0..9 {
                let shifted =
                    (size as isize + DIRECTIONS[i].1 * width as isize + DIRECTIONS[i].0) as usize % size;
                next[i][shifted..].copy_from_slice(&cells[i][..size - shifted]);
                next[i][..shifted].copy_from_slice(&cells[i][size - shifted..]);
            }
            std::mem::swap(&mut cells, &mut next);
        }
        println!("{}", cells[0][size / 2]);
    });
}
