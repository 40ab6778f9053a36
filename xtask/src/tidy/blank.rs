//! Rust source with comments and literals blanked, so that rules see code only.
//!
//! Lines and columns stay where they are. Good enough for well-formed source, which the compiler has seen before.

/// Blanks comments, and the insides of strings and characters. Same length in characters, same lines.
pub fn blank(source: &str) -> String {
    let chars: Vec<char> = source.chars().collect();
    let mut out = String::with_capacity(source.len());
    let mut at = 0;
    while let Some(rest) = chars.get(at..).filter(|rest| !rest.is_empty()) {
        let before = at.checked_sub(1).and_then(|i| chars.get(i)).copied();
        let length = skipped(rest, before).max(1);
        let covered = rest.get(..length.min(rest.len())).unwrap_or(rest);
        if skipped(rest, before) == 0 {
            out.extend(covered);
        } else {
            out.extend(covered.iter().map(|c| if *c == '\n' { '\n' } else { ' ' }));
        }
        at += covered.len();
    }
    out
}

/// Length of the comment or literal that begins here; 0 if none does.
fn skipped(rest: &[char], before: Option<char>) -> usize {
    let in_word = before.is_some_and(|c| c.is_alphanumeric() || c == '_');
    match rest {
        ['/', '/', ..] => rest.iter().position(|c| *c == '\n').unwrap_or(rest.len()),
        ['/', '*', ..] => block_comment(rest),
        ['"', ..] => 1 + quoted(rest.get(1..).unwrap_or_default(), '"'),
        ['r', '"' | '#', ..] if !in_word => raw_string(rest, 1),
        ['b', 'r', '"' | '#', ..] if !in_word => raw_string(rest, 2),
        ['\'', '\\', ..] => 3 + quoted(rest.get(3..).unwrap_or_default(), '\''),
        ['\'', _, '\'', ..] => 3,
        _ => 0,
    }
}

fn block_comment(rest: &[char]) -> usize {
    let (mut depth, mut at) = (0_usize, 0);
    while let Some(pair) = rest.get(at..at + 2) {
        match pair {
            ['/', '*'] => (depth, at) = (depth + 1, at + 2),
            ['*', '/'] => (depth, at) = (depth.saturating_sub(1), at + 2),
            _ => at += 1,
        }
        if depth == 0 {
            return at;
        }
    }
    rest.len()
}

/// Characters up to and with the closing quote.
fn quoted(inside: &[char], quote: char) -> usize {
    let mut at = 0;
    while let Some(c) = inside.get(at) {
        match c {
            '\\' => at += 2,
            c if *c == quote => return at + 1,
            _ => at += 1,
        }
    }
    inside.len()
}

/// `r"…"`, `r#"…"#` and the like, whose hashes begin at `prefix`; 0 for a raw identifier.
fn raw_string(rest: &[char], prefix: usize) -> usize {
    let after = rest.get(prefix..).unwrap_or_default();
    let hashes = after.iter().take_while(|c| **c == '#').count();
    if after.get(hashes) != Some(&'"') {
        return 0;
    }
    let body = prefix + hashes + 1;
    let closes = |at: usize| {
        rest.get(at) == Some(&'"')
            && rest.get(at + 1..at + 1 + hashes).is_some_and(|t| t.iter().all(|c| *c == '#'))
    };
    (body..rest.len()).find(|at| closes(*at)).map_or(rest.len(), |at| at + 1 + hashes)
}

/// Which lines (counted from 0) belong to items under `#[cfg(test)]`; `blanked` is what [`blank`] gave.
pub fn test_lines(blanked: &str) -> Vec<bool> {
    let lines: Vec<&str> = blanked.lines().collect();
    let mut test = vec![false; lines.len()];
    let mut at = 0;
    while let Some(line) = lines.get(at) {
        let end = if line.trim_start().starts_with("#[cfg(test)]") { item_end(&lines, at) } else { at };
        if end > at || line.trim_start().starts_with("#[cfg(test)]") {
            test.iter_mut().take(end + 1).skip(at).for_each(|t| *t = true);
        }
        at = end + 1;
    }
    test
}

/// Last line of the item that begins at line `from`: where its braces close, or its first `;` outside of them.
pub fn item_end(lines: &[&str], from: usize) -> usize {
    let (mut depth, mut opened) = (0_i64, false);
    for (at, line) in lines.iter().enumerate().skip(from) {
        for c in line.chars() {
            match c {
                '{' => (depth, opened) = (depth + 1, true),
                '}' => depth -= 1,
                '(' | '[' => depth += 1,
                ')' | ']' => depth -= 1,
                ';' if depth == 0 => return at,
                _ => {}
            }
            if opened && depth == 0 {
                return at;
            }
        }
    }
    lines.len().saturating_sub(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comments_and_literals_vanish_and_code_stays() {
        let source = "let a = \"std::fs\"; // std::net\nlet b = 'x'; /* a /* b */ c */ let c: &'static str = r#\"}\"#;";
        let blanked = blank(source);
        assert_eq!(blanked.chars().count(), source.chars().count());
        assert!(!blanked.contains("std") && !blanked.contains('}') && blanked.contains("&'static str"));
        assert_eq!(blanked.lines().count(), 2);
    }

    #[test]
    fn escapes_do_not_end_a_literal() {
        assert_eq!(blank(r#"f("\"{", '\'', '{', b'{')"#).matches('{').count(), 0);
    }

    #[test]
    fn an_unclosed_literal_ends_with_the_file() {
        assert_eq!(blank("a \"b").trim(), "a");
        assert_eq!(blank("a /* b").trim(), "a");
    }

    #[test]
    fn test_modules_are_told_from_the_rest() {
        let source = "fn a() {}\n#[cfg(test)]\nmod tests {\n    fn b() {}\n}\nfn c() {}\n#[cfg(test)]\nmod more;\nfn d() {}\n";
        assert_eq!(test_lines(source), [false, true, true, true, true, false, true, true, false]);
    }
}
