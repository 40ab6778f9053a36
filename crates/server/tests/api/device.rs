//! A device that enrols and speaks as agents do. It senses nothing.

use facts::{Activity, EvidenceKind, Sensor, State, TokenState, UnitKind};
use statement::{
    Clock, DeviceId, DeviceKey, Digest, Energy, Enrol, Evidence, Finding, KeyId, Nonce, Purpose, Reading,
    SensorCoverage, Statement, VERSION, WorkloadId, sign, to_cbor,
};

/// Length of an interval, milliseconds.
pub const INTERVAL_MS: u64 = 60_000;

/// A device with the head of its chain.
pub struct Device {
    pub key: DeviceKey,
    pub site: String,
    sequence: u64,
    previous: Digest,
    clock_ms: u64,
}

impl Device {
    pub fn new(seed: u8, site: &str, from_ms: u64) -> Self {
        let key = DeviceKey::from_seed([seed; 32]);
        Self { key, site: site.to_owned(), sequence: 0, previous: Digest::NONE, clock_ms: from_ms }
    }

    pub fn id(&self) -> DeviceId {
        self.key.public().device()
    }

    /// The request to be enrolled with a one-time token.
    pub fn request(&self, token: &str, at_ms: u64) -> Vec<u8> {
        let key = self.key.public().to_bytes().to_vec();
        let (site, label) = (self.site.parse().unwrap(), format!("server {}", self.id()));
        let nonce = Nonce(self.id().0);
        Enrol { key, site, label, at_ms, nonce, token: Some(token.to_owned()), vouch: None }.sign(&self.key)
    }

    /// The next statement, signed.
    pub fn say(&mut self) -> Vec<u8> {
        let bytes = sign(&to_cbor(&self.statement()), &self.key, Purpose::Statement);
        self.previous = Digest::of(&bytes);
        self.sequence += 1;
        self.clock_ms += INTERVAL_MS;
        bytes
    }

    fn statement(&self) -> Statement {
        Statement {
            version: VERSION,
            device: self.id(),
            sequence: self.sequence,
            previous: self.previous,
            nonce: Nonce([u8::try_from(self.sequence).unwrap(); 16]),
            from_ms: self.clock_ms,
            duration_ms: 60_000,
            coverage: vec![SensorCoverage { sensor: Sensor::HotCode, state: State::Full, why: None }],
            findings: vec![self.finding()],
            energy: Some(Energy { millijoules: 9_000_000, source: "rapl".to_owned() }),
            clock: Clock {
                boot: KeyId([7; 8]),
                uptime_ms: self.sequence * INTERVAL_MS,
                step_ms: None,
                skew_ms: None,
            },
            dropped: None,
            intervals: 1,
            agent: "0.1.0".to_owned(),
            detail: None,
        }
    }

    fn finding(&self) -> Finding {
        let name = format!("train-{}.service", self.site);
        let activity = Activity::Training;
        Finding {
            workload: WorkloadId::of(self.id(), UnitKind::Service, &name),
            name,
            unit: UnitKind::Service,
            readings: vec![Reading { activity, permille: 1_000 }],
            mixture: Vec::new(),
            algorithm: Some("gemm".to_owned()),
            token: TokenState::NotSeen,
            cpu_ms: 30_000,
            energy_mj: Some(1_000_000),
            evidence: vec![Evidence { kind: EvidenceKind::HotCode, supports: activity, millibans: 1_500 }],
        }
    }
}
