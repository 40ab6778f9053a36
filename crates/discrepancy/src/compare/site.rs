//! Differences that take several devices: silence, the power of a site, declared work that no device shows.
//!
//! Must not say why devices are silent.

use super::record::{over_words, power};
use super::{Comparing, View};
use crate::assess::HOUR_MS;
use crate::declared::number;
use crate::difference::{Cited, Difference, Kind, Magnitude, Subject};
use crate::idle::Works;
use crate::power::Load;
use crate::silence::{Gap, Outage, part};
use jiff::civil::Date;
use statement::{DeviceId, Kind as Registered, Name};
use std::collections::{BTreeMap, BTreeSet};

impl Comparing<'_> {
    pub(super) fn by_site(&mut self) -> Vec<Difference> {
        let mut all = self.silence();
        all.extend(self.site_power());
        all.extend(self.never_seen());
        all
    }

    fn site_subject(site: &Name) -> Subject {
        Subject { site: site.clone(), device: None, name: None, workload: None }
    }

    /// When each registered device ought to speak, with its site: milliseconds within the period.
    fn expected(&self) -> BTreeMap<DeviceId, Vec<(u64, u64, Name)>> {
        let (first, last) = (self.day(self.input.period.from_ms), self.day(self.input.period.to_ms));
        let register = self.input.register;
        let mut out: BTreeMap<DeviceId, Vec<(u64, u64, Name)>> = BTreeMap::new();
        for name in register.names(Registered::Device) {
            for stretch in register.over(Registered::Device, name, first, last) {
                let r = &stretch.entry.registration;
                let (Some(device), Some(site)) = (r.device, r.within.clone()) else { continue };
                let from = self.begin_of(stretch.from).max(self.input.period.from_ms);
                let after = stretch.to.tomorrow().map_or(u64::MAX, |day| self.begin_of(day));
                let to = after.min(self.input.period.to_ms);
                if from < to {
                    out.entry(device).or_default().push((from, to, site));
                }
            }
        }
        out
    }

    /// The begin of a day by the calendar of the place.
    fn begin_of(&self, day: Date) -> u64 {
        let zoned = day.to_zoned(self.input.period.zone.clone());
        zoned.ok().and_then(|z| u64::try_from(z.timestamp().as_millisecond()).ok()).unwrap_or(0)
    }

    fn silence(&self) -> Vec<Difference> {
        let expected = self.expected();
        let mut sizes: BTreeMap<Name, BTreeSet<DeviceId>> = BTreeMap::new();
        let mut gaps = Vec::new();
        for (device, spans) in &expected {
            for (from, to, site) in spans {
                sizes.entry(site.clone()).or_default().insert(*device);
                if let Some(view) = self.views.get(device) {
                    gaps.extend(gaps_of(*device, view, (*from, *to), site, self.input.thresholds.silence_ms));
                }
            }
        }
        let sizes: Vec<(Name, usize)> = sizes.into_iter().map(|(site, all)| (site, all.len())).collect();
        let (outages, single) = part(gaps, &sizes, self.input.thresholds);
        let sites = outages.iter().map(|o| self.silent_site(o));
        sites.chain(self.silent_devices(single)).collect()
    }

    fn whole_ms(&self) -> f64 {
        self.input.period.to_ms.saturating_sub(self.input.period.from_ms).max(1) as f64
    }

    fn silent_site(&self, o: &Outage) -> Difference {
        let ms = (o.to_ms - o.from_ms) as f64;
        let everywhere = if o.everywhere { "; most other sites were silent too" } else { "" };
        let open = if o.open { "; it lasts" } else { "" };
        Difference {
            declared: format!("{} devices registered", o.of),
            seen: format!("{} of them silent at the same time{open}{everywhere}", o.devices),
            magnitude: Magnitude { share: ms / self.whole_ms(), hours: ms / HOUR_MS, kwh: None },
            cited: Cited { ordinals: o.ordinals.clone(), ..Cited::default() },
            ..Difference::new(Kind::SilentSite, Self::site_subject(&o.site), o.from_ms, o.to_ms)
        }
    }

    /// One difference for each device: the sum of its gaps.
    fn silent_devices(&self, gaps: Vec<Gap>) -> Vec<Difference> {
        let mut of: BTreeMap<DeviceId, Vec<Gap>> = BTreeMap::new();
        gaps.into_iter().for_each(|g| of.entry(g.device).or_default().push(g));
        of.into_values().filter_map(|gaps| self.silent_device(&gaps)).collect()
    }

    fn silent_device(&self, gaps: &[Gap]) -> Option<Difference> {
        let (first, last) = (gaps.first()?, gaps.last()?);
        let name = self.input.register.names_of(first.device).next().cloned();
        let subject = Subject { site: last.site.clone(), device: Some(first.device), name, workload: None };
        let ms: f64 = gaps.iter().map(|g| (g.to_ms - g.from_ms) as f64).sum();
        let missing: u64 = gaps.iter().map(|g| g.missing).sum();
        let open = if last.open { " that lasts" } else { "" };
        let ordinals: BTreeSet<u64> = gaps.iter().flat_map(|g| g.ordinals.iter().copied()).collect();
        let most = crate::difference::MAX_ORDINALS;
        Some(Difference {
            declared: "registered".to_owned(),
            seen: format!("{} without statements{open}; {missing} numbers missing", times(gaps.len())),
            magnitude: Magnitude { share: ms / self.whole_ms(), hours: ms / HOUR_MS, kwh: None },
            cited: Cited { ordinals: ordinals.into_iter().take(most).collect(), ..Cited::default() },
            sequences: Some((first.sequences.0, last.sequences.1)),
            ..Difference::new(Kind::SilentDevice, subject, first.from_ms, last.to_ms)
        })
    }

    fn site_power(&mut self) -> Vec<Difference> {
        let t = self.input.thresholds;
        let mut loads: BTreeMap<Name, Load> = BTreeMap::new();
        for view in self.views.values() {
            if let Some(site) = view.said.last().map(|s| s.site.clone()) {
                loads.entry(site).or_default().join(&view.load, t.power_window_ms);
            }
        }
        let mut out = Vec::new();
        for (site, load) in loads {
            let mut limits = self.registered_limits(&site);
            let given = self.input.limits.iter().filter(|l| l.site == site);
            limits.extend(given.map(|l| (l.watts, over_words(l.watts, &l.source))));
            limits.sort_by(|a, b| a.0.total_cmp(&b.0));
            let over = limits.iter().find_map(|(watts, words)| Some((*watts, words, load.over(*watts, t)?)));
            out.extend(over.map(|(watts, words, over)| {
                let mut d = power(Self::site_subject(&site), &over, watts, words);
                d.sequences = None;
                d
            }));
        }
        out
    }

    /// What is registered of a site's power on the last day of the period.
    fn registered_limits(&mut self, site: &Name) -> Vec<(f64, String)> {
        let day = self.day(self.input.period.to_ms.saturating_sub(1));
        let Some(entry) = self.input.register.on(Registered::Site, site, day) else { return Vec::new() };
        let fields = [("site.pd_it", 1e3), ("site.subscribed_power", 1e6)];
        let mut limits = Vec::new();
        for (field, unit) in fields {
            let watts = number(entry, field, &mut self.unread).map(|value| value * unit);
            limits.extend(watts.filter(|w| *w > 0.0).map(|w| (w, over_words(w, field))));
        }
        limits
    }

    /// Declared work that none of its devices shows. A device that runs something else instead is told as that.
    fn never_seen(&self) -> Vec<Difference> {
        let mut all: BTreeMap<(Name, Name), Works> = BTreeMap::new();
        for view in self.views.values() {
            let Some(site) = view.registered.clone() else { continue };
            for (work, waiting) in &view.works {
                let sums = all.entry((site.clone(), work.clone())).or_default();
                sums.entry(work.clone()).or_default().join(waiting);
            }
        }
        let t = self.input.thresholds;
        let sums =
            all.into_iter().flat_map(|((site, _), works)| works.into_iter().map(move |w| (site.clone(), w)));
        let never = sums.filter(|(_, (_, waiting))| waiting.never(t));
        never.map(|(site, (work, waiting))| self.never(site, &work, &waiting)).collect()
    }

    fn never(&self, site: Name, work: &Name, waiting: &crate::idle::Waiting) -> Difference {
        let device = waiting.devices.first().copied().filter(|_| waiting.devices.len() == 1);
        let name = device.and_then(|d| self.views.get(&d)).and_then(|v| v.name.clone());
        let subject = Subject { site, device, name, workload: None };
        let names: Vec<&str> = waiting.activities.iter().map(|a| a.name()).collect();
        let cores = waiting.possible_ms as f64 / (waiting.looked_ms as f64).max(1.0);
        Difference {
            activity: waiting.activities.first().copied(),
            declared: format!("{} ({work})", names.join(", ")),
            seen: format!("{cores:.3} cores of any work that it may be"),
            magnitude: Magnitude { share: 1.0, hours: waiting.looked_ms as f64 / HOUR_MS, kwh: None },
            cited: Cited {
                statements: waiting.statements,
                ordinals: waiting.ordinals.clone(),
                ..Cited::default()
            },
            sequences: waiting.sequences.filter(|_| device.is_some()),
            ..Difference::new(Kind::DeclaredNotSeen, subject, waiting.from_ms, waiting.to_ms)
        }
    }
}

/// The gaps of one device in a span in which it ought to speak.
fn gaps_of(device: DeviceId, view: &View<'_>, span: (u64, u64), site: &Name, bound: u64) -> Vec<Gap> {
    let mut gaps = Vec::new();
    let (mut at, mut before) = (span.0, None::<(u64, u64)>);
    for said in &view.said {
        if said.from_ms >= span.1 {
            break;
        }
        if said.from_ms > at.saturating_add(bound) {
            let missing = before.map_or(0, |(_, n)| said.sequence.saturating_sub(n + 1));
            let (ordinals, first) = ends(before, said);
            gaps.push(Gap {
                site: site.clone(),
                device,
                from_ms: at,
                to_ms: said.from_ms,
                open: false,
                missing,
                ordinals,
                sequences: (first, said.sequence),
            });
        }
        at = at.max(said.until_ms());
        before = Some((said.ordinal, said.sequence));
    }
    if span.1 > at.saturating_add(bound) {
        let (ordinal, sequence) = before.unzip();
        let (ordinals, n) = (ordinal.into_iter().collect(), sequence.unwrap_or(0));
        let (from_ms, to_ms) = (at, span.1);
        gaps.push(Gap {
            site: site.clone(),
            device,
            from_ms,
            to_ms,
            open: true,
            missing: 0,
            ordinals,
            sequences: (n, n),
        });
    }
    gaps
}

fn ends(before: Option<(u64, u64)>, after: &crate::said::Said) -> (Vec<u64>, u64) {
    let (ordinal, sequence) = before.unzip();
    (ordinal.into_iter().chain([after.ordinal]).collect(), sequence.unwrap_or(after.sequence))
}

fn times(n: usize) -> String {
    if n == 1 { "one time".to_owned() } else { format!("{n} times") }
}
