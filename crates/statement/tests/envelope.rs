//! Statements survive their envelope, an independent COSE library agrees with ours, and nothing else passes.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

use coset::{CborSerializable, TaggedCborSerializable};
use facts::{Activity, EvidenceKind, Sensor, State, TokenState, UnitKind};
use statement::{
    Clock, DeviceKey, Digest, Envelope, Evidence, Finding, Key, KeyError, KeyId, Nonce, Purpose, Reading,
    SensorCoverage, Signed, Statement, VERSION, WorkloadId, sign, split, to_cbor, verify_batch,
};

fn key(n: u8) -> DeviceKey {
    DeviceKey::from_seed([n; 32])
}

/// A statement like that of a busy office server.
fn spoken(key: &DeviceKey, sequence: u64) -> Statement {
    let device = key.public().device();
    let finding = |name: &str, activity| Finding {
        workload: WorkloadId::of(device, UnitKind::Service, name),
        name: name.to_owned(),
        unit: UnitKind::Service,
        readings: vec![
            Reading { activity, permille: 973 },
            Reading { activity: Activity::General, permille: 21 },
        ],
        mixture: vec![],
        algorithm: Some("gemm".to_owned()),
        token: TokenState::NotSeen,
        cpu_ms: 93_211,
        energy_mj: Some(5_123_456),
        evidence: vec![
            Evidence { kind: EvidenceKind::HotCode, supports: activity, millibans: 1_340 },
            Evidence { kind: EvidenceKind::DataRate, supports: activity, millibans: -210 },
        ],
    };
    Statement {
        version: VERSION,
        device,
        sequence,
        previous: Digest::of(b"previous"),
        nonce: Nonce([7; 16]),
        from_ms: 1_795_000_000_000 + sequence * 60_000,
        duration_ms: 60_003,
        coverage: vec![
            SensorCoverage { sensor: Sensor::HotCode, state: State::Full, why: None },
            SensorCoverage { sensor: Sensor::Energy, state: State::None, why: Some("no meter".to_owned()) },
        ],
        findings: vec![finding("train.service", Activity::Training)],
        energy: None,
        clock: Clock { boot: KeyId([1; 8]), uptime_ms: 86_400_000, step_ms: None, skew_ms: Some(12) },
        dropped: None,
        intervals: 1,
        agent: "0.1.0".to_owned(),
        detail: Some(Digest::of(b"detail")),
    }
}

fn sealed(key: &DeviceKey, sequence: u64) -> Vec<u8> {
    sign(&to_cbor(&spoken(key, sequence)), key, Purpose::Statement)
}

#[test]
fn a_statement_comes_back_as_it_was_and_is_small() {
    let key = key(1);
    let bytes = sealed(&key, 5);
    let envelope = Envelope::parse(&bytes).unwrap();
    assert!(envelope.verify(&key.public(), Purpose::Statement));
    assert!(!envelope.verify(&key.public(), Purpose::Enrol), "a signature holds for one purpose");
    assert_eq!(Statement::from_cbor(envelope.payload).unwrap(), spoken(&key, 5));
    assert!(bytes.len() <= 400, "{} bytes", bytes.len());
}

#[test]
fn an_independent_cose_library_reads_and_writes_the_same_bytes() {
    let key = key(2);
    let bytes = sealed(&key, 0);
    let theirs = coset::CoseSign1::from_tagged_slice(&bytes).unwrap();
    let labels = theirs.protected.header.clone();
    assert_eq!(labels.alg, Some(coset::Algorithm::Assigned(coset::iana::Algorithm::Ed25519)));
    assert_eq!(labels.key_id, key.public().id().0);
    theirs
        .verify_signature(Purpose::Statement.label(), |signature, message| {
            if key.public().verify(message, signature.try_into().unwrap()) { Ok(()) } else { Err(()) }
        })
        .unwrap();
    let header = coset::HeaderBuilder::new()
        .algorithm(coset::iana::Algorithm::Ed25519)
        .key_id(key.public().id().0.to_vec())
        .build();
    let built = coset::CoseSign1Builder::new()
        .protected(header)
        .payload(to_cbor(&spoken(&key, 0)))
        .create_signature(Purpose::Statement.label(), |message| key.sign(message).to_vec())
        .build();
    assert_eq!(built.clone().to_tagged_vec().unwrap(), bytes);
    assert!(Envelope::parse(&built.to_vec().unwrap()).is_err(), "the tag is part of the form");
}

#[test]
fn no_bit_can_change() {
    let key = key(3);
    let bytes = sealed(&key, 1);
    for at in 0..bytes.len() * 8 {
        let mut bad = bytes.clone();
        bad[at / 8] ^= 1 << (at % 8);
        let passes = Envelope::parse(&bad).is_ok_and(|e| e.verify(&key.public(), Purpose::Statement));
        assert!(!passes, "bit {at}");
    }
}

#[test]
fn a_body_is_split_exactly_or_refused() {
    let key = key(4);
    let all: Vec<Vec<u8>> = (0..9).map(|n| sealed(&key, n)).collect();
    let body = all.concat();
    let parts = split(&body, 9).unwrap();
    assert!(parts.iter().zip(&all).all(|(part, whole)| part.bytes == whole.as_slice()));
    assert!(split(&body, 8).unwrap_err().to_string().contains("more than 8"));
    for cut in 0..body.len() {
        let whole = all
            .iter()
            .scan(0, |sum, s| {
                *sum += s.len();
                Some(*sum)
            })
            .any(|end| end == cut);
        assert_eq!(split(&body[..cut], 9).is_ok(), whole || cut == 0, "cut at {cut}");
    }
}

#[test]
fn a_batch_names_exactly_the_forged_ones() {
    let keys: Vec<DeviceKey> = (1..=40).map(key).collect();
    let mut all: Vec<Signed> = Vec::new();
    let forged = [0, 7, 8, 200, 399];
    for n in 0..400 {
        let key = &keys[n % 40];
        let message = format!("message {n}");
        let mut signature = key.sign(message.as_bytes());
        if forged.contains(&n) {
            signature[40] ^= 1;
        }
        all.push(Signed::new(&key.public(), message.as_bytes(), &signature));
    }
    assert_eq!(verify_batch(&all), forged);
    assert_eq!(verify_batch(&[]), Vec::<usize>::new());
}

#[test]
fn keys_with_a_part_of_small_order_are_refused() {
    use curve25519_dalek::constants::{ED25519_BASEPOINT_POINT, EIGHT_TORSION};
    for point in EIGHT_TORSION {
        assert_eq!(Key::from_bytes(&point.compress().0), Err(KeyError::Weak));
        let mixed = (ED25519_BASEPOINT_POINT + point).compress().0;
        let strong = mixed == ED25519_BASEPOINT_POINT.compress().0;
        assert_eq!(Key::from_bytes(&mixed).is_ok(), strong);
    }
    let mut beyond = [0xff; 32];
    beyond[31] = 0x7f;
    assert_eq!(Key::from_bytes(&beyond), Err(KeyError::Point), "not canonical");
    assert!(matches!(Key::from_bytes(&[1; 31]), Err(KeyError::Length { found: 31 })));
}

#[test]
fn another_encoding_of_the_same_statement_is_refused() {
    let key = key(5);
    let good = to_cbor(&spoken(&key, 1));
    assert_eq!(
        good[0],
        0xa0 + 13,
        "a map of 13 keys, since energy and dropped are left out; or this test is out of date"
    );
    let mut longer = vec![0xb8, good[0] - 0xa0];
    longer.extend_from_slice(&good[1..]);
    let error = Statement::from_cbor(&longer).unwrap_err().to_string();
    assert!(error.contains("deterministic"), "{error}");
    let mut trailing = good.clone();
    trailing.push(0);
    assert!(Statement::from_cbor(&trailing).is_err());
}
