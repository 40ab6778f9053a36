//! A filing as a page of HTML: self-contained, without scripts, every text escaped, gaps in words. Must not fetch anything.

use crate::form::{Cell, Column, Filing, Table};
use crate::sheet::source;
use crate::words::Words;
use std::fmt::Write;

const STYLE: &str = include_str!("page.css");

/// The page. Values stand as they are; what is missing is marked in words; sources are numbered below each table.
#[must_use]
pub fn html(filing: &Filing) -> String {
    let page = Page { filing, words: Words::of(&filing.law.language) };
    let mut out = String::new();
    page.head(&mut out);
    page.gaps(&mut out);
    page.fields(&mut out);
    for table in &filing.tables {
        page.table(&mut out, table);
    }
    page.notes(&mut out);
    out.push_str("</main>\n</body>\n</html>\n");
    out
}

struct Page<'a> {
    filing: &'a Filing,
    words: Words,
}

/// Writing to a text does not fail.
macro_rules! put {
    ($out:expr, $($arg:tt)*) => { let _ = writeln!($out, $($arg)*); };
}

impl Page<'_> {
    /// A word in English, with the other language behind it.
    fn word(&self, at: usize) -> String {
        match self.words.pair(at) {
            (english, Some((code, other))) => format!("{english} <span lang=\"{code}\">{other}</span>"),
            (english, None) => english.to_owned(),
        }
    }

    fn head(&self, out: &mut String) {
        let f = self.filing;
        let title = escaped(&f.form.title);
        put!(out, "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">");
        put!(out, "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">");
        put!(out, "<meta name=\"color-scheme\" content=\"light dark\">");
        put!(
            out,
            "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">"
        );
        put!(
            out,
            "<title>{title} · {} · {}</title>\n<style>\n{STYLE}</style>\n</head>\n<body>\n<main>",
            escaped(&f.operator),
            f.period()
        );
        put!(out, "<h1>{title}</h1>");
        if !f.form.original.is_empty() {
            put!(
                out,
                "<p class=\"original\" lang=\"{}\">{}</p>",
                escaped(&f.law.language),
                escaped(&f.form.original)
            );
        }
        put!(out, "<dl>");
        let mut pair = |name: &str, value: &str| {
            if !value.is_empty() {
                put!(out, "<dt>{name}</dt><dd>{}</dd>", escaped(value));
            }
        };
        pair(&self.word(5), &f.period());
        pair("Operator", &f.operator);
        pair("Site", f.site.as_deref().unwrap_or_default());
        pair("Owed by", &f.form.who);
        pair("To", &f.form.to);
        pair("Form", &f.form.form);
        pair("Otherwise", &f.form.penalty);
        pair(
            "Law",
            &format!(
                "{}, {} (grade {}), as in force on {}",
                f.law.instrument, f.law.article, f.law.grade, f.law.as_of
            ),
        );
        pair(
            "Rulebook",
            &format!("{}, digest {}; days are counted in {}", f.law.rulebook, f.law.digest, f.law.time_zone),
        );
        pair("Layout", &f.form.layout);
        put!(out, "</dl>");
    }

    fn gaps(&self, out: &mut String) {
        let gaps = &self.filing.gaps;
        put!(out, "<h2>{}</h2>", self.word(6));
        if gaps.is_empty() {
            put!(out, "<p>Nothing is missing.</p>");
            return;
        }
        put!(out, "<p>{} answers are missing.</p>\n<ol class=\"gaps\">", gaps.len());
        for gap in gaps {
            let row =
                gap.row.as_ref().map(|(table, row)| format!(" ({table}, row {row})")).unwrap_or_default();
            put!(
                out,
                "<li><code>{}</code>{}: {}. <em>To do:</em> {}.</li>",
                escaped(&gap.field),
                escaped(&row),
                escaped(&gap.why),
                escaped(&gap.todo)
            );
        }
        put!(out, "</ol>");
    }

    fn fields(&self, out: &mut String) {
        put!(out, "<table class=\"fields\">\n<caption>{}</caption>", self.word(7));
        put!(
            out,
            "<thead><tr><th scope=\"col\">{}</th><th scope=\"col\">{}</th><th scope=\"col\">{}</th></tr></thead>\n<tbody>",
            self.word(0),
            self.word(1),
            self.word(2)
        );
        for field in &self.filing.fields {
            put!(
                out,
                "<tr><th scope=\"row\">{}</th><td>{}</td><td class=\"source\">{}</td></tr>",
                self.heading(&field.column),
                self.value(&field.cell, &field.column.unit),
                escaped(&source(&field.cell.source))
            );
        }
        put!(out, "</tbody>\n</table>");
    }

    fn table(&self, out: &mut String, table: &Table) {
        // Sources that read the same are one.
        let mut sources: Vec<String> = Vec::new();
        put!(
            out,
            "<div class=\"wide\" role=\"region\" aria-label=\"{}\" tabindex=\"0\">",
            escaped(&table.title)
        );
        put!(out, "<table>\n<caption>{}</caption>\n<thead><tr>", escaped(&table.title));
        for column in &table.columns {
            put!(out, "<th scope=\"col\">{}</th>", self.heading(column));
        }
        put!(out, "</tr></thead>\n<tbody>");
        for row in &table.rows {
            put!(out, "<tr>");
            for (cell, column) in row.iter().zip(&table.columns) {
                let text = source(&cell.source);
                let number = sources.iter().position(|s| *s == text).unwrap_or_else(|| {
                    sources.push(text);
                    sources.len() - 1
                });
                let unit = if table.columns.len() > 1 { "" } else { column.unit.as_str() };
                put!(out, "<td>{} <sup>{}</sup></td>", self.value(cell, unit), number + 1);
            }
            put!(out, "</tr>");
        }
        put!(
            out,
            "</tbody>\n</table>\n</div>\n<h3>{}: {}</h3>\n<ol class=\"source\">",
            self.word(2),
            escaped(&table.title)
        );
        for source in sources {
            put!(out, "<li>{}</li>", escaped(&source));
        }
        put!(out, "</ol>");
    }

    fn notes(&self, out: &mut String) {
        put!(out, "<h2>{}</h2>\n<ul>", self.word(4));
        for note in &self.filing.notes {
            put!(out, "<li>{}</li>", escaped(note));
        }
        put!(out, "<li>{}</li>\n</ul>", rulebook::DISCLAIMER);
    }

    /// A heading in English, in the regime's own words or in Chinese where the rulebook speaks it, and its unit.
    fn heading(&self, column: &Column) -> String {
        let own = match (column.own.as_str(), self.filing.law.language.as_str()) {
            ("", "zh") => column.zh.as_str(),
            (own, _) => own,
        };
        let language = if column.own.is_empty() { "zh" } else { self.filing.law.language.as_str() };
        let own = if own.is_empty() {
            String::new()
        } else {
            format!("<br><span lang=\"{}\">{}</span>", escaped(language), escaped(own))
        };
        let unit =
            if column.unit.is_empty() { String::new() } else { format!(" ({})", escaped(&column.unit)) };
        format!("{}{unit}{own}", escaped(&column.label))
    }

    fn value(&self, cell: &Cell, unit: &str) -> String {
        match &cell.value {
            Some(value) if unit.is_empty() => escaped(value),
            Some(value) => format!("{} {}", escaped(value), escaped(unit)),
            None => format!("<strong class=\"gap\">{}</strong>", self.word(3)),
        }
    }
}

/// A text as it may stand in HTML, in an element or a quoted attribute.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            c if c.is_control() && !matches!(c, '\n' | '\t') => out.push('\u{fffd}'),
            c => out.push(c),
        }
    }
    out
}
