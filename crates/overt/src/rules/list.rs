//! `overt rules list`.

use super::source;
use crate::Failure;
use crate::table::{HEAD, PLAIN};
use comfy_table::{Cell, CellAlignment, ContentArrangement, Table, presets};
use rulebook::{Grade, Rulebook};
use serde_json::json;
use std::io::Write;

/// Lists the shipped rulebooks.
pub fn run(json: bool) -> Result<(), Failure> {
    let rulebooks: Result<Vec<Rulebook>, Failure> =
        rulebook::shipped_names().iter().map(|n| source::usable(n)).collect();
    let rulebooks = rulebooks?;
    let text = if json { as_json(&rulebooks) } else { as_text(&rulebooks) };
    Ok(write!(anstream::stdout(), "{text}")?)
}

/// Provisions of the rulebook's own files.
fn own(rulebook: &Rulebook) -> impl Iterator<Item = &rulebook::Provision> {
    rulebook.provisions.iter().filter(|p| !p.file.contains('/'))
}

fn grades(rulebook: &Rulebook) -> [usize; 4] {
    [Grade::Primary, Grade::Secondary, Grade::Unverified, Grade::Inferred]
        .map(|grade| own(rulebook).filter(|p| p.grade == grade).count())
}

fn as_json(rulebooks: &[Rulebook]) -> String {
    let list: Vec<_> = rulebooks
        .iter()
        .map(|r| {
            let [vp, vs, u, inf] = grades(r);
            json!({
                "rulebook": r.jurisdiction, "name": r.name, "original": r.original, "as_of": r.as_of, "digest": r.digest,
                "provisions": {"VP": vp, "VS": vs, "U": u, "INF": inf}, "places": r.places, "about": r.about,
            })
        })
        .collect();
    format!("{:#}\n", json!({"schema": "overt.rulebooks/1", "rulebooks": list}))
}

fn as_text(rulebooks: &[Rulebook]) -> String {
    let mut table = Table::new();
    table
        .load_style(presets::NOTHING)
        .set_content_arrangement(ContentArrangement::Dynamic)
        .set_width(crate::table::width());
    table.set_header(["RULEBOOK", "PLACE", "AS OF", "PROVISIONS", "VP", "VS", "U", "INF", "ABOUT"]);
    for rulebook in rulebooks {
        let count = |n: usize| Cell::new(n).set_alignment(CellAlignment::Right);
        let mut row = vec![
            Cell::new(&rulebook.jurisdiction),
            Cell::new(&rulebook.name),
            Cell::new(rulebook.as_of),
            count(own(rulebook).count()),
        ];
        row.extend(grades(rulebook).map(count));
        row.push(Cell::new(&rulebook.about));
        table.add_row(row);
    }
    for column in table.column_iter_mut().take(8) {
        column.set_constraint(comfy_table::ColumnConstraint::ContentWidth);
    }
    let text = table.trim_fmt();
    let (head, rows) = text.split_once('\n').unwrap_or((&text, ""));
    format!(
        "{HEAD}{}{PLAIN}\n{rows}\n\nGrades: VP text read, VS secondary source, U unverified, INF inferred; U and INF never decide alone.\n\
         `overt rules show CN` reads one, `overt look --place CN-SH` judges by it.\n",
        head.trim_end()
    )
}
