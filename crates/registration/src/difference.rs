//! What a file would change: wishes held against what is registered, field by field.
//!
//! The same answers the dry run and the application, so that what was shown is what is done.

use crate::mistake::{Fault, Mistakes};
use crate::reading::serials;
use crate::register::Register;
use crate::wish::Wish;
use jiff::civil::Date;
use statement::{Kind, Name, Registration};
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

/// One thing that turns from what is registered to what is wished.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Turn {
    /// The field; or `within`, `from`, `until`, `device`.
    pub name: String,
    /// What is registered.
    pub old: Option<String>,
    /// What is wished.
    pub new: Option<String>,
}

/// What would happen to one subject.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// It is not registered.
    New,
    /// Another version follows the one that is registered.
    Changed(Vec<Turn>),
    /// Nothing but its last day changes, to this one.
    Ended(Date),
}

/// A change with where it comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// The line of the file.
    pub line: u64,
    /// What happens.
    pub change: Change,
    /// What would be registered; the registry gives the version.
    pub registration: Registration,
}

/// A serial number that another device has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Clash {
    /// The line of the file.
    pub line: u64,
    /// The device of the file.
    pub id: Name,
    /// The serial number.
    pub serial: String,
    /// The registered device that has it.
    pub held_by: Name,
}

/// What a file would change.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Difference {
    /// What changes, in the order of application: operators, sites, devices, workloads.
    pub lines: Vec<Line>,
    /// How many are registered as they are wished.
    pub unchanged: usize,
    /// Serial numbers that other devices have.
    pub clashes: Vec<Clash>,
    /// Devices and workloads of the sites of the file that it does not name. They are left alone.
    pub absent: Vec<(Kind, Name)>,
}

impl Difference {
    /// How many are new, changed, ended.
    #[must_use]
    pub fn counts(&self) -> (usize, usize, usize) {
        self.lines.iter().fold((0, 0, 0), |(new, changed, ended), line| match line.change {
            Change::New => (new + 1, changed, ended),
            Change::Changed(_) => (new, changed + 1, ended),
            Change::Ended(_) => (new, changed, ended + 1),
        })
    }

    /// Whether everything begins before it ends, with what the file does not say filled in.
    ///
    /// # Errors
    ///
    /// [`Mistakes`] with the lines that end before they begin.
    pub fn in_order(&self) -> Result<(), Mistakes> {
        let mut mistakes = Mistakes::default();
        for Line { line, registration: r, .. } in &self.lines {
            if let Some(until) = r.until.filter(|day| *day < r.from) {
                let fault = Fault::Order { from: r.from.to_string(), until: until.to_string() };
                mistakes.add(*line, fault);
            }
        }
        mistakes.or(())
    }

    /// What is to be registered, in order.
    pub fn registrations(&self) -> impl Iterator<Item = &Registration> {
        self.lines.iter().map(|line| &line.registration)
    }
}

/// Holds wishes against a register on a day.
#[must_use]
pub fn difference(wishes: &[Wish], register: &Register, today: Date) -> Difference {
    let mut difference = Difference { absent: absent(wishes, register, today), ..Difference::default() };
    for wish in wishes {
        let last = register.versions(wish.kind, &wish.id).last().map(|e| &e.registration);
        match change(wish, last, today) {
            None => difference.unchanged += 1,
            Some((change, registration)) => {
                difference.lines.push(Line { line: wish.line, change, registration });
            }
        }
    }
    difference.lines.sort_by_key(|l| (l.registration.kind, l.line));
    difference.clashes = clashes(wishes, register, today);
    difference
}

/// The version that a wish becomes, and what it changes; none where it says what is registered.
fn change(wish: &Wish, last: Option<&Registration>, today: Date) -> Option<(Change, Registration)> {
    if last.is_some_and(|last| says(last, wish)) {
        return None;
    }
    let wished = wished(wish, last, today);
    let Some(last) = last else { return Some((Change::New, wished)) };
    let turns = turns(last, &wished);
    match (turns.as_slice(), wished.until) {
        ([turn], Some(day)) if turn.name == "until" => {
            // It ends; it does not begin again.
            Some((Change::Ended(day), Registration { from: wish.from.unwrap_or(last.from), ..wished }))
        }
        _ => {
            let begins =
                if turns.iter().any(|t| t.name != "until") { today.max(last.from) } else { last.from };
            let ends_before = wished.until.is_some_and(|day| day < begins);
            let from = wish.from.unwrap_or(if ends_before { last.from } else { begins });
            Some((Change::Changed(turns), Registration { from, ..wished }))
        }
    }
}

/// Whether what is registered says already what is wished. Where the wish does not say from when, it is so since it was
/// registered.
fn says(last: &Registration, wish: &Wish) -> bool {
    let same = |(name, value): &(String, String)| last.field(name).unwrap_or_default() == value;
    last.within == wish.within
        && wish.from.is_none_or(|day| day == last.from)
        && wish.until.over(last.until) == last.until
        && wish.device.over(last.device) == last.device
        && wish.fields.iter().all(same)
}

fn wished(wish: &Wish, last: Option<&Registration>, today: Date) -> Registration {
    let before = last.into_iter().flat_map(|r| r.fields.iter().cloned());
    let mut fields: BTreeMap<String, String> = before.collect();
    for (name, value) in &wish.fields {
        if value.is_empty() {
            fields.remove(name);
        } else {
            fields.insert(name.clone(), value.clone());
        }
    }
    Registration {
        kind: wish.kind,
        id: wish.id.clone(),
        version: 0,
        within: wish.within.clone(),
        from: wish.from.unwrap_or(today),
        until: wish.until.over(last.and_then(|r| r.until)),
        device: wish.device.over(last.and_then(|r| r.device)),
        fields: fields.into_iter().collect(),
        awaits_approval: false,
    }
}

fn turns(old: &Registration, new: &Registration) -> Vec<Turn> {
    let mut turns = Vec::new();
    let mut hold = |name: &str, old: Option<String>, new: Option<String>| {
        if old != new {
            turns.push(Turn { name: name.to_owned(), old, new });
        }
    };
    let text = |name: &Option<Name>| name.as_ref().map(ToString::to_string);
    hold("within", text(&old.within), text(&new.within));
    hold("until", old.until.map(|d| d.to_string()), new.until.map(|d| d.to_string()));
    hold("device", old.device.map(|d| d.to_string()), new.device.map(|d| d.to_string()));
    let names: BTreeSet<&String> = old.fields.iter().chain(&new.fields).map(|(name, _)| name).collect();
    for name in names {
        hold(name, old.field(name).map(str::to_owned), new.field(name).map(str::to_owned));
    }
    if turns.is_empty() && old.from != new.from {
        turns.push(Turn {
            name: "from".to_owned(),
            old: Some(old.from.to_string()),
            new: Some(new.from.to_string()),
        });
    }
    turns
}

/// Serial numbers of the file that stand under another name in the register and are not changed by the file itself.
fn clashes(wishes: &[Wish], register: &Register, today: Date) -> Vec<Clash> {
    let named: HashSet<&Name> = wishes.iter().filter(|w| w.kind == Kind::Device).map(|w| &w.id).collect();
    let mut held: HashMap<String, &Name> = HashMap::new();
    for id in register.names(Kind::Device).filter(|id| !named.contains(id)) {
        let last = register.versions(Kind::Device, id).last();
        let last = last.map(|e| &e.registration).filter(|r| r.until.is_none_or(|day| today <= day));
        let fields = last.map_or(&[][..], |r| &r.fields);
        held.extend(serials(fields).map(|serial| (serial.key, id)));
    }
    let of = |wish: &Wish| -> Vec<Clash> {
        let clash = |s: crate::reading::Serial<'_>| {
            let held_by = (*held.get(&s.key)?).clone();
            Some(Clash { line: wish.line, id: wish.id.clone(), serial: s.shown.to_owned(), held_by })
        };
        serials(&wish.fields).filter_map(clash).collect()
    };
    if held.is_empty() {
        return Vec::new();
    }
    wishes.iter().flat_map(of).collect()
}

/// What stands in the sites of the file today and is not named by it.
fn absent(wishes: &[Wish], register: &Register, today: Date) -> Vec<(Kind, Name)> {
    let mut absent = Vec::new();
    for kind in [Kind::Device, Kind::Workload] {
        let of_kind = || wishes.iter().filter(|w| w.kind == kind);
        let named: HashSet<&Name> = of_kind().map(|w| &w.id).collect();
        let sites: BTreeSet<&Name> = of_kind().filter_map(|w| w.within.as_ref()).collect();
        for id in register.names(kind).filter(|id| !sites.is_empty() && !named.contains(id)) {
            let site = register.on(kind, id, today).and_then(|e| e.registration.within.as_ref());
            absent.extend(site.filter(|site| sites.contains(site)).map(|_| (kind, id.clone())));
        }
    }
    absent
}
