//! One data file while it is read: errors with their lines.

use crate::annotation::has_markup;
use crate::case::nearest;
use crate::diagnostic::{Diagnostic, line_of};
use crate::value::shorten;
use jiff::civil::Date;
use toml::Spanned;

/// One file while it is read.
pub struct At<'a> {
    pub file: String,
    pub text: &'a str,
    pub wrong: &'a mut Vec<Diagnostic>,
}

impl At<'_> {
    pub fn error<T>(&mut self, item: &Spanned<T>, rule: &'static str, message: String, help: &str) {
        let line = line_of(self.text, item.span().start);
        self.wrong.push(Diagnostic::error((&self.file, line), rule, message, help));
    }

    pub fn date(&mut self, text: &Spanned<String>) -> Option<Date> {
        let date = text.get_ref().parse().ok();
        if date.is_none() {
            let message = format!("'{}' is no date", shorten(text.get_ref()));
            self.error(text, "date", message, "write YYYY-MM-DD, a day that exists");
        }
        date
    }

    /// The position of what is referred to by name.
    pub fn position<'n>(
        &mut self,
        name: &Spanned<String>,
        what: &'static str,
        known: impl Iterator<Item = &'n str> + Clone,
    ) -> Option<usize> {
        let found = known.clone().position(|k| k == name.get_ref());
        if found.is_none() {
            let near = nearest(name.get_ref(), known);
            let message = format!("no {what} '{}'", shorten(name.get_ref()));
            let help = if near.is_empty() { String::new() } else { format!("did you mean '{near}'?") };
            self.error(name, "reference", message, &help);
        }
        found
    }

    /// Whether the name is new.
    pub fn fresh<'n>(
        &mut self,
        name: &Spanned<String>,
        what: &'static str,
        mut known: impl Iterator<Item = &'n str>,
    ) -> bool {
        let fresh = !known.any(|k| k == name.get_ref());
        if !fresh {
            self.error(
                name,
                "duplicate",
                format!("the {what} '{}' is there twice", shorten(name.get_ref())),
                "give one of them another id",
            );
        }
        fresh
    }

    /// Texts of law are plain text: no control characters, no markup.
    pub fn plain(&mut self, near: &Spanned<String>, texts: &[&str]) {
        for text in texts.iter().filter(|t| has_markup(t)) {
            self.error(
                near,
                "text",
                format!("control characters or markup in '{}'", shorten(text)),
                "texts of law are plain text",
            );
        }
    }
}
