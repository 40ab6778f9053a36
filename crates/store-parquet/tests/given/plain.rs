//! The plain fold and the plain sort that the history is held against.
#![allow(dead_code, clippy::unwrap_used)]

use facts::Activity;
use std::collections::BTreeMap;
use store_parquet::{Answer, Group, Key, Query, Row, Sums};

fn meant(row: &Row, query: &Query) -> bool {
    let any = |empty: bool, found: bool| empty || found;
    let name = row.workload.as_ref().map(|w| w.name.to_ascii_lowercase());
    let part = query.workload.as_ref().map(|w| w.to_ascii_lowercase());
    (query.from_ms..query.to_ms).contains(&row.from_ms)
        && any(query.devices.is_empty(), query.devices.contains(&row.device))
        && any(query.operators.is_empty(), query.operators.contains(&row.operator))
        && any(query.sites.is_empty(), query.sites.contains(&row.site))
        && any(query.activities.is_empty(), query.activities.contains(&row.activity))
        && any(
            query.dispositions.is_empty(),
            row.disposition.as_ref().is_some_and(|d| query.dispositions.contains(d)),
        )
        && part.is_none_or(|part| name.is_some_and(|name| name.contains(&part)))
}

fn key(row: &Row, group: Group) -> Key {
    match group {
        Group::None => Key::All,
        Group::Device => Key::Device(row.device),
        Group::Workload => Key::Workload(row.workload.as_ref().map(|w| (w.id, w.name.clone()))),
        Group::Activity => Key::Activity(row.activity),
        Group::Disposition => Key::Disposition(row.disposition.clone()),
        Group::Site => Key::Site(row.site.clone()),
        Group::Operator => Key::Operator(row.operator.clone()),
    }
}

/// The answer as a plain fold gives it.
pub fn naive(rows: &[Row], query: &Query) -> Vec<Answer> {
    let mut lines: BTreeMap<(Option<i64>, Key), Vec<&Row>> = BTreeMap::new();
    for row in rows.iter().filter(|row| meant(row, query)) {
        let bucket = query.bucket.map(|b| row.from_ms.div_euclid(b.every_ms) * b.every_ms);
        lines.entry((bucket, key(row, query.group))).or_default().push(row);
    }
    let answer = |((bucket_ms, key), rows): ((Option<i64>, Key), Vec<&Row>)| {
        let energies: Vec<u64> = rows.iter().filter_map(|r| r.energy_mj).collect();
        let findings = || rows.iter().filter(|r| r.workload.is_some());
        let statements: std::collections::BTreeSet<u64> = rows.iter().map(|r| r.ordinal).collect();
        let sums = Sums {
            statements: query.statements.then_some(statements.len() as u64),
            findings: findings().count() as u64,
            cpu_ms: rows.iter().map(|r| r.cpu_ms).sum(),
            energy_mj: (!energies.is_empty()).then(|| energies.iter().sum()),
            unmetered: findings().filter(|r| r.energy_mj.is_none()).count() as u64,
            first_ms: rows.iter().map(|r| r.from_ms).min().unwrap(),
            last_ms: rows.iter().map(|r| r.from_ms + i64::from(r.duration_ms)).max().unwrap(),
        };
        Answer { key, bucket_ms, sums }
    };
    lines.into_iter().map(answer).collect()
}

/// The rows that a question means, as a plain sort gives them.
pub fn naive_rows(rows: &[Row], query: &Query, newest: bool) -> Vec<Row> {
    let mut rows: Vec<Row> = rows.iter().filter(|row| meant(row, query)).cloned().collect();
    let within = |row: &Row| {
        let id = row.workload.as_ref().map_or([0; 8], |w| w.id);
        let activity = Activity::ALL.iter().position(|a| *a == row.activity);
        (id, activity, row.share, row.probability, row.cpu_ms, row.energy_mj.unwrap_or(u64::MAX))
    };
    rows.sort_by(|a, b| {
        let time = (a.from_ms, a.ordinal).cmp(&(b.from_ms, b.ordinal));
        let time = if newest { time.reverse() } else { time };
        time.then_with(|| within(a).cmp(&within(b)))
    });
    rows
}
