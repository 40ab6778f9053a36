//! A filing as a document to print, sign and hand in: every field with its source, gaps in words, law, who checked it, what it
//! amends. Must not say more or less than the filing; where a list is too long for paper it says so and where all of it is.

use crate::form::{Cell, Column, Filing, FilledField};
use crate::lists;
use crate::sheet::{source, tables};
use crate::words::Words;
use documents::{Attachment, Block, Document, Relationship, Style, Text};

/// Bytes of all attachments beside the filing itself; sheets beyond them are left out.
const MAX_SHEETS: usize = 16 << 20;

/// What a person did with a filing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Checked {
    /// Who checked it, as the person signs; empty for a draft.
    pub by: String,
    /// Its version in the registry; none as long as it was not handed in.
    pub version: Option<u32>,
    /// Why it amends an earlier one; may be empty.
    pub why: String,
}

/// A filing as PDF/A-3 and PDF/UA, with itself as JSON and its sheets inside.
///
/// # Errors
///
/// [`documents::Error`].
pub fn pdf(filing: &Filing, checked: &Checked) -> Result<Vec<u8>, documents::Error> {
    documents::typeset(&document(filing, checked))
}

/// A filing as a document.
#[must_use]
pub fn document(filing: &Filing, checked: &Checked) -> Document {
    let f = filing;
    let day = |part: i16| u16::try_from(part).unwrap_or_default();
    let small = |part: i8| u8::try_from(part).unwrap_or_default();
    let of = f.site.as_ref().map_or_else(|| f.operator.clone(), |site| format!("{}, {site}", f.operator));
    let paper = Paper { filing, words: Words::of(&f.law.language) };
    let mut blocks = paper.head(checked);
    blocks.extend(paper.gaps());
    blocks.extend(paper.fields());
    blocks.extend(paper.notes());
    blocks.extend(lists::lists(&paper));
    Document {
        name: format!("{}: {of}, {}", f.form.title, f.period()),
        description: format!("{}, filled by overt with the source of every field", f.form.title),
        language: "en".to_owned(),
        date: (day(f.to.year()), small(f.to.month()), small(f.to.day())),
        ident: format!("{} {} {of} {} {:?}", f.schema, f.form.obligation, f.period(), checked.version),
        title: Text::plain(f.form.title.as_str()),
        subtitle: Text::default().in_language(&f.law.language, Style::Plain, f.form.original.as_str()),
        running: Text::plain(format!("{} · {of} · {}", f.form.title, f.period())),
        footer: Text::styled(
            Style::Plain,
            format!("{} {} · rulebook {}", f.schema, f.form.obligation, f.law.rulebook),
        ),
        blocks,
        attachments: attachments(filing),
    }
}

/// What is inside: the filing, its sheets, and the regime's own shape.
fn attachments(filing: &Filing) -> Vec<Attachment> {
    let mut all = vec![Attachment {
        name: "filing.json".to_owned(),
        media: "application/json".to_owned(),
        description: "the filing that this document shows, overt.filing/1".to_owned(),
        relationship: Relationship::Source,
        content: filing.to_json().into_bytes(),
    }];
    let sheets = tables(filing).into_iter().map(|(name, text)| (format!("{name}.csv"), "with sources", text));
    let own = crate::own_shape(filing).into_iter();
    let own = own.map(|(name, text)| (format!("own-{name}"), "in the regime's own shape", text));
    let mut bytes = 0;
    for (name, what, text) in sheets.chain(own) {
        bytes += text.len();
        let sound = name.chars().all(|c| c.is_ascii_alphanumeric() || ".-_".contains(c));
        if bytes > MAX_SHEETS || !sound || all.len() >= documents::MAX_ATTACHMENTS {
            continue;
        }
        all.push(Attachment {
            description: format!("a sheet of the filing, {what}"),
            name,
            media: "text/csv".to_owned(),
            relationship: Relationship::Data,
            content: text.into_bytes(),
        });
    }
    all
}

/// A filing on its way to paper.
pub struct Paper<'a> {
    /// The filing.
    pub filing: &'a Filing,
    /// Words in its languages.
    pub words: Words,
}

/// A word in English, with the other language behind it.
pub fn both((english, other): (&'static str, Option<(&'static str, &'static str)>)) -> Text {
    match other {
        Some((code, other)) => Text::plain(english).and(" ").in_language(code, Style::Dim, other),
        None => Text::plain(english),
    }
}

impl Paper<'_> {
    fn head(&self, checked: &Checked) -> Vec<Block> {
        let f = self.filing;
        let mut pairs = vec![(both(self.words.pair(5)), Text::styled(Style::Strong, f.period()))];
        let mut pair = |name: &'static str, value: Text| {
            if !value.is_empty() {
                pairs.push((both(self.words.more(name)), value));
            }
        };
        pair("Operator", Text::styled(Style::Strong, f.operator.as_str()));
        pair("Site", Text::styled(Style::Strong, f.site.as_deref().unwrap_or_default()));
        pair("Owed by", f.form.who.as_str().into());
        pair("To", f.form.to.as_str().into());
        pair("Form", f.form.form.as_str().into());
        pair("Otherwise", f.form.penalty.as_str().into());
        let law = format!(
            "{}, {} (grade {}), as in force on {}",
            f.law.instrument, f.law.article, f.law.grade, f.law.as_of
        );
        pair("Law", law.into());
        let digest =
            Text::plain(format!("{}, days are counted in {}, digest ", f.law.rulebook, f.law.time_zone));
        pair("Rulebook", digest.with(Style::Mono, f.law.digest.as_str()));
        pair("Layout", f.form.layout.as_str().into());
        pair("Checked by", Text::styled(Style::Strong, checked.by.as_str()));
        pair("Amendment", amendment(checked).into());
        let mut blocks = vec![Block::Pairs(pairs)];
        if checked.by.is_empty() {
            let draft = Text::styled(Style::Strong, "Draft.").and(" No person has checked it yet.");
            blocks.push(Block::Note(draft));
        }
        blocks
    }

    fn gaps(&self) -> Vec<Block> {
        let gaps = &self.filing.gaps;
        let mut blocks = vec![Block::Heading(both(self.words.pair(6)))];
        if gaps.is_empty() {
            blocks.push(Block::Paragraph("Nothing is missing.".into()));
            return blocks;
        }
        let are = if gaps.len() == 1 {
            "1 answer is missing.".to_owned()
        } else {
            format!("{} answers are missing.", gaps.len())
        };
        blocks.push(Block::Paragraph(are.into()));
        let listed = gaps.iter().map(|gap| {
            let row = gap.row.as_ref().map(|(table, row)| format!(" ({table}, row {row})"));
            let text = Text::styled(Style::Mono, gap.field.as_str());
            let text = text.and(format!("{}: {}. ", row.unwrap_or_default(), gap.why));
            text.with(Style::Gap, self.words.more("To do").0).and(format!(": {}.", gap.todo))
        });
        blocks.push(Block::Numbered(listed.collect()));
        blocks
    }

    fn fields(&self) -> Vec<Block> {
        if self.filing.fields.is_empty() {
            return Vec::new();
        }
        let head = |heading, width, number| documents::Column { heading, width, number };
        let columns = vec![
            head(both(self.words.pair(0)), 8, false),
            head(both(self.words.pair(1)), 6, false),
            head(both(self.words.more("Unit")), 3, false),
            head(both(self.words.pair(2)), 9, false),
        ];
        let table = documents::Table {
            columns,
            rows: self.filing.fields.iter().map(|f| self.field(f)).collect(),
            headed: true,
            ..documents::Table::default()
        };
        vec![Block::Heading(both(self.words.pair(7))), Block::Table(table)]
    }

    fn field(&self, field: &FilledField) -> Vec<documents::Cell> {
        let unit = if field.cell.value.is_some() { field.column.unit.as_str() } else { "" };
        let from = match &field.cell.source {
            crate::form::Source::Missing { .. } => Text::styled(Style::Dim, "see the gaps above"),
            other => Text::styled(Style::Dim, source(other)),
        };
        vec![
            documents::Cell::Text(self.heading(&field.column, "")),
            self.value(&field.cell, !field.column.unit.is_empty(), None),
            documents::Cell::Text(unit.into()),
            documents::Cell::Text(from),
        ]
    }

    fn notes(&self) -> Vec<Block> {
        let notes = self.filing.notes.iter().map(|note| Text::plain(note.as_str()));
        let own = Text::plain(rulebook::DISCLAIMER);
        let inside = "The same filing as JSON and its sheets as CSV are attached to this document.";
        vec![
            Block::Heading(both(self.words.pair(4))),
            Block::List(notes.chain([own, Text::plain(inside)]).collect()),
        ]
    }

    /// A heading in English, in the regime's own words or in Chinese where the rulebook speaks it, and its unit.
    pub fn heading(&self, column: &Column, unit: &str) -> Text {
        let language = self.filing.law.language.as_str();
        let (code, own) = match (column.own.as_str(), language) {
            ("", "zh") => ("zh", column.zh.as_str()),
            (own, language) => (language, own),
        };
        let unit = if unit.is_empty() { String::new() } else { format!(" ({unit})") };
        Text::plain(format!("{}{unit}", column.label)).in_language(code, Style::Below, own)
    }

    /// A value, marked in words where it is missing, with the number of its source.
    pub fn value(&self, cell: &Cell, number: bool, from: Option<usize>) -> documents::Cell {
        let note = from.map(|from| format!("\u{a0}[{}]", from + 1)).unwrap_or_default();
        match &cell.value {
            Some(value) => {
                let text = Text::plain(value.as_str()).with(Style::Reference, note);
                if number { documents::Cell::Number(text) } else { documents::Cell::Text(text) }
            }
            None => {
                let (english, other) = self.words.pair(3);
                let text = Text::styled(Style::Gap, english);
                let text = other
                    .map_or(text.clone(), |(code, other)| text.and(" ").in_language(code, Style::Gap, other));
                documents::Cell::Text(text.with(Style::Reference, note))
            }
        }
    }
}

fn amendment(checked: &Checked) -> String {
    let version = checked.version.map(|v| format!("version {v}")).unwrap_or_default();
    match (version.as_str(), checked.why.as_str()) {
        (version, "") => version.to_owned(),
        ("", why) => why.to_owned(),
        (version, why) => format!("{version}: {why}"),
    }
}
