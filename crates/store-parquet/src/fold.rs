//! From columns to sums: which rows a question means, and what they come to. It must not read files.

use crate::block::Block;
use crate::codes::Codes;
use crate::error::Error;
use crate::query::{Answer, Group, Key, MAX_LINES, Query};
use crate::table::{NONE, UNKNOWN};
use crate::write::Column;
use bytes::Bytes;
use facts::Activity;
use std::collections::HashMap;
use std::ops::Range;

/// What rows come to. Sums stop at their largest value.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sums {
    /// Statements that the rows belong to, if they were asked for.
    pub statements: Option<u64>,
    /// Activities of workloads; statements without findings do not count.
    pub findings: u64,
    /// Processor time in milliseconds.
    pub cpu_ms: u64,
    /// Energy in millijoules, of the findings where it is known; none if it is known of none.
    pub energy_mj: Option<u64>,
    /// Findings whose energy is not known.
    pub unmetered: u64,
    /// When the first row begins, in Unix milliseconds.
    pub first_ms: i64,
    /// When the last row ends, in Unix milliseconds.
    pub last_ms: i64,
}

impl Sums {
    /// Sums of nothing.
    pub(crate) const NOTHING: Self = Self {
        statements: None,
        findings: 0,
        cpu_ms: 0,
        energy_mj: None,
        unmetered: 0,
        first_ms: i64::MAX,
        last_ms: i64::MIN,
    };

    /// Adds other sums.
    pub(crate) fn add(&mut self, other: &Self) {
        let either = |a: Option<u64>, b: Option<u64>| match (a, b) {
            (Some(a), Some(b)) => Some(a.saturating_add(b)),
            (a, b) => a.or(b),
        };
        self.statements = either(self.statements, other.statements);
        self.energy_mj = either(self.energy_mj, other.energy_mj);
        self.findings = self.findings.saturating_add(other.findings);
        self.cpu_ms = self.cpu_ms.saturating_add(other.cpu_ms);
        self.unmetered = self.unmetered.saturating_add(other.unmetered);
        self.first_ms = self.first_ms.min(other.first_ms);
        self.last_ms = self.last_ms.max(other.last_ms);
    }
}

/// The columns that the filter of a question looks at.
pub fn filtered(query: &Query) -> Vec<Column> {
    let mut columns = vec![Column::From];
    let mut need = |wanted: bool, column| {
        if wanted {
            columns.push(column);
        }
    };
    need(!query.devices.is_empty(), Column::Device);
    need(!query.operators.is_empty(), Column::Operator);
    need(!query.sites.is_empty(), Column::Site);
    need(query.workload.is_some(), Column::Name);
    need(!query.activities.is_empty(), Column::Activity);
    need(!query.dispositions.is_empty(), Column::Disposition);
    columns
}

/// The columns that a question looks at.
pub fn needed(query: &Query) -> Vec<Column> {
    let mut columns = filtered(query);
    columns.extend([Column::Duration, Column::Cpu, Column::Energy, Column::Name]);
    columns.extend(match query.group {
        Group::None => None,
        Group::Device => Some(Column::Device),
        Group::Workload => Some(Column::Workload),
        Group::Activity => Some(Column::Activity),
        Group::Disposition => Some(Column::Disposition),
        Group::Site => Some(Column::Site),
        Group::Operator => Some(Column::Operator),
    });
    columns.extend(query.statements.then_some(Column::Ordinal));
    columns.sort_by_key(|c| *c as usize);
    columns.dedup();
    columns
}

/// The rows of a block that a question means and that begin within `window`, in order.
pub fn selected(block: &Block, query: &Query, window: &Range<i64>) -> Vec<u32> {
    let text = |wanted: &[String], word: &[u8]| wanted.iter().any(|w| w.as_bytes() == word);
    let named = |word: &[u8]| query.workload.as_ref().is_none_or(|part| contains(word, part.as_bytes()));
    let does = |word: &[u8]| query.activities.iter().any(|a| a.name().as_bytes() == word);
    let filters = [
        filter(&block.device, query.devices.is_empty(), |w| query.devices.iter().any(|d| d.as_slice() == w)),
        filter(&block.operator, query.operators.is_empty(), |w| text(&query.operators, w)),
        filter(&block.site, query.sites.is_empty(), |w| text(&query.sites, w)),
        filter(&block.name, query.workload.is_none(), named),
        filter(&block.activity, query.activities.is_empty(), does),
        filter(&block.disposition, query.dispositions.is_empty(), |w| text(&query.dispositions, w)),
    ];
    let mut rows: Vec<u32> =
        (0u32..).zip(&block.from).filter(|(_, ms)| window.contains(ms)).map(|(row, _)| row).collect();
    for (codes, passes) in filters.into_iter().flatten() {
        let passing = |row: &u32| {
            let code = codes.codes.get(*row as usize).copied().unwrap_or(NONE);
            passes.get(code as usize).copied().unwrap_or(false)
        };
        rows.retain(passing);
    }
    rows
}

/// Which words of a column pass; none if all do.
fn filter(codes: &Codes, all: bool, passes: impl Fn(&[u8]) -> bool) -> Option<(&Codes, Vec<bool>)> {
    (!all).then(|| (codes, codes.words.iter().map(|w| passes(w)).collect()))
}

/// Whether a text holds another, ASCII letters in either case.
fn contains(text: &[u8], part: &[u8]) -> bool {
    part.is_empty() || text.windows(part.len()).any(|w| w.eq_ignore_ascii_case(part))
}

/// Sums by key and step of time.
#[derive(Default)]
pub struct Fold {
    lines: HashMap<(Key, Option<i64>), Sums>,
}

/// A line within one block: numbers of the key's words, and the step of time.
type Local = (u32, u32, Option<i64>);

impl Fold {
    /// Adds rows of a block.
    pub fn block(&mut self, block: &Block, rows: &[u32], query: &Query) -> Result<(), Error> {
        let mut slots: HashMap<Local, usize> = HashMap::new();
        let mut lines: Vec<(Local, Sums, Option<i64>)> = Vec::new();
        let mut last: Option<(Local, usize)> = None;
        for &row in rows {
            let row = row as usize;
            let from = block.from.get(row).copied().unwrap_or_default();
            let (one, two) = codes(block, row, query.group);
            let local = (one, two, query.bucket.map(|b| b.start(from)));
            let slot = match last {
                Some((same, slot)) if same == local => slot,
                _ => *slots.entry(local).or_insert_with(|| {
                    lines.push((local, Sums::NOTHING, None));
                    lines.len() - 1
                }),
            };
            last = Some((local, slot));
            if let Some((_, sums, ordinal)) = lines.get_mut(slot) {
                sums.add(&single(block, row, from));
                if query.statements {
                    count(block, row, ordinal, sums);
                }
            }
        }
        lines
            .into_iter()
            .try_for_each(|(local, sums, _)| self.line(key(block, query.group, local), local.2, &sums))
    }

    /// Adds sums of a line.
    pub fn line(&mut self, key: Key, bucket: Option<i64>, sums: &Sums) -> Result<(), Error> {
        self.lines.entry((key, bucket)).or_insert(Sums::NOTHING).add(sums);
        if self.lines.len() > MAX_LINES { Err(Error::TooLarge { most: MAX_LINES }) } else { Ok(()) }
    }

    /// Adds all lines of another fold.
    pub fn merge(&mut self, other: Self) -> Result<(), Error> {
        other.lines.into_iter().try_for_each(|((key, bucket), sums)| self.line(key, bucket, &sums))
    }

    /// The answer: by step of time, then by key.
    pub fn answers(self) -> Vec<Answer> {
        let answer = |((key, bucket_ms), sums)| Answer { key, bucket_ms, sums };
        let mut answers: Vec<Answer> = self.lines.into_iter().map(answer).collect();
        answers.sort_by(|a, b| (a.bucket_ms, &a.key).cmp(&(b.bucket_ms, &b.key)));
        answers
    }
}

/// What one row comes to.
pub fn single(block: &Block, row: usize, from: i64) -> Sums {
    let energy = block.energy.get(row).copied().filter(|e| *e != UNKNOWN);
    let finding = block.name.codes.get(row).is_some_and(|c| *c != NONE);
    let duration = block.duration.get(row).copied().unwrap_or_default();
    Sums {
        statements: None,
        findings: finding.into(),
        cpu_ms: block.cpu.get(row).copied().unwrap_or_default().cast_unsigned(),
        energy_mj: energy,
        unmetered: u64::from(finding && energy.is_none()),
        first_ms: from,
        last_ms: from.saturating_add(duration.cast_unsigned().into()),
    }
}

/// Counts the statement of a row: the rows of a statement lie together.
fn count(block: &Block, row: usize, last: &mut Option<i64>, sums: &mut Sums) {
    let ordinal = block.ordinal.get(row).copied();
    if ordinal.is_some() && ordinal != *last {
        sums.statements = Some(sums.statements.unwrap_or(0).saturating_add(1));
        *last = ordinal;
    }
}

fn codes(block: &Block, row: usize, group: Group) -> (u32, u32) {
    let code = |codes: &Codes| codes.codes.get(row).copied().unwrap_or(NONE);
    match group {
        Group::None => (0, 0),
        Group::Device => (code(&block.device), 0),
        Group::Workload => (code(&block.workload), code(&block.name)),
        Group::Activity => (code(&block.activity), 0),
        Group::Disposition => (code(&block.disposition), 0),
        Group::Site => (code(&block.site), 0),
        Group::Operator => (code(&block.operator), 0),
    }
}

fn key(block: &Block, group: Group, (one, two, _): Local) -> Key {
    let word = |codes: &Codes, code: u32| codes.words.get(code as usize).cloned();
    let text = Codes::word;
    match group {
        Group::None => Key::All,
        Group::Device => Key::Device(bytes(word(&block.device, one))),
        Group::Workload => {
            Key::Workload(text(&block.name, two).map(|name| (bytes(word(&block.workload, one)), name)))
        }
        Group::Activity => {
            let name = text(&block.activity, one).unwrap_or_default();
            Key::Activity(name.parse().unwrap_or(Activity::Undetermined))
        }
        Group::Disposition => Key::Disposition(text(&block.disposition, one)),
        Group::Site => Key::Site(text(&block.site, one).unwrap_or_default()),
        Group::Operator => Key::Operator(text(&block.operator, one).unwrap_or_default()),
    }
}

fn bytes<const N: usize>(word: Option<Bytes>) -> [u8; N] {
    word.and_then(|w| w.as_ref().try_into().ok()).unwrap_or([0; N])
}
