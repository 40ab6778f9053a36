//! Names and values of fields as people write them, by the dictionary of the rulebooks.

use crate::mistake::Fault;
use jiff::civil::Date;
use rulebook::{Field, FieldType, Vocabulary};
use statement::MAX_VALUE;
use std::collections::HashMap;

/// What separates the items of a list within one value.
pub const LIST: char = ';';
/// Most characters of a name that are compared with others.
const COMPARED: usize = 64;
/// Most letters by which a name may differ from what was meant.
const NEAR: usize = 4;

/// The dictionary of fields, for many look-ups.
#[derive(Debug)]
pub struct Dictionary<'v> {
    vocabulary: &'v Vocabulary,
    names: HashMap<String, &'v Field>,
}

impl<'v> Dictionary<'v> {
    /// The fields of a vocabulary.
    #[must_use]
    pub fn new(vocabulary: &'v Vocabulary) -> Self {
        let names = vocabulary.fields().iter().map(|field| (field.name.clone(), field)).collect();
        Self { vocabulary, names }
    }

    /// The field of a name; for devices, names of `device.*` may be short.
    #[must_use]
    pub fn field(&self, name: &str) -> Option<&'v Field> {
        self.names.get(name).copied().or_else(|| self.names.get(&format!("device.{name}")).copied())
    }

    /// The same, with the fault where there is none; `besides` are names that would be good too.
    pub(crate) fn known(&self, name: &str, besides: &[&str]) -> Result<&'v Field, Fault> {
        self.field(name).ok_or_else(|| {
            let short = self.names.keys().flat_map(|n| [n.as_str(), n.strip_prefix("device.").unwrap_or(n)]);
            let near = nearest(name, short.chain(besides.iter().copied()));
            Fault::Unknown { name: crate::shorten(name), near }
        })
    }

    /// The value of a field in its one form. Empty stays empty.
    ///
    /// # Errors
    ///
    /// [`Fault`] where the value does not suit the field.
    pub fn read(&self, field: &Field, value: &str) -> Result<String, Fault> {
        let value = clean(&field.name, value)?;
        if value.is_empty() {
            return Ok(value);
        }
        let shown = if field.sensitive { "(not shown)" } else { value.as_str() };
        let wrong = |expected: String| Fault::value(&field.name, shown, expected);
        if field.name == "work.activity" {
            let words = || wrong(format!("one of {}", self.vocabulary.activities().join(", ")));
            return self.vocabulary.activity(&value).map(|()| value.clone()).map_err(|_| words());
        }
        match field.kind {
            FieldType::Text | FieldType::File => Ok(value),
            FieldType::Number => number(&value, &field.unit).ok_or_else(|| wrong(expected_number(field))),
            FieldType::Date => day(&value).map(|d| d.to_string()).ok_or_else(|| wrong(DAY.to_owned())),
            FieldType::YesNo => {
                yes_no(&value).map(str::to_owned).ok_or_else(|| wrong("yes or no".to_owned()))
            }
            FieldType::List => Ok(listed(&value)),
        }
    }
}

/// How a day is written.
pub(crate) const DAY: &str = "a day that exists, YYYY-MM-DD";

/// A day as text, in the one form that is taken.
pub(crate) fn day(text: &str) -> Option<Date> {
    // jiff takes more forms than this; a form with a time would say something that is then forgotten.
    let plain = text.len() == 10 && text.bytes().all(|b| b.is_ascii_digit() || b == b'-');
    plain.then(|| text.parse().ok()).flatten()
}

fn expected_number(field: &Field) -> String {
    let unit = if field.unit.is_empty() { String::new() } else { format!(" of {}", field.unit) };
    format!("a number{unit} such as 12.5, without separators of thousands")
}

/// A decimal number, without the unit that may stand behind it.
fn number(text: &str, unit: &str) -> Option<String> {
    let text = text.strip_suffix(unit).filter(|_| !unit.is_empty()).unwrap_or(text).trim_end();
    let (sign, digits) = text.strip_prefix('-').map_or(("", text), |rest| ("-", rest));
    let (whole, part) = digits.split_once('.').unwrap_or((digits, "0"));
    let all = |t: &str| !t.is_empty() && t.bytes().all(|b| b.is_ascii_digit());
    (all(whole) && all(part)).then(|| format!("{sign}{digits}"))
}

fn yes_no(text: &str) -> Option<&'static str> {
    match text.to_lowercase().as_str() {
        "yes" | "true" | "y" | "是" => Some("yes"),
        "no" | "false" | "n" | "否" => Some("no"),
        _ => None,
    }
}

/// The items of a list value.
pub fn items(value: &str) -> impl Iterator<Item = &str> {
    value.split(LIST).map(str::trim).filter(|item| !item.is_empty())
}

fn listed(value: &str) -> String {
    items(value).collect::<Vec<_>>().join("; ")
}

/// A value without white space around it, if it is not too long and holds no control characters.
pub(crate) fn clean(field: &str, value: &str) -> Result<String, Fault> {
    let mut value = value.trim();
    let joined;
    if value.contains('\r') {
        joined = value.replace("\r\n", "\n");
        value = joined.trim();
    }
    if value.len() > MAX_VALUE {
        return Err(Fault::Long { field: field.to_owned(), found: value.len(), most: MAX_VALUE });
    }
    if value.chars().any(|c| c.is_control() && c != '\n') {
        return Err(Fault::value(field, value, "text without control characters"));
    }
    Ok(value.to_owned())
}

/// What a spreadsheet takes for the beginning of a formula, in the forms of East Asian keyboards too.
const FORMULA: [char; 10] = ['=', '+', '-', '@', '\t', '\r', '＝', '＋', '－', '＠'];

/// A cell of a table as it is meant: an apostrophe before what looks like a formula says that it is none.
///
/// A number or telephone number may begin with a sign. A serial number that begins with one has to be written with the
/// apostrophe, because nobody can tell it from a formula.
pub(crate) fn cell<'c>(field: &str, cell: &'c str) -> Result<&'c str, Fault> {
    let text = cell.trim_matches(' ');
    if let Some(rest) = text.strip_prefix('\'')
        && rest.trim_start_matches('\'').starts_with(FORMULA)
    {
        return Ok(rest);
    }
    match text.chars().next() {
        Some(with) if FORMULA.contains(&with) && !is_dialled(text) => {
            Err(Fault::Formula { field: field.to_owned(), with })
        }
        _ => Ok(text),
    }
}

/// Whether it is a signed number, or a telephone number.
fn is_dialled(text: &str) -> bool {
    let Some(rest) = text.strip_prefix(['+', '-']) else { return false };
    rest.starts_with(|c: char| c.is_ascii_digit())
        && rest.chars().all(|c| c.is_ascii_digit() || matches!(c, ' ' | '.'))
}

/// A value as a cell that no spreadsheet calculates, to be read back by [`cell`].
pub(crate) fn as_cell(value: &str) -> String {
    let is_formula = value.trim_start_matches('\'').starts_with(FORMULA);
    if is_formula { format!("'{value}") } else { value.to_owned() }
}

/// The known name that differs in the fewest letters; empty where none is near.
pub(crate) fn nearest<'a>(name: &str, known: impl Iterator<Item = &'a str>) -> String {
    let name: String = name.chars().take(COMPARED).flat_map(char::to_lowercase).collect();
    let best = known.map(|k| (strsim::damerau_levenshtein(&name, k), k)).min();
    best.filter(|(apart, k)| *apart <= NEAR.min(k.len() / 2)).map(|(_, k)| k.to_owned()).unwrap_or_default()
}
