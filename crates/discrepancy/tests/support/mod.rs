//! A small site for tests: what is registered, what its devices say.

#![allow(dead_code)]

use discrepancy::{Comparison, Contest, Input, Period, Reliability, Said, Seen, Thresholds, compare};
use facts::{Activity, EvidenceKind, Sensor, State, TokenState};
use jiff::civil::{Date, date};
use jiff::tz::TimeZone;
use registration::{Entry, Register};
use statement::{DeviceId, Energy, Evidence, Kind, Name, Reading, Registration, SensorCoverage, WorkloadId};

/// Monday 2026-03-02, 08:00 UTC.
pub const FROM_MS: u64 = 1_772_438_400_000;
pub const MINUTE_MS: u64 = 60_000;

pub fn name(text: &str) -> Name {
    text.parse().unwrap()
}

pub fn device(n: u8) -> DeviceId {
    DeviceId([n; 16])
}

pub fn entry(kind: Kind, id: &str, within: &str, from: Date, fields: &[(&str, &str)]) -> Entry {
    let mut fields: Vec<(String, String)> = fields.iter().map(|(k, v)| ((*k).into(), (*v).into())).collect();
    fields.sort();
    let registration = Registration {
        kind,
        id: name(id),
        version: 1,
        within: Some(name(within)),
        from,
        until: None,
        device: None,
        fields,
        awaits_approval: false,
    };
    Entry { registration, ordinal: 0, at_ms: 0, by: "acme".into(), counts: true }
}

/// A device registered at a site since a month before, 400 W nominal.
pub fn registered(n: u8, site: &str) -> Entry {
    let fields = [("device.power_nominal", "400")];
    let mut entry = entry(Kind::Device, &format!("node-{n}"), site, date(2026, 2, 1), &fields);
    entry.registration.device = Some(device(n));
    entry
}

/// Work declared for all devices of the site.
pub fn declared(fields: &[(&str, &str)]) -> Entry {
    entry(Kind::Workload, "job", "hall", date(2026, 2, 1), fields)
}

/// One workload doing one thing for a whole core.
pub fn work(workload: &str, activity: Activity, permille: u16) -> Seen {
    let id = workload.bytes().fold([0_u8; 8], |mut id, b| {
        id.rotate_left(1);
        id[0] ^= b;
        id
    });
    let rest = Reading { activity: Activity::General, permille: 1_000 - permille };
    Seen {
        workload: WorkloadId(id),
        name: workload.into(),
        activity,
        readings: vec![Reading { activity, permille }, rest],
        mixture: Vec::new(),
        algorithm: None,
        token: TokenState::NotSeen,
        disposition: None,
        cpu_ms: 60_000,
        energy_mj: None,
        evidence: vec![
            Evidence { kind: EvidenceKind::HotCode, supports: activity, millibans: 1_500 },
            Evidence { kind: EvidenceKind::DataRate, supports: activity, millibans: 600 },
        ],
        tree: None,
    }
}

pub fn miner() -> Seen {
    Seen {
        algorithm: Some("randomx".into()),
        token: TokenState::Seen,
        ..work("kworker", Activity::Mining, 980)
    }
}

/// The statement of a minute.
pub fn said(n: u8, site: &str, minute: u64, findings: Vec<Seen>) -> Said {
    let line = |sensor| SensorCoverage { sensor, state: State::Full, why: None };
    Said {
        device: device(n),
        site: name(site),
        ordinal: u64::from(n) * 10_000 + minute,
        sequence: minute,
        from_ms: FROM_MS + minute * MINUTE_MS,
        duration_ms: 60_000,
        coverage: vec![line(Sensor::HotCode), line(Sensor::Conversation)],
        dropped: 0,
        energy: Some(Energy { millijoules: 300 * 60_000, source: "rapl".into() }),
        findings,
    }
}

/// Statements of so many minutes that all show the same.
pub fn minutes(n: u8, of: std::ops::Range<u64>, findings: &[Seen]) -> Vec<Said> {
    of.map(|minute| said(n, "hall", minute, findings.to_vec())).collect()
}

/// The comparison of the first two hours.
pub fn compared(entries: Vec<Entry>, said: &[Said]) -> Comparison {
    contested(entries, said, &[])
}

pub fn contested(entries: Vec<Entry>, said: &[Said], contests: &[Contest]) -> Comparison {
    let period = Period { from_ms: FROM_MS, to_ms: FROM_MS + 120 * MINUTE_MS, zone: TimeZone::UTC };
    compare(&Input {
        register: &Register::new(entries),
        said,
        period: &period,
        contests,
        limits: &[],
        thresholds: &Thresholds::default(),
        reliability: &Reliability::shipped(),
    })
}

pub fn kinds(comparison: &Comparison) -> Vec<&'static str> {
    comparison.differences.iter().map(|d| d.kind.word()).collect()
}
