//! What the tests of the agent share: a disk that fails on demand, a fake registry, and statements to send.
#![allow(dead_code, reason = "each test file uses its part")]

pub mod bench;
pub mod disk;
pub mod http;
pub mod registry;

use statement::{Clock, DeviceId, DeviceKey, Digest, KeyId, Nonce, Statement, VERSION};

pub fn key() -> DeviceKey {
    DeviceKey::from_seed([7; 32])
}

pub fn device() -> DeviceId {
    key().public().device()
}

/// A statement about minute number `minute`.
pub fn draft(minute: u64) -> Statement {
    Statement {
        version: VERSION,
        device: device(),
        sequence: 0,
        previous: Digest::NONE,
        nonce: Nonce([0; 16]),
        from_ms: 1_795_000_000_000 + minute * 60_000,
        duration_ms: 60_000,
        coverage: vec![],
        findings: vec![],
        energy: None,
        clock: Clock { boot: KeyId([1; 8]), uptime_ms: minute * 60_000, step_ms: None, skew_ms: None },
        dropped: None,
        intervals: 1,
        agent: "0.1.0".to_owned(),
        detail: None,
    }
}

/// A nonce that tells one statement from another of the same minute.
pub fn nonce(n: u64) -> Nonce {
    let mut bytes = [0; 16];
    bytes[..8].copy_from_slice(&n.to_le_bytes());
    Nonce(bytes)
}
