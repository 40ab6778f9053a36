//! The lists of a filing on paper: pages on their side, columns in parts where there are many, sources numbered below. Must
//! not leave out a row without a word.

use crate::document::{Paper, both};
use crate::form::{Source, Table};
use crate::sheet::source;
use documents::{Block, Cell, Column, Style, Text};

/// Most columns that stand side by side, the number of the row not counted.
const ABREAST: usize = 9;
/// Columns up to which a list stands upright.
const UPRIGHT: usize = 5;
/// Most cells of all lists that are set; what is beyond them is in the attached sheets.
const MAX_SET: usize = documents::MAX_CELLS * 3 / 4;

/// The lists.
pub fn lists(paper: &Paper<'_>) -> Vec<Block> {
    let mut left = MAX_SET;
    let mut blocks = Vec::new();
    for table in &paper.filing.tables {
        let list = list(paper, table, &mut left);
        if table.columns.len() <= UPRIGHT {
            blocks.extend(list);
        } else if let Some(Block::Wide(wide)) = blocks.last_mut() {
            wide.extend(list);
        } else {
            blocks.push(Block::Wide(list));
        }
    }
    blocks
}

fn list(paper: &Paper<'_>, table: &Table, left: &mut usize) -> Vec<Block> {
    let parts = table.columns.len().div_ceil(ABREAST).max(1);
    let abreast = table.columns.len().div_ceil(parts).max(1);
    // The number of the row stands in every part.
    let across = table.columns.len() + parts;
    let rows = table.rows.len().min(*left / across);
    *left -= rows * across;
    let mut blocks = vec![Block::Heading(Text::plain(table.title.as_str()))];
    if rows < table.rows.len() {
        let cut = format!(
            "Here are the first {rows} of {} rows. All of them are in the attached filing.json and {}.csv.",
            table.rows.len(),
            table.id
        );
        blocks.push(Block::Note(Text::styled(Style::Strong, cut)));
    }
    if table.rows.is_empty() {
        blocks.push(Block::Paragraph("No rows.".into()));
    }
    let sources = Sources::of(table, rows);
    for part in 0..parts {
        let columns = part * abreast..((part + 1) * abreast).min(table.columns.len());
        let caption = if parts > 1 {
            format!(
                "{}, columns {} to {} of {}",
                table.title,
                columns.start + 1,
                columns.end,
                table.columns.len()
            )
        } else {
            format!("{}, {} rows", table.title, table.rows.len())
        };
        blocks.push(Block::Table(set(paper, table, rows, columns, caption, &sources)));
    }
    if !sources.all.is_empty() {
        blocks.push(Block::Subheading(both(paper.words.more("Sources"))));
        let listed = sources.all.iter().map(|s| Text::styled(Style::Dim, source(s)));
        blocks.push(Block::References(listed.collect()));
    }
    blocks
}

fn set(
    paper: &Paper<'_>,
    table: &Table,
    rows: usize,
    columns: std::ops::Range<usize>,
    caption: String,
    sources: &Sources<'_>,
) -> documents::Table {
    let mut head = vec![Column { heading: both(paper.words.more("Row")), width: 0, number: true }];
    for at in columns.clone() {
        let Some(column) = table.columns.get(at) else { continue };
        let note = sources.whole.get(at).copied().flatten();
        let heading = paper.heading(column, &column.unit);
        let heading =
            heading.with(Style::Reference, note.map(|n| format!("\u{a0}[{}]", n + 1)).unwrap_or_default());
        head.push(Column { heading, width: 1, number: is_number(table, at) });
    }
    let row = |number: usize, cells: &Vec<crate::form::Cell>| {
        let mut row = vec![Cell::Number(Text::styled(Style::Dim, (number + 1).to_string()))];
        for at in columns.clone() {
            let Some(cell) = cells.get(at) else { continue };
            let whole = sources.whole.get(at).copied().flatten();
            let note = if whole.is_some() { None } else { sources.number(&cell.source) };
            row.push(paper.value(cell, is_number(table, at), note));
        }
        row
    };
    documents::Table {
        caption: Text::plain(caption),
        columns: head,
        rows: table.rows.iter().take(rows).enumerate().map(|(number, cells)| row(number, cells)).collect(),
        headed: true,
        small: table.columns.len() > UPRIGHT,
    }
}

/// Whether a column holds numbers: it has a unit, or all that stands in it are digits.
fn is_number(table: &Table, at: usize) -> bool {
    let unit = table.columns.get(at).is_some_and(|c| !c.unit.is_empty());
    let mut values = table.rows.iter().filter_map(|row| row.get(at)?.value.as_deref()).peekable();
    let digits = |text: &str| text.len() <= 12 && text.bytes().all(|b| b.is_ascii_digit() || b == b'.');
    unit || (values.peek().is_some() && values.all(digits))
}

/// The sources of a list, each once, in the order in which they first stand.
struct Sources<'a> {
    all: Vec<&'a Source>,
    numbers: std::collections::BTreeMap<String, usize>,
    /// For each column the one source of all its cells, if there is one.
    whole: Vec<Option<usize>>,
}

impl<'a> Sources<'a> {
    fn of(table: &'a Table, rows: usize) -> Self {
        let mut sources =
            Self { all: Vec::new(), numbers: std::collections::BTreeMap::new(), whole: Vec::new() };
        // What is missing stands among the gaps, with why and what to do.
        for cell in table.rows.iter().take(rows).flatten().filter(|cell| cell.value.is_some()) {
            let next = sources.all.len();
            let number = *sources.numbers.entry(source(&cell.source)).or_insert(next);
            if number == next {
                sources.all.push(&cell.source);
            }
        }
        for at in 0..table.columns.len() {
            let mut cells = table.rows.iter().take(rows).filter_map(|row| row.get(at));
            let first = cells.next().map(|cell| &cell.source);
            let alike = first.filter(|first| rows > 1 && cells.all(|cell| cell.source == **first));
            let number = alike.and_then(|s| sources.number(s));
            sources.whole.push(number);
        }
        sources
    }

    fn number(&self, of: &Source) -> Option<usize> {
        self.numbers.get(&source(of)).copied()
    }
}
