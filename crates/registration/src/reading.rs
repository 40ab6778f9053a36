//! What every reader of files checks: names, days, and that nothing stands there twice.

use crate::field::{DAY, Dictionary, day, nearest};
use crate::mistake::{Fault, Mistakes};
use crate::wish::{Said, Wish, Wishes};
use jiff::ToSpan;
use jiff::civil::{Date, date};
use rulebook::Vocabulary;
use statement::{Kind, Name};
use std::collections::{BTreeSet, HashMap};

/// The first day that anything may be registered from.
pub const FIRST_DAY: Date = date(1970, 1, 1);
/// Years ahead in which something may begin.
pub const AHEAD_YEARS: i16 = 10;
/// Years ahead in which something may end.
pub const UNTIL_YEARS: i16 = 100;

/// What a reader needs to know beside the file.
#[derive(Debug)]
pub struct Reading<'v> {
    /// The dictionary.
    pub dictionary: Dictionary<'v>,
    /// The vocabulary.
    pub vocabulary: &'v Vocabulary,
    /// Today.
    pub today: Date,
    /// The site of devices of which the file names none.
    pub site: Option<Name>,
}

impl<'v> Reading<'v> {
    /// Reads by a vocabulary, on a day.
    #[must_use]
    pub fn new(vocabulary: &'v Vocabulary, today: Date) -> Self {
        Self { dictionary: Dictionary::new(vocabulary), vocabulary, today, site: None }
    }

    /// The same, with a site for devices of which the file names none.
    #[must_use]
    pub fn at(self, site: Option<Name>) -> Self {
        Self { site, ..self }
    }

    /// A first or last day.
    pub(crate) fn day(&self, what: &'static str, text: &str, years: i16) -> Result<Date, Fault> {
        let found = day(text).ok_or_else(|| Fault::value(what, text, DAY))?;
        let last = self.today.checked_add(i32::from(years).years()).unwrap_or(Date::MAX);
        if (FIRST_DAY..=last).contains(&found) {
            return Ok(found);
        }
        let (first, last) = (FIRST_DAY.to_string(), last.to_string());
        Err(Fault::Day { field: what, found: found.to_string(), first, last })
    }
}

/// A name, or the fault that it is none.
pub fn name(what: &'static str, text: &str) -> Result<Name, Fault> {
    let expected = "1 to 64 of a-z 0-9 . _ - beginning with a letter or digit";
    text.parse().map_err(|_| Fault::value(what, text, expected))
}

/// What stands in a file once only.
#[derive(Debug, Default)]
pub struct Once {
    names: HashMap<(Kind, Name), u64>,
    serials: HashMap<String, u64>,
    enrolled: HashMap<[u8; 16], u64>,
}

impl Once {
    /// Takes a wish in and says what stands in the file already, and whether its days are in order.
    pub fn check(&mut self, wish: &Wish, mistakes: &mut Mistakes) {
        let mut again = |what, name: String, first: u64| {
            mistakes.add(wish.line, Fault::Again { what, name, first });
        };
        if let Some(first) = self.names.insert((wish.kind, wish.id.clone()), wish.line) {
            again(wish.kind.word(), wish.id.to_string(), first);
        }
        for serial in serials(&wish.fields) {
            if let Some(first) = self.serials.insert(serial.key, wish.line)
                && first != wish.line
            {
                again("serial number", crate::shorten(serial.shown), first);
            }
        }
        if let Said::Is(device) = wish.device
            && let Some(first) = self.enrolled.insert(device.0, wish.line)
        {
            again("enrolled device", device.to_string(), first);
        }
        if let (Some(from), Said::Is(until)) = (wish.from, wish.until)
            && until < from
        {
            let fault = Fault::Order { from: from.to_string(), until: until.to_string() };
            mistakes.add(wish.line, fault);
        }
    }
}

/// A serial number with the maker, because two makers may use the same.
pub struct Serial<'f> {
    pub key: String,
    pub shown: &'f str,
}

/// The serial numbers among fields.
pub fn serials(fields: &[(String, String)]) -> impl Iterator<Item = Serial<'_>> {
    let value = |name: &str| fields.iter().find(|(n, _)| n == name).map_or("", |(_, v)| v.as_str());
    let maker = value("device.manufacturer").to_lowercase();
    let shown = crate::field::items(value("device.serial"));
    shown.map(move |shown| Serial { key: format!("{maker}\n{}", shown.to_lowercase()), shown })
}

/// The lines that put something in a site or under an operator that neither the file nor `known` has.
///
/// # Errors
///
/// [`Mistakes`].
pub fn unknown_owners(
    wishes: &Wishes,
    sites: &BTreeSet<Name>,
    operators: &BTreeSet<Name>,
) -> Result<(), Mistakes> {
    let sites: BTreeSet<&Name> = sites.iter().chain(wishes.sites.iter().map(|s| &s.id)).collect();
    let operators: BTreeSet<&Name> = operators.iter().chain(wishes.operators.iter().map(|o| &o.id)).collect();
    let mut mistakes = Mistakes::default();
    let mut need = |what, known: &BTreeSet<&Name>, name: &Name, line| {
        if !known.contains(name) {
            let near = nearest(name.as_str(), known.iter().map(|n| n.as_str()));
            mistakes.add(line, Fault::Stranger { what, name: name.to_string(), near });
        }
    };
    for wish in &wishes.subjects {
        match (wish.kind, &wish.within) {
            (Kind::Operator, _) => need("operator", &operators, &wish.id, wish.line),
            (Kind::Site, within) => {
                need("site", &sites, &wish.id, wish.line);
                within.iter().for_each(|operator| need("operator", &operators, operator, wish.line));
            }
            (_, within) => within.iter().for_each(|site| need("site", &sites, site, wish.line)),
        }
    }
    mistakes.or(())
}
