//! The comparison: registers and statements in, differences out, largest first.
//!
//! Every statement is held against what was declared for its own day. Must not look beyond the period that was asked for.

use crate::assess::Rules;
use crate::declared::{Declared, Unread};
use crate::difference::{Contest, Coverage, Difference, Kind, Subject};
use crate::idle::{self, Works};
use crate::power::Load;
use crate::said::Said;
use crate::tally::DeviceTally;
use crate::thresholds::Thresholds;
use facts::Activity;
use jiff::Timestamp;
use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;
use statement::{DeviceId, Name};
use std::collections::{BTreeMap, BTreeSet};

mod asked;
mod record;
mod site;

pub use asked::{Comparison, Input, Limit, Period, Standing};

/// Compares.
#[must_use]
pub fn compare(input: &Input<'_>) -> Comparison {
    let mut comparing = Comparing { input, unread: BTreeSet::new(), views: BTreeMap::new() };
    comparing.gather();
    let mut differences = comparing.by_device();
    differences.extend(comparing.by_site());
    let standings = comparing.standings();
    comparing.finish(&mut differences);
    let unread = comparing.unread.into_iter().collect();
    Comparison { differences, standings, unread }
}

/// One device over the period.
#[derive(Clone, Debug, Default)]
struct View<'a> {
    said: Vec<&'a Said>,
    tally: DeviceTally,
    works: Works,
    load: Load,
    seen: BTreeMap<Activity, f64>,
    declared: BTreeSet<Activity>,
    tolerance: f64,
    /// The lowest nominal power that was declared on any day.
    watts: Option<f64>,
    name: Option<Name>,
    /// The site where it was registered last.
    registered: Option<Name>,
    unregistered: Vec<&'a Said>,
    elsewhere: Vec<(&'a Said, Name)>,
}

struct Comparing<'a> {
    input: &'a Input<'a>,
    unread: BTreeSet<Unread>,
    views: BTreeMap<DeviceId, View<'a>>,
}

/// A local time; the begin of 1970 for what no calendar holds.
fn local(ms: u64, zone: &TimeZone) -> DateTime {
    let at = i64::try_from(ms).ok().and_then(|ms| Timestamp::from_millisecond(ms).ok());
    at.unwrap_or_default().to_zoned(zone.clone()).datetime()
}

impl<'a> Comparing<'a> {
    fn day(&self, ms: u64) -> Date {
        local(ms, &self.input.period.zone).date()
    }

    fn gather(&mut self) {
        let period = self.input.period;
        let inside = |s: &&Said| s.from_ms >= period.from_ms && s.from_ms < period.to_ms;
        for said in self.input.said.iter().filter(inside) {
            self.views.entry(said.device).or_default().said.push(said);
        }
        // Registered devices that never spoke are there too.
        for entry in self.input.register.entries() {
            if let Some(device) = entry.registration.device {
                self.views.entry(device).or_default();
            }
        }
        let devices: Vec<DeviceId> = self.views.keys().copied().collect();
        for device in devices {
            let mut view = self.views.remove(&device).unwrap_or_default();
            view.said.sort_by_key(|s| (s.from_ms, s.sequence));
            self.hold_against(device, &mut view);
            self.views.insert(device, view);
        }
    }

    /// Holds every statement of a device against its own day.
    fn hold_against(&mut self, device: DeviceId, view: &mut View<'a>) {
        let mut of_day: Option<(Date, Declared)> = None;
        for said in view.said.clone() {
            let at = local(said.from_ms, &self.input.period.zone);
            let declared = match of_day.take().filter(|(day, _)| *day == at.date()) {
                Some((_, declared)) => declared,
                None => Declared::on(self.input.register, device, at.date(), &mut self.unread),
            };
            view.take(said, &declared, at, self.input.thresholds);
            of_day = Some((at.date(), declared));
        }
    }

    fn subject(&self, device: DeviceId, view: &View<'_>) -> Option<Subject> {
        let spoke = view.said.last().map(|s| s.site.clone());
        let site = view.registered.clone().or(spoke).or_else(|| self.first_site(device))?;
        let name = view.name.clone().or_else(|| self.input.register.names_of(device).next().cloned());
        Some(Subject { site, device: Some(device), name, workload: None })
    }

    fn first_site(&self, device: DeviceId) -> Option<Name> {
        let mut entries = self.input.register.entries().filter(|e| e.registration.device == Some(device));
        entries.next().and_then(|e| e.registration.within.clone())
    }

    fn by_device(&self) -> Vec<Difference> {
        let mut all = Vec::new();
        for (device, view) in &self.views {
            let Some(subject) = self.subject(*device, view) else { continue };
            all.extend(self.run(view, &subject));
            all.extend(record::of_device(self.input, view, &subject));
        }
        all
    }

    /// Differences in what is run.
    fn run(&self, view: &View<'_>, subject: &Subject) -> Vec<Difference> {
        let rules = Rules {
            thresholds: self.input.thresholds,
            reliability: self.input.reliability,
            tolerance: view.tolerance,
        };
        let found = rules.assess(&view.tally);
        found.into_iter().map(|f| f.difference(subject)).collect()
    }

    fn standings(&self) -> Vec<Standing> {
        let standing = |(device, view): (&DeviceId, &View<'_>)| {
            let whole: f64 = view.seen.values().sum::<f64>().max(1.0);
            let mut seen: Vec<(Activity, f64)> = view.seen.iter().map(|(a, ms)| (*a, ms / whole)).collect();
            seen.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
            let mj = view.said.iter().filter_map(|s| s.energy.as_ref()).map(|e| e.millijoules as f64);
            let kwh = view.said.iter().any(|s| s.energy.is_some()).then(|| mj.sum::<f64>() / 3.6e9);
            Some(Standing {
                subject: self.subject(*device, view)?,
                declared: view.declared.clone(),
                seen,
                kwh,
                coverage: self.coverage(view),
            })
        };
        self.views.iter().filter_map(standing).collect()
    }

    fn coverage(&self, view: &View<'_>) -> Coverage {
        let period = self.input.period;
        crate::coverage::coverage(&view.said, period.to_ms.saturating_sub(period.from_ms))
    }

    /// Adds what every difference has, and puts the largest first.
    fn finish(&self, differences: &mut [Difference]) {
        for difference in differences.iter_mut() {
            if let Some(view) = difference.subject.device.and_then(|d| self.views.get(&d)) {
                difference.coverage = self.coverage(view);
            }
            difference.contests = self.contests(difference);
            difference.sentence = crate::sentence::sentence(difference);
            difference.settles = crate::settle::settles(difference.kind);
        }
        differences.sort_by(|a, b| {
            let size = b.magnitude.size().total_cmp(&a.magnitude.size());
            let contested = a.overturned().cmp(&b.overturned());
            contested.then(size).then_with(|| a.key().cmp(&b.key()))
        });
    }

    fn contests(&self, difference: &Difference) -> Vec<Contest> {
        let Some((device, (first, last))) = difference.subject.device.zip(difference.sequences) else {
            return Vec::new();
        };
        let own = difference.subject.workload.as_ref().map(|(id, _)| *id);
        let about = |c: &&Contest| {
            let workload = c.workload.is_none() || own.is_none() || c.workload == own;
            c.device == device && workload && c.first <= last && first <= c.last
        };
        self.input.contests.iter().filter(about).cloned().collect()
    }
}

impl<'a> View<'a> {
    fn take(&mut self, said: &'a Said, declared: &Declared, at: DateTime, t: &Thresholds) {
        for seen in &said.findings {
            for (activity, share, _) in seen.parts() {
                *self.seen.entry(activity).or_default() += seen.cpu_ms as f64 * share;
            }
        }
        self.load.add(said, t.power_window_ms);
        let Some(name) = &declared.device else {
            self.unregistered.push(said);
            return;
        };
        self.name = Some(name.clone());
        self.registered.clone_from(&declared.site);
        if let Some(site) = declared.site.as_ref().filter(|site| **site != said.site) {
            self.elsewhere.push((said, site.clone()));
        }
        self.declared.extend(declared.activities());
        self.tolerance = self.tolerance.max(declared.tolerance());
        self.watts = match (self.watts, declared.watts) {
            (Some(a), Some(b)) => Some(a.min(b)),
            (a, b) => a.or(b),
        };
        self.tally.absorb(said, declared, at);
        idle::absorb(&mut self.works, said, declared, at);
    }
}

impl crate::assess::Found {
    fn difference(self, subject: &Subject) -> Difference {
        let subject = Subject { workload: self.workload, ..subject.clone() };
        Difference {
            activity: Some(self.activity),
            declared: self.declared,
            seen: self.seen,
            magnitude: self.magnitude,
            weight: self.weight,
            cited: self.cited,
            sequences: Some(self.sequences),
            prohibited: self.prohibited || self.kind == Kind::ProhibitedWork,
            ..Difference::new(self.kind, subject, self.from_ms, self.to_ms)
        }
    }
}
