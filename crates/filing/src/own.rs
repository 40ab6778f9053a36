//! A filing in the regime's own shape: only what the form asks for, under the regime's own headings where a source gives
//! them. Must not look like an official template where none was seen.

use crate::form::{Column, Filing};
use crate::sheet::sheet;

/// Files of the regime's own shape by name: CSV for each list, and for single fields. What is missing is left empty.
#[must_use]
pub fn own_shape(filing: &Filing) -> Vec<(String, String)> {
    let chinese = filing.law.language == "zh";
    let heading = |c: &Column| {
        let words = match (c.own.as_str(), chinese) {
            ("", true) if !c.zh.is_empty() => c.zh.as_str(),
            ("", _) => c.label.as_str(),
            (own, _) => own,
        };
        if c.unit.is_empty() { words.to_owned() } else { format!("{words} ({})", c.unit) }
    };
    let value = |cell: &crate::form::Cell| cell.value.clone().unwrap_or_default();
    let name = filing.form.obligation.replace('.', "-");
    let single = [
        filing.fields.iter().map(|f| heading(&f.column)).collect(),
        filing.fields.iter().map(|f| value(&f.cell)).collect(),
    ];
    let mut files = vec![(format!("{name}.csv"), sheet(&single))];
    for table in &filing.tables {
        let mut rows = vec![table.columns.iter().map(heading).collect::<Vec<_>>()];
        rows.extend(table.rows.iter().map(|row| row.iter().map(value).collect()));
        files.push((format!("{name}-{}.csv", table.id), sheet(&rows)));
    }
    files
}
