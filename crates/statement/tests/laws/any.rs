//! Any value of every type, within what the type allows.

use facts::{Activity, EvidenceKind, Sensor, State, TokenState, UnitKind};
use jiff::civil::Date;
use proptest::prelude::*;
use proptest::sample::select;
use statement::{
    Answered, Approval, Authority, Body, Clock, Component, Contested, DeviceId, Digest, Dropped, Energy,
    Enrolled, Erased, Evidence, Filed, Finding, Kept, KeyId, Kind, MANIFEST_VERSION, Manifest, Name, Nonce,
    Operator, Outcome, Proof, RECORD_VERSION, Reading, Record, Registration, Revoked, Rotated, Seen,
    SensorCoverage, Sheaf, Site, Statement, Token, VERSION, Vouch, Voucher, WorkloadId,
};

pub fn digest() -> impl Strategy<Value = Digest> {
    any::<[u8; 32]>().prop_map(Digest)
}

fn device() -> impl Strategy<Value = DeviceId> {
    any::<[u8; 16]>().prop_map(DeviceId)
}

fn key_id() -> impl Strategy<Value = KeyId> {
    any::<[u8; 8]>().prop_map(KeyId)
}

fn nonce() -> impl Strategy<Value = Nonce> {
    any::<[u8; 16]>().prop_map(Nonce)
}

pub fn name() -> impl Strategy<Value = Name> {
    "[a-z0-9][a-z0-9._-]{0,63}".prop_map(|text| text.parse().unwrap())
}

/// Text as people write it, in any script.
fn text() -> impl Strategy<Value = String> {
    "[^\\p{Cc}]{0,24}"
}

fn bytes() -> impl Strategy<Value = Vec<u8>> {
    prop::collection::vec(any::<u8>(), 0..80)
}

fn activity() -> impl Strategy<Value = Activity> {
    select(Activity::ALL.to_vec())
}

fn finding() -> impl Strategy<Value = Finding> {
    let units = [UnitKind::Process, UnitKind::Service, UnitKind::Container, UnitKind::Pod, UnitKind::Slurm];
    let tokens = [TokenState::Seen, TokenState::NotSeen, TokenState::NotObservable];
    let kinds = [EvidenceKind::HotCode, EvidenceKind::Conversation, EvidenceKind::Energy];
    let reading = (activity(), 0_u16..58).prop_map(|(activity, permille)| Reading { activity, permille });
    let component = (activity(), 0_u16..58, 0_u16..=1_000)
        .prop_map(|(activity, share_permille, permille)| Component { activity, share_permille, permille });
    let evidence = (select(kinds.to_vec()), activity(), any::<i32>())
        .prop_map(|(kind, supports, millibans)| Evidence { kind, supports, millibans });
    let parts = (
        prop::collection::vec(reading, 1..=17),
        prop::collection::vec(component, 0..=17),
        prop::collection::vec(evidence, 0..=17),
    );
    let rest = (any::<[u8; 8]>(), text(), select(units.to_vec()), select(tokens.to_vec()));
    let more = (prop::option::of(text()), any::<u64>(), prop::option::of(any::<u64>()));
    (parts, rest, more).prop_map(|((readings, mixture, evidence), (id, name, unit, token), more)| Finding {
        workload: WorkloadId(id),
        name,
        unit,
        readings,
        mixture,
        algorithm: more.0,
        token,
        cpu_ms: more.1,
        energy_mj: more.2,
        evidence,
    })
}

fn coverage() -> impl Strategy<Value = SensorCoverage> {
    let states = [State::Full, State::Partial, State::None];
    let sensors = [Sensor::HotCode, Sensor::Memory, Sensor::Processes];
    (select(sensors.to_vec()), select(states.to_vec()), prop::option::of(text()))
        .prop_map(|(sensor, state, why)| SensorCoverage { sensor, state, why })
}

fn clock() -> impl Strategy<Value = Clock> {
    (key_id(), any::<u64>(), prop::option::of(any::<i64>()), prop::option::of(any::<i64>()))
        .prop_map(|(boot, uptime_ms, step_ms, skew_ms)| Clock { boot, uptime_ms, step_ms, skew_ms })
}

pub fn statement() -> impl Strategy<Value = Statement> {
    let who = (device(), 1_u64..1 << 53, digest(), nonce());
    let when = (0_u64..=253_402_300_799_000, 1_000_u32..=86_400_000, 1_u16.., clock());
    let what = (prop::collection::vec(coverage(), 0..=17), prop::collection::vec(finding(), 0..4));
    let energy = prop::option::of((any::<u64>(), text()))
        .prop_map(|e| e.map(|(millijoules, source)| Energy { millijoules, source }));
    let rest = (energy, prop::option::of((any::<u32>(), text())), text(), prop::option::of(digest()));
    (who, when, what, rest).prop_map(|(who, when, what, rest)| Statement {
        version: VERSION,
        device: who.0,
        sequence: who.1,
        previous: who.2,
        nonce: who.3,
        from_ms: when.0,
        duration_ms: when.1,
        intervals: when.2,
        clock: when.3,
        coverage: what.0,
        findings: what.1,
        energy: rest.0,
        dropped: rest.1.map(|(n, why)| Dropped { first: u64::from(n) % who.1, count: 1, why }),
        agent: rest.2,
        detail: rest.3,
    })
}

pub fn vouch() -> impl Strategy<Value = Vouch> {
    (key_id(), bytes()).prop_map(|(voucher, signature)| Vouch { voucher, signature })
}

fn body() -> impl Strategy<Value = Body> {
    let operator = (name(), any::<u32>(), text(), prop::option::of(text()))
        .prop_map(|(id, version, title, kind)| Body::Operator(Operator { id, version, title, kind }));
    let facts = prop::collection::vec((text(), text()), 0..4);
    let site =
        (name(), any::<u32>(), name(), text(), facts).prop_map(|(id, version, operator, place, facts)| {
            Body::Site(Site { id, version, operator, place, facts })
        });
    let enrolled = (device(), bytes(), name(), text(), prop::option::of(name()), prop::option::of(vouch()))
        .prop_map(|(device, key, site, label, token, vouch)| {
            Body::Enrolled(Enrolled { device, key, site, label, token, vouch })
        });
    let rotated = (device(), bytes(), bytes())
        .prop_map(|(device, key, request)| Body::Rotated(Rotated { device, key, request }));
    let revoked = (device(), prop::option::of(key_id()), text())
        .prop_map(|(device, key, why)| Body::Revoked(Revoked { device, key, why }));
    let bound = (prop::option::of(name()), prop::collection::vec(name(), 0..3));
    let token = (name(), digest(), text(), bound, prop::option::of(any::<u64>()), any::<u32>()).prop_map(
        |(id, secret, role, (operator, sites), until_ms, uses)| {
            Body::Token(Token { id, secret, role, operator, sites, until_ms, uses })
        },
    );
    let voucher = prop_oneof![bytes().prop_map(Voucher::Ed25519), bytes().prop_map(Voucher::P256)];
    let authority = (voucher, name(), text(), text())
        .prop_map(|(key, operator, kind, label)| Body::Authority(Authority { key, operator, kind, label }));
    let erased = (any::<u64>(), any::<u64>(), text())
        .prop_map(|(first, count, why)| Body::Erased(Erased { first, count, why }));
    prop_oneof![
        operator,
        site,
        enrolled,
        rotated,
        revoked,
        token,
        name().prop_map(Body::TokenEnded),
        authority,
        key_id().prop_map(Body::AuthorityEnded),
        erased,
        registrations(),
        filing(),
        contest()
    ]
}

fn day() -> impl Strategy<Value = Date> {
    (1990_i16..2100, 1_i8..=12, 1_i8..=28).prop_map(|(y, m, d)| jiff::civil::date(y, m, d))
}

fn registrations() -> impl Strategy<Value = Body> {
    let kind = prop::sample::select(Kind::ALL.to_vec());
    let fields = prop::collection::vec((text(), text()), 0..4);
    let times = (day(), prop::option::of(day()), any::<u32>());
    let one =
        (kind, name(), prop::option::of(name()), times, prop::option::of(device()), fields, any::<bool>())
            .prop_map(|(kind, id, within, (from, until, version), device, fields, awaits_approval)| {
                Registration { kind, id, version, within, from, until, device, fields, awaits_approval }
            });
    let approval = (prop::sample::select(Kind::ALL.to_vec()), name(), any::<u32>(), any::<bool>(), text())
        .prop_map(|(kind, id, version, approved, note)| {
            Body::Approved(Approval { kind, id, version, approved, note })
        });
    prop_oneof![prop::collection::vec(one, 0..3).prop_map(Body::Registered), approval]
}

fn filing() -> impl Strategy<Value = Body> {
    let whose = (text(), name(), prop::option::of(name()), day(), day(), any::<u32>());
    (whose, digest(), text(), text(), text(), prop::option::of(text())).prop_map(
        |(
            (obligation, operator, site, from, to, version),
            rulebook,
            checked_by,
            why,
            document,
            signature,
        )| {
            Body::Filed(Filed {
                obligation,
                operator,
                site,
                from,
                to,
                version,
                rulebook,
                checked_by,
                why,
                document,
                signature,
            })
        },
    )
}

fn contest() -> impl Strategy<Value = Body> {
    let material = prop::collection::vec((text(), digest()), 0..3);
    let workload = prop::option::of(any::<[u8; 8]>().prop_map(WorkloadId));
    let numbers = (any::<u64>(), any::<u64>(), any::<u64>());
    let contested = (name(), device(), workload, numbers, text(), material).prop_map(
        |(id, device, workload, (first, last, due_ms), grounds, material)| {
            Body::Contested(Contested { id, device, workload, first, last, grounds, material, due_ms })
        },
    );
    let answered = (name(), prop::sample::select(Outcome::ALL.to_vec()), text(), any::<bool>()).prop_map(
        |(id, outcome, reasons, for_evaluation)| {
            Body::Answered(Answered { id, outcome, reasons, for_evaluation })
        },
    );
    prop_oneof![contested, answered]
}

pub fn record() -> impl Strategy<Value = Record> {
    (nonce(), any::<u64>(), text(), body()).prop_map(|(nonce, at_ms, by, body)| Record {
        version: RECORD_VERSION,
        nonce,
        at_ms,
        by,
        body,
    })
}

pub fn manifest() -> impl Strategy<Value = Manifest> {
    let seen = (any::<u8>(), any::<u32>()).prop_map(|(disposition, count)| Seen { disposition, count });
    let times = (any::<u64>(), any::<u64>());
    let lists = (prop::collection::vec(digest(), 0..3), prop::collection::vec(seen, 0..6));
    (any::<u64>(), 1_u32..=4_096, any::<u32>(), digest(), times, lists).prop_map(
        |(first, count, statements, root, (from_ms, until_ms), (rulebooks, dispositions))| Manifest {
            version: MANIFEST_VERSION,
            first,
            count,
            root,
            from_ms,
            until_ms,
            statements: statements % (count + 1),
            rulebooks,
            dispositions,
        },
    )
}

pub fn proof() -> impl Strategy<Value = Proof> {
    (bytes(), any::<u32>(), prop::collection::vec(digest(), 0..=12))
        .prop_map(|(manifest, position, path)| Proof { manifest, position, path })
}

pub fn kept() -> impl Strategy<Value = Kept> {
    prop_oneof![
        bytes().prop_map(Kept::Statement),
        bytes().prop_map(Kept::Record),
        digest().prop_map(Kept::Hash)
    ]
}

pub fn sheaf() -> impl Strategy<Value = Sheaf> {
    let lists = (prop::collection::vec(digest(), 0..5), prop::collection::vec(kept(), 0..6));
    (bytes(), any::<u64>(), lists).prop_map(|(manifest, index, (path, entries))| Sheaf {
        manifest,
        index,
        path,
        entries,
    })
}
