//! Memory and processor time of this process, read when somebody asks.

use prometheus_client::collector::Collector;
use prometheus_client::encoding::{DescriptorEncoder, EncodeMetric};
use prometheus_client::metrics::counter::ConstCounter;
use prometheus_client::metrics::gauge::ConstGauge;
use std::fs;

/// Ticks a second in `/proc/self/stat`: `USER_HZ`, which Linux fixes at 100 on x86 and Arm.
const TICKS: f64 = 100.0;
/// Fields `utime` and `stime` of `/proc/self/stat` (proc(5)), counted from 0 after the name in brackets.
const TIMES: [usize; 2] = [11, 12];

/// Reads `/proc/self`; shows nothing where it is not there.
#[derive(Debug)]
pub struct ProcessCollector;

impl Collector for ProcessCollector {
    fn encode(&self, mut encoder: DescriptorEncoder) -> Result<(), std::fmt::Error> {
        if let Some(bytes) = resident_bytes() {
            let gauge = ConstGauge::new(bytes);
            let about = "Memory of this process";
            let kind = gauge.metric_type();
            gauge.encode(encoder.encode_descriptor("process_resident_memory_bytes", about, None, kind)?)?;
        }
        if let Some(seconds) = cpu_seconds() {
            let counter = ConstCounter::new(seconds);
            let about = "Processor time of this process";
            let kind = counter.metric_type();
            counter.encode(encoder.encode_descriptor("process_cpu_seconds", about, None, kind)?)?;
        }
        Ok(())
    }
}

fn resident_bytes() -> Option<i64> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    let kib: i64 = line.trim().strip_suffix(" kB")?.parse().ok()?;
    kib.checked_mul(1024)
}

fn cpu_seconds() -> Option<f64> {
    let stat = fs::read_to_string("/proc/self/stat").ok()?;
    // The name may hold blanks and brackets: what follows its last bracket is counted.
    let fields: Vec<&str> = stat.rsplit_once(')')?.1.split_whitespace().collect();
    let ticks: Option<u32> = TIMES.iter().map(|field| fields.get(*field)?.parse::<u32>().ok()).sum();
    Some(f64::from(ticks?) / TICKS)
}
