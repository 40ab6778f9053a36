//! How long a dry run of a large fleet takes: rows are made, read, and held against a register of as many devices.
//!
//! `cargo run --release -p registration --example fleet -- 100000`

use registration::{Entry, Reading, Register, difference, fleet};
use std::fmt::Write;
use std::time::Instant;

fn rows(count: usize, model: &str) -> String {
    let mut text =
        String::from("id,site,from,manufacturer,model,serial,class,max_rate,power_nominal,owner_id\n");
    for n in 0..count {
        let site = n % 100;
        let _ = writeln!(
            text,
            "rack-{n:06},hall-{site:02},2026-01-01,Acme,{model},SN-{n:08},asic,234 TH/s,3531,RU-77-{site}"
        );
    }
    text
}

fn read(text: &str, reading: &Reading<'_>) -> Vec<registration::Wish> {
    match fleet(text.as_bytes(), reading) {
        Ok(wishes) => wishes.subjects,
        Err(mistakes) => {
            mistakes.list.iter().for_each(|mistake| eprintln!("{mistake}"));
            std::process::exit(2)
        }
    }
}

fn main() {
    let count = std::env::args().nth(1).and_then(|n| n.parse().ok()).unwrap_or(100_000);
    let today = jiff::civil::date(2026, 6, 1);
    let reading = Reading::new(rulebook::shipped_vocabulary(), today);
    let registered = read(&rows(count, "S21"), &reading);
    let first = difference(&registered, &Register::default(), today);
    let register = Register::new(first.registrations().map(|r| Entry {
        registration: statement::Registration { version: 1, ..r.clone() },
        ordinal: 0,
        at_ms: 0,
        by: String::new(),
        counts: true,
    }));
    // Every tenth device gets another model.
    let mut text = rows(count - count / 10, "S21");
    for line in rows(count, "S21 Pro").lines().skip(1 + count - count / 10) {
        let _ = writeln!(text, "{line}");
    }
    let began = Instant::now();
    let wishes = read(&text, &reading);
    let read = began.elapsed();
    let began = Instant::now();
    let found = difference(&wishes, &register, today);
    let compared = began.elapsed();
    let (new, changed, ended) = found.counts();
    let rate = count as f64 / (read + compared).as_secs_f64();
    println!("{count} rows, {} bytes", text.len());
    println!("read       {:.3} s", read.as_secs_f64());
    println!(
        "difference {:.3} s: {new} new, {changed} changed, {ended} ended, {} unchanged",
        compared.as_secs_f64(),
        found.unchanged
    );
    println!("together   {rate:.0} rows/s");
}
