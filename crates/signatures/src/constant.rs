//! Known constants: tables in memory and immediate operands.
//!
//! Only the description of a constant is kept after reading; its bytes live on in the search automaton.

use crate::BookError;
use crate::needles::Needles;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

const FILE: &str = "constants.toml";
const SECTION: &str = "constant";
/// The most bytes in one table of the book.
const LONGEST: usize = 8192;

/// A number or table whose use says what is computed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Constant {
    /// Its name, such as `sha256-k`.
    pub name: String,
    /// The computation that it belongs to, such as `sha256`.
    pub primitive: String,
    /// What it is, in one line.
    pub what: String,
    /// The standard or program that defines it.
    pub source: String,
    /// How much its use alone says, 0 (used everywhere) to 1 (used for this only).
    pub specific: f64,
}

/// An entry as it stands in the file.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    name: String,
    primitive: String,
    what: String,
    source: String,
    specific: f64,
    #[serde(default)]
    words32: Vec<String>,
    #[serde(default)]
    words64: Vec<String>,
    #[serde(default)]
    words16: Vec<String>,
    #[serde(default)]
    bytes: Vec<String>,
    #[serde(default)]
    text: Vec<String>,
    #[serde(default)]
    immediates: Vec<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Page {
    #[serde(default)]
    constant: Vec<Entry>,
}

/// The book of constants with its indexes.
#[derive(Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Constants {
    pub(crate) all: Vec<Constant>,
    names: BTreeMap<String, usize>,
    immediates: BTreeMap<u64, usize>,
    needles: Needles,
}

impl Constants {
    pub(crate) fn parse(text: &str) -> Result<Self, BookError> {
        let page: Page = toml::from_str(text).map_err(|e| BookError::form(FILE, &e))?;
        let (mut all, mut names, mut immediates) = (Vec::new(), BTreeMap::new(), BTreeMap::new());
        let mut patterns = BTreeMap::new();
        for (index, entry) in page.constant.into_iter().enumerate() {
            check(&entry)?;
            for needle in needles(&entry)? {
                let earlier = *patterns.entry(needle).or_insert(index);
                let other = all.get(earlier).filter(|c: &&Constant| c.primitive != entry.primitive);
                if let Some(other) = other {
                    return Err(wrong(&entry, format!("a piece of '{}'", other.name), "values of its own"));
                }
            }
            for value in &entry.immediates {
                let (value, _) = number(&entry, value)?;
                if let Some(earlier) = immediates.insert(value, index)
                    && earlier != index
                {
                    return Err(wrong(
                        &entry,
                        format!("immediate {value:#x} of an earlier entry"),
                        "a value of its own",
                    ));
                }
            }
            if names.insert(entry.name.clone(), index).is_some() {
                return Err(wrong(&entry, "the name a second time".into(), "each name once"));
            }
            let Entry { name, primitive, what, source, specific, .. } = entry;
            all.push(Constant { name, primitive, what, source, specific });
        }
        let needles = Needles::new(patterns);
        Ok(Self { all, names, immediates, needles })
    }

    pub(crate) fn table(&self, bytes: &[u8]) -> Vec<&Constant> {
        self.needles.find(bytes).into_iter().filter_map(|index| self.all.get(index)).collect()
    }

    /// A 32-bit value that a 64-bit instruction sign-extends counts as that value.
    pub(crate) fn immediate(&self, value: u64) -> Option<&Constant> {
        const SIGN: u64 = 0xffff_ffff_8000_0000;
        let narrow = (value & SIGN == SIGN).then_some(value & 0xffff_ffff);
        let index = self.immediates.get(&value).or_else(|| self.immediates.get(&narrow?))?;
        self.all.get(*index)
    }

    pub(crate) fn constant(&self, name: &str) -> Option<&Constant> {
        self.all.get(*self.names.get(name)?)
    }
}

fn wrong(entry: &Entry, found: String, expected: &'static str) -> BookError {
    BookError::Entry { file: FILE, section: SECTION, entry: entry.name.clone(), found, expected }
}

fn check(entry: &Entry) -> Result<(), BookError> {
    if entry.name.is_empty() || entry.primitive.is_empty() || entry.what.is_empty() || entry.source.is_empty()
    {
        return Err(wrong(entry, "an empty field".into(), "a name, primitive, what and source"));
    }
    if !(0.0..=1.0).contains(&entry.specific) {
        return Err(wrong(entry, format!("specific = {}", entry.specific), "0 to 1"));
    }
    let tables = [&entry.words16, &entry.words32, &entry.words64, &entry.bytes, &entry.text];
    if entry.immediates.is_empty() && tables.iter().all(|t| t.is_empty()) {
        return Err(wrong(entry, "no value".into(), "a table or immediates"));
    }
    Ok(())
}

/// A hexadecimal number and its width in bits, 32 or 64 by the count of its digits.
fn number(entry: &Entry, text: &str) -> Result<(u64, u32), BookError> {
    let digits = text.strip_prefix("0x").unwrap_or(text);
    let value = u64::from_str_radix(digits, 16)
        .map_err(|_| wrong(entry, format!("'{text}'"), "a hexadecimal number of at most 16 digits"))?;
    Ok((value, if digits.len() > 8 { 64 } else { 32 }))
}

/// The hexadecimal words of a table, `size` bytes each, least and most significant byte first.
fn words(entry: &Entry, lines: &[String], size: usize) -> Result<[Vec<u8>; 2], BookError> {
    let (mut little, mut big) = (Vec::new(), Vec::new());
    for word in lines.iter().flat_map(|line| line.split_whitespace()) {
        if word.len() != 2 * size {
            return Err(wrong(entry, format!("word '{word}'"), "hexadecimal words of the table's width"));
        }
        let (value, _) = number(entry, word)?;
        little.extend(value.to_le_bytes().iter().take(size));
        big.extend(value.to_be_bytes().iter().skip(8 - size));
    }
    Ok([little, big])
}

/// Hexadecimal digits, two a byte; spaces and line ends do not count.
fn raw(entry: &Entry) -> Result<Vec<u8>, BookError> {
    let digits: Vec<u32> =
        entry.bytes.iter().flat_map(|l| l.chars()).filter_map(|c| c.to_digit(16)).collect();
    let wanted = entry.bytes.iter().flat_map(|l| l.chars()).filter(|c| !c.is_whitespace()).count();
    if digits.len() != wanted || wanted % 2 == 1 {
        return Err(wrong(entry, format!("{wanted} characters"), "pairs of hexadecimal digits"));
    }
    Ok(digits.chunks_exact(2).map(|d| d.iter().fold(0u32, |a, x| a << 4 | x) as u8).collect())
}

/// What to search for: pieces of the tables, in both byte orders where they are words, and words that fill a
/// vector register.
fn needles(entry: &Entry) -> Result<Vec<Vec<u8>>, BookError> {
    let mut tables = vec![raw(entry)?];
    tables.extend(words(entry, &entry.words16, 2)?);
    tables.extend(words(entry, &entry.words32, 4)?);
    tables.extend(words(entry, &entry.words64, 8)?);
    tables.extend(entry.text.iter().map(|t| t.as_bytes().to_vec()));
    let mut pieces = Vec::new();
    for table in tables.iter().filter(|t| !t.is_empty()) {
        if table.len() > LONGEST {
            return Err(wrong(entry, format!("{} bytes", table.len()), "at most 8192 bytes in a table"));
        }
        let cut = crate::needles::cut(table);
        if cut.is_empty() {
            return Err(wrong(entry, format!("{} bytes", table.len()), "8 bytes or more that differ"));
        }
        pieces.extend(cut);
    }
    for text in &entry.immediates {
        let (value, bits) = number(entry, text)?;
        pieces.push(match bits {
            64 => value.to_le_bytes().repeat(2),
            _ => (value as u32).to_le_bytes().repeat(4),
        });
    }
    Ok(pieces)
}
