//! Columns of some rows, whether they come from a file or from memory: what every query looks at. It must not do I/O.

use crate::codes::Codes;
use crate::table::{self, NONE, Packed, Table};
use bytes::Bytes;
use facts::Activity;
use std::collections::HashMap;
use std::hash::Hash;
use std::sync::Arc;

/// Columns of some rows; those that were not asked for are empty.
#[derive(Default)]
pub struct Block {
    pub rows: usize,
    pub ordinal: Vec<i64>,
    pub device: Codes,
    pub sequence: Vec<i64>,
    pub operator: Codes,
    pub site: Codes,
    pub from: Vec<i64>,
    pub duration: Vec<i32>,
    pub workload: Codes,
    pub name: Codes,
    pub activity: Codes,
    pub share: Vec<i32>,
    pub probability: Vec<i32>,
    pub algorithm: Codes,
    pub token: Codes,
    pub disposition: Codes,
    pub cpu: Vec<i64>,
    pub energy: Vec<u64>,
}

impl Block {
    /// All columns of rows in memory.
    pub fn of(rows: &[Packed], words: &[Arc<str>]) -> Self {
        let texts: Vec<Bytes> = words.iter().map(|w| Bytes::copy_from_slice(w.as_bytes())).collect();
        let named = |codes: Vec<u32>| Codes { codes, words: texts.clone() };
        let activities = Activity::ALL.map(|a| Bytes::from_static(a.name().as_bytes()));
        let tokens = table::TOKENS.map(|t| Bytes::from_static(t.name().as_bytes()));
        let workload = |r: &Packed| (r.name != NONE).then_some(r.workload);
        Self {
            rows: rows.len(),
            ordinal: rows.iter().map(|r| r.ordinal.cast_signed()).collect(),
            device: fixed(rows.iter().map(|r| Some(r.device))),
            sequence: rows.iter().map(|r| r.sequence.cast_signed()).collect(),
            operator: named(rows.iter().map(|r| r.operator).collect()),
            site: named(rows.iter().map(|r| r.site).collect()),
            from: rows.iter().map(|r| r.from).collect(),
            duration: rows.iter().map(|r| r.duration.cast_signed()).collect(),
            workload: fixed(rows.iter().map(workload)),
            name: named(rows.iter().map(|r| r.name).collect()),
            activity: Codes {
                codes: rows.iter().map(|r| r.activity.into()).collect(),
                words: activities.into(),
            },
            share: rows.iter().map(|r| r.share.into()).collect(),
            probability: rows.iter().map(|r| r.probability.into()).collect(),
            algorithm: named(rows.iter().map(|r| r.algorithm).collect()),
            token: Codes { codes: rows.iter().map(|r| r.token.into()).collect(), words: tokens.into() },
            disposition: named(rows.iter().map(|r| r.disposition).collect()),
            cpu: rows.iter().map(|r| r.cpu.cast_signed()).collect(),
            energy: rows.iter().map(|r| r.energy).collect(),
        }
    }

    /// Rows that pass `keep`, packed into `table`; all columns must have been read.
    pub fn pack(&self, table: &mut Table, keep: impl Fn(usize) -> bool) {
        let words = [&self.operator, &self.site, &self.name, &self.algorithm, &self.disposition]
            .map(|codes| renumbered(codes, table));
        let activities = renamed(&self.activity, &Activity::ALL.map(Activity::name));
        let tokens = renamed(&self.token, &table::TOKENS.map(facts::TokenState::name));
        for row in (0..self.rows).filter(|row| keep(*row)) {
            let [operator, site, name, algorithm, disposition] =
                [0, 1, 2, 3, 4].map(|column: usize| self.renumber(&words, column, row));
            table.rows.push(Packed {
                device: bytes(&self.device, row),
                from: number(&self.from, row),
                ordinal: number(&self.ordinal, row).cast_unsigned(),
                workload: bytes(&self.workload, row),
                sequence: number(&self.sequence, row).cast_unsigned(),
                cpu: number(&self.cpu, row).cast_unsigned(),
                energy: number(&self.energy, row),
                duration: number(&self.duration, row).cast_unsigned(),
                operator,
                site,
                name,
                algorithm,
                disposition,
                share: u16::try_from(number(&self.share, row)).unwrap_or(0),
                probability: u16::try_from(number(&self.probability, row)).unwrap_or(0),
                activity: coded(&activities, &self.activity, row),
                token: coded(&tokens, &self.token, row),
            });
        }
    }

    fn renumber(&self, words: &[Vec<u32>; 5], column: usize, row: usize) -> u32 {
        let columns = [&self.operator, &self.site, &self.name, &self.algorithm, &self.disposition];
        let code = columns.get(column).and_then(|c| c.codes.get(row));
        let map = words.get(column);
        map.zip(code).and_then(|(map, code)| map.get(*code as usize)).copied().unwrap_or(NONE)
    }
}

fn number<T: Copy + Default>(values: &[T], row: usize) -> T {
    values.get(row).copied().unwrap_or_default()
}

fn bytes<const N: usize>(codes: &Codes, row: usize) -> [u8; N] {
    codes.get(row).and_then(|b| b.try_into().ok()).unwrap_or([0; N])
}

fn renumbered(codes: &Codes, table: &mut Table) -> Vec<u32> {
    codes.words.iter().map(|w| table.word(&String::from_utf8_lossy(w))).collect()
}

fn renamed(codes: &Codes, names: &[&str]) -> Vec<u8> {
    let place = |word: &Bytes| names.iter().position(|n| n.as_bytes() == word.as_ref());
    let code = |word| place(word).and_then(|p| u8::try_from(p).ok()).unwrap_or(u8::MAX);
    codes.words.iter().map(code).collect()
}

fn coded(map: &[u8], codes: &Codes, row: usize) -> u8 {
    codes.codes.get(row).and_then(|c| map.get(*c as usize)).copied().unwrap_or(u8::MAX)
}

fn fixed<T: AsRef<[u8]> + Eq + Hash>(values: impl Iterator<Item = Option<T>>) -> Codes {
    let mut known: HashMap<T, u32> = HashMap::new();
    let mut made = Codes::default();
    for value in values {
        let Some(value) = value else {
            made.codes.push(NONE);
            continue;
        };
        let next = u32::try_from(made.words.len()).unwrap_or(NONE);
        let bytes = Bytes::copy_from_slice(value.as_ref());
        let code = *known.entry(value).or_insert(next);
        if code == next {
            made.words.push(bytes);
        }
        made.codes.push(code);
    }
    made
}
