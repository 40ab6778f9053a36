//! Applying what a file wishes: operators, sites, then registrations in batches, each of them whole or not at all.

use super::base::{self, Base};
use super::remote::{Row, Sent, Wanted, register, rows};
use crate::Failure;
use crate::registry::ask::Ask;
use crate::table::printable;
use registration::{Difference, Wishes, difference};
use serde::Deserialize;
use serde_json::json;
use statement::{Kind, MAX_REGISTRATIONS, Registration};
use std::collections::BTreeMap;
use std::io::Write;
use std::path::Path;
use std::time::{Duration, Instant};

/// Subjects of one kind up to which each is asked for by its name; beyond, all of the kind are read.
const ASKED_ONE_BY_ONE: usize = 32;
/// Bytes of one request, about: half of what a registry takes.
const MAX_BYTES: usize = 4 << 20;
/// How long something may take before it says how far it is.
const QUIET: Duration = Duration::from_secs(2);

/// What would be written.
pub struct Prepared {
    pub base: Base,
    pub difference: Difference,
}

impl Prepared {
    /// Whether nothing is to be written.
    pub fn is_empty(&self) -> bool {
        self.base.operators.is_empty() && self.base.sites.is_empty() && self.difference.lines.is_empty()
    }
}

/// Holds wishes against the registry.
pub fn prepare(ask: &Ask, wishes: &Wishes, source: &Path) -> Result<Prepared, Failure> {
    let base = base::prepare(ask, wishes, source)?;
    let mut known = Vec::new();
    for kind in Kind::ALL {
        let of_kind: Vec<_> = wishes.subjects.iter().filter(|w| w.kind == kind).collect();
        if of_kind.len() > ASKED_ONE_BY_ONE {
            known.extend(rows(ask, Wanted { kind: Some(kind), ..Wanted::default() })?);
            continue;
        }
        for wish in of_kind {
            known.extend(rows(ask, Wanted { kind: Some(kind), id: Some(&wish.id), within: None })?);
        }
    }
    let withheld = withheld(&known);
    let difference = difference(&wishes.subjects, &register(known)?, crate::rules::today("UTC"));
    // A new version says all of it: what this token is not shown would be lost.
    let lost =
        difference.registrations().find_map(|r| Some((r, withheld.get(&(r.kind.word(), r.id.to_string()))?)));
    if let Some((r, names)) = lost {
        let names = names.join(", ");
        let what = format!("{} {} has fields that this token may not read ({names})", r.kind.word(), r.id);
        return Err(Failure::Usage(format!(
            "{what}; register it with a token that may; nothing was applied"
        )));
    }
    difference.in_order().map_err(|mistakes| super::read::refused(source, &mistakes))?;
    Ok(Prepared { base, difference })
}

/// The fields that are not shown of the last version of each subject.
fn withheld(rows: &[Row]) -> BTreeMap<(&'static str, String), Vec<String>> {
    // Rows are in order of versions, so that the last one stays.
    let mut last: BTreeMap<_, Vec<String>> = BTreeMap::new();
    for row in rows {
        let Some(kind) = Kind::named(&row.kind) else { continue };
        last.insert((kind.word(), row.id.clone()), row.withheld.clone());
    }
    last.retain(|_, names| !names.is_empty());
    last
}

/// What the registry made of one request, or of all of them.
#[derive(Clone, Copy, Debug, Default, Deserialize)]
struct Outcome {
    recorded: u64,
    unchanged: u64,
    awaiting: u64,
}

/// Writes it. What was written before a failure stays, and the same file again writes the rest.
pub fn apply(ask: &Ask, prepared: &Prepared, json: bool) -> Result<(), Failure> {
    let mut done = 0_usize;
    let mut sum = Outcome::default();
    let outcome = write(ask, prepared, &mut done, &mut sum);
    let mut out = anstream::stdout();
    if json {
        let failed = outcome.as_ref().err().map(|e| printable(&e.to_string()));
        let said = json!({ "schema": "overt.register/1", "base_records": done, "recorded": sum.recorded,
            "unchanged": sum.unchanged, "awaiting": sum.awaiting, "stopped": failed });
        writeln!(out, "{said:#}")?;
    } else if outcome.is_ok() {
        writeln!(out, "Recorded {} registrations and {done} base records.", sum.recorded)?;
        if sum.awaiting > 0 {
            let count = sum.awaiting;
            writeln!(
                out,
                "{count} of them count once a second person approves: overt register approve KIND ID VERSION"
            )?;
        }
    }
    outcome.map_err(|failure| {
        let so_far = format!("{} registrations and {done} base records were applied before", sum.recorded);
        Failure::Usage(format!("{failure}; {so_far}; the same call again applies the rest"))
    })
}

fn write(ask: &Ask, prepared: &Prepared, done: &mut usize, sum: &mut Outcome) -> Result<(), Failure> {
    for (_, id, operator) in &prepared.base.operators {
        ask.send("PUT", &format!("/api/v1/operators/{id}"), operator)?;
        *done += 1;
    }
    for (_, id, site) in &prepared.base.sites {
        ask.send("PUT", &format!("/api/v1/sites/{id}"), site)?;
        *done += 1;
    }
    let all: Vec<&Registration> = prepared.difference.registrations().collect();
    let mut progress = Progress::new(all.len());
    for batch in batches(&all) {
        let sent: Vec<Sent<'_>> = batch.iter().map(|r| Sent::new(r)).collect();
        let answer = ask.send("POST", "/api/v1/registrations", &json!({ "registrations": sent }))?;
        let one: Outcome = serde_json::from_slice(&answer)
            .map_err(|e| Failure::Usage(format!("the registry answers something else than expected: {e}")))?;
        sum.recorded += one.recorded;
        sum.unchanged += one.unchanged;
        sum.awaiting += one.awaiting;
        progress.step(batch.len());
    }
    Ok(())
}

/// What goes into one request: not too many, and not too much. The order stays: owners before what belongs to them.
fn batches<'a, 'r>(all: &'a [&'r Registration]) -> Vec<&'a [&'r Registration]> {
    let size =
        |r: &Registration| r.fields.iter().map(|(n, v)| n.len() + 2 * v.len() + 8).sum::<usize>() + 256;
    let (mut batches, mut rest) = (Vec::new(), all);
    while !rest.is_empty() {
        let mut bytes = 0;
        let fits = rest.iter().take(MAX_REGISTRATIONS).take_while(|r| {
            bytes += size(r);
            bytes <= MAX_BYTES
        });
        let (batch, after) = rest.split_at(fits.count().max(1));
        batches.push(batch);
        rest = after;
    }
    batches
}

/// How far it is, on standard error, once it takes longer than two seconds.
struct Progress {
    began: Instant,
    said: Instant,
    done: usize,
    of: usize,
}

impl Progress {
    fn new(of: usize) -> Self {
        let began = Instant::now();
        Self { began, said: began, done: 0, of }
    }

    fn step(&mut self, count: usize) {
        self.done += count;
        if self.began.elapsed() > QUIET && self.said.elapsed() > QUIET / 2 {
            self.said = Instant::now();
            let _ = writeln!(anstream::stderr(), "{} of {} registered", self.done, self.of);
        }
    }
}
