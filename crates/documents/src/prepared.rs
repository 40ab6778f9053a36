//! A document as the JSON that the template reads, within bounds. Must not lose or change text.

use crate::error::Error;
use crate::model::{
    Attachment, Block, Cell, Document, MAX_ATTACHED, MAX_ATTACHMENTS, MAX_CELLS, MAX_COLUMNS, MAX_TEXT,
    Relationship, Row, Table, Text,
};
use crate::runs::{Repertoire, code, is_east};
use serde_json::{Value, json};

/// Letters of a word that may break, in a paragraph.
const LONG: usize = 60;
/// The same in a cell, and in one of many columns.
const LONG_IN_CELL: (usize, usize) = (26, 14);
/// Most bytes of a heading that stands in the outline.
const MAX_HEADING: usize = 2_000;
/// A row with a cell of more bytes of text than this may break over pages, and so may one with characters by their number.
const KEPT: usize = 200;
/// A table of at most so many rows, with at most so many bytes in each cell, stands on one page.
const SHORT: (usize, usize) = (6, 40);
/// Most characters of a heading of a column, and of what stands on every page: it may not fill the page.
const REPEATED: usize = 160;
/// Size of type in a table in points, and in one of many columns.
const SIZES: (f64, f64) = (9.0, 7.6);

/// What the template reads.
///
/// # Errors
///
/// [`Error`] if the document is over a bound or does not hold together.
pub fn prepared(document: &Document, repertoire: &Repertoire) -> Result<Value, Error> {
    let mut prepare = Prepare { repertoire, text: 0, cells: 0 };
    let (year, month, day) = document.date;
    let blocks: Result<Vec<Value>, Error> = document.blocks.iter().map(|b| prepare.block(b)).collect();
    let data = json!({
        "name": repertoire.line(&document.name),
        "description": repertoire.line(&document.description),
        "language": code(&document.language).unwrap_or_else(|| "en".to_owned()),
        "date": [year, month, day],
        "title": prepare.text(&document.title, LONG)?,
        "subtitle": prepare.text(&document.subtitle, LONG)?,
        "running": prepare.text(&document.running.cut(REPEATED), LONG)?,
        "footer": prepare.text(&document.footer.cut(REPEATED), LONG)?,
        "blocks": blocks?,
        "attachments": attachments(&document.attachments, repertoire)?,
    });
    Ok(data)
}

struct Prepare<'a> {
    repertoire: &'a Repertoire,
    text: usize,
    cells: usize,
}

impl Prepare<'_> {
    fn text(&mut self, text: &Text, longest: usize) -> Result<Value, Error> {
        self.text = self.text.saturating_add(text.length());
        within("bytes of text", self.text, MAX_TEXT)?;
        Ok(self.repertoire.runs(text, longest))
    }

    fn all(&mut self, texts: &[Text]) -> Result<Vec<Value>, Error> {
        texts.iter().map(|text| self.text(text, LONG)).collect()
    }

    fn block(&mut self, block: &Block) -> Result<Value, Error> {
        Ok(match block {
            Block::Heading(text) => self.heading(text, 1)?,
            Block::Subheading(text) => self.heading(text, 2)?,
            Block::Paragraph(text) => json!({ "kind": "paragraph", "text": self.text(text, LONG)? }),
            Block::Note(text) => json!({ "kind": "note", "text": self.text(text, LONG)? }),
            Block::List(items) => json!({ "kind": "list", "items": self.all(items)? }),
            Block::Numbered(items) => {
                json!({ "kind": "numbered", "small": false, "items": self.all(items)? })
            }
            Block::References(items) => {
                json!({ "kind": "numbered", "small": true, "items": self.all(items)? })
            }
            Block::Pairs(pairs) => {
                let pair = |(name, value): &(Text, Text)| {
                    Ok(json!([self.text(name, LONG_IN_CELL.0)?, self.text(value, LONG)?]))
                };
                let pairs: Result<Vec<Value>, Error> = pairs.iter().map(pair).collect();
                json!({ "kind": "pairs", "pairs": pairs? })
            }
            Block::Table(table) => self.table(table)?,
            Block::Wide(blocks) => {
                let blocks: Result<Vec<Value>, Error> = blocks.iter().map(|b| self.block(b)).collect();
                json!({ "kind": "wide", "blocks": blocks? })
            }
        })
    }

    /// A heading also stands in the outline, where long texts cannot; then it is set as a paragraph.
    fn heading(&mut self, text: &Text, level: u8) -> Result<Value, Error> {
        let kind = if text.length() > MAX_HEADING { "paragraph" } else { "heading" };
        Ok(json!({ "kind": kind, "level": level, "text": self.text(text, LONG)? }))
    }

    fn table(&mut self, table: &Table) -> Result<Value, Error> {
        within("columns", table.columns.len(), MAX_COLUMNS)?;
        self.cells = self.cells.saturating_add(table.columns.len().saturating_mul(table.rows.len()));
        within("cells", self.cells, MAX_CELLS)?;
        let longest = if table.small { LONG_IN_CELL.1 } else { LONG_IN_CELL.0 };
        let mut columns = Vec::new();
        for column in &table.columns {
            let heading = self.text(&column.heading.cut(REPEATED), longest)?;
            columns.push(json!({ "t": heading, "w": column.width, "e": column.number }));
        }
        let rows: Result<Vec<Value>, Error> =
            table.rows.iter().map(|row| self.row(row, table.columns.len(), longest)).collect();
        Ok(json!({
            "kind": "table",
            "caption": self.text(&table.caption, LONG)?,
            "columns": columns,
            "rows": rows?,
            "heads": table.headed,
            "short": table.rows.len() <= SHORT.0 && table.rows.iter().flatten().all(is_short),
            "size": if table.small { SIZES.1 } else { SIZES.0 },
        }))
    }

    fn row(&mut self, row: &Row, columns: usize, longest: usize) -> Result<Value, Error> {
        if row.len() != columns {
            return Err(Error::Row { found: row.len(), expected: columns });
        }
        let mut cells = Vec::new();
        let mut keep = true;
        for cell in row {
            let (text, number) = match cell {
                Cell::Bar(share) => {
                    cells.push(json!({ "b": (*share).min(1_000) }));
                    continue;
                }
                Cell::Text(text) => (text, false),
                Cell::Number(text) => (text, true),
            };
            let runs = self.text(text, longest)?;
            keep &= text.length() <= KEPT
                && !runs.as_array().is_some_and(|r| r.iter().any(|r| r.get("u").is_some()));
            cells.push(if number { json!({ "t": runs, "e": true }) } else { json!({ "t": runs }) });
        }
        Ok(json!({ "c": cells, "k": keep }))
    }
}

/// Whether a cell cannot grow tall, whatever the fonts hold.
fn is_short(cell: &Cell) -> bool {
    match cell {
        Cell::Bar(_) => true,
        Cell::Text(text) | Cell::Number(text) => {
            let plain = |c: char| c < '\u{590}' || is_east(c);
            text.length() <= SHORT.1 && text.0.iter().all(|run| run.text.chars().all(plain))
        }
    }
}

fn attachments(all: &[Attachment], repertoire: &Repertoire) -> Result<Vec<Value>, Error> {
    within("attachments", all.len(), MAX_ATTACHMENTS)?;
    within("bytes of attachments", all.iter().map(|a| a.content.len()).sum(), MAX_ATTACHED)?;
    let mut out = Vec::new();
    for (at, a) in all.iter().enumerate() {
        let plain = |text: &str, and: &str| {
            let letters = text.chars().all(|c| c.is_ascii_alphanumeric() || and.contains(c));
            letters && !text.is_empty() && !text.starts_with('.') && text.len() <= 120
        };
        let wrong = |expected| Err(Error::Attachment { found: a.name.chars().take(80).collect(), expected });
        if !plain(&a.name, ".-_") {
            return wrong("a name of letters, digits, '.', '-' and '_'");
        }
        if all.iter().take(at).any(|b| b.name == a.name) {
            return wrong("each name once");
        }
        if !plain(&a.media, "/.+-") || a.media.matches('/').count() != 1 {
            return wrong("a media type like text/csv");
        }
        out.push(json!({
            "name": a.name, "file": file(at), "media": a.media, "description": repertoire.line(&a.description),
            "relationship": relationship(a.relationship),
        }));
    }
    Ok(out)
}

/// The name by which the template reads an attachment.
pub fn file(at: usize) -> String {
    format!("attached-{at}")
}

const fn relationship(relationship: Relationship) -> &'static str {
    match relationship {
        Relationship::Source => "source",
        Relationship::Data => "data",
        Relationship::Alternative => "alternative",
        Relationship::Supplement => "supplement",
    }
}

fn within(what: &'static str, found: usize, most: usize) -> Result<(), Error> {
    if found > most { Err(Error::TooMuch { what, found, most }) } else { Ok(()) }
}
