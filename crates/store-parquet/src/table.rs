//! Rows packed for memory: every text once, a number in its place. It must not read or write files.

use crate::row::{Row, Workload};
use facts::{Activity, TokenState};
use std::cmp::Ordering;
use std::collections::HashMap;
use std::sync::Arc;

/// Stands for "no text" and "no workload".
pub const NONE: u32 = u32::MAX;
/// Stands for "energy not known".
pub const UNKNOWN: u64 = u64::MAX;
/// The states of a token link, in the order of their codes here.
pub const TOKENS: [TokenState; 3] = [TokenState::Seen, TokenState::NotSeen, TokenState::NotObservable];

/// A row with its texts as numbers into [`Table::words`]; fields as in [`Row`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Packed {
    pub device: [u8; 16],
    pub from: i64,
    pub ordinal: u64,
    pub workload: [u8; 8],
    pub sequence: u64,
    pub cpu: u64,
    pub energy: u64,
    pub duration: u32,
    pub operator: u32,
    pub site: u32,
    pub name: u32,
    pub algorithm: u32,
    pub disposition: u32,
    pub share: u16,
    pub probability: u16,
    pub activity: u8,
    pub token: u8,
}

impl Packed {
    /// The order of rows in a file: by device, time and statement, then by the rest that does not depend on numbering.
    pub fn order(&self, other: &Self) -> Ordering {
        let key = |r: &Self| (r.device, r.from, r.ordinal, r.workload, r.activity);
        let rest = |r: &Self| (r.share, r.probability, r.cpu, r.energy);
        key(self).cmp(&key(other)).then_with(|| rest(self).cmp(&rest(other)))
    }
}

/// Rows and the texts they name.
#[derive(Default)]
pub struct Table {
    pub rows: Vec<Packed>,
    pub words: Vec<Arc<str>>,
    codes: HashMap<Arc<str>, u32>,
}

impl Table {
    /// The number of a text.
    pub fn word(&mut self, text: &str) -> u32 {
        if let Some(&code) = self.codes.get(text) {
            return code;
        }
        let code = u32::try_from(self.words.len()).unwrap_or(NONE);
        let text: Arc<str> = text.into();
        self.words.push(Arc::clone(&text));
        self.codes.insert(text, code);
        code
    }

    /// The text of a number; none for [`NONE`].
    pub fn text(&self, code: u32) -> Option<&str> {
        self.words.get(code as usize).map(AsRef::as_ref)
    }

    /// Adds a row.
    pub fn push(&mut self, row: &Row) {
        let word = |table: &mut Self, text: Option<&String>| text.map_or(NONE, |t| table.word(t));
        let packed = Packed {
            device: row.device,
            from: row.from_ms,
            ordinal: row.ordinal,
            workload: row.workload.as_ref().map_or([0; 8], |w| w.id),
            sequence: row.sequence,
            cpu: row.cpu_ms,
            energy: row.energy_mj.unwrap_or(UNKNOWN),
            duration: row.duration_ms,
            operator: self.word(&row.operator),
            site: self.word(&row.site),
            name: word(self, row.workload.as_ref().map(|w| &w.name)),
            algorithm: word(self, row.algorithm.as_ref()),
            disposition: word(self, row.disposition.as_ref()),
            share: row.share,
            probability: row.probability,
            activity: activity_code(row.activity),
            token: token_code(row.token),
        };
        self.rows.push(packed);
    }

    /// Adds rows of another table, their texts renumbered.
    pub fn extend<'a>(&mut self, rows: impl IntoIterator<Item = &'a Packed>, words: &[Arc<str>]) {
        let map: Vec<u32> = words.iter().map(|word| self.word(word)).collect();
        let code = |old: u32| map.get(old as usize).copied().unwrap_or(NONE);
        self.rows.extend(rows.into_iter().map(|row| Packed {
            operator: code(row.operator),
            site: code(row.site),
            name: code(row.name),
            algorithm: code(row.algorithm),
            disposition: code(row.disposition),
            ..*row
        }));
    }

    /// Brings the rows into the order of a file.
    pub fn sort(&mut self) {
        self.rows.sort_by(Packed::order);
    }

    /// The row as it was given.
    pub fn row(&self, packed: &Packed) -> Row {
        let owned = |code: u32| self.text(code).map(str::to_owned);
        Row {
            ordinal: packed.ordinal,
            device: packed.device,
            sequence: packed.sequence,
            operator: owned(packed.operator).unwrap_or_default(),
            site: owned(packed.site).unwrap_or_default(),
            from_ms: packed.from,
            duration_ms: packed.duration,
            workload: owned(packed.name).map(|name| Workload { id: packed.workload, name }),
            activity: activity(packed.activity),
            share: packed.share,
            probability: packed.probability,
            algorithm: owned(packed.algorithm),
            token: token(packed.token),
            disposition: owned(packed.disposition),
            cpu_ms: packed.cpu,
            energy_mj: (packed.energy != UNKNOWN).then_some(packed.energy),
        }
    }
}

/// The activity of a code.
pub fn activity(code: u8) -> Activity {
    Activity::ALL.get(usize::from(code)).copied().unwrap_or(Activity::Undetermined)
}

/// The code of an activity: its place in the word list.
pub fn activity_code(activity: Activity) -> u8 {
    let place = Activity::ALL.iter().position(|a| *a == activity).unwrap_or(0);
    u8::try_from(place).unwrap_or(u8::MAX)
}

/// The token state of a code.
pub fn token(code: u8) -> TokenState {
    TOKENS.get(usize::from(code)).copied().unwrap_or(TokenState::NotObservable)
}

fn token_code(state: TokenState) -> u8 {
    let place = TOKENS.iter().position(|t| *t == state).unwrap_or(0);
    u8::try_from(place).unwrap_or(u8::MAX)
}
