//! What each workload of each device did over each step of time, with the statements that say so: what reports are made of.
//! It must not judge, and must not leave out where a sum is from.

use crate::error::Error;
use crate::history::Facts;
use crate::query::{Bucket, Query};
use crate::row::hex;
use crate::scan;
use crate::table::{NONE, Packed, Table, UNKNOWN, activity, token};
use crate::write::Column;
use serde::Serialize;
use std::collections::HashMap;

/// Most spells of one answer; a longer one asks for a shorter period or a longer step.
pub const MAX_SPELLS: usize = 500_000;

/// One activity of one workload of one device within a step of time.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Spell {
    /// The beginning of the step, in Unix milliseconds.
    pub step_ms: i64,
    /// The device, hexadecimal.
    pub device: String,
    /// Where it stood.
    pub site: String,
    /// The workload, hexadecimal.
    pub workload: String,
    /// Its name.
    pub name: String,
    /// What was done.
    pub activity: &'static str,
    /// The named computation, where known.
    pub algorithm: Option<String>,
    /// Whether the work earns a token.
    pub token: &'static str,
    /// What the rulebook said of it, where it was judged.
    pub disposition: Option<String>,
    /// Findings that were summed up.
    pub findings: u64,
    /// Processor time in milliseconds.
    pub cpu_ms: u64,
    /// Energy in millijoules of the findings where it is known.
    pub energy_mj: Option<u64>,
    /// Findings whose energy is not known.
    pub unmetered: u64,
    /// Time of the statements that say so, in milliseconds.
    pub seen_ms: u64,
    /// Highest share of the workload's processor time, in thousandths.
    pub most_share: u16,
    /// Mean probability in thousandths, weighted by processor time.
    pub probability: u16,
    /// The first statement by its place among all entries of the registry.
    pub first_ordinal: u64,
    /// The last one.
    pub last_ordinal: u64,
}

/// What a device said within a step of time.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Said {
    /// The beginning of the step, in Unix milliseconds.
    pub step_ms: i64,
    /// The device, hexadecimal.
    pub device: String,
    /// Where it stood.
    pub site: String,
    /// How many statements.
    pub statements: u64,
    /// The time that they cover, in milliseconds.
    pub covered_ms: u64,
    /// The number of the first statement within the device's chain.
    pub first_sequence: u64,
    /// The number of the last one.
    pub last_sequence: u64,
    /// The first statement by its place among all entries of the registry.
    pub first_ordinal: u64,
    /// The last one.
    pub last_ordinal: u64,
}

/// Both, in order of device and time.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Spells {
    /// What was done.
    pub spells: Vec<Spell>,
    /// What was said.
    pub said: Vec<Said>,
}

#[derive(Clone, Copy, PartialEq, Eq, Hash)]
struct Key {
    step: i64,
    device: [u8; 16],
    site: u32,
    workload: [u8; 8],
    name: u32,
    activity: u8,
    algorithm: u32,
    token: u8,
    disposition: u32,
}

#[derive(Clone, Copy, Default)]
struct Sum {
    findings: u64,
    cpu: u64,
    energy: Option<u64>,
    unmetered: u64,
    seen: u64,
    most_share: u16,
    weighted: u128,
    weight: u128,
    ordinals: Option<(u64, u64)>,
}

#[derive(Default)]
struct Gathered {
    sums: HashMap<Key, Sum>,
    said: HashMap<(i64, [u8; 16], u32), SaidSum>,
    /// The last statement of each device that was counted: rows of one statement stand together.
    last: HashMap<[u8; 16], u64>,
}

#[derive(Clone, Copy, Default)]
struct SaidSum {
    statements: u64,
    covered: u64,
    sequences: Option<(u64, u64)>,
    ordinals: Option<(u64, u64)>,
}

impl Facts {
    /// What was done and said in each step of a window. The question's group is passed over.
    ///
    /// # Errors
    ///
    /// [`Error::Question`] if the question makes no sense or has more than [`MAX_SPELLS`] answers, [`Error::Damaged`] if a
    /// file cannot be read.
    pub fn spells(&self, query: &Query) -> Result<Spells, Error> {
        query.check()?;
        let window = query.window();
        let bucket = query.bucket.unwrap_or(Bucket { every_ms: i64::MAX, origin_ms: query.from_ms });
        let (view, mut table, mut gathered) = (self.view(), Table::default(), Gathered::default());
        let mut take = |block: &crate::block::Block| {
            let rows = crate::fold::selected(block, query, &window);
            block.pack(&mut table, |row| rows.binary_search(&(row as u32)).is_ok());
            gathered.take(&std::mem::take(&mut table.rows), bucket)
        };
        take(&view.buffered(query, &window))?;
        for (part, group) in view.groups(query, &window)? {
            if let Some(block) = scan::rows(&part, group, query, &Column::ALL)? {
                take(&block)?;
            }
        }
        Ok(gathered.named(&table))
    }
}

impl Gathered {
    fn take(&mut self, rows: &[Packed], bucket: Bucket) -> Result<(), Error> {
        for row in rows {
            let step = bucket.start(row.from);
            self.say(row, step);
            if row.name != NONE {
                self.add(row, step);
            }
            if self.sums.len() > MAX_SPELLS {
                let why = format!("more than {MAX_SPELLS} lines; ask for a shorter period or a longer step");
                return Err(Error::Question { why });
            }
        }
        Ok(())
    }

    fn add(&mut self, row: &Packed, step: i64) {
        let key = Key {
            step,
            device: row.device,
            site: row.site,
            workload: row.workload,
            name: row.name,
            activity: row.activity,
            algorithm: row.algorithm,
            token: row.token,
            disposition: row.disposition,
        };
        let sum = self.sums.entry(key).or_default();
        sum.findings += 1;
        sum.cpu = sum.cpu.saturating_add(row.cpu);
        sum.seen = sum.seen.saturating_add(row.duration.into());
        sum.most_share = sum.most_share.max(row.share);
        sum.weighted += u128::from(row.probability) * u128::from(row.cpu.max(1));
        sum.weight += u128::from(row.cpu.max(1));
        sum.ordinals = Some(spanned(sum.ordinals, row.ordinal));
        if row.energy == UNKNOWN {
            sum.unmetered += 1;
        } else {
            sum.energy = Some(sum.energy.unwrap_or(0).saturating_add(row.energy));
        }
    }

    fn say(&mut self, row: &Packed, step: i64) {
        if self.last.insert(row.device, row.ordinal) == Some(row.ordinal) {
            return;
        }
        let said = self.said.entry((step, row.device, row.site)).or_default();
        said.statements += 1;
        said.covered = said.covered.saturating_add(row.duration.into());
        said.sequences = Some(spanned(said.sequences, row.sequence));
        said.ordinals = Some(spanned(said.ordinals, row.ordinal));
    }

    fn named(self, table: &Table) -> Spells {
        let owned = |code: u32| table.text(code).map(str::to_owned);
        let mut spells: Vec<Spell> = self.sums.iter().map(|(key, sum)| spell(key, sum, &owned)).collect();
        spells.sort_by(|a, b| order(a).cmp(&order(b)));
        let said = self.said.iter().map(|((step_ms, device, site), sum)| Said {
            step_ms: *step_ms,
            device: hex(device),
            site: owned(*site).unwrap_or_default(),
            statements: sum.statements,
            covered_ms: sum.covered,
            first_sequence: sum.sequences.unwrap_or_default().0,
            last_sequence: sum.sequences.unwrap_or_default().1,
            first_ordinal: sum.ordinals.unwrap_or_default().0,
            last_ordinal: sum.ordinals.unwrap_or_default().1,
        });
        let mut said: Vec<Said> = said.collect();
        said.sort_by(|a, b| (&a.device, a.step_ms, &a.site).cmp(&(&b.device, b.step_ms, &b.site)));
        Spells { spells, said }
    }
}

/// The span of numbers that takes in one more.
fn spanned(span: Option<(u64, u64)>, number: u64) -> (u64, u64) {
    span.map_or((number, number), |(first, last)| (first.min(number), last.max(number)))
}

fn order(spell: &Spell) -> impl Ord + '_ {
    let what = (&spell.workload, spell.activity, &spell.algorithm, spell.token, &spell.disposition);
    (&spell.device, spell.step_ms, &spell.site, &spell.name, what)
}

fn spell(key: &Key, sum: &Sum, owned: &dyn Fn(u32) -> Option<String>) -> Spell {
    let (first_ordinal, last_ordinal) = sum.ordinals.unwrap_or_default();
    let mean = sum.weighted.checked_div(sum.weight).unwrap_or_default();
    Spell {
        step_ms: key.step,
        device: hex(&key.device),
        site: owned(key.site).unwrap_or_default(),
        workload: hex(&key.workload),
        name: owned(key.name).unwrap_or_default(),
        activity: activity(key.activity).name(),
        algorithm: owned(key.algorithm),
        token: token(key.token).name(),
        disposition: owned(key.disposition),
        findings: sum.findings,
        cpu_ms: sum.cpu,
        energy_mj: sum.energy,
        unmetered: sum.unmetered,
        seen_ms: sum.seen,
        most_share: sum.most_share,
        probability: u16::try_from(mean).unwrap_or(1000),
        first_ordinal,
        last_ordinal,
    }
}
