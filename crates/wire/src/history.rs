//! History of findings: one JSON object after another, schema `overt.history/1`, published as
//! `schemas/overt.history-1.schema.json`.
//!
//! Answers of `overt look --json` are read too; they carry no energy, and the place comes from the caller.

use facts::{Activity, Reading};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use rulebook::backtest::Record;
use rulebook::readings::token_fact;
use rulebook::{Case, TextError, Vocabulary, facts_of};
use serde::Deserialize;
use std::io::BufRead;

/// Schema of one record.
pub const SCHEMA: &str = "overt.history/1";
/// Longest text of one record, bytes.
pub const MAX_RECORD: u64 = 1 << 20;
/// Longest interval of one record: a year, s.
const MAX_INTERVAL: f64 = 366.0 * 86400.0;
/// Most energy of one record, Wh: a gigawatt for a year.
const MAX_ENERGY: f64 = 1e9 * 8784.0;
/// Most readings of one record.
const MAX_READINGS: usize = 32;

/// Why history cannot be read further.
#[derive(Debug, thiserror::Error)]
pub enum HistoryError {
    /// Not a record; where.
    #[error("line {line}: {message}")]
    Form {
        /// The line, from 1.
        line: u64,
        /// What was found and expected.
        message: String,
    },
    /// The source failed.
    #[error("cannot read on after line {line}: {error}")]
    Io {
        /// The line, from 1.
        line: u64,
        /// What failed.
        error: std::io::Error,
    },
}

/// What the caller knows and a record may leave out.
#[derive(Clone, Debug)]
pub struct Defaults {
    /// Place of records that name none.
    pub place: Option<String>,
    /// Time zone in which days are counted.
    pub zone: TimeZone,
}

#[derive(Deserialize)]
struct Line {
    schema: Option<String>,
    device: Option<String>,
    #[serde(default)]
    owner: String,
    operator: Option<String>,
    place: Option<String>,
    #[serde(alias = "started")]
    at: Option<String>,
    interval_s: f64,
    #[serde(default)]
    energy_wh: f64,
    activity: Option<Activity>,
    #[serde(default)]
    readings: Vec<Reading>,
    token_link: Option<facts::TokenState>,
    #[serde(default)]
    facts: serde_json::Map<String, serde_json::Value>,
    #[serde(default)]
    workloads: Vec<Workload>,
}

/// A workload in an answer of `overt look --json`.
#[derive(Deserialize)]
struct Workload {
    name: String,
    activity: Activity,
    probability: f64,
    #[serde(default)]
    readings: Vec<Reading>,
    token_link: facts::TokenLink,
}

/// Reads every record and hands it on with its interval in seconds. Gives the number of records.
///
/// # Errors
///
/// [`HistoryError`] at the first text that is no record; what came before it has been handed on.
pub fn read(
    input: impl BufRead,
    vocabulary: &Vocabulary,
    defaults: &Defaults,
    mut with: impl FnMut(&Record, f64),
) -> Result<u64, HistoryError> {
    let mut lines = Lines { input, line: 0, begins: 1, text: Vec::new() };
    let mut count = 0;
    while lines.next()? {
        let form = |message: String| HistoryError::Form { line: lines.begins, message };
        let line: Line = serde_json::from_slice(&lines.text).map_err(|e| form(format!("no record: {e}")))?;
        for record in records(line, vocabulary, defaults).map_err(form)? {
            count += 1;
            with(&record.0, record.1);
        }
    }
    Ok(count)
}

/// Texts of records: a line each, or an object over several lines that ends with a closing brace in the first column.
struct Lines<R> {
    input: R,
    line: u64,
    begins: u64,
    text: Vec<u8>,
}

impl<R: BufRead> Lines<R> {
    /// Reads the next text; false at the end.
    fn next(&mut self) -> Result<bool, HistoryError> {
        self.text.clear();
        self.begins = self.line + 1;
        loop {
            let before = self.text.len();
            let room = MAX_RECORD.saturating_sub(before as u64) + 1;
            let mut limited = std::io::Read::take(&mut self.input, room);
            let read = limited
                .read_until(b'\n', &mut self.text)
                .map_err(|error| HistoryError::Io { line: self.line, error })?;
            if self.text.len() as u64 > MAX_RECORD {
                let message = format!("a record of more than {MAX_RECORD} bytes");
                return Err(HistoryError::Form { line: self.begins, message });
            }
            let blank = self.text.iter().all(u8::is_ascii_whitespace);
            if read == 0 {
                return Ok(!blank);
            }
            self.line += 1;
            if blank {
                self.text.clear();
                self.begins = self.line + 1;
                continue;
            }
            let last = self.text.get(before..).unwrap_or_default();
            let one_line = before == 0 && last.trim_ascii_end().ends_with(b"}");
            if one_line || last.starts_with(b"}") || !self.text.trim_ascii_start().starts_with(b"{") {
                return Ok(true);
            }
        }
    }
}

fn records(line: Line, vocabulary: &Vocabulary, defaults: &Defaults) -> Result<Vec<(Record, f64)>, String> {
    let place = line.place.or_else(|| defaults.place.clone()).ok_or("no place; give one with --place")?;
    let at: Timestamp =
        line.at.as_deref().and_then(|t| t.parse().ok()).ok_or("no time; expected 'at' in RFC 3339")?;
    let interval = bounded("interval_s", line.interval_s, MAX_INTERVAL)?;
    let energy_wh = bounded("energy_wh", line.energy_wh, MAX_ENERGY)?;
    let date = at.to_zoned(defaults.zone.clone()).date();
    let mut case = Case { operator: line.operator, ..Case::new(&place, date, "general") };
    if let Some(operator) = &case.operator {
        vocabulary.operator(operator).map_err(|e| e.to_string())?;
    }
    case.facts = facts_of(&line.facts, vocabulary).map_err(|e: TextError| e.to_string())?;
    let record = |case: Case, device: String, energy_wh, readings| Record {
        device,
        owner: line.owner.clone(),
        case,
        energy_wh,
        readings,
    };
    if line.schema.as_deref().is_some_and(|s| s.starts_with("overt.look/")) {
        let workloads = line.workloads.into_iter();
        return workloads.map(|w| Ok((looked(w, &case, &record)?, interval))).collect();
    }
    if let Some(other) = line.schema.filter(|s| s != SCHEMA) {
        return Err(format!("schema '{}'; expected {SCHEMA}", other.escape_debug()));
    }
    linked(&mut case, line.token_link);
    let readings = readings(line.activity, 1.0, line.readings)?;
    let device = line.device.ok_or("no device")?;
    Ok(vec![(record(case, device, energy_wh, readings), interval)])
}

fn looked(
    w: Workload,
    case: &Case,
    record: &impl Fn(Case, String, f64, Vec<Reading>) -> Record,
) -> Result<Record, String> {
    let mut case = case.clone();
    linked(&mut case, Some(w.token_link.state));
    Ok(record(case, w.name, 0.0, readings(Some(w.activity), w.probability, w.readings)?))
}

fn linked(case: &mut Case, state: Option<facts::TokenState>) {
    if let Some(value) = state.and_then(token_fact) {
        case.facts.entry("work.token_link".to_owned()).or_insert(value);
    }
}

/// The readings of a record, or the one that its activity is.
fn readings(
    activity: Option<Activity>,
    probability: f64,
    readings: Vec<Reading>,
) -> Result<Vec<Reading>, String> {
    let readings = match (readings.is_empty(), activity) {
        (true, None) => return Err("neither activity nor readings".to_owned()),
        (true, Some(activity)) => vec![Reading { activity, probability }],
        _ => readings,
    };
    if readings.len() > MAX_READINGS {
        return Err(format!("{} readings; expected at most {MAX_READINGS}", readings.len()));
    }
    let sum: f64 = readings.iter().map(|r| r.probability).sum();
    let sound = readings.iter().all(|r| (0.0..=1.0).contains(&r.probability)) && sum <= 1.001;
    if sound { Ok(readings) } else { Err(format!("probabilities that sum to {sum}; expected 0 to 1")) }
}

fn bounded(name: &str, value: f64, max: f64) -> Result<f64, String> {
    let sound = value.is_finite() && (0.0..=max).contains(&value);
    if sound { Ok(value) } else { Err(format!("{name} = {value}; expected 0 to {max}")) }
}
