//! Which provisions can concern a question, and which values of their facts are worth trying.

use super::book::{Book, Values};
use super::policy::Provision;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// Facts with the values to be tried.
pub type Open = Vec<(String, Vec<Value>)>;

impl Provision {
    /// Whether it holds on a day. Days are compared as text, which orders them as long as years have four digits.
    pub fn in_force(&self, date: &str) -> bool {
        let begun = self.from.as_str() <= date;
        let ended = self.until.as_deref().is_some_and(|until| until < date);
        let day = date.get(5..).unwrap_or_default();
        let in_season = self.season.as_ref().is_none_or(|(from, to)| {
            let (after, before) = (from.as_str() <= day, day <= to.as_str());
            // A season that ends before it begins passes over New Year.
            if from <= to { after && before } else { after || before }
        });
        begun && !ended && in_season
    }
}

impl Book {
    /// Provisions that are in force at a place on a day and speak of an activity.
    pub(super) fn concerning(&self, place: &str, date: &str, activity: &str) -> Vec<&Provision> {
        let around = self.around(place);
        let these = self.provisions.iter().filter(|provision| {
            provision.in_force(date)
                && provision.activities.as_ref().is_none_or(|named| named.contains(activity))
                && provision.places.iter().any(|there| around.contains(&there.as_str()))
        });
        these.collect()
    }

    /// The place itself and every place that it lies within.
    fn around<'a>(&'a self, place: &'a str) -> Vec<&'a str> {
        let mut around = vec![place];
        let mut at = place;
        while let Some(larger) = self.places.iter().find(|p| p.code == at).and_then(|p| p.within.as_deref()) {
            if around.contains(&larger) {
                break;
            }
            around.push(larger);
            at = larger;
        }
        around
    }

    /// Places that lie within this one, without itself.
    #[must_use]
    pub fn inside(&self, place: &str) -> Vec<&str> {
        self.places().filter(|other| *other != place && self.around(other).contains(&place)).collect()
    }

    /// The facts that any provision asks for which can concern this activity there, in places within it too, with the values
    /// that are worth trying.
    #[must_use]
    pub fn bearing(&self, place: &str, date: &str, activity: &str) -> BTreeMap<String, Vec<Value>> {
        let mut all = BTreeMap::new();
        for place in std::iter::once(place).chain(self.inside(place)) {
            let these = self.concerning(place, date, activity);
            all.extend(self.open(&these, &BTreeMap::new()));
        }
        all
    }

    /// The facts that these provisions ask for and that are not known, each with the values to be tried.
    pub(super) fn open(&self, provisions: &[&Provision], known: &BTreeMap<String, Value>) -> Open {
        let asked: BTreeSet<&String> = provisions.iter().flat_map(|p| &p.facts).collect();
        let asked = asked.into_iter().filter(|fact| !known.contains_key(*fact));
        asked.map(|fact| (fact.clone(), self.tried(fact, provisions))).collect()
    }

    /// Both of yes and no, every choice; of a quantity nothing, the most, and what lies at and beside every limit that a
    /// provision names together with it.
    fn tried(&self, fact: &str, provisions: &[&Provision]) -> Vec<Value> {
        match self.facts.get(fact) {
            None => Vec::new(),
            Some(Values::Listed(all)) => all.clone(),
            Some(Values::UpTo { max, unit }) => {
                let named = provisions.iter().filter(|p| p.facts.contains(fact)).flat_map(|p| &p.limits);
                let limits = named.filter_map(|name| self.limits.get(name)).filter(|l| l.unit == *unit);
                let beside =
                    limits.flat_map(|l| [l.value.saturating_sub(1), l.value, l.value.saturating_add(1)]);
                let values: BTreeSet<i64> = beside.chain([0, *max]).collect();
                values.into_iter().filter(|n| (0..=*max).contains(n)).map(|n| json!(n)).collect()
            }
        }
    }
}
