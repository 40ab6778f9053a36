//! Every limit of a statement: at it, it passes; beyond it, it is refused with what was found.

use facts::{Activity, EvidenceKind, Sensor, State, TokenState, UnitKind};
use statement::{
    Clock, Component, Digest, Dropped, Energy, Evidence, Finding, KeyId, Nonce, PayloadError, Reading,
    SensorCoverage, Statement, VERSION, WorkloadId, to_cbor,
};

/// A statement that holds; each case alters one thing.
fn plain() -> Statement {
    Statement {
        version: VERSION,
        device: statement::DeviceId([1; 16]),
        sequence: 10,
        previous: Digest([1; 32]),
        nonce: Nonce([1; 16]),
        from_ms: 1_795_000_000_000,
        duration_ms: 60_000,
        coverage: vec![SensorCoverage {
            sensor: Sensor::Memory,
            state: State::None,
            why: Some("none".into()),
        }],
        findings: vec![Finding {
            workload: WorkloadId([1; 8]),
            name: "work".into(),
            unit: UnitKind::Process,
            readings: vec![Reading { activity: Activity::Training, permille: 1_000 }],
            mixture: vec![Component { activity: Activity::Training, share_permille: 500, permille: 900 }],
            algorithm: Some("gemm".into()),
            token: TokenState::NotSeen,
            cpu_ms: 1,
            energy_mj: None,
            evidence: vec![Evidence {
                kind: EvidenceKind::Memory,
                supports: Activity::Training,
                millibans: 1,
            }],
        }],
        energy: Some(Energy { millijoules: 1, source: "meter".into() }),
        clock: Clock { boot: KeyId([1; 8]), uptime_ms: 1, step_ms: None, skew_ms: None },
        dropped: Some(Dropped { first: 3, count: 2, why: "full".into() }),
        intervals: 1,
        agent: "0.1.0".into(),
        detail: None,
    }
}

fn read(alter: impl FnOnce(&mut Statement)) -> Result<Statement, PayloadError> {
    let mut statement = plain();
    alter(&mut statement);
    Statement::from_cbor(&to_cbor(&statement))
}

/// Passes at the limit, and beyond it is refused in these words.
#[track_caller]
fn limit<N: Copy>(set: impl Fn(&mut Statement, N), at: &[N], beyond: &[N], words: &str) {
    for good in at {
        read(|s| set(s, *good)).unwrap();
    }
    for bad in beyond {
        let error = read(|s| set(s, *bad)).unwrap_err().to_string();
        assert!(error.contains(words), "{error}");
    }
}

fn long(length: usize) -> String {
    "x".repeat(length)
}

#[test]
fn version_and_place_in_the_chain() {
    limit(|s, v| s.version = v, &[1], &[0, 2, 255], "statement of version");
    limit(|s, n| s.sequence = n, &[10, (1 << 53) - 1], &[1 << 53, u64::MAX], "number in the chain is");
    limit(|s, n| s.sequence = n, &[], &[0], "statement 0 names");
    limit(|s, p| s.previous = p, &[Digest([2; 32])], &[Digest::NONE], "statement 10 names");
    read(|s| (s.sequence, s.previous, s.dropped) = (0, Digest::NONE, None)).unwrap();
}

#[test]
fn times() {
    limit(|s, n| s.duration_ms = n, &[1_000, 86_400_000], &[0, 999, 86_400_001], "duration in ms is");
    limit(
        |s, n| s.from_ms = n,
        &[0, 253_402_300_799_000],
        &[253_402_300_799_001, u64::MAX],
        "begin in ms is",
    );
    limit(|s, n| s.intervals = n, &[1, u16::MAX], &[0], "number of intervals is 0");
    let until = read(|s| s.from_ms = 253_402_300_799_000).unwrap().until_ms();
    assert_eq!(until, 253_402_300_859_000);
}

#[test]
fn what_was_dropped_lies_before() {
    let set =
        |s: &mut Statement, (first, count)| s.dropped = Some(Dropped { first, count, why: "full".into() });
    limit(
        set,
        &[(0, 1), (0, 10), (9, 1)],
        &[(0, 0), (0, 11), (10, 1), (u64::MAX, 1), (1, u64::MAX)],
        "end of what was",
    );
}

#[test]
fn numbers_of_parts() {
    limit(|s, n| s.findings = vec![s.findings[0].clone(); n], &[0, 64], &[65], "number of findings is 65");
    limit(|s, n| s.coverage = vec![s.coverage[0].clone(); n], &[0, 17], &[18], "number of sensors is 18");
    let readings = |s: &mut Statement, n| {
        s.findings[0].readings = vec![Reading { activity: Activity::Data, permille: 58 }; n];
    };
    limit(readings, &[1, 17], &[0, 18], "number of readings is");
    let mixture = |s: &mut Statement, n| {
        let part = Component { activity: Activity::Data, share_permille: 58, permille: 58 };
        s.findings[0].mixture = vec![part; n];
    };
    limit(mixture, &[0, 17], &[18], "number of components is 18");
    let evidence = |s: &mut Statement, n| s.findings[0].evidence = vec![s.findings[0].evidence[0]; n];
    limit(evidence, &[0, 17], &[18], "number of items of evidence is 18");
}

#[test]
fn probabilities_and_shares() {
    limit(
        |s, p| s.findings[0].readings[0].permille = p,
        &[0, 1_020],
        &[1_021, u16::MAX],
        "probability in thousandths",
    );
    let two = |s: &mut Statement, p| {
        s.findings[0].readings = vec![Reading { activity: Activity::Data, permille: p }; 2];
    };
    limit(two, &[510], &[511], "probability in thousandths is 1022");
    limit(|s, p| s.findings[0].mixture[0].share_permille = p, &[0, 1_020], &[1_021], "share in thousandths");
    limit(
        |s, p| s.findings[0].mixture[0].permille = p,
        &[0, 1_000],
        &[1_001],
        "probability in thousandths is 1001",
    );
}

#[test]
fn texts_are_short_and_can_be_shown() {
    type Set = fn(&mut Statement, String);
    let texts: [(&str, Set); 6] = [
        ("name of a workload", |s, t| s.findings[0].name = t),
        ("name of an algorithm", |s, t| s.findings[0].algorithm = Some(t)),
        ("reason of a coverage", |s, t| s.coverage[0].why = Some(t)),
        ("reason of what was dropped", |s, t| s.dropped.as_mut().unwrap().why = t),
        ("source of energy", |s, t| s.energy.as_mut().unwrap().source = t),
        ("version of the agent", |s, t| s.agent = t),
    ];
    for (what, set) in texts {
        read(|s| set(s, long(96))).unwrap();
        let error = read(|s| set(s, long(97))).unwrap_err().to_string();
        assert!(error.contains(what) && error.contains("97"), "{error}");
        let error = read(|s| set(s, "a\u{1b}[2J".into())).unwrap_err();
        assert_eq!(error, PayloadError::Text { what });
    }
}
