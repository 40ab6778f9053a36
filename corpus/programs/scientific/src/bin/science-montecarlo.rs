//! Prices Asian options by random paths: xoshiro numbers, Box-Muller, exponentials.

struct Xoshiro([u64; 4]);

impl Xoshiro {
    fn unit(&mut self) -> f64 {
        let s = &mut self.0;
        let result = s[1].wrapping_mul(5).rotate_left(7).wrapping_mul(9);
        let t = s[1] << 17;
        s[2] ^= s[0];
        s[3] ^= s[1];
        s[1] ^= s[2];
        s[0] ^= s[3];
        s[2] ^= t;
        s[3] = s[3].rotate_left(45);
        ((result >> 11) as f64 + 0.5) / (1_u64 << 53) as f64
    }

    fn normal(&mut self) -> f64 {
        (-2.0 * self.unit().ln()).sqrt() * (std::f64::consts::TAU * self.unit()).cos()
    }
}

fn main() {
    let options = runner::Options::read();
    options.run(|thread, shift| {
        let mut seed = runner::Random(thread as u64 + 1);
        let mut random = Xoshiro(std::array::from_fn(|_| seed.next()));
        let (mut sum, mut paths) = (0.0, 0.0);
        while shift.goes_on() {
            for _ in 0..64 {
                let (mut price, mut total) = (100.0_f64, 0.0);
                for _ in 0..64 {
                    price *= (0.0002 + 0.02 * random.normal()).exp();
                    total += price;
                }
                sum += (total / 64.0 - 100.0).max(0.0);
                paths += 1.0;
            }
        }
        println!("{}", sum / paths);
    });
}
