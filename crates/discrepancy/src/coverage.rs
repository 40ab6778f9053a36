//! What could be seen of a device over a period, and the loss of a sensor.
//!
//! "Not seen" is worth something only beside this. Must not guess why a sensor went.

use crate::difference::Coverage;
use crate::said::Said;
use crate::thresholds::Thresholds;
use facts::{Sensor, State};
use std::collections::BTreeMap;

/// A sensor that went.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Lost {
    pub sensor: Sensor,
    pub from_ms: u64,
    pub to_ms: u64,
    pub why: String,
    pub statements: u64,
    pub ordinals: Vec<u64>,
    pub sequences: (u64, u64),
    /// Whether it had come back by the end.
    pub back: bool,
}

/// The coverage of one device over `all_ms` milliseconds; statements in order of time.
pub(crate) fn coverage(said: &[&Said], all_ms: u64) -> Coverage {
    let mut sensors: BTreeMap<Sensor, (u64, u64, Option<&str>)> = BTreeMap::new();
    let (mut covered, mut missing) = (0_u64, 0_u64);
    let mut next: Option<u64> = None;
    for s in said {
        let ms = u64::from(s.duration_ms);
        covered += ms;
        missing += s.dropped + next.map_or(0, |n| s.sequence.saturating_sub(n).saturating_sub(s.dropped));
        next = Some(s.sequence + 1);
        for line in &s.coverage {
            let sums = sensors.entry(line.sensor).or_default();
            if line.state == State::None {
                sums.1 += ms;
                sums.2 = line.why.as_deref().or(sums.2);
            } else {
                sums.0 += ms;
            }
        }
    }
    let blind = |(sensor, (_, _, why)): (&Sensor, &(u64, u64, Option<&str>))| {
        (*sensor, why.unwrap_or("no reason given").to_owned())
    };
    let of = sensors.len();
    let blind: Vec<(Sensor, String)> = sensors.iter().filter(|(_, s)| s.1 >= s.0).map(blind).collect();
    let time = (covered as f64 / all_ms.max(1) as f64).min(1.0);
    Coverage { sensors: of - blind.len(), of, time, blind, missing }
}

/// Sensors that saw something for as long as is asked, and then nothing for as long.
pub(crate) fn lost(said: &[&Said], thresholds: &Thresholds) -> Vec<Lost> {
    let mut sensors: Vec<Sensor> = said.iter().flat_map(|s| s.coverage.iter().map(|l| l.sensor)).collect();
    sensors.sort_unstable();
    sensors.dedup();
    sensors.into_iter().filter_map(|sensor| longest_loss(said, sensor, thresholds)).collect()
}

/// The longest stretch without a sensor, if it was there before.
fn longest_loss(said: &[&Said], sensor: Sensor, thresholds: &Thresholds) -> Option<Lost> {
    let (mut seen_ms, mut best, mut now): (u64, Option<Lost>, Option<Lost>) = (0, None, None);
    for s in said {
        let line = s.coverage.iter().find(|l| l.sensor == sensor);
        if line.is_some_and(|l| l.state != State::None) {
            seen_ms += u64::from(s.duration_ms);
            best = longer(best, now.take().map(|l| Lost { back: true, ..l }));
            continue;
        }
        if seen_ms < thresholds.coverage_ms {
            continue;
        }
        let begun = now.take().unwrap_or_else(|| Lost {
            sensor,
            from_ms: s.from_ms,
            to_ms: s.from_ms,
            why: String::new(),
            statements: 0,
            ordinals: Vec::new(),
            sequences: (s.sequence, s.sequence),
            back: false,
        });
        now = Some(go_on(begun, s, line.and_then(|l| l.why.as_deref())));
    }
    let least = thresholds.least_statements;
    longer(best, now).filter(|l| l.to_ms - l.from_ms >= thresholds.coverage_ms && l.statements >= least)
}

fn go_on(mut lost: Lost, said: &Said, why: Option<&str>) -> Lost {
    lost.to_ms = lost.to_ms.max(said.until_ms());
    lost.statements += 1;
    lost.sequences.1 = said.sequence;
    if lost.ordinals.len() < crate::difference::MAX_ORDINALS {
        lost.ordinals.push(said.ordinal);
    }
    if let Some(why) = why.filter(|_| lost.why.is_empty()) {
        why.clone_into(&mut lost.why);
    }
    lost
}

fn longer(a: Option<Lost>, b: Option<Lost>) -> Option<Lost> {
    let length = |l: &Lost| l.to_ms.saturating_sub(l.from_ms);
    match (a, b) {
        (Some(a), Some(b)) => Some(if length(&b) > length(&a) { b } else { a }),
        (a, b) => a.or(b),
    }
}
