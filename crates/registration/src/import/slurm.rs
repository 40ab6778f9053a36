//! Nodes and partitions as Slurm shows and configures them: `scontrol show node`, `scontrol show partition`, `slurm.conf`.

use super::{Found, hostlist, wishes};
use crate::mistake::{Fault, Mistakes};
use crate::reading::Reading;
use crate::wish::Wishes;
use std::collections::{BTreeMap, BTreeSet};

/// Most bytes of a text.
pub const MAX_TEXT: usize = 64 << 20;

/// What one record says, by small-letter names of its parts.
type Record = (u64, BTreeMap<String, String>);

/// Reads nodes as devices at the site of `reading`. Nodes that only a partition names are listed without a model.
///
/// # Errors
///
/// Mistakes with their lines.
pub fn slurm(text: &str, reading: &Reading<'_>) -> Result<Wishes, Mistakes> {
    let mut mistakes = Mistakes::default();
    if text.len() > MAX_TEXT {
        mistakes.stop(0, Fault::Long { field: "the text".to_owned(), found: text.len(), most: MAX_TEXT });
        return mistakes.or(Wishes::default());
    }
    let (mut found, mut known, mut total) = (Vec::new(), BTreeSet::new(), 0);
    let (mut defaults, mut members) = (BTreeMap::new(), Vec::new());
    for (line, record) in records(text) {
        if let Some(nodes) = record.get("nodename") {
            if nodes == "DEFAULT" {
                defaults = record;
                continue;
            }
            let mut record = record.clone();
            for (name, value) in &defaults {
                record.entry(name.clone()).or_insert_with(|| value.clone());
            }
            for called in hosts(line, nodes, &mut total, &mut mistakes) {
                known.insert(called.clone());
                found.push(Found { line, called, fields: fields(&record) });
            }
        } else if let Some(nodes) = record.get("nodes").filter(|_| record.contains_key("partitionname")) {
            members.push((line, nodes.clone()));
        }
    }
    for (line, nodes) in members {
        if matches!(nodes.as_str(), "ALL" | "(null)") {
            continue;
        }
        for called in hosts(line, &nodes, &mut total, &mut mistakes) {
            if known.insert(called.clone()) {
                found.push(Found { line, called, fields: Vec::new() });
            }
        }
    }
    wishes(found, reading, mistakes)
}

/// The hosts of a list, while there are not too many together.
fn hosts(line: u64, list: &str, total: &mut usize, mistakes: &mut Mistakes) -> Vec<String> {
    match hostlist::expand(list) {
        Ok(hosts) if *total + hosts.len() <= hostlist::MAX_HOSTS => {
            *total += hosts.len();
            hosts
        }
        Ok(_) => {
            mistakes.stop(line, Fault::Rows { most: hostlist::MAX_HOSTS as u64 });
            Vec::new()
        }
        Err(fault) => {
            mistakes.add(line, fault);
            Vec::new()
        }
    }
}

/// Records: each begins with `NodeName=` or `PartitionName=`, on one line or several. Comments and other lines are left out.
fn records(text: &str) -> Vec<Record> {
    let mut records: Vec<Record> = Vec::new();
    for (line, at) in text.lines().zip(1_u64..) {
        let line = line
            .split('#')
            .next()
            .filter(|_| line.trim_start().starts_with('#') || !line.contains("OS="))
            .unwrap_or(line);
        if line.trim().is_empty() {
            continue;
        }
        for word in line.trim_end_matches('\\').split_whitespace() {
            let Some((name, value)) = word.split_once('=') else { continue };
            let name = name.to_lowercase();
            let begins = matches!(name.as_str(), "nodename" | "partitionname");
            if begins {
                records.push((at, BTreeMap::new()));
            }
            if let Some((_, record)) = records.last_mut() {
                record.entry(name).or_insert_with(|| value.to_owned());
            }
        }
    }
    records
}

/// What a node says of itself: `Gres=gpu:h100:8(S:0-1)` are eight devices of that model.
fn fields(record: &BTreeMap<String, String>) -> Vec<(&'static str, String)> {
    let gres = record.get("gres").map_or("", String::as_str);
    let accelerators = gres.split(',').find(|g| g.starts_with("gpu") || g.starts_with("npu"));
    let Some(gres) = accelerators else { return vec![("device.class", "cpu".to_owned())] };
    let gres = gres.split('(').next().unwrap_or(gres);
    let parts: Vec<&str> = gres.split(':').collect();
    let (class, model, count) = match *parts.as_slice() {
        [class, model, count] => (class, model, count),
        [class, count] if count.bytes().all(|b| b.is_ascii_digit()) => (class, "", count),
        [class, model] => (class, model, "1"),
        [class, ..] => (class, "", ""),
        [] => ("", "", ""),
    };
    let count = if count.bytes().all(|b| b.is_ascii_digit()) { count } else { "" };
    vec![
        ("device.class", class.to_owned()),
        ("device.model", model.to_owned()),
        ("device.count", count.to_owned()),
    ]
}
