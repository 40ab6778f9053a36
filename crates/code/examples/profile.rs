//! Profiles a file of raw machine code: `profile ARCH FILE ADDRESS [HIT[:COUNT]...]`.
//!
//! `ARCH` is `x86-64` or `aarch64`, numbers are hexadecimal. Without hits every instruction of the file, decoded from
//! its first byte on, counts once. For trying things out; no part of the product.

use code::{Arch, Chunk, Class, listing, profile, references};
use std::error::Error;

fn number(text: &str) -> Result<u64, std::num::ParseIntError> {
    u64::from_str_radix(text.trim_start_matches("0x"), 16)
}

fn hit(text: &str) -> Result<(u64, u32), Box<dyn Error>> {
    let (address, count) = text.split_once(':').unwrap_or((text, "1"));
    Ok((number(address)?, count.parse()?))
}

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let mut next = || arguments.next().ok_or("expected ARCH FILE ADDRESS [HIT[:COUNT]...]");
    let arch = match next()?.as_str() {
        "x86-64" => Arch::X86_64,
        "aarch64" => Arch::Aarch64,
        other => return Err(format!("'{other}' is no architecture; expected x86-64 or aarch64").into()),
    };
    let bytes = std::fs::read(next()?)?;
    let address = number(&next()?)?;
    let mut hits = arguments.map(|text| hit(&text)).collect::<Result<Vec<_>, _>>()?;
    if hits.is_empty() {
        hits = code::decode(arch, address, &bytes).iter().map(|i| (i.address, 1)).collect();
    }
    let chunks = [Chunk { address, bytes: &bytes }];
    let found = profile(arch, &chunks, &hits);
    let timed = (0..10).map(|_| {
        let started = std::time::Instant::now();
        let again = profile(arch, &chunks, &hits);
        (started.elapsed(), again == found)
    });
    let took = timed.min().ok_or("nothing was timed")?;
    for class in Class::ALL.into_iter().filter(|&class| found.share(class) >= 0.005) {
        println!("{class:18} {:5.1} %", found.share(class) * 100.0);
    }
    for repeated in &found.loops {
        println!(
            "loop {:x}..{:x} {} samples, {} instructions",
            repeated.start,
            repeated.end,
            repeated.samples,
            repeated.instructions.len()
        );
    }
    if let Some(hottest) = found.loops.first().filter(|hottest| hottest.start >= address) {
        let body = bytes.get((hottest.start - address) as usize..).unwrap_or_default();
        for line in listing(arch, hottest.start, body, 24) {
            println!("  {:x} {:16} {}", line.address, line.class, line.text);
        }
    }
    let hot: Vec<u64> = hits.iter().map(|&(address, _)| address).collect();
    let operands = references(arch, address, &bytes, &hot);
    println!(
        "{} references: {:x?}",
        operands.len(),
        operands.iter().take(12).map(|r| r.operand).collect::<Vec<_>>()
    );
    println!("{:?} for {} hits, same result: {}", took.0, hits.len(), took.1);
    println!("{:#?}", code::Profile { loops: Vec::new(), shares: [0.0; Class::COUNT], ..found });
    Ok(())
}
