//! Processor use of each workload over the last ticks, for sparklines.

use facts::{Finding, Looked};
use std::collections::BTreeMap;

/// Ticks kept of one workload.
const KEPT: usize = 60;
/// Workloads kept; a build can start thousands.
const MAX_WORKLOADS: usize = 512;

/// The last ticks of every workload that was seen lately.
#[derive(Debug, Default)]
pub struct History {
    rows: BTreeMap<String, Vec<u64>>,
}

impl History {
    /// Takes in one tick; a workload that was not seen in it counts as idle.
    pub fn update(&mut self, looked: &Looked) {
        let mut now: BTreeMap<String, u64> = BTreeMap::new();
        for finding in &looked.workloads {
            now.insert(key(finding), (finding.cpu_share * 100.0).max(0.0) as u64);
        }
        for name in now.keys() {
            if self.rows.len() < MAX_WORKLOADS || self.rows.contains_key(name) {
                self.rows.entry(name.clone()).or_default();
            }
        }
        for (name, row) in &mut self.rows {
            row.push(now.get(name).copied().unwrap_or(0));
            let extra = row.len().saturating_sub(KEPT);
            row.drain(..extra);
        }
        self.rows.retain(|_, row| row.iter().any(|v| *v > 0));
    }

    /// Hundredths of a core per tick, oldest first, at most `width` of them.
    pub fn of(&self, finding: &Finding, width: usize) -> &[u64] {
        let row = self.rows.get(&key(finding)).map_or(&[][..], Vec::as_slice);
        row.get(row.len().saturating_sub(width)..).unwrap_or(&[])
    }
}

fn key(finding: &Finding) -> String {
    format!("{} {}", finding.name, finding.pids.iter().min().copied().unwrap_or(0))
}

/// A row of block characters, one for each value, scaled to `full`.
pub fn blocks(values: &[u64], full: u64) -> String {
    const LEVELS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];
    let level = |v: &u64| {
        let index = usize::try_from(v.saturating_mul(7) / full.max(1)).unwrap_or(7).min(7);
        if *v == 0 { ' ' } else { LEVELS.get(index).copied().unwrap_or('█') }
    };
    values.iter().map(level).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sparkline_shows_use_against_the_whole_machine() {
        assert_eq!(blocks(&[0, 1, 100, 200], 200), " ▁▄█");
        assert_eq!(blocks(&[500], 200), "█");
    }
}
