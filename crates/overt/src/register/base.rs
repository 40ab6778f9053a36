//! Base records of operators and sites: what the registry has, and what a file would make of them.

use super::read::refused;
use super::remote::{Wanted, rows};
use crate::Failure;
use crate::registry::ask::Ask;
use registration::{OperatorWish, SiteWish, Wishes, unknown_owners};
use serde::{Deserialize, Serialize};
use statement::{Kind, Name};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// An operator's base record.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
pub struct Operator {
    pub title: String,
    pub kind: Option<String>,
}

/// A site's base record.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
pub struct Site {
    pub operator: String,
    pub place: String,
    #[serde(default)]
    pub facts: BTreeMap<String, String>,
}

/// What is to be written, in order, with the word for what it does: new or changed.
#[derive(Debug, Default)]
pub struct Base {
    pub operators: Vec<(&'static str, Name, Operator)>,
    pub sites: Vec<(&'static str, Name, Site)>,
    pub unchanged: usize,
}

/// The base record of an operator, if there is one.
pub fn operator(ask: &Ask, id: &Name) -> Result<Option<Operator>, Failure> {
    read(ask, &format!("/api/v1/operators/{id}"))
}

/// The base record of a site, if there is one.
pub fn site(ask: &Ask, id: &Name) -> Result<Option<Site>, Failure> {
    read(ask, &format!("/api/v1/sites/{id}"))
}

fn read<T: for<'d> Deserialize<'d>>(ask: &Ask, path: &str) -> Result<Option<T>, Failure> {
    let Some(bytes) = ask.get_unless(404, path)? else { return Ok(None) };
    serde_json::from_slice(&bytes)
        .map(Some)
        .map_err(|e| Failure::Usage(format!("the registry answers something else than expected: {e}")))
}

/// Finds out what a file changes of base records, and refuses what belongs to nothing that is known.
pub fn prepare(ask: &Ask, wishes: &Wishes, source: &Path) -> Result<Base, Failure> {
    let mut base = Base::default();
    let (mut operators, mut sites) = (BTreeSet::new(), BTreeSet::new());
    let subjects = |kind| wishes.subjects.iter().filter(move |w| w.kind == kind).map(|w| &w.id);
    let named: BTreeSet<&Name> =
        wishes.operators_named().into_keys().chain(subjects(Kind::Operator)).collect();
    for id in named {
        let known = operator(ask, id)?;
        operators.extend(known.is_some().then(|| id.clone()));
        if let Some(wish) = wishes.operators.iter().find(|o| o.id == *id) {
            base.operator(wish, known);
        }
    }
    let named: BTreeSet<&Name> = wishes.sites_named().into_keys().chain(subjects(Kind::Site)).collect();
    for id in named {
        let known = site(ask, id)?;
        sites.extend(known.is_some().then(|| id.clone()));
        if let Some(wish) = wishes.sites.iter().find(|s| s.id == *id) {
            base.site(wish, known);
        }
    }
    if unknown_owners(wishes, &sites, &operators).is_err() {
        // Something is not known: what is registered may tell what was meant.
        sites.extend(names(ask, Kind::Site)?);
        operators.extend(names(ask, Kind::Operator)?);
    }
    unknown_owners(wishes, &sites, &operators).map_err(|mistakes| refused(source, &mistakes))?;
    Ok(base)
}

/// Names that are registered.
fn names(ask: &Ask, kind: Kind) -> Result<BTreeSet<Name>, Failure> {
    let rows = rows(ask, Wanted { kind: Some(kind), ..Wanted::default() })?;
    Ok(rows.iter().filter_map(|row| row.id.parse().ok()).collect())
}

impl Base {
    fn operator(&mut self, wish: &OperatorWish, known: Option<Operator>) {
        let before = known.as_ref().and_then(|o| o.kind.clone());
        let new = Operator { title: wish.title.clone(), kind: wish.kind.clone().or(before) };
        if known.as_ref() == Some(&new) {
            self.unchanged += 1;
        } else {
            self.operators.push((word(known.is_some()), wish.id.clone(), new));
        }
    }

    fn site(&mut self, wish: &SiteWish, known: Option<Site>) {
        let before = known.as_ref().map(|s| s.facts.clone()).unwrap_or_default();
        let facts = wish.facts.clone().unwrap_or(before);
        let new = Site { operator: wish.operator.to_string(), place: wish.place.clone(), facts };
        if known.as_ref() == Some(&new) {
            self.unchanged += 1;
        } else {
            self.sites.push((word(known.is_some()), wish.id.clone(), new));
        }
    }
}

const fn word(known: bool) -> &'static str {
    if known { "changed" } else { "new" }
}
