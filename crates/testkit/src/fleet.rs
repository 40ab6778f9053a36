//! A fleet of devices that make statements: many, alike and not, the same for the same seed. For load, evaluation of history,
//! and tests of what comes after sensing; it senses nothing.

use crate::random::Random;
use facts::{Activity, EvidenceKind, Sensor, State, TokenState, UnitKind};
use registry::Command;
use statement::{
    Authority, Clock, DeviceId, DeviceKey, Digest, Energy, Enrol, Evidence, Finding, KeyId, Name, NameError,
    Nonce, Operator, Purpose, Reading, SensorCoverage, Site, Statement, VERSION, Vouch, Voucher, WorkloadId,
    sign, to_cbor,
};

/// Length of an interval in milliseconds.
pub const INTERVAL_MS: u64 = 60_000;

/// Many devices of one operator at one site.
pub struct Fleet {
    /// The devices.
    pub speakers: Vec<Speaker>,
    authority: DeviceKey,
    site: Name,
    operator: Name,
    place: String,
    now_ms: u64,
}

/// One device with the head of its chain.
pub struct Speaker {
    /// Its key.
    pub key: DeviceKey,
    /// The next number.
    pub sequence: u64,
    /// Digest of what it said last.
    pub previous: Digest,
    /// Begin of its next interval.
    pub clock_ms: u64,
    random: Random,
}

/// What a device of the fleet may be doing: name, activity, algorithm.
const WORK: [(&str, Activity, Option<&str>); 8] = [
    ("train.service", Activity::Training, Some("gemm")),
    ("serve-model.service", Activity::Inference, Some("gemm")),
    ("postgresql.service", Activity::Data, None),
    ("nginx.service", Activity::Edge, None),
    ("build", Activity::Build, None),
    ("validator", Activity::Validation, Some("bls12-381")),
    ("xmrig", Activity::Mining, Some("randomx")),
    ("encode", Activity::Media, None),
];

impl Fleet {
    /// A fleet of so many devices whose first interval begins at `from_ms`; they are enrolled at `now_ms`.
    ///
    /// # Errors
    ///
    /// [`NameError`] never: the names are fixed.
    pub fn new(seed: u64, devices: usize, place: &str, from_ms: u64, now_ms: u64) -> Result<Self, NameError> {
        let key = |n: u64| {
            let mut random = Random(seed ^ n.wrapping_mul(0x0100_0000_01b3));
            let mut bytes = [0; 32];
            bytes.chunks_exact_mut(8).for_each(|c| c.copy_from_slice(&random.next().to_le_bytes()));
            DeviceKey::from_seed(bytes)
        };
        let speaker = |n: usize| {
            let n = u64::try_from(n).unwrap_or(u64::MAX);
            let random = Random(seed.wrapping_add(n));
            Speaker { key: key(n + 1), sequence: 0, previous: Digest::NONE, clock_ms: from_ms, random }
        };
        Ok(Self {
            speakers: (0..devices).map(speaker).collect(),
            authority: key(0),
            site: "hall".parse()?,
            operator: "acme".parse()?,
            place: place.to_owned(),
            now_ms,
        })
    }

    /// What has to be recorded before any of them may speak: operator, site, an authority that vouches, all devices.
    pub fn enrolments(&self) -> impl Iterator<Item = Command> + '_ {
        let operator =
            Operator { id: self.operator.clone(), version: 0, title: "Acme".to_owned(), kind: None };
        let (id, place) = (self.site.clone(), self.place.clone());
        let site = Site { id, version: 0, operator: self.operator.clone(), place, facts: Vec::new() };
        let authority = Authority {
            key: Voucher::Ed25519(self.authority.public().to_bytes().to_vec()),
            operator: self.operator.clone(),
            kind: "authority".to_owned(),
            label: "fleet".to_owned(),
        };
        let first = [Command::Operator(operator), Command::Site(site), Command::Authority(authority)];
        first.into_iter().chain(self.speakers.iter().map(|s| self.enrolment(s)))
    }

    fn enrolment(&self, speaker: &Speaker) -> Command {
        let key = speaker.key.public().to_bytes().to_vec();
        let label = format!("server {}", speaker.key.public().id());
        let voucher = self.authority.public().id();
        let signature = self.authority.sign(&Enrol::vouched(&key, &self.site, &label)).to_vec();
        let vouch = Some(Vouch { voucher, signature });
        let nonce = Nonce(speaker.key.public().device().0);
        let (site, at_ms) = (self.site.clone(), self.now_ms);
        Command::Enrol(Enrol { key, site, label, at_ms, nonce, token: None, vouch }.sign(&speaker.key))
    }

    /// The next statement of every device.
    pub fn minute(&mut self) -> impl Iterator<Item = Vec<u8>> + '_ {
        self.speakers.iter_mut().map(Speaker::say)
    }
}

impl Speaker {
    /// The device.
    #[must_use]
    pub fn device(&self) -> DeviceId {
        self.key.public().device()
    }

    /// The next statement, signed.
    pub fn say(&mut self) -> Vec<u8> {
        let statement = self.statement();
        let bytes = sign(&to_cbor(&statement), &self.key, Purpose::Statement);
        self.previous = Digest::of(&bytes);
        self.sequence += 1;
        self.clock_ms += INTERVAL_MS;
        bytes
    }

    /// What it would say next.
    pub fn statement(&mut self) -> Statement {
        let mut nonce = [0; 16];
        nonce.chunks_exact_mut(8).for_each(|c| c.copy_from_slice(&self.random.next().to_le_bytes()));
        let device = self.device();
        // A device does one thing for long, and now and then another beside it.
        let usual = usize::from(device.0.first().copied().unwrap_or(0)) % WORK.len();
        let mut findings = vec![self.finding(device, usual)];
        if self.random.below(5) == 0 {
            let other = usize::try_from(self.random.below(WORK.len() as u64)).unwrap_or(0);
            findings.push(self.finding(device, other));
        }
        Statement {
            version: VERSION,
            device,
            sequence: self.sequence,
            previous: self.previous,
            nonce: Nonce(nonce),
            from_ms: self.clock_ms,
            duration_ms: 60_000,
            coverage: vec![
                SensorCoverage { sensor: Sensor::HotCode, state: State::Full, why: None },
                SensorCoverage {
                    sensor: Sensor::Energy,
                    state: State::Partial,
                    why: Some("package only".to_owned()),
                },
            ],
            findings,
            energy: Some(Energy {
                millijoules: 9_000_000 + self.random.below(3_000_000),
                source: "rapl".to_owned(),
            }),
            clock: Clock {
                boot: KeyId([7; 8]),
                uptime_ms: self.sequence * INTERVAL_MS,
                step_ms: None,
                skew_ms: Some(i64::try_from(self.random.below(40)).unwrap_or(0)),
            },
            dropped: None,
            intervals: 1,
            agent: "0.1.0".to_owned(),
            detail: None,
        }
    }

    fn finding(&mut self, device: DeviceId, which: usize) -> Finding {
        let (name, activity, algorithm) =
            WORK.get(which).copied().unwrap_or(("work", Activity::General, None));
        let sure = 900 + u16::try_from(self.random.below(100)).unwrap_or(0);
        Finding {
            workload: WorkloadId::of(device, UnitKind::Service, name),
            name: name.to_owned(),
            unit: UnitKind::Service,
            readings: vec![
                Reading { activity, permille: sure },
                Reading { activity: Activity::General, permille: 1_000 - sure },
            ],
            mixture: Vec::new(),
            algorithm: algorithm.map(str::to_owned),
            token: if activity == Activity::Mining { TokenState::Seen } else { TokenState::NotSeen },
            cpu_ms: 30_000 + self.random.below(400_000),
            energy_mj: Some(1_000_000 + self.random.below(8_000_000)),
            evidence: vec![
                Evidence { kind: EvidenceKind::HotCode, supports: activity, millibans: 1_500 },
                Evidence { kind: EvidenceKind::DataRate, supports: activity, millibans: 320 },
            ],
        }
    }
}
