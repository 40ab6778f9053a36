//! A document as plain data: what stands in it and in which order. Must not know how it looks.

/// Most characters of all text of a document.
pub const MAX_TEXT: usize = 8 << 20;
/// Most cells of all tables of a document: some 30,000 lines of a form, minutes of one processor.
pub const MAX_CELLS: usize = 1 << 17;
/// Most columns of a table; more cannot be read on paper.
pub const MAX_COLUMNS: usize = 12;
/// Most attachments.
pub const MAX_ATTACHMENTS: usize = 64;
/// Most bytes of all attachments.
pub const MAX_ATTACHED: usize = 64 << 20;

/// A document.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Document {
    /// What it is, for lists of files and readers: one line, without languages.
    pub name: String,
    /// What it is about, in one sentence, for the file's properties.
    pub description: String,
    /// Its main language, BCP 47.
    pub language: String,
    /// Year, month and day that it is of: part of the data, not of the moment at which it is set.
    pub date: (u16, u8, u8),
    /// Tells it apart from other documents, and never changes for the same one.
    pub ident: String,
    /// Its title as it is shown.
    pub title: Text,
    /// A second title, for instance in another language; may be empty.
    pub subtitle: Text,
    /// At the head of every page but the first.
    pub running: Text,
    /// At the foot of every page, beside the page's number.
    pub footer: Text,
    /// What stands in it.
    pub blocks: Vec<Block>,
    /// Files inside it.
    pub attachments: Vec<Attachment>,
}

/// A part of a document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Block {
    /// A heading of a section.
    Heading(Text),
    /// A heading within a section.
    Subheading(Text),
    /// A paragraph.
    Paragraph(Text),
    /// A paragraph that is marked at its side.
    Note(Text),
    /// Names with their values.
    Pairs(Vec<(Text, Text)>),
    /// A list.
    List(Vec<Text>),
    /// A list whose items are numbered from 1.
    Numbered(Vec<Text>),
    /// A numbered list in small print, to which `[1]` in a table refers.
    References(Vec<Text>),
    /// A table.
    Table(Table),
    /// Parts on pages that lie on their side.
    Wide(Vec<Block>),
}

/// A table. It breaks over pages, with its head on each of them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Table {
    /// What it shows; may be empty.
    pub caption: Text,
    /// Its columns.
    pub columns: Vec<Column>,
    /// Its rows.
    pub rows: Vec<Row>,
    /// Whether the first cell of a row says what the row is about.
    pub headed: bool,
    /// Whether it is set small, for many columns.
    pub small: bool,
}

/// A row: a cell for each column.
pub type Row = Vec<Cell>;

/// A column.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Column {
    /// Its heading.
    pub heading: Text,
    /// Its share of the width beside those of the others; 0 for as much as it needs.
    pub width: u8,
    /// Whether its heading stands over numbers.
    pub number: bool,
}

/// A cell.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Cell {
    /// Text.
    Text(Text),
    /// A number, which ends where the column ends.
    Number(Text),
    /// A bar, in thousandths of the column. What it shows has to stand in another cell as well.
    Bar(u16),
}

/// Text in one or more languages.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Text(pub Vec<Run>);

/// A piece of text in one language and style.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Run {
    /// The text; nothing in it is taken for anything but text.
    pub text: String,
    /// Its language, BCP 47; empty for the document's.
    pub language: String,
    /// How it stands out.
    pub style: Style,
}

/// How a piece of text stands out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Style {
    /// Not at all.
    #[default]
    Plain,
    /// Less than what stands beside it.
    Dim,
    /// More than what stands beside it.
    Strong,
    /// As what is missing.
    Gap,
    /// As a name or hash that is compared letter by letter.
    Mono,
    /// As a reference to a note.
    Reference,
    /// On a line of its own, less than what stands above it.
    Below,
}

/// A file inside a document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attachment {
    /// Its name: letters, digits, `.`, `-` and `_`.
    pub name: String,
    /// Its media type.
    pub media: String,
    /// What it is, in a few words.
    pub description: String,
    /// What it is to the document.
    pub relationship: Relationship,
    /// Its content.
    pub content: Vec<u8>,
}

/// What an attached file is to a document (ISO 19005-3, Annex E).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Relationship {
    /// The document was made from it.
    Source,
    /// It holds data that the document shows.
    Data,
    /// It says the same in another form.
    Alternative,
    /// It adds to the document.
    Supplement,
}

impl Text {
    /// Text in the document's language.
    #[must_use]
    pub fn plain(text: impl Into<String>) -> Self {
        Self::default().and(text)
    }

    /// Text of a style in the document's language.
    #[must_use]
    pub fn styled(style: Style, text: impl Into<String>) -> Self {
        Self::default().with(style, text)
    }

    /// This text, and more in the document's language.
    #[must_use]
    pub fn and(self, text: impl Into<String>) -> Self {
        self.with(Style::Plain, text)
    }

    /// This text, and more of a style.
    #[must_use]
    pub fn with(self, style: Style, text: impl Into<String>) -> Self {
        self.in_language("", style, text)
    }

    /// This text, and more in a language and style.
    #[must_use]
    pub fn in_language(mut self, language: &str, style: Style, text: impl Into<String>) -> Self {
        let text = text.into();
        if !text.is_empty() {
            self.0.push(Run { text, language: language.to_owned(), style });
        }
        self
    }

    /// Whether there is nothing in it.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Its bytes.
    #[cfg(feature = "typeset")]
    pub(crate) fn length(&self) -> usize {
        self.0.iter().map(|run| run.text.len()).sum()
    }

    /// The same of at most so many characters, with `…` where it goes on.
    #[cfg(feature = "typeset")]
    pub(crate) fn cut(&self, most: usize) -> Self {
        let mut left = most;
        let mut out = Self::default();
        for run in &self.0 {
            let text: String = run.text.chars().take(left).collect();
            left = left.saturating_sub(run.text.chars().count());
            let goes_on = text.len() < run.text.len();
            out.0.push(Run { text: if goes_on { text + "…" } else { text }, ..run.clone() });
            if goes_on {
                break;
            }
        }
        out
    }
}

impl From<&str> for Text {
    fn from(text: &str) -> Self {
        Self::plain(text)
    }
}

impl From<String> for Text {
    fn from(text: String) -> Self {
        Self::plain(text)
    }
}
