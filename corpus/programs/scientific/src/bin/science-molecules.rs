//! Molecular dynamics of a Lennard-Jones fluid with cell lists. `--size` gives the atoms on a side (16 unless told).

const CUT: f64 = 2.5;

struct Fluid {
    side: f64,
    cells: usize,
    places: Vec<[f64; 3]>,
    speeds: Vec<[f64; 3]>,
}

impl Fluid {
    fn cell(&self, place: &[f64; 3]) -> usize {
        place.iter().fold(0, |n, x| {
            n * self.cells + ((x / self.side * self.cells as f64) as usize).min(self.cells - 1)
        })
    }

    fn near(&self, cell: usize) -> impl Iterator<Item = usize> {
        let n = self.cells;
        let (x, y, z) = (cell / n / n, cell / n % n, cell % n);
        (0..27).map(move |k| {
            let at = |c: usize, d: usize| (c + n + d - 1) % n;
            (at(x, k / 9) * n + at(y, k / 3 % 3)) * n + at(z, k % 3)
        })
    }

    fn step(&mut self) {
        let mut lists = vec![Vec::new(); self.cells.pow(3)];
        for (i, place) in self.places.iter().enumerate() {
            lists[self.cell(place)].push(i);
        }
        for i in 0..self.places.len() {
            let mine = self.places[i];
            let mut force = [0.0; 3];
            for &j in self.near(self.cell(&mine)).flat_map(|c| &lists[c]) {
                let d: [f64; 3] = std::array::from_fn(|k| {
                    let d = mine[k] - self.places[j][k];
                    d - self.side * (d / self.side).round()
                });
                let square = d.iter().map(|x| x * x).sum::<f64>();
                if j != i && square < CUT * CUT {
                    let inverse = 1.0 / square.max(0.64);
                    let six = inverse * inverse * inverse;
                    let strength = 48.0 * six * (six - 0.5) * inverse;
                    (0..3).for_each(|k| force[k] += strength * d[k]);
                }
            }
            (0..3).for_each(|k| self.speeds[i][k] += 0.002 * force[k]);
        }
        for (place, speed) in self.places.iter_mut().zip(&self.speeds) {
            (0..3).for_each(|k| place[k] = (place[k] + 0.002 * speed[k]).rem_euclid(self.side));
        }
    }
}

fn main() {
    let options = runner::Options::read();
    let n = options.size.unwrap_or(16);
    options.run(|_, shift| {
        let side = n as f64 * 1.2;
        let places = (0..n * n * n).map(|i| [i / n / n, i / n % n, i % n].map(|c| c as f64 * 1.2)).collect();
        let cells = ((side / CUT) as usize).max(3);
        let mut fluid = Fluid { side, cells, places, speeds: vec![[0.0; 3]; n * n * n] };
        while shift.goes_on() {
            fluid.step();
        }
        println!("{:?}", fluid.places.first());
    });
}
