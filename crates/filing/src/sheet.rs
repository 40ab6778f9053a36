//! A filing as CSV: one sheet of fields, one for each list. Must not let a spreadsheet run what stands in a cell.

use crate::form::{Cell, Filing, Source, Table};

/// First characters by which spreadsheets take a cell for a formula (OWASP, CSV Injection).
const FORMULAS: [char; 6] = ['=', '+', '-', '@', '\t', '\r'];

/// The sheets of a filing by name, in UTF-8, lines ending in CR LF (RFC 4180). A text that begins like a formula gets a `'` in
/// front.
#[must_use]
pub fn tables(filing: &Filing) -> Vec<(String, String)> {
    let mut fields =
        vec![["field", "label", "label (zh)", "value", "unit", "source"].map(str::to_owned).to_vec()];
    for f in &filing.fields {
        let c = &f.column;
        fields.push(vec![
            c.name.clone(),
            c.label.clone(),
            c.zh.clone(),
            value(&f.cell),
            c.unit.clone(),
            source(&f.cell.source),
        ]);
    }
    let mut sheets = vec![("fields".to_owned(), sheet(&fields))];
    sheets.extend(filing.tables.iter().map(|t| (t.id.clone(), sheet(&listed(t)))));
    sheets
}

/// A list with a column of sources at the end.
fn listed(table: &Table) -> Vec<Vec<String>> {
    let heading = |c: &crate::form::Column| {
        if c.unit.is_empty() { c.name.clone() } else { format!("{} [{}]", c.name, c.unit) }
    };
    let mut lines = vec![table.columns.iter().map(heading).chain(["sources".to_owned()]).collect()];
    for row in &table.rows {
        let sources =
            table.columns.iter().zip(row).map(|(c, cell)| format!("{}: {}", c.name, source(&cell.source)));
        let sources = sources.collect::<Vec<_>>().join(" | ");
        lines.push(row.iter().map(value).chain([sources]).collect());
    }
    lines
}

/// Rows as CSV.
pub fn sheet(rows: &[Vec<String>]) -> String {
    let mut writer =
        csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).flexible(true).from_writer(Vec::new());
    for row in rows {
        // Writing to memory does not fail.
        let _ = writer.write_record(row.iter().map(|text| guarded(text)));
    }
    writer.into_inner().map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).unwrap_or_default()
}

fn guarded(text: &str) -> String {
    if text.starts_with(FORMULAS) { format!("'{text}") } else { text.to_owned() }
}

fn value(cell: &Cell) -> String {
    cell.value.clone().unwrap_or_default()
}

/// A source in words.
pub fn source(source: &Source) -> String {
    match source {
        Source::Registered { versions } => {
            let one = |v: &crate::form::Registered| {
                format!("{} {} version {} (record {})", v.subject, v.id, v.version, v.ordinal)
            };
            format!("registered: {}", versions.iter().map(one).collect::<Vec<_>>().join(", "))
        }
        Source::Read { meter, by, from, to, readings } => {
            format!("read: {meter}, {from} to {to}, {readings} readings, handed in by {by}")
        }
        Source::Observed { statements, first, last, how, coverage_permille } => {
            let coverage = crate::observed::percent(*coverage_permille);
            format!(
                "observed: {statements} statements, records {first} to {last}; {how}; coverage {coverage}"
            )
        }
        Source::Computed { formula, from, citation } => {
            let from: Vec<String> = from.iter().map(|(field, value)| format!("{field} = {value}")).collect();
            let from = if from.is_empty() { String::new() } else { format!("; {}", from.join(", ")) };
            format!("computed: {formula}{from}; {citation}")
        }
        Source::Law { instrument, article } => format!("law: {instrument}, {article}"),
        Source::Person { name } => format!("typed by {name}"),
        Source::Missing { why, todo } => format!("MISSING: {why}. To do: {todo}"),
    }
}
