//! Text from outside, made fit for a statement: short, and nothing in it that moves a cursor or turns the line around.
//!
//! Must not decide what a name means: ids are made of the name as it was.

use statement::MAX_TEXT;

/// What stands for a character that cannot be shown.
const UNSHOWN: char = char::REPLACEMENT_CHARACTER;
/// What stands for the rest of a text that was too long.
const CUT: &str = "…";

/// The text with at most [`MAX_TEXT`] bytes and without control characters or marks of direction.
#[must_use]
pub fn clean(text: &str) -> String {
    let shown = |c: char| if hidden(c) { UNSHOWN } else { c };
    let mut out = String::with_capacity(text.len().min(MAX_TEXT));
    for c in text.chars().map(shown) {
        if out.len() + c.len_utf8() > MAX_TEXT {
            let end = out.floor_char_boundary(MAX_TEXT - CUT.len());
            out.truncate(end);
            out.push_str(CUT);
            break;
        }
        out.push(c);
    }
    out
}

/// Control characters, and the marks that change the direction of a line or take no room (Unicode Standard Annex 9).
fn hidden(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}')
}
