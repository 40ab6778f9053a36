//! What a person gives for a filing: typed values, readings of meters, a filing that was checked, a signature of it.

use crate::Failure;
use crate::registry::failed;
use crate::table::printable;
use ::filing::{Filing, Period, Reading, Typed};
use jiff::civil::Date;
use registry::MAX_DOCUMENT;
use serde::Deserialize;
use statement::person::MAX_SIGNATURE;
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

/// A filing that was checked before; it must be the one that is asked for.
pub fn document(path: &Path, args: &super::Args, period: Period) -> Result<Filing, Failure> {
    let shown = printable(&path.display().to_string());
    let text = read(path, MAX_DOCUMENT)?;
    let filing = Filing::from_json(&text)
        .map_err(|e| Failure::Usage(format!("{shown}: {}", printable(&e.to_string()))))?;
    // A filing of the operator as a whole names no site.
    let there = filing.site.as_deref().is_none_or(|site| site == args.site.as_str());
    let found = (filing.form.obligation.as_str(), filing.operator.as_str(), filing.from, filing.to);
    let asked = (args.obligation.as_str(), args.operator.as_str(), period.from, period.to);
    if there && found == asked {
        return Ok(filing);
    }
    Err(Failure::Usage(format!(
        "{shown} is {} of {} from {} to {}, not what is asked for; give its own obligation, --operator, --site and --period",
        printable(&filing.form.obligation),
        printable(&filing.operator),
        filing.from,
        filing.to
    )))
}

/// A signature in its armour; the registry checks it.
pub fn signature(path: &Path) -> Result<String, Failure> {
    read(path, MAX_SIGNATURE)
}

/// A text file of at most so many bytes.
fn read(path: &Path, most: usize) -> Result<String, Failure> {
    let shown = printable(&path.display().to_string());
    let wrong = |e: std::io::Error| Failure::Usage(format!("{shown}: {e}"));
    let size = std::fs::metadata(path).map_err(wrong)?.len();
    if size > most as u64 {
        return Err(Failure::Usage(format!("{shown} has {size} bytes, expected at most {most}")));
    }
    std::fs::read_to_string(path).map_err(wrong)
}
