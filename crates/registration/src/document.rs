//! Operators, sites, devices and workloads as a document, TOML or JSON.

mod value;

use self::value::{Day, datetime, scalar};
use crate::field::clean;
use crate::fleet::enrolled;
use crate::mistake::{Fault, Mistakes};
use crate::reading::{AHEAD_YEARS, Once, Reading, UNTIL_YEARS, name};
use crate::shorten;
use crate::wish::{OperatorWish, Said, SiteWish, Wish, Wishes};
use serde::Deserialize;
use serde_json::{Map, Value};
use statement::{Kind, MAX_FIELDS};
use std::collections::BTreeMap;
use toml::Spanned;

/// Most bytes of a document.
pub const MAX_DOCUMENT: usize = 16 << 20;
/// Most bytes of the title of an operator.
const MAX_TITLE: usize = 256;

/// A document; `E` is an entry, with its place in the text where the form tells it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Document<E> {
    #[serde(default = "Vec::new")]
    operator: Vec<E>,
    #[serde(default = "Vec::new")]
    site: Vec<E>,
    #[serde(default = "Vec::new")]
    device: Vec<E>,
    #[serde(default = "Vec::new")]
    workload: Vec<E>,
}

/// One entry, whatever its kind; what a kind does not have is refused later, with its line.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    id: String,
    title: Option<String>,
    kind: Option<String>,
    operator: Option<String>,
    place: Option<String>,
    facts: Option<Map<String, Value>>,
    site: Option<String>,
    device: Option<String>,
    from: Option<Day>,
    until: Option<Day>,
    #[serde(default)]
    fields: Map<String, Value>,
}

/// Reads a document: JSON where it begins with a brace, otherwise TOML.
///
/// # Errors
///
/// Up to [`crate::MAX_MISTAKES`] mistakes with their lines; nothing is read in part.
pub fn document(bytes: &[u8], reading: &Reading<'_>) -> Result<Wishes, Mistakes> {
    let text = text(bytes)?;
    let mut builder =
        Builder { reading, once: Once::default(), wishes: Wishes::default(), mistakes: Mistakes::default() };
    for (kind, entries) in entries(&text)? {
        for (line, entry) in entries {
            if !builder.mistakes.full() {
                builder.add(kind, line, &entry);
            }
        }
    }
    builder.mistakes.or(builder.wishes)
}

/// The text of a document, if it is one.
fn text(bytes: &[u8]) -> Result<String, Mistakes> {
    let stop = |line: usize, fault| {
        let mut mistakes = Mistakes::default();
        mistakes.stop(line as u64, fault);
        mistakes
    };
    if bytes.len() > MAX_DOCUMENT {
        let field = "the document".to_owned();
        return Err(stop(0, Fault::Long { field, found: bytes.len(), most: MAX_DOCUMENT }));
    }
    let mut text = Vec::new();
    let left = std::rc::Rc::new(std::cell::Cell::new(MAX_DOCUMENT * 2));
    std::io::Read::read_to_end(&mut crate::decoded::Decoded::new(bytes, left), &mut text)
        .map_err(|e| stop(0, Fault::Source { why: e.to_string() }))?;
    String::from_utf8(text).map_err(|e| {
        let good = e.utf8_error().valid_up_to();
        let line = e.as_bytes().iter().take(good).filter(|b| **b == b'\n').count() + 1;
        let rest = e.as_bytes().get(good..).unwrap_or_default();
        let end = rest.iter().position(|b| *b == b'\n').unwrap_or(rest.len());
        stop(line, crate::decoded::looks_like(rest.get(..end).unwrap_or_default()))
    })
}

type Kinds = [(Kind, Vec<(u64, Entry)>); 4];

fn entries(text: &str) -> Result<Kinds, Mistakes> {
    let stop = |line: u64, message: String| {
        let mut mistakes = Mistakes::default();
        mistakes.stop(line, Fault::Form { message });
        mistakes
    };
    let line = |byte: usize| text.bytes().take(byte).filter(|b| *b == b'\n').count() as u64 + 1;
    if text.trim_start().starts_with('{') {
        let read: Document<Entry> =
            serde_json::from_str(text).map_err(|e| stop(e.line() as u64, plain(&e.to_string())))?;
        // JSON does not say where an entry began; its id does, as entries of a kind stand in order.
        let lines = |entries: Vec<Entry>| {
            let mut from = 0;
            let place = |entry: Entry| {
                let wanted = format!("\"{}\"", entry.id);
                let found = text.get(from..).and_then(|rest| rest.find(&wanted)).map(|at| from + at);
                from = found.map_or(from, |at| at + wanted.len());
                (found.map_or(0, line), entry)
            };
            entries.into_iter().map(place).collect()
        };
        return Ok(kinds(read, lines));
    }
    let read: Document<Spanned<Entry>> =
        toml::from_str(text).map_err(|e| stop(e.span().map_or(0, |s| line(s.start)), plain(e.message())))?;
    let starts: Vec<usize> =
        text.bytes().enumerate().filter(|(_, b)| *b == b'\n').map(|(at, _)| at).collect();
    let place = |entry: Spanned<Entry>| {
        let begins = entry.span().start;
        (starts.partition_point(|end| *end < begins) as u64 + 1, entry.into_inner())
    };
    Ok(kinds(read, |entries| entries.into_iter().map(place).collect()))
}

fn kinds<E>(read: Document<E>, lines: impl Fn(Vec<E>) -> Vec<(u64, Entry)>) -> Kinds {
    [
        (Kind::Operator, lines(read.operator)),
        (Kind::Site, lines(read.site)),
        (Kind::Device, lines(read.device)),
        (Kind::Workload, lines(read.workload)),
    ]
}

fn plain(message: &str) -> String {
    format!("{}; expected [[operator]], [[site]], [[device]] and [[workload]]", shorten(message.trim()))
}

struct Builder<'a, 'v> {
    reading: &'a Reading<'v>,
    once: Once,
    wishes: Wishes,
    mistakes: Mistakes,
}

impl Builder<'_, '_> {
    fn add(&mut self, kind: Kind, line: u64, entry: &Entry) {
        let known = self.mistakes.list.len();
        self.refuse_foreign(kind, line, entry);
        let wish = self.wish(kind, line, entry);
        if self.mistakes.list.len() > known {
            return;
        }
        let Some(wish) = wish else { return };
        match kind {
            Kind::Operator => self.operator(line, entry, &wish),
            Kind::Site => self.site(line, entry, &wish),
            _ => {}
        }
        self.once.check(&wish, &mut self.mistakes);
        self.wishes.subjects.push(wish);
    }

    /// What this kind of entry does not have.
    fn refuse_foreign(&mut self, kind: Kind, line: u64, entry: &Entry) {
        let (operator, site) = (kind == Kind::Operator, kind == Kind::Site);
        let placed = kind == Kind::Device || kind == Kind::Workload;
        let foreign = [
            ("title", entry.title.is_some() && !operator),
            ("kind", entry.kind.is_some() && !operator),
            ("operator", entry.operator.is_some() && !site),
            ("place", entry.place.is_some() && !site),
            ("facts", entry.facts.is_some() && !site),
            ("site", entry.site.is_some() && !placed),
            ("device", entry.device.is_some() && kind != Kind::Device),
        ];
        for (key, _) in foreign.into_iter().filter(|(_, there)| *there) {
            let message = format!("'{key}' says nothing of a {}", kind.word());
            self.mistakes.add(line, Fault::Form { message });
        }
    }

    fn wish(&mut self, kind: Kind, line: u64, entry: &Entry) -> Option<Wish> {
        let reading = self.reading;
        let owner = match kind {
            Kind::Operator => None,
            Kind::Site => entry.operator.as_deref().map(|text| ("operator", text)),
            Kind::Device | Kind::Workload => entry.site.as_deref().map(|text| ("site", text)),
        };
        let owner = owner.and_then(|(what, text)| self.good(line, name(what, text)));
        let placed = matches!(kind, Kind::Device | Kind::Workload);
        let within = owner.or_else(|| reading.site.clone().filter(|_| placed));
        if within.is_none() && kind != Kind::Operator && entry.site.is_none() && entry.operator.is_none() {
            let what = if placed { "site" } else { "operator" };
            self.mistakes.add(line, Fault::Nowhere { what });
        }
        let day = |day: &Option<Day>, what, years| {
            let text = day.as_ref().map(Day::text).filter(|text| !text.is_empty());
            text.map(|text| reading.day(what, &text, years)).transpose()
        };
        let from = self.good(line, day(&entry.from, "from", AHEAD_YEARS)).flatten();
        let until = self.good(line, day(&entry.until, "until", UNTIL_YEARS)).flatten();
        let device = match entry.device.as_deref().map(str::trim) {
            None => Said::Unsaid,
            Some("") => Said::Nothing,
            Some(text) => self.good(line, enrolled(text)).map_or(Said::Nothing, Said::Is),
        };
        let nothing = if entry.until.is_some() { Said::Nothing } else { Said::Unsaid };
        let until = until.map_or(nothing, Said::Is);
        let fields = self.fields(line, &entry.fields);
        let id = self.good(line, name("id", &entry.id))?;
        Some(Wish { line, kind, id, within, from, until, device, fields })
    }

    fn good<T>(&mut self, line: u64, outcome: Result<T, Fault>) -> Option<T> {
        outcome.map_err(|fault| self.mistakes.add(line, fault)).ok()
    }

    /// Fields, nested by group or with dotted names.
    fn fields(&mut self, line: u64, map: &Map<String, Value>) -> Vec<(String, String)> {
        let mut fields: BTreeMap<String, String> = BTreeMap::new();
        for (key, value) in map {
            match value {
                Value::Object(group) if datetime(group).is_none() => {
                    for (inner, value) in group {
                        self.field(line, &format!("{key}.{inner}"), value, &mut fields);
                    }
                }
                value => self.field(line, key, value, &mut fields),
            }
        }
        if fields.len() > MAX_FIELDS {
            let expected = format!("at most {MAX_FIELDS}");
            self.mistakes.add(line, Fault::value("fields", &fields.len().to_string(), expected));
        }
        fields.into_iter().collect()
    }

    fn field(&mut self, line: u64, name: &str, value: &Value, fields: &mut BTreeMap<String, String>) {
        let dictionary = &self.reading.dictionary;
        let outcome = dictionary.known(name, &[]).and_then(|field| {
            let value = dictionary.read(field, &scalar(&field.name, value)?)?;
            if fields.insert(field.name.clone(), value).is_some() {
                return Err(Fault::Column { name: field.name.clone() });
            }
            Ok(())
        });
        self.good(line, outcome);
    }

    fn operator(&mut self, line: u64, entry: &Entry, wish: &Wish) {
        let Some(title) = &entry.title else { return };
        let Some(title) = self.good(line, clean("title", title)) else { return };
        if title.is_empty() || title.len() > MAX_TITLE {
            let expected = format!("1 to {MAX_TITLE} bytes");
            return self.mistakes.add(line, Fault::value("title", &title, expected));
        }
        let kind = entry.kind.as_deref().map(str::trim).filter(|kind| !kind.is_empty());
        if let Some(Err(error)) = kind.map(|kind| self.reading.vocabulary.operator(kind)) {
            return self.mistakes.add(line, Fault::Form { message: error.to_string() });
        }
        let kind = kind.map(str::to_owned);
        self.wishes.operators.push(OperatorWish { line, id: wish.id.clone(), title, kind });
    }

    fn site(&mut self, line: u64, entry: &Entry, wish: &Wish) {
        let (Some(place), Some(operator)) = (&entry.place, &wish.within) else { return };
        let facts = entry.facts.as_ref().map(|map| rulebook::facts_of(map, self.reading.vocabulary));
        let facts = match facts.transpose() {
            Ok(facts) => facts,
            Err(error) => return self.mistakes.add(line, Fault::Form { message: error.to_string() }),
        };
        let facts = facts.map(|facts| facts.into_iter().map(|(name, v)| (name, v.to_string())).collect());
        let Some(place) = self.good(line, clean("place", place)) else { return };
        let (id, operator) = (wish.id.clone(), operator.clone());
        self.wishes.sites.push(SiteWish { line, id, operator, place, facts });
    }
}
