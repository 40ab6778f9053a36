//! What devices send and registries keep: statements, requests, records, manifests, proofs, bundles, frames, snapshots.
//!
//! Each has one form, so what is read must be written as the same bytes.

use registry::{Frame, Opened, State};
use statement::{
    Bundle, Clock, DeviceKey, Digest, Enrol, Finding, Kept, KeyId, MANIFEST_VERSION, Manifest, Nonce,
    Operator, Proof, Purpose, RECORD_VERSION, Reading, Record, Rotate, Sheaf, Statement, VERSION, WorkloadId,
    sign, to_cbor,
};

fn key() -> DeviceKey {
    DeviceKey::from_seed([7; 32])
}

/// A small statement that holds.
fn said() -> Statement {
    Statement {
        version: VERSION,
        device: key().public().device(),
        sequence: 1,
        previous: Digest::of(b"the one before"),
        nonce: Nonce([1; 16]),
        from_ms: 1_795_000_000_000,
        duration_ms: 60_000,
        coverage: Vec::new(),
        findings: vec![Finding {
            workload: WorkloadId([1; 8]),
            name: "work".to_owned(),
            unit: facts::UnitKind::Process,
            readings: vec![Reading { activity: facts::Activity::Training, permille: 970 }],
            mixture: Vec::new(),
            algorithm: None,
            token: facts::TokenState::NotSeen,
            cpu_ms: 59_000,
            energy_mj: Some(1),
            evidence: Vec::new(),
        }],
        energy: None,
        clock: Clock { boot: KeyId([1; 8]), uptime_ms: 1, step_ms: None, skew_ms: None },
        dropped: None,
        intervals: 1,
        agent: "0.1.0".to_owned(),
        detail: None,
    }
}

fn recorded() -> Option<Record> {
    let (id, title) = ("acme".parse().ok()?, "Acme".to_owned());
    let body = statement::Body::Operator(Operator { id, version: 1, title, kind: None });
    Some(Record { version: RECORD_VERSION, nonce: Nonce([1; 16]), at_ms: 1, by: "registry".to_owned(), body })
}

/// A body of statements: what can be taken apart is made of its parts, and each part is read or refused.
pub fn body(bytes: &[u8]) {
    if let Ok(opened) = Opened::new(bytes) {
        let found = opened.find(&State::default());
        let checked = opened.check(&found);
        assert!(checked.items.iter().all(Result::is_err), "nobody has these keys");
    }
    let Ok(parts) = statement::split(bytes, registry::MAX_STATEMENTS) else { return };
    let whole: Vec<u8> = parts.iter().flat_map(|part| part.bytes).copied().collect();
    assert_eq!(whole, bytes, "parts that are not the whole");
    for part in parts {
        statement(part.payload);
    }
}

/// Two statements in a body.
pub fn body_seeds() -> Vec<Vec<u8>> {
    let one = sign(&to_cbor(&said()), &key(), Purpose::Statement);
    vec![one.clone(), one.repeat(2)]
}

/// The payload of a statement.
pub fn statement(bytes: &[u8]) {
    if let Ok(read) = Statement::from_cbor(bytes) {
        assert_eq!(to_cbor(&read), bytes, "two forms of one statement");
        assert!(read.until_ms() > read.from_ms);
    }
}

/// A payload.
pub fn statement_seeds() -> Vec<Vec<u8>> {
    vec![to_cbor(&said())]
}

/// Requests of devices. None that was changed holds.
pub fn request(bytes: &[u8]) {
    if let Ok((request, key)) = Enrol::open(bytes) {
        assert_eq!(request.key, key.to_bytes());
    }
    if let Ok((request, key)) = Rotate::open(bytes, |_| Some(self::key().public())) {
        assert_eq!(Rotate::key(bytes), Ok(Some(key.id())));
        assert_eq!(request.key, key.to_bytes());
    }
}

/// A request of each kind.
pub fn request_seeds() -> Vec<Vec<u8>> {
    let (key, new) = (key(), DeviceKey::from_seed([8; 32]));
    let rotate = Rotate::new(key.public().device(), &new, 1).sign(&key);
    let Ok(site) = "hall".parse() else { return vec![rotate] };
    let (own, label, token) =
        (key.public().to_bytes().to_vec(), "server".to_owned(), Some("secret".to_owned()));
    let enrol = Enrol { key: own, site, label, at_ms: 1, nonce: Nonce([1; 16]), token, vouch: None };
    vec![enrol.sign(&key), rotate]
}

/// Records, manifests, proofs, bundles and sheaves.
pub fn piece(bytes: &[u8]) {
    if let Ok(read) = Record::from_cbor(bytes) {
        assert_eq!(to_cbor(&read), bytes);
    }
    if let Ok(read) = Manifest::from_cbor(bytes) {
        assert_eq!(to_cbor(&read), bytes);
        assert!(read.statements <= read.count && read.end() > read.first || read.first > u64::MAX - 4_096);
    }
    if let Ok(read) = Proof::from_cbor(bytes) {
        assert_eq!(to_cbor(&read), bytes);
    }
    if let Ok(read) = Bundle::from_cbor(bytes) {
        assert_eq!(to_cbor(&read), bytes);
    }
    if let Ok(read) = Sheaf::from_cbor(bytes) {
        assert_eq!(to_cbor(&read), bytes);
    }
}

/// One of each.
pub fn piece_seeds() -> Vec<Vec<u8>> {
    let manifest = Manifest {
        version: MANIFEST_VERSION,
        first: 1,
        count: 2,
        root: Digest::of(b"root"),
        from_ms: 1,
        until_ms: 2,
        statements: 1,
        rulebooks: vec![Digest::of(b"rulebook")],
        dispositions: Vec::new(),
    };
    let (manifest, path) = (to_cbor(&manifest), vec![Digest::of(b"sibling")]);
    let entries = vec![Kept::Record(vec![1]), Kept::Hash(Digest::of(b"erased"))];
    let sheaf = Sheaf { manifest: manifest.clone(), index: 0, path: path.clone(), entries };
    let proof = Proof { manifest: manifest.clone(), position: 1, path };
    let bundle = Bundle::new("note".to_owned(), "about".to_owned(), 1);
    let record = recorded().map(|record| to_cbor(&record));
    [manifest, to_cbor(&proof), to_cbor(&bundle), to_cbor(&sheaf)].into_iter().chain(record).collect()
}

/// Frames and snapshots; those that are read are folded. The sum at their end is made right first, or nothing would be read.
pub fn kept(bytes: &[u8]) {
    let summed = [bytes, &Digest::of(bytes).0].concat();
    if let Ok(frame) = Frame::from_cbor(&summed) {
        assert_eq!(frame.to_cbor(), summed, "two forms of one frame");
        let mut state = State::default();
        state.next = frame.first;
        if state.fold(&frame).is_ok() {
            assert_eq!(state.next, frame.end());
        }
    }
    let _ = State::from_snapshot(&summed);
    assert!(Frame::from_cbor(bytes).is_err() || bytes.len() > 32, "a frame without its sum");
}

/// A frame with a record and something erased.
pub fn kept_seeds() -> Vec<Vec<u8>> {
    let mut frame = Frame::new(0, 1);
    frame.entries = recorded().map(|record| Kept::Record(to_cbor(&record))).into_iter().collect();
    frame.entries.push(Kept::Hash(Digest::of(b"erased")));
    frame.verdicts = vec![registry::Verdict::default(); frame.entries.len()];
    let mut bytes = frame.to_cbor();
    bytes.truncate(bytes.len() - 32);
    vec![bytes]
}
