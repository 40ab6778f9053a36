//! Observes this machine for some seconds and prints what the sensors read: `slice [SECONDS] [RATE] [DRAIN_MS] [KNOWN_AFTER_S]`.

use sense_linux::{Options, Sensors};
use std::collections::HashMap;
use std::time::{Duration, Instant};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let number = |at: usize, or: u32| std::env::args().nth(at).and_then(|a| a.parse().ok()).unwrap_or(or);
    let (seconds, rate, drain_ms, known_after) =
        (number(1, 5), number(2, 200), number(3, 100), number(4, 999));
    let mut sensors = Sensors::open(Options { arguments: false, rate, capture: true })?;
    println!("{:?}; opening cost {} ms of processor time", sensors.machine(), own_ms());
    let (begin, cost) = (Instant::now(), own_ms());
    let mut names = HashMap::new();
    for second in 1..=u64::from(seconds) {
        while begin.elapsed() < Duration::from_secs(second) {
            std::thread::sleep(Duration::from_millis(drain_ms.into()));
            sensors.drain();
        }
        let slice = sensors.slice();
        if second > u64::from(known_after) {
            slice.hits.iter().for_each(|h| sensors.known(h.process, true));
        }
        if second == u64::from(known_after) {
            println!("from here on nothing is new: {} ms used so far", own_ms() - cost);
        }
        names.extend(slice.processes.iter().map(|p| (p.key, p.name.clone())));
        show(&slice, &names);
        if second == u64::from(seconds) {
            for line in &slice.coverage {
                println!("  {:>12} {:?}: {}", line.sensor.name(), line.state, line.why);
            }
        }
    }
    let (used, wall) = (own_ms() - cost, begin.elapsed().as_millis());
    println!("own processor time {used} ms in {wall} ms; resident {} KiB", resident());
    Ok(())
}

fn show(slice: &facts::Slice, names: &HashMap<facts::ProcessKey, String>) {
    let hits: u32 = slice.hits.iter().map(|h| h.count).sum();
    let bytes: usize = slice.code.iter().map(|c| c.bytes.len()).sum();
    println!(
        "{}..{} ms: {hits} hits, {} lost, {} new processes, {} ended, {} images, {bytes} code bytes in {}, \
         {} constants, {} symbols, {} conversations",
        slice.from_ms,
        slice.to_ms,
        slice.lost,
        slice.processes.len(),
        slice.ended.len(),
        slice.images.len(),
        slice.code.len(),
        slice.constants.len(),
        slice.symbols.len(),
        slice.conversations.len(),
    );
    let mut usage: Vec<_> = slice.usage.iter().collect();
    usage.sort_by_key(|u| std::cmp::Reverse(u.user_ms + u.system_ms));
    for u in usage.into_iter().take(8) {
        let name = names.get(&u.process).map_or("?", String::as_str);
        let sampled: u32 = slice.hits.iter().filter(|h| h.process == u.process).map(|h| h.count).sum();
        let symbols: Vec<&str> = slice
            .symbols
            .iter()
            .filter(|s| s.process == u.process)
            .map(|s| s.name.as_str())
            .take(4)
            .collect();
        println!(
            "  {:>7} {name:<16} {sampled:>4} hits {:>5}+{:<4} ms, r {} w {}, {} calls, {} waits {} preempted, rss {} MiB huge {:?} largest {:?} thr {}/{} {symbols:?}",
            u.process.pid,
            u.user_ms,
            u.system_ms,
            u.read,
            u.written,
            u.calls,
            u.waits,
            u.preempted,
            u.resident >> 20,
            u.huge,
            u.largest,
            u.hot_threads,
            u.threads,
        );
    }
    let mut constants: Vec<(&str, &str)> = slice
        .constants
        .iter()
        .map(|c| (names.get(&c.process).map_or("?", String::as_str), c.name.as_str()))
        .collect();
    constants.sort_unstable();
    constants.dedup();
    println!("    constants {constants:?}");
    for c in slice.conversations.iter().take(12) {
        let what =
            c.recognised.as_ref().map(|r| format!("{} {} {:?}", r.protocol.name(), r.dialect, r.methods));
        println!(
            "    {} {:?} {} -> {} {:?} +{} -{} {what:?}",
            c.process.pid, c.transport, c.local, c.remote, c.endpoint, c.sent, c.received
        );
    }
}

/// Own processor time from `/proc/self/schedstat`, milliseconds.
fn own_ms() -> u64 {
    let text = std::fs::read_to_string("/proc/self/schedstat").unwrap_or_default();
    text.split(' ').next().and_then(|t| t.parse::<u64>().ok()).unwrap_or(0) / 1_000_000
}

fn resident() -> u64 {
    let text = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = text.lines().find_map(|l| l.strip_prefix("VmRSS:"));
    line.and_then(|l| l.trim().split(' ').next()?.parse().ok()).unwrap_or(0)
}
