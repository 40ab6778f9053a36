//! Reads log lines with regular expressions and counts what it finds, by `regex`. `--input` gives the lines.

use regex::Regex;
use std::collections::BTreeMap;

fn main() {
    let options = runner::Options::read();
    let mut random = runner::Random(9);
    let invented = || -> String {
        (0..50_000)
            .map(|i| {
                format!(
                    "10.0.{}.{} - [{}] \"GET /item/{} HTTP/1.1\" {} {}\n",
                    random.next() % 256,
                    random.next() % 256,
                    i,
                    random.next() % 400,
                    [200, 304, 404, 500][random.next() as usize % 4],
                    random.next() % 9000
                )
            })
            .collect()
    };
    let text = options.input.as_ref().and_then(|p| std::fs::read_to_string(p).ok()).unwrap_or_else(invented);
    let line = Regex::new(r#"^(\d+\.\d+\.\d+\.\d+) - \[(\d+)\] "(\w+) (/[\w/]*) HTTP[^"]*" (\d{3}) (\d+)$"#)
        .expect("a pattern");
    let words = Regex::new(r"(?i)\b(error|warn\w*|time(d)? ?out|\w+ing)\b").expect("a pattern");
    options.run(|_, shift| {
        while shift.goes_on() {
            let mut counts: BTreeMap<String, u64> = BTreeMap::new();
            for (number, text) in text.lines().enumerate() {
                match line.captures(text) {
                    Some(found) => {
                        *counts.entry(found[4].to_owned()).or_default() +=
                            found[6].parse::<u64>().unwrap_or(0)
                    }
                    None => {
                        *counts.entry("other".into()).or_default() += words.find_iter(text).count() as u64
                    }
                }
                if number % 1024 == 0 && !shift.goes_on() {
                    return;
                }
            }
            std::hint::black_box(counts);
        }
    });
}
