//! Text as the template takes it: pieces that the fonts can show, and characters that they cannot, by their number.
//!
//! Nothing vanishes but marks that turn the direction of text: those could show another reading than the data holds. Only
//! scripts that run from left to right are set as they are. Must not repair or translate anything.

use crate::model::{Style, Text};
use serde_json::{Value, json};

/// Letters after which a long word may break where nothing else lets it.
const STEP: usize = 4;
/// Most marks over or under one letter; a heap of them would cover other lines.
const MAX_MARKS: usize = 2;
/// Most characters of a text in the properties of a file.
const LINE: usize = 1_000;
/// Bit of characters that the fonts for Latin, Greek and Cyrillic hold, in regular and bold.
pub const WEST: u8 = 1;
/// Bit of characters that the font for Chinese, Japanese and Korean holds.
pub const EAST: u8 = 2;

/// Which characters of the Basic Multilingual Plane the fonts hold, as bits. Others are held by none.
pub struct Repertoire(pub Vec<u8>);

/// How a character is shown.
enum Shown {
    /// As it is.
    Plain,
    /// As a space.
    Space,
    /// Not at all.
    Dropped,
    /// By its number.
    Number,
}

impl Repertoire {
    fn holds(&self, c: char, bit: u8) -> bool {
        self.0.get(c as usize).is_some_and(|bits| bits & bit != 0)
    }

    fn shown(&self, c: char, before: Option<char>, marks: usize) -> Shown {
        match c {
            '\t' | '\n' | '\r' => Shown::Space,
            '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => Shown::Dropped,
            c if c.is_control() => Shown::Number,
            // Invisible, of no fixed meaning, or written from right to left.
            '\u{ad}'
            | '\u{34f}'
            | '\u{590}'..='\u{8ff}'
            | '\u{1100}'..='\u{11ff}'
            | '\u{200b}'..='\u{200f}'
            | '\u{2028}'..='\u{2029}'
            | '\u{3164}'
            | '\u{e000}'..='\u{f8ff}'
            | '\u{fb1d}'..='\u{fdff}'
            | '\u{fe00}'..='\u{fe0f}'
            | '\u{fff0}'..='\u{fffc}' => Shown::Number,
            c if is_mark(c) => {
                let base = before.is_some_and(|b| b.is_alphabetic() && self.holds(b, WEST));
                if base && marks < MAX_MARKS && self.holds(c, WEST) { Shown::Plain } else { Shown::Number }
            }
            '\u{3099}' | '\u{309a}' => {
                let kana = before.is_some_and(|b| ('\u{3041}'..='\u{30fe}').contains(&b)) && marks == 0;
                if kana { Shown::Plain } else { Shown::Number }
            }
            c if self.holds(c, WEST | EAST) => Shown::Plain,
            _ => Shown::Number,
        }
    }

    /// Text as the template takes it. A word of more than `longest` letters may break anywhere.
    pub fn runs(&self, text: &Text, longest: usize) -> Value {
        let mut out = Vec::new();
        for run in &text.0 {
            if run.style == Style::Below && !out.is_empty() {
                out.push(json!({ "n": true }));
            }
            let language = code(&run.language);
            let mut pieces = Pieces {
                out: &mut out,
                text: String::new(),
                style: run.style,
                language,
                before: None,
                marks: 0,
            };
            for word in run.text.split_inclusive(char::is_whitespace) {
                let long = word.chars().take(longest + 2).filter(|c| !is_east(*c)).count() > longest;
                self.word(&mut pieces, word, long);
            }
            pieces.end();
        }
        Value::Array(out)
    }

    fn word(&self, pieces: &mut Pieces<'_>, word: &str, long: bool) {
        let mut since = 0;
        for c in word.chars() {
            match self.shown(c, pieces.before, pieces.marks) {
                Shown::Dropped => continue,
                Shown::Space => pieces.text.push(' '),
                Shown::Number => pieces.number(c),
                Shown::Plain => {
                    let joins = is_mark(c) || matches!(c, '\u{3099}' | '\u{309a}');
                    if long && since >= STEP && !joins {
                        pieces.may_break();
                        since = 0;
                    }
                    since += 1;
                    pieces.marks = if joins { pieces.marks + 1 } else { 0 };
                    pieces.text.push(c);
                }
            }
            pieces.before = Some(c);
        }
    }

    /// Text for the properties of a file: one line of at most [`LINE`] characters, of what the fonts hold.
    pub fn line(&self, text: &str) -> String {
        let mut out = String::new();
        for c in text.chars().take(LINE) {
            match self.shown(c, None, 0) {
                Shown::Dropped => {}
                Shown::Space => out.push(' '),
                Shown::Plain => out.push(c),
                Shown::Number => out.push_str(&number(c)),
            }
        }
        out
    }
}

/// Pieces of a run as they are put together.
struct Pieces<'a> {
    out: &'a mut Vec<Value>,
    text: String,
    style: Style,
    language: Option<String>,
    /// The character before, and how many marks it has.
    before: Option<char>,
    marks: usize,
}

impl Pieces<'_> {
    fn end(&mut self) {
        if self.text.is_empty() {
            return;
        }
        let mut piece = json!({ "t": std::mem::take(&mut self.text) });
        if let Some(map) = piece.as_object_mut() {
            if let Some(language) = &self.language {
                map.insert("l".to_owned(), json!(language));
            }
            if let Some(style) = word(self.style) {
                map.insert("s".to_owned(), json!(style));
            }
        }
        self.out.push(piece);
    }

    fn number(&mut self, c: char) {
        self.end();
        self.out.push(json!({ "u": number(c) }));
    }

    fn may_break(&mut self) {
        self.end();
        self.out.push(json!({ "w": true }));
    }
}

const fn word(style: Style) -> Option<&'static str> {
    match style {
        Style::Plain => None,
        Style::Dim | Style::Below => Some("dim"),
        Style::Strong => Some("strong"),
        Style::Gap => Some("gap"),
        Style::Mono => Some("mono"),
        Style::Reference => Some("ref"),
    }
}

fn number(c: char) -> String {
    format!("U+{:04X}", u32::from(c))
}

/// Marks that stand over or under the letter before them.
const fn is_mark(c: char) -> bool {
    matches!(c, '\u{300}'..='\u{36f}' | '\u{483}'..='\u{489}' | '\u{1ab0}'..='\u{1aff}' | '\u{1dc0}'..='\u{1dff}'
        | '\u{20d0}'..='\u{20ff}' | '\u{fe20}'..='\u{fe2f}')
}

/// Characters between which lines break anyway.
pub const fn is_east(c: char) -> bool {
    matches!(c, '\u{2e80}'..='\u{9fff}' | '\u{ac00}'..='\u{d7a3}' | '\u{f900}'..='\u{faff}' | '\u{ff00}'..='\u{ffef}')
}

/// The language as the typesetter takes it: two or three small letters.
pub fn code(language: &str) -> Option<String> {
    let first = language.split(['-', '_']).next().unwrap_or_default();
    let sound = (2..=3).contains(&first.len()) && first.bytes().all(|b| b.is_ascii_lowercase());
    sound.then(|| first.to_owned())
}
