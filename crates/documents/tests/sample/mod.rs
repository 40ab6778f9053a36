//! Documents for tests.

use documents::{Attachment, Block, Cell, Column, Document, Relationship, Style, Table, Text};

/// A document of these parts.
pub fn of_blocks(blocks: Vec<Block>) -> Document {
    Document {
        name: "A document".into(),
        description: "For a test".into(),
        language: "en".into(),
        date: (2026, 10, 31),
        ident: "test".into(),
        title: "A document".into(),
        blocks,
        ..Document::default()
    }
}

/// A document with a text in every place that takes text, and every kind of part.
pub fn full(text: &str) -> Document {
    let styles =
        [Style::Plain, Style::Dim, Style::Strong, Style::Gap, Style::Mono, Style::Reference, Style::Below];
    let all = styles.iter().fold(Text::plain(text), |all, style| all.in_language("zh", *style, text));
    let t = || all.clone();
    let table = Table {
        caption: t(),
        columns: [0, 1, 2].map(|width| Column { heading: t(), width, number: width == 1 }).to_vec(),
        rows: vec![vec![Cell::Text(t()), Cell::Number(t()), Cell::Bar(500)]; 3],
        headed: true,
        small: false,
    };
    let small = Table { headed: false, small: true, caption: Text::default(), ..table.clone() };
    Document {
        name: format!("x{text}"),
        description: text.to_owned(),
        language: text.chars().take(5).collect(),
        date: (2026, 10, 31),
        ident: text.to_owned(),
        title: Text::plain("Title ").and(text),
        subtitle: t(),
        running: t(),
        footer: t(),
        blocks: vec![
            Block::Heading(Text::plain("1 ").and(text)),
            Block::Subheading(Text::plain("2 ").and(text)),
            Block::Paragraph(t()),
            Block::Note(t()),
            Block::Pairs(vec![(t(), t()), (t(), Text::default())]),
            Block::List(vec![t(), Text::default()]),
            Block::Numbered(vec![t(), t()]),
            Block::Table(table.clone()),
            Block::Wide(vec![
                Block::Heading("Wide".into()),
                Block::Table(small),
                Block::References(vec![t()]),
            ]),
            Block::Paragraph(t()),
        ],
        attachments: vec![Attachment {
            name: "data.csv".into(),
            media: "text/csv".into(),
            description: format!("x{text}"),
            relationship: Relationship::Data,
            content: text.as_bytes().to_vec(),
        }],
    }
}
