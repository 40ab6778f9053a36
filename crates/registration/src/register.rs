//! All versions of what was registered, and which of them is true on a day.
//!
//! A later version takes the place of an earlier one from its own first day on, so a correction that begins in the past
//! changes the past, and a plan that begins in the future leaves the present alone. What was known at an earlier moment is
//! asked by leaving out what was registered after it.

use jiff::civil::Date;
use statement::{DeviceId, Kind, Name, Registration};
use std::collections::{BTreeMap, BTreeSet};

/// One version with where it is from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// What was registered.
    pub registration: Registration,
    /// The ordinal of the record in the log, which a receipt proves.
    pub ordinal: u64,
    /// When it was registered, milliseconds since 1970.
    pub at_ms: u64,
    /// Who registered it.
    pub by: String,
    /// Whether it counts: nobody has to approve it, or a second person has.
    pub counts: bool,
}

/// Days in which one version is true, both ends included.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stretch<'a> {
    /// The first day.
    pub from: Date,
    /// The last day.
    pub to: Date,
    /// The version.
    pub entry: &'a Entry,
}

/// Everything that was registered.
#[derive(Clone, Debug, Default)]
pub struct Register {
    versions: BTreeMap<(Kind, Name), Vec<Entry>>,
    /// Names of the devices and workloads that any version puts in a site, and of the sites of an operator.
    inside: BTreeMap<(Kind, Name), BTreeSet<Name>>,
    enrolled: BTreeMap<DeviceId, BTreeSet<Name>>,
}

impl Register {
    /// A register of versions, each subject's oldest first.
    #[must_use]
    pub fn new(entries: impl IntoIterator<Item = Entry>) -> Self {
        let mut register = Self::default();
        for entry in entries {
            let r = &entry.registration;
            if let Some(within) = &r.within {
                register.inside.entry((r.kind, within.clone())).or_default().insert(r.id.clone());
            }
            if let Some(device) = r.device {
                register.enrolled.entry(device).or_default().insert(r.id.clone());
            }
            register.versions.entry((r.kind, r.id.clone())).or_default().push(entry);
        }
        register
    }

    /// The same as it was known at a moment, milliseconds since 1970.
    #[must_use]
    pub fn as_known(&self, at_ms: u64) -> Self {
        Self::new(self.entries().filter(|e| e.at_ms <= at_ms).cloned())
    }

    /// Every version.
    pub fn entries(&self) -> impl Iterator<Item = &Entry> {
        self.versions.values().flatten()
    }

    /// Every version of one subject, oldest first.
    #[must_use]
    pub fn versions(&self, kind: Kind, id: &Name) -> &[Entry] {
        self.versions.get(&(kind, id.clone())).map_or(&[], Vec::as_slice)
    }

    /// The names of one kind.
    pub fn names(&self, kind: Kind) -> impl Iterator<Item = &Name> {
        self.versions.keys().filter(move |(k, _)| *k == kind).map(|(_, id)| id)
    }

    /// The version that is true on a day: the last of those that count and have begun, if it has not ended.
    #[must_use]
    pub fn on(&self, kind: Kind, id: &Name, day: Date) -> Option<&Entry> {
        let counting = self.versions(kind, id).iter().rev().filter(|e| e.counts);
        counting.into_iter().find(|e| e.registration.from <= day).filter(|e| e.registration.holds_on(day))
    }

    /// What is true of a subject over a period, in order of days; days of which nothing was registered are left out.
    #[must_use]
    pub fn over(&self, kind: Kind, id: &Name, from: Date, to: Date) -> Vec<Stretch<'_>> {
        let mut stretches: Vec<Stretch<'_>> = Vec::new();
        for start in self.turns(kind, id, from, to) {
            let Some(entry) = self.on(kind, id, start.0) else { continue };
            match stretches.last_mut() {
                Some(last) if last.entry == entry && last.to.tomorrow().ok() == Some(start.0) => {
                    last.to = start.1;
                }
                _ => stretches.push(Stretch { from: start.0, to: start.1, entry }),
            }
        }
        stretches
    }

    /// Days on which what is true may change, each with the last day before the next.
    fn turns(&self, kind: Kind, id: &Name, from: Date, to: Date) -> Vec<(Date, Date)> {
        let mut starts = BTreeSet::from([from]);
        for entry in self.versions(kind, id) {
            starts.insert(entry.registration.from);
            starts.extend(entry.registration.until.and_then(|last| last.tomorrow().ok()));
        }
        let starts: Vec<Date> = starts.into_iter().filter(|day| (from..=to).contains(day)).collect();
        let ends = starts.iter().skip(1).filter_map(|day| day.yesterday().ok()).chain([to]);
        starts.iter().copied().zip(ends.collect::<Vec<_>>()).collect()
    }

    /// The subjects of one kind that stand within another on some day of a period, each with the days on which they do.
    #[must_use]
    pub fn within(&self, kind: Kind, owner: &Name, from: Date, to: Date) -> Vec<(&Name, Vec<Stretch<'_>>)> {
        let names = self.inside.get(&(kind, owner.clone())).into_iter().flatten();
        let there = |id| -> Vec<Stretch<'_>> {
            let stretches = self.over(kind, id, from, to).into_iter();
            stretches.filter(|s| s.entry.registration.within.as_ref() == Some(owner)).collect()
        };
        names.map(|id| (id, there(id))).filter(|(_, stretches)| !stretches.is_empty()).collect()
    }

    /// The names under which an enrolled device was registered on some day.
    pub fn names_of(&self, device: DeviceId) -> impl Iterator<Item = &Name> {
        self.enrolled.get(&device).into_iter().flatten()
    }
}
