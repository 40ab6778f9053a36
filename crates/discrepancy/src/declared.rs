//! What was declared of a device on a day: its work, its site, its power.
//!
//! Reads terms out of registered fields and says which it could not read. Must not fill in what nobody said.

use crate::schedule::Schedule;
use facts::Activity;
use jiff::civil::Date;
use registration::{Entry, Register};
use signatures::Book;
use statement::{DeviceId, Kind, Name};
use std::collections::BTreeSet;

/// Declared work.
#[derive(Clone, Debug, PartialEq)]
pub struct Work {
    /// Its registered name.
    pub id: Name,
    /// What it may do (`work.activity`, a list).
    pub activities: Vec<Activity>,
    /// The named computations (`work.algorithm`, a list); any where empty.
    pub algorithms: Vec<String>,
    /// Whether it is declared to earn a token (`work.token_link = seen`, or a coin is named).
    pub token: bool,
    /// Its name on the machine (`work.unit`); any where left out.
    pub unit: Option<String>,
    /// When it may run (`work.schedule`); always where left out.
    pub schedule: Option<Schedule>,
    /// The registered devices that it runs on (`work.devices`); all of the site where empty.
    pub devices: Vec<Name>,
    /// Part of the device's processor time in which other work is let pass (`work.tolerance`, percent), 0 to 1.
    pub tolerance: f64,
}

/// What holds of one enrolled device on one day.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Declared {
    /// Its registered name; none where nobody registered it.
    pub device: Option<Name>,
    /// The site where it is registered.
    pub site: Option<Name>,
    /// Nominal power, watts.
    pub watts: Option<f64>,
    /// Work declared for it.
    pub works: Vec<Work>,
}

/// A term that could not be read; it is treated as not said.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Unread {
    /// What it was registered of.
    pub kind: Kind,
    /// Its name.
    pub id: Name,
    /// The field.
    pub field: &'static str,
    /// What is wrong with it.
    pub why: String,
}

impl Declared {
    /// What was declared of a device on a day. Terms that cannot be read are added to `unread`.
    pub fn on(register: &Register, device: DeviceId, day: Date, unread: &mut BTreeSet<Unread>) -> Self {
        let current = register.names_of(device).filter_map(|name| register.on(Kind::Device, name, day));
        let Some(entry) = current.filter(|e| e.registration.device == Some(device)).last() else {
            return Self::default();
        };
        let (id, site) = (entry.registration.id.clone(), entry.registration.within.clone());
        let watts = number(entry, "device.power_nominal", unread).filter(|w| *w > 0.0);
        let works = site.iter().flat_map(|site| register.within(Kind::Workload, site, day, day));
        let entries = works.flat_map(|(_, stretches)| stretches).map(|s| s.entry);
        let mut works: Vec<Work> = entries.map(|e| Work::of(e, unread)).collect();
        works.retain(|w| w.devices.is_empty() || w.devices.contains(&id));
        Self { device: Some(id), site, watts, works }
    }

    /// Whether an activity is declared for a workload of that name. Training and inference stand together, as in the
    /// evaluation: nothing published tells them apart reliably.
    #[must_use]
    pub fn allows(&self, name: &str, activity: Activity) -> bool {
        self.of(name).any(|w| w.activities.iter().any(|a| alike(*a, activity)))
    }

    /// The declared work that a workload of that name may be: what names it, or else what names none.
    pub fn of<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a Work> {
        let named = self.works.iter().any(|w| w.unit.as_deref() == Some(name));
        self.works.iter().filter(move |w| match &w.unit {
            Some(unit) => named && unit == name,
            None => !named,
        })
    }

    /// Every declared activity, each once.
    #[must_use]
    pub fn activities(&self) -> BTreeSet<Activity> {
        self.works.iter().flat_map(|w| w.activities.iter().copied()).collect()
    }

    /// Part of the processor time in which other work is let pass: the largest that any work states.
    #[must_use]
    pub fn tolerance(&self) -> f64 {
        self.works.iter().map(|w| w.tolerance).fold(0.0, f64::max)
    }
}

/// Whether two activities are held for one.
pub(crate) fn alike(a: Activity, b: Activity) -> bool {
    let ai = |x| matches!(x, Activity::Training | Activity::Inference);
    a == b || (ai(a) && ai(b))
}

impl Work {
    fn of(entry: &Entry, unread: &mut BTreeSet<Unread>) -> Self {
        let text = |field| entry.registration.field(field).map(str::trim).filter(|t| !t.is_empty());
        let token = text("work.token_link") == Some("seen") || text("work.coin").is_some();
        let percent = number(entry, "work.tolerance", unread);
        let algorithms = read(entry, "work.algorithm", unread, |t| Ok(t.to_lowercase()));
        let unknown = algorithms.iter().filter(|name: &&String| Book::shipped().called(name).is_none());
        let why =
            |name| format!("'{name}' is not in the book of algorithms: what runs cannot be held against it");
        unread.extend(unknown.map(|name| note(entry, "work.algorithm", why(name))));
        Self {
            id: entry.registration.id.clone(),
            activities: read(entry, "work.activity", unread, |t| {
                t.parse::<Activity>().map_err(|e| e.to_string())
            }),
            algorithms,
            token,
            unit: text("work.unit").map(str::to_owned),
            schedule: text("work.schedule").and_then(|t| match Schedule::parse(t) {
                Ok(schedule) => Some(schedule),
                Err(error) => {
                    unread.insert(note(entry, "work.schedule", error.to_string()));
                    None
                }
            }),
            devices: read(entry, "work.devices", unread, |t| t.parse::<Name>().map_err(|e| e.to_string())),
            tolerance: percent.filter(|p| (0.0..=100.0).contains(p)).unwrap_or(0.0) / 100.0,
        }
    }
}

/// Whether the named algorithm may be the declared one: one name is the other with more said, all that was named is part of
/// what was declared, or the book does not know what the declared one would look like.
pub(crate) fn may_be(declared: &str, named: &str) -> bool {
    declared.starts_with(named)
        || named.starts_with(declared)
        || Book::shipped().may_show_as(declared, named).unwrap_or(true)
}

fn note(entry: &Entry, field: &'static str, why: String) -> Unread {
    Unread { kind: entry.registration.kind, id: entry.registration.id.clone(), field, why }
}

/// The items of a list, parted by commas or semicolons.
fn read<T>(
    entry: &Entry,
    field: &'static str,
    unread: &mut BTreeSet<Unread>,
    item: impl Fn(&str) -> Result<T, String>,
) -> Vec<T> {
    let text = entry.registration.field(field).unwrap_or_default();
    let parts = text.split([',', ';', '\n']).map(str::trim).filter(|part| !part.is_empty());
    let mut out = Vec::new();
    for part in parts {
        match item(part) {
            Ok(value) => out.push(value),
            Err(why) => {
                unread.insert(note(entry, field, why));
            }
        }
    }
    out
}

/// A figure, with a point.
pub(crate) fn number(entry: &Entry, field: &'static str, unread: &mut BTreeSet<Unread>) -> Option<f64> {
    let text = entry.registration.field(field).map(str::trim).filter(|t| !t.is_empty())?;
    match text.parse::<f64>() {
        Ok(value) if value.is_finite() && value >= 0.0 => Some(value),
        _ => {
            let shown: String = text.chars().filter(|c| !c.is_control()).take(40).collect();
            unread.insert(note(entry, field, format!("'{shown}' is not a figure, expected one such as 450")));
            None
        }
    }
}
