//! What a file asks to have registered, before it is held against what is registered already.
//!
//! What a file does not name stays as it was; what it names as empty is taken away. Must not fill in what nobody said.

use jiff::civil::Date;
use statement::{DeviceId, Kind, Name};
use std::collections::BTreeMap;

/// What was said of something that may be left out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Said<T> {
    /// Nothing: it stays as it was.
    Unsaid,
    /// That there is none.
    Nothing,
    /// This.
    Is(T),
}

impl<T> Said<T> {
    /// The value, where there was another before.
    pub fn over(self, before: Option<T>) -> Option<T> {
        match self {
            Self::Unsaid => before,
            Self::Nothing => None,
            Self::Is(value) => Some(value),
        }
    }

    /// The value that was said.
    pub const fn value(&self) -> Option<&T> {
        match self {
            Self::Is(value) => Some(value),
            _ => None,
        }
    }
}

/// One subject as a file wishes it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wish {
    /// The line where it begins, from 1; 0 where it comes from no file.
    pub line: u64,
    /// What it is about.
    pub kind: Kind,
    /// Its name.
    pub id: Name,
    /// The operator of a site, the site of a device or workload; none for an operator.
    pub within: Option<Name>,
    /// The first day on which it is true; otherwise the day it is registered.
    pub from: Option<Date>,
    /// The last day.
    pub until: Said<Date>,
    /// The enrolled device that is meant.
    pub device: Said<DeviceId>,
    /// Fields in order of their names, each once, in the form that the dictionary gives; an empty value takes the
    /// field away.
    pub fields: Vec<(String, String)>,
}

/// The base record of an operator.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OperatorWish {
    /// The line where it begins.
    pub line: u64,
    /// Its name here.
    pub id: Name,
    /// Its name for people.
    pub title: String,
    /// Its kind by the rulebook's vocabulary.
    pub kind: Option<String>,
}

/// The base record of a site.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SiteWish {
    /// The line where it begins.
    pub line: u64,
    /// Its name here.
    pub id: Name,
    /// Who answers for it.
    pub operator: Name,
    /// Code of the place.
    pub place: String,
    /// Declared facts, as text, by name; none where the file says nothing of them.
    pub facts: Option<BTreeMap<String, String>>,
}

/// Everything that a file wishes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Wishes {
    /// Base records of operators.
    pub operators: Vec<OperatorWish>,
    /// Base records of sites.
    pub sites: Vec<SiteWish>,
    /// Registrations: operators first, then sites, devices, workloads.
    pub subjects: Vec<Wish>,
}

impl Wishes {
    /// Names of the sites that devices and workloads are put in, each with the first line that does.
    #[must_use]
    pub fn sites_named(&self) -> BTreeMap<&Name, u64> {
        let mut named = BTreeMap::new();
        for wish in self.subjects.iter().filter(|w| matches!(w.kind, Kind::Device | Kind::Workload)) {
            if let Some(site) = &wish.within {
                named.entry(site).or_insert(wish.line);
            }
        }
        named
    }

    /// Names of the operators that sites are put under, each with the first line that does.
    #[must_use]
    pub fn operators_named(&self) -> BTreeMap<&Name, u64> {
        let mut named = BTreeMap::new();
        for wish in self.subjects.iter().filter(|w| w.kind == Kind::Site) {
            if let Some(operator) = &wish.within {
                named.entry(operator).or_insert(wish.line);
            }
        }
        named
    }
}
