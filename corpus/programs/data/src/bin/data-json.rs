//! Parses JSON lines, groups and sorts them and writes a summary, by `serde_json`. `--input` gives the lines.

use serde_json::{Value, json};
use std::collections::HashMap;

fn main() {
    let options = runner::Options::read();
    let mut random = runner::Random(1);
    let invented = || -> String {
        (0..20_000).map(|i| json!({"id": i, "user": format!("u{}", random.next() % 500), "spent": random.unit(), "tags": ["a", "b"]}).to_string() + "\n").collect()
    };
    let text =
        options.input.as_ref().and_then(|path| std::fs::read_to_string(path).ok()).unwrap_or_else(invented);
    options.run(|_, shift| {
        while shift.goes_on() {
            let mut sums: HashMap<String, (f64, u64)> = HashMap::new();
            for (number, line) in text.lines().enumerate() {
                let Ok(value) = serde_json::from_str::<Value>(line) else { continue };
                let fields = value.as_object().into_iter().flatten();
                let name = fields.clone().find_map(|(_, v)| v.as_str()).unwrap_or("none").to_owned();
                let sum = sums.entry(name).or_default();
                sum.0 += fields.filter_map(|(_, v)| v.as_f64()).sum::<f64>();
                sum.1 += 1;
                if number % 512 == 0 && !shift.goes_on() {
                    return;
                }
            }
            let mut best: Vec<_> = sums.into_iter().collect();
            best.sort_by(|a, b| b.1.0.total_cmp(&a.1.0));
            std::hint::black_box(serde_json::to_string_pretty(&best).ok());
        }
    });
}
