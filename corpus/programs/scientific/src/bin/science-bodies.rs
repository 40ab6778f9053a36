//! Moves bodies under their gravity in 64-bit floats. `--size` gives their number (512 unless told).

fn step(places: &mut [[f64; 3]], speeds: &mut [[f64; 3]]) {
    for i in 0..places.len() {
        let mut pull = [0.0; 3];
        for other in places.iter() {
            let d = [other[0] - places[i][0], other[1] - places[i][1], other[2] - places[i][2]];
            let square = d[0] * d[0] + d[1] * d[1] + d[2] * d[2] + 1e-3;
            let strength = 1.0 / (square * square.sqrt());
            (0..3).for_each(|k| pull[k] += d[k] * strength);
        }
        (0..3).for_each(|k| speeds[i][k] += 1e-5 * pull[k]);
    }
    for (place, speed) in places.iter_mut().zip(speeds) {
        (0..3).for_each(|k| place[k] += 1e-3 * speed[k]);
    }
}

fn main() {
    let options = runner::Options::read();
    let bodies = options.size.unwrap_or(512);
    options.run(|thread, shift| {
        let mut random = runner::Random(thread as u64);
        let mut places: Vec<[f64; 3]> = (0..bodies).map(|_| std::array::from_fn(|_| random.unit())).collect();
        let mut speeds = vec![[0.0; 3]; bodies];
        while shift.goes_on() {
            step(&mut places, &mut speeds);
        }
        println!("{:?}", places.first());
    });
}
