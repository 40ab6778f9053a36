//! Golden filings: registrations and a recorded month in, the filled form out, with the source of every field.
//!
//! `input.toml` and `expected.toml` are written by hand, with the arithmetic; every value of a filing stands in `expected.toml`.
//! What the renderings look like is kept beside them: renew with `OVERT_RENEW=1`.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

mod given;

use filing::{Cell, Checked, Filing, Source, Table, html, own_shape, pdf, same, tables};
use given::Given;
use serde::Deserialize;
use std::fs;
use std::path::{Path, PathBuf};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Expected {
    /// The gaps, as `field` or `table/row/field`.
    gaps: Vec<String>,
    /// A part of each note, in order.
    #[serde(default)]
    notes: Vec<String>,
    #[serde(default)]
    field: Vec<Field>,
    #[serde(default)]
    table: Vec<List>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Field {
    name: String,
    value: String,
    source: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct List {
    id: String,
    columns: Vec<String>,
    rows: Vec<Vec<String>>,
    sources: Vec<Vec<String>>,
}

fn cases() -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden");
    let folders = |at: &Path| fs::read_dir(at).unwrap().map(|e| e.unwrap().path()).filter(|p| p.is_dir());
    let mut cases: Vec<PathBuf> =
        folders(&root).flat_map(|regime| folders(&regime).collect::<Vec<_>>()).collect();
    cases.sort();
    cases
}

fn given(case: &Path) -> Given {
    let mut given = Given::parse(&fs::read_to_string(case.join("input.toml")).unwrap());
    if let Ok(text) = fs::read_to_string(case.join("earlier.json")) {
        given.earlier.push(Filing::from_json(&text).unwrap());
    }
    given
}

/// The filing with a digest that stays the same when a rulebook changes.
fn filled(case: &Path) -> Filing {
    let mut filing = given(case).fill().unwrap_or_else(|e| panic!("{}: {e}", case.display()));
    assert!(filing.law.digest.len() >= 64, "{}", filing.law.digest);
    filing.law.digest = "0".repeat(64);
    filing
}

/// A source in the few words of `expected.toml`.
fn source(cell: &Cell) -> String {
    match &cell.source {
        Source::Registered { versions } => {
            let one = |v: &filing::Registered| format!("{} {} v{}", v.subject, v.id, v.version);
            let mut all: Vec<String> = versions.iter().map(one).collect();
            all.dedup();
            all.join(", ")
        }
        Source::Read { meter, readings, .. } => format!("{readings} readings of {meter}"),
        Source::Observed { statements, first, last, coverage_permille, .. } => {
            format!("{statements} statements {first}..{last} at {coverage_permille}")
        }
        Source::Computed { .. } => "computed".to_owned(),
        Source::Law { .. } => "law".to_owned(),
        Source::Person { name } => format!("typed by {name}"),
        Source::Missing { .. } => "missing".to_owned(),
    }
}

fn gaps(filing: &Filing) -> Vec<String> {
    let name = |g: &filing::Gap| match &g.row {
        None => g.field.clone(),
        Some((table, row)) => format!("{table}/{row}/{}", g.field),
    };
    filing.gaps.iter().map(name).collect()
}

#[test]
fn every_value_of_a_golden_filing_is_what_was_worked_out_by_hand() {
    let mut wrong = Vec::new();
    for case in cases() {
        let filing = filled(&case);
        let text = fs::read_to_string(case.join("expected.toml")).unwrap();
        let expected: Expected = toml::from_str(&text).unwrap_or_else(|e| panic!("{}: {e}", case.display()));
        let mut say = |what: String| wrong.push(format!("{}: {what}", case.display()));
        compare_fields(&filing, &expected, &mut say);
        compare_tables(&filing, &expected, &mut say);
        if gaps(&filing) != expected.gaps {
            say(format!("gaps {:?}", gaps(&filing)));
        }
        let alike = |(note, part): (&String, &String)| note.contains(part.as_str());
        let notes = filing.notes.iter().zip(&expected.notes).all(alike);
        if !notes || filing.notes.len() != expected.notes.len() {
            say(format!("notes {:#?}", filing.notes));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

fn compare_fields(filing: &Filing, expected: &Expected, say: &mut impl FnMut(String)) {
    for f in &filing.fields {
        let Some(value) = &f.cell.value else { continue };
        let found = (value.as_str(), source(&f.cell));
        match expected.field.iter().find(|e| e.name == f.column.name) {
            Some(e) if (e.value.as_str(), e.source.as_str()) == (found.0, found.1.as_str()) => {}
            Some(e) => say(format!("{}: {found:?}, expected {:?}", e.name, (&e.value, &e.source))),
            None => say(format!("{}: {found:?} is not expected", f.column.name)),
        }
    }
    for e in &expected.field {
        if filing.field(&e.name).is_none_or(|cell| cell.value.is_none()) {
            say(format!("{}: missing, expected '{}'", e.name, e.value));
        }
    }
}

fn compare_tables(filing: &Filing, expected: &Expected, say: &mut impl FnMut(String)) {
    let ids = |t: &Table| t.id.clone();
    let found: Vec<String> = filing.tables.iter().map(ids).collect();
    let wanted: Vec<String> = expected.table.iter().map(|t| t.id.clone()).collect();
    if found != wanted {
        say(format!("tables {found:?}, expected {wanted:?}"));
        return;
    }
    for (table, expected) in filing.tables.iter().zip(&expected.table) {
        let columns: Vec<String> = table.columns.iter().map(|c| c.name.clone()).collect();
        let values: Vec<Vec<String>> = table
            .rows
            .iter()
            .map(|r| r.iter().map(|c| c.value.clone().unwrap_or_default()).collect())
            .collect();
        let sources: Vec<Vec<String>> = table.rows.iter().map(|r| r.iter().map(source).collect()).collect();
        if columns != expected.columns {
            say(format!("{}: columns {columns:?}", table.id));
        }
        if values != expected.rows {
            say(format!("{}: rows {values:?}", table.id));
        }
        if sources != expected.sources {
            say(format!("{}: sources {sources:?}", table.id));
        }
    }
}

#[test]
fn every_regime_has_two_golden_filings_and_one_of_them_has_gaps() {
    let regimes: std::collections::BTreeSet<String> = cases().iter().map(|c| regime(c)).collect();
    for expected in ["AE-ADGM", "CN", "DE", "EU", "KZ", "NO", "OPEN", "RU", "US-TX"] {
        assert!(regimes.contains(expected), "{expected}");
    }
    for regime_name in regimes {
        let own: Vec<Filing> =
            cases().iter().filter(|c| regime(c) == regime_name).map(|c| filled(c)).collect();
        assert!(own.len() >= 2, "{regime_name}");
        assert!(own.iter().any(|f| !f.gaps.is_empty()), "{regime_name}");
    }
}

fn regime(case: &Path) -> String {
    case.parent().unwrap().file_name().unwrap().to_string_lossy().into_owned()
}

#[test]
fn a_golden_filing_is_read_back_the_same_and_shown_as_before() {
    let renew = std::env::var_os("OVERT_RENEW").is_some();
    let mut changed = Vec::new();
    for case in cases() {
        let filing = filled(&case);
        let json = filing.to_json();
        let read = Filing::from_json(&json).unwrap();
        assert_eq!(same(&filing, &read), [], "{}", case.display());
        assert_eq!(html(&read), html(&filing));
        let mut files = vec![("filing.json".to_owned(), json), ("filing.html".to_owned(), html(&filing))];
        files.extend(tables(&filing).into_iter().map(|(name, text)| (format!("sheet-{name}.csv"), text)));
        files.extend(own_shape(&filing).into_iter().map(|(name, text)| (format!("own-{name}"), text)));
        for (name, text) in files {
            let path = case.join(name);
            if renew {
                fs::write(&path, &text).unwrap();
            } else if fs::read_to_string(&path).unwrap_or_default() != text {
                changed.push(path.display().to_string());
            }
        }
    }
    assert!(changed.is_empty(), "changed; look at it and renew with OVERT_RENEW=1:\n{}", changed.join("\n"));
}

/// Text without spaces and ends of lines.
fn dense(text: &str) -> String {
    text.chars().filter(|c| !c.is_whitespace() && *c != '\u{c}').collect()
}

#[test]
fn a_golden_filing_on_paper_holds_every_value_and_gap_and_keeps_the_rules_of_archives() {
    let folder = std::env::var_os("OVERT_PAPER").map(PathBuf::from);
    for case in cases() {
        let filing = filled(&case);
        let checked =
            Checked { by: "A. Person".into(), version: Some(2), why: "a meter was read again".into() };
        let paper = match pdf(&filing, &checked) {
            Err(documents::Error::NotBuilt) if !documents::AVAILABLE => return,
            other => other.unwrap_or_else(|e| panic!("{}: {e}", case.display())),
        };
        assert_eq!(testkit::pdf::broken(&paper), Vec::<String>::new(), "{}", case.display());
        if let Some(folder) = &folder {
            let name = format!("{}-{}.pdf", regime(&case), case.file_name().unwrap().to_string_lossy());
            fs::write(folder.join(name), &paper).unwrap();
        }
        let text = dense(&testkit::pdf::pdftotext(&paper).unwrap());
        let cells =
            filing.fields.iter().map(|f| &f.cell).chain(filing.tables.iter().flat_map(|t| &t.rows).flatten());
        let values = cells.filter_map(|cell| cell.value.clone());
        let gaps = filing.gaps.iter().flat_map(|gap| [gap.why.clone(), gap.todo.clone()]);
        let more = [
            filing.law.article.clone(),
            "A. Person".to_owned(),
            "version 2: a meter was read again".to_owned(),
        ];
        for part in values.chain(gaps).chain(more).chain(filing.notes.clone()) {
            assert!(text.contains(&dense(&part)), "{}: '{part}' is not on paper", case.display());
        }
    }
}
