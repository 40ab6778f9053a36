//! Filters, groups and joins columns in memory, as analytic databases do. `--size` gives the rows (1000000 unless told).

use std::collections::HashMap;

fn main() {
    let options = runner::Options::read();
    let rows = options.size.unwrap_or(1_000_000);
    options.run(|thread, shift| {
        let mut random = runner::Random(thread as u64);
        let keys: Vec<u32> = (0..rows).map(|_| (random.next() % 10_000) as u32).collect();
        let prices: Vec<i64> = (0..rows).map(|_| (random.next() % 100_000) as i64).collect();
        let names: HashMap<u32, String> =
            (0..10_000).step_by(3).map(|key| (key, format!("customer {key}"))).collect();
        let mut limit = 0;
        while shift.goes_on() {
            limit = (limit + 7_001) % 90_000;
            let chosen: Vec<u32> = (0..rows as u32).filter(|&row| prices[row as usize] > limit).collect();
            let mut groups: HashMap<u32, (i64, u32)> = HashMap::new();
            for row in &chosen {
                let group = groups.entry(keys[*row as usize]).or_default();
                group.0 += prices[*row as usize];
                group.1 += 1;
            }
            let mut joined: Vec<(&String, i64)> =
                groups.iter().filter_map(|(key, g)| Some((names.get(key)?, g.0 / i64::from(g.1)))).collect();
            joined.sort_unstable();
            std::hint::black_box(joined);
        }
    });
}
