//! Rows and questions by chance.
#![allow(dead_code, clippy::unwrap_used, clippy::indexing_slicing)]

pub mod plain;

use facts::{Activity, TokenState};
use proptest::prelude::*;
use std::path::Path;
use store_parquet::{Bucket, Facts, Group, Limits, Query, Row, Workload};

pub const HOUR: i64 = 3_600_000;
const TEXTS: [&str; 6] = ["", "a", "park-7", "=1+1", "<script>", "数据中心\u{1b}"];

/// What is done to a history.
#[derive(Clone, Debug)]
pub struct Script {
    pub statements: Vec<Statement>,
    /// After every 20 statements one of these, in turn.
    pub changes: Vec<Change>,
}

#[derive(Clone, Copy, Debug)]
pub enum Change {
    Nothing,
    Flush,
    Merge,
    Reopen,
    Rebuild,
    RemoveBefore(i64),
    Erase(u8, u64),
}

#[derive(Clone, Debug)]
pub struct Statement {
    device: u8,
    from: i64,
    duration: u32,
    operator: usize,
    findings: Vec<Finding>,
}

#[derive(Clone, Debug)]
struct Finding {
    workload: u8,
    activity: usize,
    disposition: Option<usize>,
    algorithm: Option<usize>,
    token: usize,
    share: u16,
    cpu: u64,
    energy: Option<u64>,
}

fn finding() -> impl Strategy<Value = Finding> {
    let text = || prop::option::of(0..TEXTS.len());
    let numbers = (0u16..=1000, 0u64..1_000_000, prop::option::of(0u64..1_000_000_000));
    (0u8..5, 0usize..17, text(), text(), 0usize..3, numbers).prop_map(
        |(workload, activity, disposition, algorithm, token, (share, cpu, energy))| Finding {
            workload,
            activity,
            disposition,
            algorithm,
            token,
            share,
            cpu,
            energy,
        },
    )
}

fn statement() -> impl Strategy<Value = Statement> {
    let findings = prop::collection::vec(finding(), 0..4);
    (0u8..6, 0..6 * HOUR, 0u32..120_000, 0..TEXTS.len(), findings).prop_map(
        |(device, from, duration, operator, findings)| Statement {
            device,
            from,
            duration,
            operator,
            findings,
        },
    )
}

fn change() -> impl Strategy<Value = Change> {
    prop_oneof![
        2 => Just(Change::Nothing),
        3 => Just(Change::Flush),
        3 => Just(Change::Merge),
        2 => Just(Change::Reopen),
        1 => Just(Change::Rebuild),
        1 => (0..2 * HOUR).prop_map(Change::RemoveBefore),
        2 => (0u8..6, 0u64..60).prop_map(|(device, sequence)| Change::Erase(device, sequence)),
    ]
}

pub fn script() -> impl Strategy<Value = Script> {
    let statements = prop::collection::vec(statement(), 0..200);
    (statements, prop::collection::vec(change(), 1..8))
        .prop_map(|(statements, changes)| Script { statements, changes })
}

/// Statements a minute apart of five devices.
pub fn steady(count: usize) -> Vec<Statement> {
    let finding = |at: usize| Finding {
        workload: (at % 5) as u8,
        activity: [3, 15, 0][at % 3],
        disposition: at.is_multiple_of(2).then_some(1),
        algorithm: None,
        token: at % 3,
        share: 1000,
        cpu: at as u64,
        energy: (!at.is_multiple_of(4)).then_some(at as u64 * 7),
    };
    let statement = |at: usize| Statement {
        device: (at % 5) as u8,
        from: (at / 5) as i64 * 60_000,
        duration: 60_000,
        operator: at % 3,
        findings: (0..at % 3).map(|n| finding(at + n)).collect(),
    };
    (0..count).map(statement).collect()
}

pub fn device(number: u8) -> [u8; 16] {
    let mut id = [0xa0; 16];
    id[0] = number;
    id
}

/// The rows of a statement with its ordinal; the sequence number is the ordinal too.
pub fn rows_of(statement: &Statement, ordinal: u64) -> Vec<Row> {
    let text = |at: usize| TEXTS[at].to_owned();
    let idle = Row {
        ordinal,
        device: device(statement.device),
        sequence: ordinal,
        operator: text(statement.operator),
        site: format!("{}-{}", TEXTS[statement.operator], statement.device),
        from_ms: statement.from,
        duration_ms: statement.duration,
        workload: None,
        activity: Activity::Idle,
        share: 1000,
        probability: 1000,
        algorithm: None,
        token: TokenState::NotObservable,
        disposition: None,
        cpu_ms: 0,
        energy_mj: None,
    };
    if statement.findings.is_empty() {
        return vec![idle];
    }
    let tokens = [TokenState::Seen, TokenState::NotSeen, TokenState::NotObservable];
    let row = |finding: &Finding| Row {
        workload: Some(Workload {
            id: [finding.workload; 8],
            name: format!("Unit-{}", TEXTS[finding.workload as usize]),
        }),
        activity: Activity::ALL[finding.activity],
        share: finding.share,
        algorithm: finding.algorithm.map(text),
        token: tokens[finding.token],
        disposition: finding.disposition.map(text),
        cpu_ms: finding.cpu,
        energy_mj: finding.energy,
        ..idle.clone()
    };
    statement.findings.iter().map(row).collect()
}

/// Carries a script out; returns the history and the rows that it must hold.
pub fn facts_of(folder: &Path, limits: Limits, script: &Script) -> (Facts, Vec<Row>) {
    let mut facts = Facts::open_with(folder, limits).unwrap();
    let mut rows = Vec::new();
    let mut changes = script.changes.iter().cycle();
    for (number, statements) in script.statements.chunks(20).enumerate() {
        let first = number as u64 * 20;
        let of = |(at, statement)| rows_of(statement, first + at as u64);
        let new: Vec<Row> = statements.iter().enumerate().flat_map(of).collect();
        facts.append(&new, first + statements.len() as u64).unwrap();
        rows.extend(new);
        match *changes.next().unwrap() {
            Change::Nothing => {}
            Change::Flush => facts.flush().unwrap(),
            Change::Merge => while facts.merge().unwrap() {},
            Change::Rebuild => facts.rebuild().unwrap(),
            Change::Reopen => {
                facts.flush().unwrap();
                drop(facts);
                facts = Facts::open_with(folder, limits).unwrap();
            }
            Change::RemoveBefore(ms) => {
                facts.remove_before(ms).unwrap();
                rows.retain(|row| row.from_ms >= ms);
            }
            Change::Erase(number, sequence) => {
                let meant = |row: &Row| row.device == device(number) && row.sequence == sequence;
                let count = rows.iter().filter(|row| meant(row)).count();
                assert_eq!(facts.erase(device(number), sequence).unwrap(), count);
                rows.retain(|row| !meant(row));
            }
        }
    }
    (facts, rows)
}

pub fn query() -> impl Strategy<Value = Query> {
    let some = |most: usize| prop::collection::vec(0..most, 0..3);
    let text = |all: Vec<usize>| all.into_iter().map(|at| TEXTS[at].to_owned()).collect::<Vec<_>>();
    let group = prop::sample::select(vec![
        Group::None,
        Group::Device,
        Group::Workload,
        Group::Activity,
        Group::Disposition,
        Group::Site,
        Group::Operator,
    ]);
    let every = prop::sample::select(vec![None, Some(HOUR), Some(2 * HOUR), Some(700_000)]);
    let times = (-HOUR..3 * HOUR, 0..8 * HOUR, any::<bool>());
    // Most questions leave most filters out, or hardly any would find rows.
    let rare = |s: BoxedStrategy<Vec<usize>>| prop_oneof![3 => Just(Vec::new()), 1 => s];
    let lists = (
        rare(some(6).boxed()),
        rare(some(6).boxed()),
        rare(some(6).boxed()),
        rare(some(17).boxed()),
        rare(some(6).boxed()),
    );
    let name = prop_oneof![3 => Just(None), 1 => Just(Some("A")), 1 => Just(Some("unit-="))];
    (times, lists, name, group, every, prop::bool::weighted(0.3)).prop_map(
        move |((from, length, whole), lists, name, group, every, statements)| Query {
            from_ms: if whole { from.div_euclid(HOUR) * HOUR } else { from },
            to_ms: from + length,
            devices: lists.0.into_iter().map(|at| device(at as u8)).collect(),
            operators: text(lists.1),
            sites: lists.2.into_iter().map(|at| format!("{}-{at}", TEXTS[at])).collect(),
            workload: name.map(str::to_owned),
            activities: lists.3.into_iter().map(|at| Activity::ALL[at]).collect(),
            dispositions: text(lists.4),
            group,
            bucket: every.map(|every_ms| Bucket { every_ms, origin_ms: 0 }),
            statements,
        },
    )
}
