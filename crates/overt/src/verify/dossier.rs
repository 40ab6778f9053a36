//! A dossier: this thread reads, follows and compares; others check signatures.

use super::signatures::Threads;
use super::{Args, answer, trust};
use crate::Failure;
use crate::table::printable;
use ::dossier::check;
use serde::Serialize;
use std::fs::File;
use std::io::BufReader;
use std::path::Path;

#[derive(Serialize)]
struct Held {
    operator: String,
    from: String,
    to: String,
    zone: String,
    made_by: String,
    batches: u64,
    statements: u64,
    records: u64,
    hashes: u64,
    devices: u64,
}

/// Whether a file begins like a dossier: the header of its first member.
pub fn is_one(begin: &[u8]) -> bool {
    begin.starts_with(b"PK\x03\x04")
}

/// Runs it.
pub fn run(args: &Args, path: &Path) -> Result<(), Failure> {
    let shown = printable(&path.display().to_string());
    let wrong = |e: &dyn std::fmt::Display| Failure::Usage(format!("{shown}: {}", printable(&e.to_string())));
    let trusted = match (&args.policy, &args.log_key) {
        (None, None) => None,
        _ => Some(trust::policy(args, None)?),
    };
    let file = BufReader::with_capacity(1 << 20, File::open(path).map_err(|e| wrong(&e))?);
    let rules = crate::dossier::rules()?;
    let checked = match check(file, trusted.as_ref(), &rules, &mut Threads::start()) {
        Ok(checked) => checked,
        Err(error) => {
            let mut report = ::verify::Report::default();
            report.fails(error);
            return answer::<()>(args, &report, None, "");
        }
    };
    let (scope, summary) = (&checked.contents.scope, &checked.summary);
    let about = format!(
        "\nA dossier of {} from {} to {} ({}): {} statements of {} devices, {} records in {} batches.\n",
        scope.operator,
        scope.from,
        scope.to,
        printable(&scope.zone),
        summary.statements,
        summary.devices,
        summary.records,
        summary.batches
    );
    let held = Held {
        operator: scope.operator.clone(),
        from: scope.from.to_string(),
        to: scope.to.to_string(),
        zone: scope.zone.clone(),
        made_by: checked.contents.made_by.clone(),
        batches: summary.batches,
        statements: summary.statements,
        records: summary.records,
        hashes: summary.hashes,
        devices: summary.devices,
    };
    answer(args, &checked.report, Some(&held), &about)
}
