//! Reads the files of a rulebook, follows every reference, and reports everything that is wrong at once.

mod at;
mod data;
mod due;
mod items;
mod policies;
mod provisions;
mod scope;

use crate::diagnostic::{Diagnostic, Severity};
use crate::document::{self, Document, Meta};
use crate::law::Several;
use crate::obligation::Weekday;
use crate::region::Regions;
use crate::rulebook::Rulebook;
use crate::source::Source;
use crate::vocabulary::Vocabulary;
use data::Data;
use jiff::civil::Date;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// Most rulebooks that one includes.
const MAX_INCLUDED: usize = 8;
/// Kinds of registrations, as a rulebook names them.
const REGISTRATIONS: [&str; 4] = ["operator", "site", "device", "workload"];

/// A rulebook with everything that was noticed while reading it.
pub type Loaded = (Option<Rulebook>, Vec<Diagnostic>);

/// Reads a rulebook. `find` gives the files of a rulebook that this one includes, by its jurisdiction.
///
/// There is a rulebook only if nothing of what was noticed is an error.
pub fn load(source: &Source, find: &dyn Fn(&str) -> Option<Source>, vocabulary: &Arc<Vocabulary>) -> Loaded {
    let mut wrong = Vec::new();
    let rulebook = Loading { vocabulary, wrong: &mut wrong }.read(source, find);
    wrong.sort();
    let sound = wrong.iter().all(|d| d.severity != Severity::Error);
    (rulebook.filter(|_| sound), wrong)
}

struct Loading<'a> {
    vocabulary: &'a Arc<Vocabulary>,
    wrong: &'a mut Vec<Diagnostic>,
}

impl Loading<'_> {
    fn read(&mut self, source: &Source, find: &dyn Fn(&str) -> Option<Source>) -> Option<Rulebook> {
        let mut documents = document::read(source, self.wrong);
        let meta = self.meta(&mut documents)?;
        let mut sources = vec![(String::new(), source.clone())];
        for name in meta.includes.iter().take(MAX_INCLUDED) {
            match find(name) {
                Some(included) => sources.push((format!("{name}/"), included)),
                None => self.error(
                    ("rulebook.toml", 0),
                    "include",
                    format!("no rulebook '{}'", crate::value::shorten(name)),
                    "name a rulebook beside this one",
                ),
            }
        }
        let mut data = Data::default();
        self.add("", documents, &mut data);
        for (prefix, source) in sources.iter().skip(1) {
            let documents = document::read(source, self.wrong);
            self.add(prefix, documents, &mut data);
        }
        data.finish(self.wrong);
        let mut rulebook = self.empty(&meta, &sources, data)?;
        self.places(&rulebook);
        let drafts: Vec<policies::Draft> = sources
            .iter()
            .flat_map(|(prefix, source)| policies::read(prefix, source, &rulebook, self.wrong))
            .collect();
        rulebook.regions = self.regions(&drafts, &rulebook)?;
        rulebook.provisions =
            drafts.into_iter().filter_map(|draft| draft.finish(&rulebook, self.wrong)).collect();
        Some(rulebook)
    }

    /// Adds the data of one rulebook, its places first.
    fn add(&mut self, prefix: &str, mut documents: Vec<(&str, &str, Document)>, data: &mut Data) {
        documents.sort_by_key(|(name, ..)| *name != "rulebook.toml");
        data.add(prefix, documents, self.vocabulary, self.wrong);
    }

    fn meta(&mut self, documents: &mut [(&str, &str, Document)]) -> Option<Meta> {
        let mut found: Vec<Meta> = documents.iter_mut().filter_map(|(_, _, d)| d.rulebook.take()).collect();
        if found.len() == 1 {
            return found.pop();
        }
        if self.wrong.is_empty() {
            let message = format!("found {} tables [rulebook]; expected one", found.len());
            self.error(("rulebook.toml", 0), "rulebook", message, "write it in rulebook.toml");
        }
        None
    }

    fn empty(&mut self, meta: &Meta, sources: &[(String, Source)], data: Data) -> Option<Rulebook> {
        let file = ("rulebook.toml", 0);
        let as_of: Option<Date> = meta.as_of.get_ref().parse().ok();
        if as_of.is_none() {
            self.error(
                file,
                "date",
                format!("as_of = '{}' is no date", meta.as_of.get_ref()),
                "write YYYY-MM-DD",
            );
        }
        if jiff::tz::TimeZone::get(meta.time_zone.get_ref()).is_err() {
            self.error(
                file,
                "time-zone",
                format!("unknown time zone '{}'", meta.time_zone.get_ref()),
                "use a name of the IANA time zone database",
            );
        }
        let several = self.several(meta);
        let weekend = self.weekend(meta);
        if data.places.first().map(|p| &p.code) != Some(meta.jurisdiction.get_ref()) {
            self.error(
                file,
                "place",
                format!("the first [[place]] is not '{}'", meta.jurisdiction.get_ref()),
                "the first place is the jurisdiction itself",
            );
        }
        let digests: Vec<String> = sources.iter().map(|(_, source)| source.digest()).collect();
        Some(Rulebook {
            jurisdiction: meta.jurisdiction.get_ref().clone(),
            name: meta.name.clone(),
            original: meta.original.clone(),
            language: meta.language.clone(),
            time_zone: meta.time_zone.get_ref().clone(),
            currency: meta.currency.clone(),
            as_of: as_of?,
            about: meta.about.clone(),
            several,
            second_person: self.second_person(meta),
            weekend,
            holidays: data.holidays,
            formulas: data.formulas,
            digest: digests.join("+"),
            places: data.places,
            instruments: data.instruments,
            limits: data.limits,
            classifications: data.classifications,
            codes: data.codes,
            charges: data.charges,
            obligations: data.obligations,
            provisions: Vec::new(),
            vocabulary: Arc::clone(self.vocabulary),
            regions: Vec::new(),
        })
    }

    /// Which charge is owed where several apply.
    fn several(&mut self, meta: &Meta) -> Several {
        match meta.several_charges.as_ref().map(|s| s.get_ref().as_str()) {
            None | Some("all") => Several::All,
            Some("highest") => Several::Highest,
            Some(other) => {
                self.error(
                    ("rulebook.toml", 0),
                    "charge",
                    format!("several_charges = '{other}'"),
                    "expected 'all' or 'highest'",
                );
                Several::All
            }
        }
    }

    /// Kinds of registrations that a second person has to approve.
    fn second_person(&mut self, meta: &Meta) -> Vec<String> {
        for word in &meta.second_person {
            if !REGISTRATIONS.contains(&word.as_str()) {
                let found = format!("second_person names '{word}'");
                let expected = format!("expected one of {}", REGISTRATIONS.join(", "));
                self.error(("rulebook.toml", 0), "second-person", found, &expected);
            }
        }
        meta.second_person.clone()
    }

    /// The days of the week on which offices are closed; not all of them.
    fn weekend(&mut self, meta: &Meta) -> Vec<Weekday> {
        let mut weekend = Vec::new();
        for day in &meta.weekend {
            match Weekday::named(day.get_ref()) {
                Some(day) => weekend.push(day),
                None => self.error(
                    ("rulebook.toml", 0),
                    "weekday",
                    format!("'{}' is no day of the week", day.get_ref()),
                    "write it in small English letters",
                ),
            }
        }
        if weekend.len() == 7 {
            self.error(
                ("rulebook.toml", 0),
                "weekday",
                "no working day is left".to_owned(),
                "list the days on which offices are closed",
            );
        }
        weekend
    }

    /// Every place lies in the end within one that lies within none.
    fn places(&mut self, rulebook: &Rulebook) {
        for (index, place) in rulebook.places.iter().enumerate() {
            let root = (0..rulebook.places.len()).find(|other| {
                rulebook.lies_within(index, *other)
                    && rulebook.places.get(*other).is_some_and(|p| p.within.is_none())
            });
            if root.is_none() {
                self.error(
                    ("rulebook.toml", 0),
                    "place",
                    format!("'{}' lies within itself", place.code),
                    "break the circle",
                );
            }
        }
    }

    /// Cuts every fact at all constants that a provision compares it with.
    fn regions(&mut self, drafts: &[policies::Draft], rulebook: &Rulebook) -> Option<Vec<Regions>> {
        let mut constants: BTreeMap<usize, BTreeSet<i64>> = BTreeMap::new();
        for draft in drafts {
            draft.condition.constants(&mut constants);
        }
        let none = BTreeSet::new();
        let facts = rulebook.vocabulary.facts().iter().enumerate();
        let regions: Option<Vec<Regions>> =
            facts.map(|(i, fact)| Regions::new(fact, constants.get(&i).unwrap_or(&none))).collect();
        if regions.is_none() {
            self.error(
                ("limits.toml", 0),
                "too-many",
                "a fact is compared with too many limits".to_owned(),
                "split the rulebook",
            );
        }
        regions
    }

    fn error(&mut self, at: (&str, usize), rule: &'static str, message: String, help: &str) {
        self.wrong.push(Diagnostic::error(at, rule, message, help));
    }
}
