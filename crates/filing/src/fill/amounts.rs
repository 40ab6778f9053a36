//! Amounts of a period: meter readings first, then what was registered for exactly this period, then what was observed. Must
//! not stretch a reading over days that it is not of.

use super::Filling;
use super::registered::said;
use super::single::names;
use crate::amount::Decimal;
use crate::form::{Cell, Source};
use crate::inputs::Reading;
use crate::observed::{Row, Sum};
use crate::period::Period;
use facts::Activity;
use statement::{Kind, Name};

/// Field of a site that names the period of the amounts beside it, `YYYY-MM-DD/YYYY-MM-DD`.
const PERIOD: &str = "energy.period";
/// What an amount by activity is worth as a statement of all the electricity of a site.
const DEVICES_ONLY: &str =
    "devices measure themselves, not cooling, supply and losses, which only a meter of the site sees";

impl<'a> Filling<'a> {
    pub(super) fn amount(&mut self, field: &str) -> Cell {
        let mut known = match self.read_or_registered(field) {
            Ok(cell) => return cell,
            Err(known) => known,
        };
        match field {
            "energy.kwh_mining" => match self
                .observed_energy(|row| row.activity == Activity::Mining, "mining")
            {
                Ok(cell) => {
                    self.note(format!("{field} is the sum of what the devices measured: {DEVICES_ONLY}."));
                    return cell;
                }
                Err(seen) => add(&mut known, &seen),
            },
            "energy.kwh_it" => match self.observed_energy(|_| true, "all work") {
                Ok(cell) if !self.at_supply() => {
                    self.note(format!("{field} is the sum of what the devices measured, not of supplies."));
                    return cell;
                }
                Ok(cell) => {
                    let value = cell.value.unwrap_or_default();
                    add(
                        &mut known,
                        &format!(
                            "the devices used {value} kWh, and the form asks for the outputs of the uninterruptible supplies"
                        ),
                    );
                }
                Err(seen) => add(&mut known, &seen),
            },
            "energy.kwh_total" => {
                if let Some(sum) = self.seen.sum(|_| true).filter(|s| s.energy_mj > 0) {
                    let least = Decimal::kwh(sum.energy_mj);
                    add(&mut known, &format!("the devices used at least {least} kWh; {DEVICES_ONLY}"));
                }
            }
            _ => {}
        }
        let (from, to) = (self.period.from, self.period.to);
        self.gap(field, &known, format!("hand in readings of {field} for {from} to {to}"))
    }

    /// Forms by which energy of information technology is taken at the outputs of its supplies.
    fn at_supply(&self) -> bool {
        self.obligation.id.starts_with("eu.") || self.obligation.id.starts_with("de.")
    }

    /// Readings, or what was registered for exactly this period, of all sites together.
    pub(super) fn read_or_registered(&mut self, field: &str) -> Result<Cell, String> {
        let sites = self.sites.clone();
        if sites.is_empty() {
            return Err(String::new());
        }
        match self.read(field, &sites) {
            Ok(cell) => return Ok(cell),
            Err(known) if !known.is_empty() => return Err(known),
            Err(_) => {}
        }
        let period = format!("{}/{}", self.period.from, self.period.to);
        let mut found = Vec::new();
        for site in &sites {
            let versions = self.inputs.register.versions(Kind::Site, site).iter().rev().filter(|e| e.counts);
            let own = versions.filter(|e| e.registration.field(PERIOD) == Some(period.as_str()));
            found.extend(own.into_iter().find_map(|e| said(e, field)));
        }
        match found.as_slice() {
            [one] if sites.len() == 1 => Ok(one.clone()),
            _ => Err(String::new()),
        }
    }

    /// Readings that together are of the whole period, added up.
    pub(super) fn read(&self, field: &str, subjects: &[&Name]) -> Result<Cell, String> {
        self.read_over(field, subjects, self.period)
    }

    /// The same over other days.
    pub(super) fn read_over(&self, field: &str, subjects: &[&Name], period: Period) -> Result<Cell, String> {
        let mut sum = Decimal::default();
        let mut all: Vec<&Reading> = Vec::new();
        for subject in subjects {
            let readings = self.whole(field, subject, period)?;
            for reading in readings {
                let value = Decimal::parse(&reading.value).and_then(|value| sum.plus(value));
                sum = value.ok_or_else(|| {
                    format!("a reading of {subject} is no amount: '{}'", crate::json::short(&reading.value))
                })?;
                all.push(reading);
            }
        }
        let once = |words: Vec<&str>| {
            let mut words = words;
            words.sort_unstable();
            words.dedup();
            words.join(", ")
        };
        let source = Source::Read {
            meter: once(all.iter().map(|r| r.meter.as_str()).collect()),
            by: once(all.iter().map(|r| r.by.as_str()).collect()),
            from: period.from,
            to: period.to,
            readings: u32::try_from(all.len()).unwrap_or(u32::MAX),
        };
        Ok(Cell::of(sum.to_string(), source))
    }

    /// Readings of one subject that follow each other from the first day to the last, without a hole and without a day twice.
    fn whole(&self, field: &str, subject: &Name, period: Period) -> Result<Vec<&'a Reading>, String> {
        let near = |r: &&Reading| {
            r.subject == *subject && r.field == field && r.from <= period.to && period.from <= r.to
        };
        let mut readings: Vec<&Reading> = self.inputs.readings.iter().filter(near).collect();
        if readings.is_empty() {
            return Err(String::new());
        }
        readings.sort_by_key(|r| (r.from, r.to));
        let mut next = Some(period.from);
        for reading in &readings {
            if Some(reading.from) != next || reading.to > period.to {
                return Err(format!(
                    "readings of {subject} are not of the whole period without a day twice: one is from {} to {}",
                    reading.from, reading.to
                ));
            }
            next = reading.to.tomorrow().ok();
        }
        if next == period.to.tomorrow().ok() {
            return Ok(readings);
        }
        Err(format!("readings of {subject} end before {}", period.to))
    }

    /// What the devices of the sites measured of some work.
    pub(super) fn observed_energy(&self, wanted: impl Fn(&Row) -> bool, what: &str) -> Result<Cell, String> {
        let Some(all) = self.seen.sum(|_| true) else {
            return Err(format!("no statements were seen of {}", names("site", &self.sites)));
        };
        let coverage = self.seen.coverage();
        let how = format!("energy of {what}, summed over devices and hours");
        match self.seen.sum(wanted) {
            Some(sum) => {
                let energy = sum.energy(coverage).map_err(|known| cpu_share(&known, &sum, &all))?;
                Ok(sum.cell(energy.to_string(), &how, coverage))
            }
            None => {
                let energy = Sum { energy_mj: 0, unmetered: 0, ..all }.energy(coverage)?;
                Ok(all.cell(energy.to_string(), &format!("no statement says {what}"), coverage))
            }
        }
    }
}

/// Adds to what is known the part of processor time, which is not energy.
fn cpu_share(known: &str, sum: &Sum, all: &Sum) -> String {
    match Decimal::percent(sum.cpu_ms, all.cpu_ms) {
        Some(share) => {
            format!("{known}; it had {share} % of the processor time, which is not its share of the energy")
        }
        None => known.to_owned(),
    }
}

fn add(known: &mut String, more: &str) {
    if !known.is_empty() {
        known.push_str("; ");
    }
    known.push_str(more);
}
