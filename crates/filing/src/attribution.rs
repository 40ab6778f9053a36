//! Which observed rows count for which site: by where each device was registered at the time. Must not move a row that
//! straddles the day on which its device moved: such a row is left out and counted as not covered.

use crate::observed::{Row, Span, Sum, permille};
use jiff::civil::Date;
use jiff::tz::TimeZone;
use registration::{Register, Stretch};
use statement::{DeviceId, Kind, Name};
use std::collections::{BTreeMap, BTreeSet};

/// A device at a site over days in which one version of it is true.
#[derive(Clone, Debug)]
pub struct Stay<'a> {
    /// Its registered name; none of a device that nobody registered.
    pub name: Option<&'a Name>,
    /// The enrolled device, if it is one.
    pub device: Option<DeviceId>,
    /// The site.
    pub site: &'a Name,
    /// What was registered.
    pub stretch: Option<Stretch<'a>>,
    /// The time.
    pub span: Span,
    /// Rows that lie in it as a whole.
    pub rows: Vec<&'a Row>,
    /// Time that statements cover, milliseconds.
    pub covered_ms: u128,
}

impl Stay<'_> {
    /// A field of the device as it was registered.
    pub fn field(&self, name: &str) -> Option<&str> {
        self.stretch.and_then(|s| s.entry.registration.field(name))
    }

    /// Share of the time that statements cover, thousandths.
    pub fn coverage(&self) -> u16 {
        permille(self.covered_ms, self.span.length().into())
    }

    /// The sum of its rows that do some work.
    pub fn sum(&self, wanted: impl Fn(&Row) -> bool) -> Option<Sum> {
        Sum::of(self.rows.iter().copied().filter(|row| wanted(row)))
    }
}

/// All stays at some sites over a period.
#[derive(Clone, Debug, Default)]
pub struct Attribution<'a> {
    pub stays: Vec<Stay<'a>>,
    /// Rows that straddle an edge.
    pub edge: u64,
    /// Devices that sent statements and are registered nowhere.
    pub unregistered: BTreeSet<DeviceId>,
    /// Devices whose statements name another site than their registration.
    pub elsewhere: BTreeSet<Name>,
}

impl<'a> Attribution<'a> {
    /// What counts for these sites.
    pub fn new(
        register: &'a Register,
        sites: &[&'a Name],
        (from, to): (Date, Date),
        zone: &TimeZone,
        rows: &'a [Row],
    ) -> Self {
        let mut all = Self::default();
        for site in sites {
            for (name, stretches) in register.within(Kind::Device, site, from, to) {
                for stretch in stretches {
                    let Some(span) = Span::of(stretch.from, stretch.to, zone) else { continue };
                    let device = stretch.entry.registration.device;
                    all.stays.push(Stay {
                        name: Some(name),
                        device,
                        site,
                        stretch: Some(stretch),
                        span,
                        rows: Vec::new(),
                        covered_ms: 0,
                    });
                }
            }
        }
        if let Some(period) = Span::of(from, to, zone) {
            all.add_rows(register, sites, period, rows);
        }
        all.stays.iter_mut().for_each(cover);
        all
    }

    fn add_rows(&mut self, register: &'a Register, sites: &[&'a Name], period: Span, rows: &'a [Row]) {
        let mut index: BTreeMap<DeviceId, Vec<usize>> = BTreeMap::new();
        for (i, stay) in self.stays.iter().enumerate() {
            index.entry(stay.device.unwrap_or_default()).or_default().push(i);
        }
        for row in rows.iter().filter(|row| period.touches(row)) {
            let registered = register.names_of(row.device).next().is_some();
            if !registered {
                self.add_stranger(sites, period, row);
                continue;
            }
            let stays = index.get(&row.device).map_or(&[][..], Vec::as_slice);
            for i in stays {
                let Some(stay) = self.stays.get_mut(*i) else { continue };
                if stay.span.holds(row) {
                    stay.rows.push(row);
                    if row.site != *stay.site {
                        self.elsewhere.extend(stay.name.cloned());
                    }
                } else if stay.span.touches(row) {
                    self.edge += 1;
                }
            }
        }
    }

    /// A row of a device that nobody registered counts for the site that it was enrolled at.
    fn add_stranger(&mut self, sites: &[&'a Name], period: Span, row: &'a Row) {
        let Some(site) = sites.iter().find(|site| **site == &row.site) else { return };
        self.unregistered.insert(row.device);
        if !period.holds(row) {
            self.edge += 1;
            return;
        }
        let known = |s: &Stay<'_>| s.name.is_none() && s.device == Some(row.device) && s.site == *site;
        match self.stays.iter_mut().find(|s| known(s)) {
            Some(stay) => stay.rows.push(row),
            None => self.stays.push(Stay {
                name: None,
                device: Some(row.device),
                site,
                stretch: None,
                span: period,
                rows: vec![row],
                covered_ms: 0,
            }),
        }
    }

    /// The sum over all devices of rows that do some work.
    pub fn sum(&self, wanted: impl Fn(&Row) -> bool) -> Option<Sum> {
        Sum::of(self.rows().filter(|row| wanted(row)))
    }

    /// Every row that counts.
    pub fn rows(&self) -> impl Iterator<Item = &'a Row> {
        self.stays.iter().flat_map(|stay| stay.rows.iter().copied())
    }

    /// Share of the time of all devices that statements cover, thousandths.
    pub fn coverage(&self) -> u16 {
        let covered: u128 = self.stays.iter().map(|s| s.covered_ms).sum();
        let whole: u128 = self.stays.iter().map(|s| u128::from(s.span.length())).sum();
        permille(covered, whole)
    }
}

/// Adds up what the statements of each hour or day cover, once for each.
fn cover(stay: &mut Stay<'_>) {
    let mut hours: BTreeMap<u64, u64> = BTreeMap::new();
    for row in &stay.rows {
        let most = row.until_ms.saturating_sub(row.from_ms);
        let covered = hours.entry(row.from_ms).or_default();
        *covered = (*covered).max(row.coverage_ms.min(most));
    }
    stay.covered_ms = hours.values().map(|ms| u128::from(*ms)).sum();
}
