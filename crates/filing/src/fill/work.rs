//! What is said of work: lists of declared work with what was observed of it, shares, first and last days. Must not take what
//! was declared for what was observed.

use super::Filling;
use super::registered::said;
use super::single::names;
use crate::amount::Decimal;
use crate::form::{Cell, Source, Table};
use crate::observed::{Row, Sum};
use facts::{Activity, TokenState};
use jiff::Timestamp;
use registration::Entry;
use statement::{Kind, Name};
use std::collections::BTreeSet;

/// The form of a pool, which lists other people's machines.
pub const POOL_FORM: &str = "kz.pool-form";
/// Fields of work that are not of a list.
const SINGLE: [&str; 5] =
    ["work.share_of_energy", "work.declaration", "work.start", "work.stop", "work.operational_plan"];

impl<'a> Filling<'a> {
    /// The miners of a pool, machine by machine.
    pub(super) fn miners(&mut self) -> Option<Table> {
        if self.obligation.id != POOL_FORM {
            return None;
        }
        self.note("Further columns of the form were cut off in the copy that was read: asset, amount, date and value are to be expected.".to_owned());
        let columns = ["device.serial", "party.reg_no", "party.legal_name"];
        let stays = self.seen.stays.clone();
        let rows = stays.iter().filter(|stay| stay.name.is_some()).map(|stay| {
            let owner = stay.field("device.owner_id");
            columns
                .iter()
                .map(|column| {
                    let found = match *column {
                        "device.serial" => stay.stretch.and_then(|s| said(s.entry, column)),
                        _ => owner.and_then(|o| self.party(o)).and_then(|e| said(e, column)),
                    };
                    let device = stay.name.map_or("", Name::as_str);
                    found.unwrap_or_else(|| {
                        self.gap(column, "", format!("register it: {column} for device {device}"))
                    })
                })
                .collect()
        });
        let rows = rows.collect();
        Some(self.table("miners", "Miners of the pool", &columns, rows))
    }

    /// Work that earns or may earn tokens, one row for each declared workload, and for what was seen and not declared.
    pub(super) fn work_list(&mut self) -> Option<Table> {
        if !(self.asks("work.coin") || self.asks("work.amount")) || self.asks("device.owner_id") {
            return None;
        }
        let of_work = |f: &&str| f.starts_with("work.") && !SINGLE.contains(f);
        let mut columns: Vec<&str> =
            self.obligation.fields.iter().map(String::as_str).filter(of_work).collect();
        if !columns.contains(&"work.algorithm") {
            columns.insert(0, "work.algorithm");
        }
        let declared: Vec<(&Name, &Entry)> = self.workloads().into_iter().filter(|(_, e)| earns(e)).collect();
        let mut rows: Vec<Vec<Cell>> = Vec::new();
        for (name, entry) in &declared {
            rows.push(columns.iter().map(|c| self.of_work(name, entry, c)).collect());
        }
        for (activity, algorithm) in self.undeclared(&declared) {
            let named = algorithm.as_deref().unwrap_or("algorithm not known");
            self.note(format!("{} ({named}) was observed and is not declared.", activity.name()));
            rows.push(
                columns.iter().map(|c| self.of_undeclared(activity, algorithm.as_deref(), c)).collect(),
            );
        }
        if rows.is_empty() {
            return None;
        }
        Some(self.table("work", "Work", &columns, rows))
    }

    fn of_work(&mut self, name: &Name, entry: &Entry, column: &str) -> Cell {
        if let Some(cell) = self.typed(column, Some(name)) {
            return cell;
        }
        let declared = said(entry, column).map(|cell| self.suited(column, cell, entry));
        match column {
            "work.amount" => self.read(column, &[name]).unwrap_or_else(|known| {
                self.gap(
                    column,
                    &known,
                    format!("hand in a reading of {column} for {name}: what pool or wallet counted"),
                )
            }),
            "work.hours" => self.hours_of(name, entry),
            _ => declared
                .unwrap_or_else(|| self.gap(column, "", format!("register {column} of workload {name}"))),
        }
    }

    /// Rows of a declared workload: those of its name, else those of its activity and algorithm if no other one has them.
    pub(super) fn rows_of(&self, name: &Name, entry: &Entry) -> Result<Vec<&'a Row>, String> {
        let here =
            |row: &&Row| entry.registration.within.as_ref().is_none_or(|site| self.stands_at(row, site));
        let named: Vec<&Row> =
            self.seen.rows().filter(|r| r.workload == name.as_str()).filter(here).collect();
        if !named.is_empty() {
            return Ok(named);
        }
        let fits = |e: &Entry, row: &Row| {
            let r = &e.registration;
            let algorithm = r.field("work.algorithm");
            r.field("work.activity") == Some(row.activity.name())
                && algorithm.is_none_or(|a| row.algorithm.as_deref() == Some(a))
        };
        let rows: Vec<&Row> = self.seen.rows().filter(|row| fits(entry, row)).filter(here).collect();
        let other = |(id, e): &(&Name, &Entry)| {
            **id != *name
                && e.registration.within == entry.registration.within
                && rows.iter().any(|row| fits(e, row))
        };
        match self.workloads().iter().find(|w| other(w)) {
            Some((id, _)) => Err(format!("what was observed may as well be of workload {id}")),
            None => Ok(rows),
        }
    }

    fn stands_at(&self, row: &Row, site: &Name) -> bool {
        let mut stays = self.seen.stays.iter().filter(|s| s.device == Some(row.device));
        stays.any(|s| s.site == site && s.span.holds(row))
    }

    fn hours_of(&self, name: &Name, entry: &Entry) -> Cell {
        let field = "work.hours";
        let rows = match self.rows_of(name, entry) {
            Ok(rows) => rows,
            Err(known) => return self.gap(field, &known, format!("type {field}@{name}")),
        };
        self.hours(rows)
            .unwrap_or_else(|| self.gap(field, "no statement says it", format!("type {field}@{name}")))
    }

    fn hours(&self, rows: Vec<&Row>) -> Option<Cell> {
        let sum = Sum::of(rows)?;
        let how = "time of the statements that say it, of all devices";
        Some(sum.cell(Decimal::hours(sum.seen_ms).to_string(), how, self.seen.coverage()))
    }

    /// Work that earns tokens, was seen, and fits no declared workload.
    fn undeclared(&self, declared: &[(&Name, &Entry)]) -> BTreeSet<(Activity, Option<String>)> {
        let token = |r: &&Row| r.activity == Activity::Mining || r.token == TokenState::Seen;
        let fits = |row: &Row| {
            declared.iter().any(|(name, e)| {
                let r = &e.registration;
                let algorithm = r.field("work.algorithm");
                row.workload == name.as_str()
                    || r.field("work.activity") == Some(row.activity.name())
                        && (row.algorithm.is_none()
                            || algorithm.is_none()
                            || algorithm == row.algorithm.as_deref())
            })
        };
        let rows = self.seen.rows().filter(token).filter(|row| !fits(row));
        rows.map(|row| (row.activity, row.algorithm.clone())).collect()
    }

    fn of_undeclared(&self, activity: Activity, algorithm: Option<&str>, column: &str) -> Cell {
        let like = |r: &&Row| r.activity == activity && r.algorithm.as_deref() == algorithm;
        let rows: Vec<&Row> = self.seen.rows().filter(like).collect();
        let cell = |value: &str, how: &str| {
            Sum::of(rows.iter().copied()).map(|s| s.cell(value.to_owned(), how, self.seen.coverage()))
        };
        let found = match column {
            "work.activity" => cell(activity.name(), "activity that statements name"),
            "work.algorithm" => algorithm.and_then(|a| cell(a, "algorithm that statements name")),
            "work.hours" => self.hours(rows.clone()),
            _ => None,
        };
        found.unwrap_or_else(|| {
            self.gap(
                column,
                "the work was observed and not declared",
                "declare the work, or contest the finding",
            )
        })
    }

    /// Energy by activity, as the devices measured it.
    pub(super) fn by_activity(&mut self) -> Option<Table> {
        let field = "energy.kwh_by_activity";
        if !self.asks(field) || self.typed(field, None).is_some() {
            return None;
        }
        let activities: BTreeSet<Activity> = self.seen.rows().map(|row| row.activity).collect();
        let rows: Vec<Vec<Cell>> = activities
            .into_iter()
            .map(|activity| {
                let name = cell_of(
                    &self.seen.sum(|r| r.activity == activity).unwrap_or_default(),
                    activity,
                    self.seen.coverage(),
                );
                let energy = self.observed_energy(|row| row.activity == activity, activity.name());
                let energy = energy.unwrap_or_else(|known| self.gap(field, &known, "meter each activity"));
                vec![name, energy]
            })
            .collect();
        if rows.is_empty() {
            return None;
        }
        Some(self.table("activities", "Energy by activity", &["work.activity", field], rows))
    }

    /// Share of energy that mining took: what was registered, else what the devices measured.
    pub(super) fn share_of_mining(&mut self) -> Cell {
        let field = "work.share_of_energy";
        let sites = self.sites.clone();
        let computed = self.computed_share();
        let declared = self.stated_of(Kind::Site, &sites, field).or_else(|| {
            let works: Vec<&Name> = self.workloads().into_iter().map(|(name, _)| name).collect();
            self.stated_of(Kind::Workload, &works, field)
        });
        match (declared, computed) {
            (Some(declared), Ok(seen)) => {
                if declared.value != seen.value {
                    let said = declared.value.clone().unwrap_or_default();
                    let seen = seen.value.unwrap_or_default();
                    self.note(format!(
                        "{field}: {said} % was registered, {seen} % was measured by the devices."
                    ));
                }
                declared
            }
            (Some(declared), Err(_)) => declared,
            (None, Ok(seen)) => seen,
            (None, Err(known)) => {
                self.gap(field, &known, format!("register {field} of {}", names("site", &sites)))
            }
        }
    }

    fn computed_share(&self) -> Result<Cell, String> {
        let coverage = self.seen.coverage();
        let all = self.seen.sum(|_| true).ok_or("no statements were seen")?;
        let mining = self.seen.sum(|r| r.activity == Activity::Mining).unwrap_or_default();
        let share = Decimal::percent(mining.cpu_ms, all.cpu_ms).unwrap_or_default();
        let cpu = |known: String| {
            format!(
                "{known}; mining had {share} % of the processor time, which is not its share of the energy"
            )
        };
        let (whole, part) = (all.energy(coverage).map_err(cpu)?, mining.energy(coverage).map_err(cpu)?);
        let share = Decimal::percent(mining.energy_mj, all.energy_mj).ok_or("the devices used no energy")?;
        let from = vec![
            ("energy of mining, kWh".to_owned(), part.to_string()),
            ("energy of all work, kWh".to_owned(), whole.to_string()),
        ];
        let formula = "energy of mining / energy of all work × 100, as the devices measured it".to_owned();
        let citation = format!("statements {} to {}", all.first, all.last);
        Ok(Cell::of(share.to_string(), Source::Computed { formula, from, citation }))
    }

    /// First or last day of mining as it was registered; what was seen is said beside it.
    pub(super) fn begin_or_end(&mut self, field: &str) -> Cell {
        let works = self.workloads();
        let mining: Vec<&Name> = works
            .iter()
            .filter(|(_, e)| e.registration.field("work.activity") == Some("mining"))
            .map(|(name, _)| *name)
            .collect();
        let seen = self.mining_seen();
        let gap = self.gap(field, &seen, format!("register {field} of the mining workload"));
        self.stated_of(Kind::Workload, &mining, field).unwrap_or(gap)
    }

    fn mining_seen(&self) -> String {
        let rows = || self.seen.rows().filter(|r| r.activity == Activity::Mining);
        let at = |ms: u64| {
            let moment = i64::try_from(ms).ok().and_then(|ms| Timestamp::from_millisecond(ms).ok());
            moment.map(|m| m.to_zoned(self.zone.clone()).strftime("%Y-%m-%dT%H:%M:%S%:z").to_string())
        };
        let first = rows().map(|r| r.from_ms).min().and_then(at);
        let last = rows().map(|r| r.until_ms).max().and_then(at);
        match (first, last) {
            (Some(first), Some(last)) => format!("mining was seen in the hours from {first} to {last}"),
            _ => "no mining was seen".to_owned(),
        }
    }
}

fn cell_of(sum: &Sum, activity: Activity, coverage: u16) -> Cell {
    sum.cell(activity.name().to_owned(), "activity that statements name", coverage)
}

/// Whether declared work earns tokens.
fn earns(entry: &Entry) -> bool {
    let r = &entry.registration;
    matches!(r.field("work.activity"), Some("mining" | "validation"))
        || r.field("work.coin").is_some_and(|coin| !coin.is_empty())
        || r.field("work.token_link") == Some("seen")
}
