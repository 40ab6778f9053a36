//! Answers and rows as CSV, JSON and Parquet. It must not let a text act in the program that opens it: cells that a
//! spreadsheet would run as formulas get an apostrophe in front, and control characters are replaced.

use crate::error::Error;
use crate::query::Answer;
use crate::row::{Row, hex};
use crate::table::Table;
use crate::write;
use parquet::basic::{Compression, ZstdLevel};
use parquet::data_type::{ByteArray, ByteArrayType, DataType, Int64Type};
use parquet::errors::ParquetError;
use parquet::file::properties::WriterProperties;
use parquet::file::writer::{SerializedFileWriter, SerializedRowGroupWriter};
use parquet::schema::parser::parse_message_type;
use serde::Serialize;
use std::io::Write;
use std::sync::Arc;

/// First characters of cells that spreadsheets run (OWASP, "CSV Injection").
const FORMULA: [char; 6] = ['=', '+', '-', '@', '\u{ff1d}', '\u{ff0b}'];

/// A thing that can be a line of a table.
pub trait Line: Serialize {
    /// The names of the columns.
    const COLUMNS: &'static [&'static str];

    /// The cells, as many as there are columns.
    fn cells(&self) -> Vec<String>;

    /// Writes lines as a Parquet file.
    ///
    /// # Errors
    ///
    /// [`Error::Medium`].
    fn parquet<W: Write + Send>(lines: &[Self], out: W) -> Result<(), Error>
    where
        Self: Sized;
}

/// Writes lines as CSV (RFC 4180) with a line of names first.
///
/// # Errors
///
/// [`Error::Medium`] if the medium failed.
pub fn write_csv<L: Line>(lines: &[L], out: impl Write) -> Result<(), Error> {
    let failed = |e: csv::Error| Error::medium("writing CSV", e);
    let mut csv = csv::Writer::from_writer(out);
    csv.write_record(L::COLUMNS).map_err(failed)?;
    for line in lines {
        csv.write_record(line.cells().iter().map(|cell| harmless(cell))).map_err(failed)?;
    }
    csv.flush().map_err(|e| Error::medium("writing CSV", e))
}

/// Writes lines as one JSON array.
///
/// # Errors
///
/// [`Error::Medium`] if the medium failed.
pub fn write_json<L: Line>(lines: &[L], out: impl Write) -> Result<(), Error> {
    serde_json::to_writer(out, lines).map_err(|e| Error::medium("writing JSON", e))
}

/// Writes each line as a JSON object on a line of its own.
///
/// # Errors
///
/// [`Error::Medium`] if the medium failed.
pub fn write_json_lines<L: Line>(lines: &[L], mut out: impl Write) -> Result<(), Error> {
    for line in lines {
        serde_json::to_writer(&mut out, line).map_err(|e| Error::medium("writing JSON", e))?;
        out.write_all(b"\n").map_err(|e| Error::medium("writing JSON", e))?;
    }
    Ok(())
}

/// Writes lines as a Parquet file.
///
/// # Errors
///
/// [`Error::Medium`] if the medium failed.
pub fn write_parquet<L: Line>(lines: &[L], out: impl Write + Send) -> Result<(), Error> {
    L::parquet(lines, out)
}

/// A cell that no spreadsheet runs and no terminal obeys.
fn harmless(cell: &str) -> String {
    let shown = |c: char| if c.is_control() { '\u{fffd}' } else { c };
    let text: String = cell.chars().map(shown).collect();
    let first = text.chars().find(|c| !c.is_whitespace() && *c != '\u{fffd}');
    if first.is_some_and(|c| FORMULA.contains(&c)) { format!("'{text}") } else { text }
}

fn text(value: Option<impl ToString>) -> String {
    value.map(|value| value.to_string()).unwrap_or_default()
}

impl Line for Row {
    const COLUMNS: &'static [&'static str] = &[
        "ordinal",
        "device",
        "sequence",
        "operator",
        "site",
        "from_ms",
        "duration_ms",
        "workload",
        "workload_name",
        "activity",
        "share_permille",
        "probability_permille",
        "algorithm",
        "token_link",
        "disposition",
        "cpu_ms",
        "energy_mj",
    ];

    fn cells(&self) -> Vec<String> {
        vec![
            self.ordinal.to_string(),
            hex(&self.device),
            self.sequence.to_string(),
            self.operator.clone(),
            self.site.clone(),
            self.from_ms.to_string(),
            self.duration_ms.to_string(),
            text(self.workload.as_ref().map(|w| hex(&w.id))),
            text(self.workload.as_ref().map(|w| &w.name)),
            self.activity.name().to_owned(),
            self.share.to_string(),
            self.probability.to_string(),
            text(self.algorithm.as_ref()),
            self.token.name().to_owned(),
            text(self.disposition.as_ref()),
            self.cpu_ms.to_string(),
            text(self.energy_mj),
        ]
    }

    fn parquet<W: Write + Send>(lines: &[Self], out: W) -> Result<(), Error> {
        let mut table = Table::default();
        lines.iter().for_each(|row| table.push(row));
        write::stream(out, &table.rows, &table.words).map_err(|e| Error::medium("writing Parquet", e))
    }
}

impl Line for Answer {
    const COLUMNS: &'static [&'static str] = &[
        "kind",
        "key",
        "workload_id",
        "bucket_ms",
        "statements",
        "findings",
        "cpu_ms",
        "energy_mj",
        "unmetered",
        "first_ms",
        "last_ms",
    ];

    fn cells(&self) -> Vec<String> {
        vec![
            self.key.kind().to_owned(),
            self.key.text(),
            text(self.key.workload_id()),
            text(self.bucket_ms),
            text(self.sums.statements),
            self.sums.findings.to_string(),
            self.sums.cpu_ms.to_string(),
            text(self.sums.energy_mj),
            self.sums.unmetered.to_string(),
            self.sums.first_ms.to_string(),
            self.sums.last_ms.to_string(),
        ]
    }

    fn parquet<W: Write + Send>(lines: &[Self], out: W) -> Result<(), Error> {
        answers(lines, out).map_err(|e| Error::medium("writing Parquet", e))
    }
}

/// The schema of answers as a Parquet file.
const ANSWERS: &str = "message answer {
  required binary kind (STRING);
  required binary key (STRING);
  optional binary workload_id (STRING);
  optional int64 bucket (TIMESTAMP(MILLIS,true));
  optional int64 statements;
  required int64 findings;
  required int64 cpu_ms;
  optional int64 energy_mj;
  required int64 unmetered;
  required int64 first (TIMESTAMP(MILLIS,true));
  required int64 last (TIMESTAMP(MILLIS,true));
}";

fn answers<W: Write + Send>(lines: &[Answer], out: W) -> Result<(), ParquetError> {
    let schema = Arc::new(parse_message_type(ANSWERS)?);
    let zstd = Compression::ZSTD(ZstdLevel::try_new(write::LEVEL)?);
    let properties = WriterProperties::builder().set_compression(zstd).build();
    let mut file = SerializedFileWriter::new(out, schema, Arc::new(properties))?;
    let mut group = file.next_row_group()?;
    let known = |value: u64| Some(i64::try_from(value).unwrap_or(i64::MAX));
    strings(&mut group, lines, |a| Some(a.key.kind().to_owned()))?;
    strings(&mut group, lines, |a| Some(a.key.text()))?;
    strings(&mut group, lines, |a| a.key.workload_id())?;
    numbers(&mut group, lines, |a| a.bucket_ms)?;
    numbers(&mut group, lines, |a| a.sums.statements.and_then(known))?;
    numbers(&mut group, lines, |a| known(a.sums.findings))?;
    numbers(&mut group, lines, |a| known(a.sums.cpu_ms))?;
    numbers(&mut group, lines, |a| a.sums.energy_mj.and_then(known))?;
    numbers(&mut group, lines, |a| known(a.sums.unmetered))?;
    numbers(&mut group, lines, |a| Some(a.sums.first_ms))?;
    numbers(&mut group, lines, |a| Some(a.sums.last_ms))?;
    group.close()?;
    file.close().map(drop)
}

fn strings<W: Write + Send>(
    group: &mut SerializedRowGroupWriter<'_, W>,
    lines: &[Answer],
    cell: impl Fn(&Answer) -> Option<String>,
) -> Result<(), ParquetError> {
    let own = |text: String| ByteArray::from(text.into_bytes());
    write::column::<ByteArrayType, W>(group, lines.iter().map(|a| cell(a).map(own)))
}

fn numbers<W: Write + Send>(
    group: &mut SerializedRowGroupWriter<'_, W>,
    lines: &[Answer],
    cell: impl Fn(&Answer) -> Option<<Int64Type as DataType>::T>,
) -> Result<(), ParquetError> {
    write::column::<Int64Type, W>(group, lines.iter().map(cell))
}
