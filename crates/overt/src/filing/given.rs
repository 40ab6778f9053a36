//! What a person gives for a filing: typed values and readings of meters.

use crate::Failure;
use crate::registry::failed;
use crate::table::printable;
use ::filing::{Reading, Typed};
use jiff::civil::Date;
use serde::Deserialize;
use std::path::Path;

/// Most readings of one file.
const MAX_READINGS: usize = 100_000;

/// A field with its value.
pub fn pair(text: &str) -> Result<(String, String), String> {
    let (field, value) = text.split_once('=').ok_or("expected FIELD=VALUE")?;
    Ok((field.to_owned(), value.to_owned()))
}

/// Typed values.
pub fn typed(set: &[(String, String)], by: Option<&str>) -> Vec<Typed> {
    let by = by.unwrap_or_default();
    set.iter()
        .map(|(field, value)| Typed { field: field.clone(), value: value.clone(), by: by.to_owned() })
        .collect()
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Line {
    subject: String,
    field: String,
    from: Date,
    to: Date,
    value: String,
    meter: String,
    by: String,
}

/// Readings from a CSV file.
pub fn readings(path: &Path) -> Result<Vec<Reading>, Failure> {
    let shown = printable(&path.display().to_string());
    let mut reader = csv::Reader::from_path(path).map_err(|e| failed(&shown, e))?;
    let mut all = Vec::new();
    for (number, line) in (2..).zip(reader.deserialize::<Line>()) {
        let wrong = |why: String| Failure::Usage(format!("{shown}, line {number}: {}", printable(&why)));
        let line = line.map_err(|e| wrong(e.to_string()))?;
        if all.len() >= MAX_READINGS {
            return Err(wrong(format!("more than {MAX_READINGS} readings")));
        }
        if line.to < line.from {
            return Err(wrong(format!("{} to {}: the end is before the beginning", line.from, line.to)));
        }
        all.push(Reading {
            subject: line.subject.parse().map_err(|e: statement::NameError| wrong(e.to_string()))?,
            field: line.field,
            from: line.from,
            to: line.to,
            value: line.value,
            meter: line.meter,
            by: line.by,
        });
    }
    Ok(all)
}
