//! The files of a rulebook and of those that it includes, read into plain lists and sets of names.
//!
//! It reads what answering needs and checks nothing else: whether a rulebook is sound is what the engine's loader says.

use super::policy::{Provision, provisions};
use super::{Files, PlainError};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use toml::Table;

/// A place and the name of the one that it lies within.
#[derive(Clone, Debug)]
pub struct Place {
    pub code: String,
    pub within: Option<String>,
}

/// A threshold.
#[derive(Clone, Debug)]
pub struct Limit {
    pub value: i64,
    pub unit: String,
}

/// What values a fact may have.
#[derive(Clone, Debug)]
pub enum Values {
    /// All of them.
    Listed(Vec<Value>),
    /// From nothing up to the largest that makes sense, in a unit.
    UpTo { max: i64, unit: String },
}

/// A law: when it holds, and whether it is only proposed.
#[derive(Clone, Debug, Default)]
pub struct Law {
    pub from: String,
    pub until: Option<String>,
    pub proposed: bool,
}

/// A rulebook as the plain evaluator sees it.
#[derive(Clone, Debug, Default)]
pub struct Book {
    pub(super) places: Vec<Place>,
    pub(super) laws: BTreeMap<String, Law>,
    pub(super) limits: BTreeMap<String, Limit>,
    pub(super) facts: BTreeMap<String, Values>,
    /// Kinds of operators that no other kind is a member of.
    pub(super) operators: Vec<String>,
    /// Groups of activities and of kinds of operators, with their members.
    pub(super) activity_groups: BTreeMap<String, BTreeSet<String>>,
    pub(super) operator_groups: BTreeMap<String, BTreeSet<String>>,
    pub(super) provisions: Vec<Provision>,
    /// Obligations that are unverified or inferred: they are never certain.
    pub(super) doubtful: BTreeSet<String>,
}

impl Book {
    /// Reads the text of the vocabulary, the files of a jurisdiction, and those of the rulebooks that it includes.
    ///
    /// # Errors
    ///
    /// [`PlainError`] if a text cannot be read or lacks what answering needs.
    pub fn read(
        vocabulary: &str,
        jurisdiction: &str,
        find: &dyn Fn(&str) -> Option<Files>,
    ) -> Result<Self, PlainError> {
        let found = |name: &str| find(name).ok_or_else(|| PlainError::missing("rulebooks", name));
        let mut book = Self::default();
        book.vocabulary(&table("vocabulary.toml", vocabulary)?)?;
        let mut folders = vec![(jurisdiction.to_owned(), found(jurisdiction)?)];
        let own = folders.first().and_then(|(_, files)| files.get("rulebook.toml"));
        let own = table("rulebook.toml", own.map_or("", String::as_str))?;
        let includes = own.get("rulebook").and_then(|r| r.get("includes")).and_then(toml::Value::as_array);
        for name in includes.into_iter().flatten().filter_map(toml::Value::as_str) {
            folders.push((name.to_owned(), found(name)?));
        }
        for files in folders.iter().map(|(_, files)| files) {
            book.data(files)?;
        }
        for (name, files) in &folders {
            for (file, text) in files.iter().filter(|(file, _)| file.ends_with(".cedar")) {
                let read = provisions(&format!("{name}/{file}"), text, name, &book)?;
                book.provisions.extend(read);
            }
        }
        Ok(book)
    }

    /// Codes of all places, in the order of the files.
    pub fn places(&self) -> impl Iterator<Item = &str> {
        self.places.iter().map(|place| place.code.as_str())
    }

    /// Names of all facts of the vocabulary.
    pub fn facts(&self) -> impl Iterator<Item = &str> {
        self.facts.keys().map(String::as_str)
    }

    /// Kinds of operators.
    #[must_use]
    pub fn operators(&self) -> &[String] {
        &self.operators
    }

    /// First and last days of provisions, and of their seasons in every year from `first` to `last`.
    #[must_use]
    pub fn turning_days(&self, first: u16, last: u16) -> BTreeSet<String> {
        let mut days = BTreeSet::new();
        for provision in &self.provisions {
            days.insert(provision.from.clone());
            days.extend(provision.until.clone());
            let Some((from, to)) = &provision.season else { continue };
            days.extend((first..=last).flat_map(|year| [from, to].map(|day| format!("{year}-{day}"))));
        }
        days
    }

    fn vocabulary(&mut self, table: &Table) -> Result<(), PlainError> {
        for fact in entries(table, "facts") {
            let values = match text(fact, "kind")?.as_str() {
                "yes-no" => Values::Listed(vec![json!(false), json!(true)]),
                "choice" => Values::Listed(members(fact, "values").into_iter().map(Value::from).collect()),
                "quantity" => Values::UpTo { max: number(fact, "max")?, unit: text(fact, "unit")? },
                other => return Err(PlainError::Unknown(format!("the kind of fact '{other}'"))),
            };
            self.facts.insert(text(fact, "name")?, values);
        }
        for group in entries(table, "activities") {
            self.activity_groups
                .insert(text(group, "name")?, members(group, "members").into_iter().collect());
        }
        for operator in entries(table, "operators") {
            let (name, of) = (text(operator, "name")?, members(operator, "members"));
            if of.is_empty() {
                self.operators.push(name);
            } else {
                self.operator_groups.insert(name, of.into_iter().collect());
            }
        }
        Ok(())
    }

    fn data(&mut self, files: &Files) -> Result<(), PlainError> {
        let rules = files.iter().filter(|(name, _)| name.ends_with(".toml") && !name.starts_with("cases"));
        for (name, file) in rules {
            let table = table(name, file)?;
            for place in entries(&table, "place") {
                let within = place.get("within").and_then(toml::Value::as_str).map(str::to_owned);
                self.places.push(Place { code: text(place, "code")?, within });
            }
            for limit in entries(&table, "limit") {
                let read = Limit { value: number(limit, "value")?, unit: text(limit, "unit")? };
                self.limits.insert(text(limit, "id")?, read);
            }
            for obligation in entries(&table, "obligation") {
                if !matches!(text(obligation, "grade")?.as_str(), "VP" | "VS") {
                    self.doubtful.insert(text(obligation, "id")?);
                }
            }
            for law in entries(&table, "instrument") {
                let until = law.get("until").and_then(toml::Value::as_str).map(str::to_owned);
                let proposed = law.get("status").and_then(toml::Value::as_str) == Some("proposed");
                let from = text(law, "from").or_else(|_| text(law, "dated"))?;
                self.laws.insert(text(law, "id")?, Law { from, until, proposed });
            }
        }
        Ok(())
    }
}

fn table(file: &str, text: &str) -> Result<Table, PlainError> {
    text.parse().map_err(|error: toml::de::Error| PlainError::Syntax {
        file: file.to_owned(),
        message: error.to_string(),
    })
}

fn entries<'a>(table: &'a Table, name: &str) -> impl Iterator<Item = &'a Table> {
    let list = table.get(name).and_then(toml::Value::as_array);
    list.into_iter().flatten().filter_map(toml::Value::as_table)
}

fn text(table: &Table, name: &str) -> Result<String, PlainError> {
    let found = table.get(name).and_then(toml::Value::as_str).map(str::to_owned);
    found.ok_or_else(|| PlainError::missing(&table.to_string(), name))
}

fn number(table: &Table, name: &str) -> Result<i64, PlainError> {
    let found = table.get(name).and_then(toml::Value::as_integer);
    found.ok_or_else(|| PlainError::missing(&table.to_string(), name))
}

fn members(table: &Table, name: &str) -> Vec<String> {
    let list = table.get(name).and_then(toml::Value::as_array);
    list.into_iter().flatten().filter_map(toml::Value::as_str).map(str::to_owned).collect()
}
