//! What names hint at. Names lie: every hint is weak evidence, and none speaks for mining.

use crate::BookError;
use facts::Activity;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

const FILE: &str = "names.toml";

/// The kind of a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum NameKind {
    /// The file name of a mapped file, such as `libx264.so.164`.
    Image,
    /// The base name of a program.
    Program,
    /// The name of a function.
    Symbol,
}

impl NameKind {
    const fn section(self) -> &'static str {
        match self {
            Self::Image => "image",
            Self::Program => "program",
            Self::Symbol => "symbol",
        }
    }
}

/// What a name hints at.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Hint {
    /// The activity it speaks for most.
    pub activity: Activity,
    /// What it is, such as `x264 encoder`.
    pub name: String,
    /// How strongly it speaks for that activity, 0 to 1.
    pub strength: f64,
    /// All activities it speaks for, strongest first, each with its strength 0 to 1.
    pub activities: Vec<(Activity, f64)>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    what: String,
    match_any: Vec<String>,
    activities: BTreeMap<Activity, f64>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Page {
    #[serde(default)]
    image: Vec<Entry>,
    #[serde(default)]
    program: Vec<Entry>,
    #[serde(default)]
    symbol: Vec<Entry>,
}

/// The patterns of one kind. The pattern with the most characters that are not `*` wins.
#[derive(Debug, Default, PartialEq, Serialize, Deserialize)]
struct Patterns {
    hints: Vec<Hint>,
    exact: BTreeMap<String, usize>,
    /// By first byte; patterns that begin with `*` under `None`. Longest first.
    globs: BTreeMap<Option<u8>, Vec<(String, usize)>>,
}

/// The book of names.
#[derive(Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Names {
    image: Patterns,
    program: Patterns,
    symbol: Patterns,
}

impl Names {
    pub(crate) fn parse(text: &str) -> Result<Self, BookError> {
        let page: Page = toml::from_str(text).map_err(|e| BookError::form(FILE, &e))?;
        Ok(Self {
            image: Patterns::new(NameKind::Image, page.image)?,
            program: Patterns::new(NameKind::Program, page.program)?,
            symbol: Patterns::new(NameKind::Symbol, page.symbol)?,
        })
    }

    pub(crate) fn hint(&self, kind: NameKind, name: &str) -> Option<&Hint> {
        match kind {
            NameKind::Image => self.image.find(base(name)),
            NameKind::Program => self.program.find(base(name)),
            NameKind::Symbol => self.symbol.find(name),
        }
    }
}

/// The part after the last `/`, without the kernel's remark that the file was deleted.
fn base(name: &str) -> &str {
    let name = name.strip_suffix(" (deleted)").unwrap_or(name);
    name.rsplit('/').next().unwrap_or(name)
}

impl Patterns {
    fn new(kind: NameKind, entries: Vec<Entry>) -> Result<Self, BookError> {
        let mut all = Self::default();
        for entry in entries {
            let index = all.hints.len();
            for pattern in &entry.match_any {
                all.put(kind, &entry.what, pattern, index)?;
            }
            all.hints.push(hint(kind, entry)?);
        }
        for globs in all.globs.values_mut() {
            globs.sort_by_key(|(pattern, _)| std::cmp::Reverse(literal(pattern)));
        }
        Ok(all)
    }

    fn put(&mut self, kind: NameKind, what: &str, pattern: &str, index: usize) -> Result<(), BookError> {
        if literal(pattern) < 2 {
            return Err(wrong(
                kind,
                what,
                format!("pattern '{pattern}'"),
                "at least two characters besides *",
            ));
        }
        let earlier = if pattern.contains('*') {
            let first = pattern.bytes().next().filter(|b| *b != b'*');
            let globs = self.globs.entry(first).or_default();
            let known = globs.iter().any(|(p, _)| p == pattern);
            globs.push((pattern.to_owned(), index));
            known
        } else {
            self.exact.insert(pattern.to_owned(), index).is_some()
        };
        if earlier {
            return Err(wrong(kind, what, format!("pattern '{pattern}' a second time"), "each pattern once"));
        }
        Ok(())
    }

    fn find(&self, name: &str) -> Option<&Hint> {
        if let Some(index) = self.exact.get(name) {
            return self.hints.get(*index);
        }
        let first =
            |key: Option<u8>| self.globs.get(&key)?.iter().find(|(pattern, _)| matches(pattern, name));
        let best = [first(name.bytes().next()), first(None)].into_iter().flatten();
        let (_, index) = best.max_by_key(|(pattern, _)| literal(pattern))?;
        self.hints.get(*index)
    }
}

fn literal(pattern: &str) -> usize {
    pattern.bytes().filter(|b| *b != b'*').count()
}

/// Whether `pattern`, in which `*` stands for any characters, covers the whole of `name`.
fn matches(pattern: &str, name: &str) -> bool {
    let mut parts = pattern.split('*');
    let Some(mut rest) = name.strip_prefix(parts.next().unwrap_or("")) else { return false };
    let mut parts = parts.peekable();
    while let Some(part) = parts.next() {
        if parts.peek().is_none() {
            return rest.ends_with(part);
        }
        let Some(at) = rest.find(part) else { return false };
        rest = rest.get(at + part.len()..).unwrap_or("");
    }
    rest.is_empty()
}

fn hint(kind: NameKind, entry: Entry) -> Result<Hint, BookError> {
    let mut activities: Vec<(Activity, f64)> = entry.activities.into_iter().collect();
    activities.sort_by(|a, b| b.1.total_cmp(&a.1));
    let Some(&(activity, strength)) = activities.first() else {
        return Err(wrong(kind, &entry.what, "no activity".into(), "at least one"));
    };
    if activities.iter().any(|(_, strength)| !(0.0..=1.0).contains(strength)) {
        return Err(wrong(kind, &entry.what, "a strength out of range".into(), "0 to 1"));
    }
    if activities.iter().any(|(activity, _)| *activity == Activity::Mining) {
        return Err(wrong(
            kind,
            &entry.what,
            "a hint for mining".into(),
            "any other activity: names never decide that",
        ));
    }
    Ok(Hint { activity, name: entry.what, strength, activities })
}

fn wrong(kind: NameKind, entry: &str, found: String, expected: &'static str) -> BookError {
    BookError::Entry { file: FILE, section: kind.section(), entry: entry.to_owned(), found, expected }
}
