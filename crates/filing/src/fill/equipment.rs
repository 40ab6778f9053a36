//! Lists of equipment and of those whose equipment it is: one row for each device and the days on which it stood there. Must
//! not add up devices that a form asks for one by one.

use super::Filling;
use super::registered::said;
use crate::amount::Decimal;
use crate::attribution::Stay;
use crate::form::{Cell, Source, Table};
use crate::ground::OPERATOR_KIND;
use crate::observed::{Row, Sum, permille};
use crate::period::Period;
use facts::Activity;
use registration::Entry;
use statement::{Kind, Name};
use std::collections::BTreeMap;

/// What a form asks of one piece of equipment beside its own fields, where it is somebody's.
const OF_A_CLIENT: [&str; 6] =
    ["work.algorithm", "work.hours", "work.coin", "work.amount", "work.pool", "work.monitor_url"];
/// Columns for devices that came or went within the period.
const STAY: [&str; 2] = ["stay.from", "stay.to"];

fn mining(row: &Row) -> bool {
    row.activity == Activity::Mining
}

impl Filling<'_> {
    fn for_clients(&self) -> bool {
        self.asks("device.owner_id") && self.obligation.fields.iter().any(|f| f.starts_with("energy.kwh_"))
    }

    /// Equipment, piece by piece.
    pub(super) fn equipment(&mut self) -> Option<Table> {
        let listed = ["device.manufacturer", "device.model", "device.serial"].iter().any(|f| self.asks(f));
        if !listed || self.obligation.id == super::work::POOL_FORM || self.seen.stays.is_empty() {
            return None;
        }
        let device = |f: &&str| f.starts_with("device.") && *f != "device.count";
        let mut columns: Vec<&str> =
            self.obligation.fields.iter().map(String::as_str).filter(device).collect();
        if self.for_clients() {
            columns.extend(OF_A_CLIENT.into_iter().filter(|f| self.asks(f)));
        }
        let whole =
            |s: &Stay<'_>| s.stretch.is_none_or(|x| (x.from, x.to) == (self.period.from, self.period.to));
        if self.periodic() && !self.seen.stays.iter().all(whole) {
            columns.extend(STAY);
        }
        let stays = self.seen.stays.clone();
        let rows = stays.iter().map(|stay| columns.iter().map(|c| self.of_stay(stay, c)).collect()).collect();
        Some(self.table("equipment", "Equipment", &columns, rows))
    }

    fn of_stay(&mut self, stay: &Stay<'_>, column: &str) -> Cell {
        if let Some(cell) = stay.name.and_then(|name| self.typed(column, Some(name))) {
            return cell;
        }
        match column {
            "stay.from" | "stay.to" => self.day_of_stay(stay, column),
            "device.energy" => self.energy_of_stay(stay),
            "work.hours" => self.hours_of_stay(stay),
            "work.amount" => self.amount_of_stay(stay),
            "work.algorithm" => self.algorithm_of_stay(stay),
            _ => {
                let entry = stay.stretch.map(|s| s.entry);
                let own = entry.and_then(|e| said(e, column).map(|cell| self.suited(column, cell, e)));
                let work =
                    || column.starts_with("work.").then(|| self.of_clients_work(stay, column)).flatten();
                own.or_else(work).unwrap_or_else(|| self.gap_of_stay(stay, column))
            }
        }
    }

    fn gap_of_stay(&self, stay: &Stay<'_>, column: &str) -> Cell {
        match stay.name {
            Some(name) => self.gap(column, "", format!("register {column} of device {name}")),
            None => {
                let device = stay.device.unwrap_or_default();
                self.gap(
                    column,
                    "the device sent statements and is not registered",
                    format!("register device {device}"),
                )
            }
        }
    }

    fn days_of(&self, stay: &Stay<'_>) -> Period {
        stay.stretch.map_or(self.period, |s| Period { from: s.from, to: s.to })
    }

    fn day_of_stay(&self, stay: &Stay<'_>, column: &str) -> Cell {
        let Some(stretch) = stay.stretch else { return self.gap_of_stay(stay, column) };
        let day = if column == "stay.from" { stretch.from } else { stretch.to };
        let versions = vec![super::registered::version(stretch.entry, column)];
        Cell::of(day.to_string(), Source::Registered { versions })
    }

    fn energy_of_stay(&self, stay: &Stay<'_>) -> Cell {
        let field = "device.energy";
        let mut known = String::new();
        if let Some(name) = stay.name {
            match self.read_over(field, &[name], self.days_of(stay)) {
                Ok(cell) => return cell,
                Err(why) => known = why,
            }
        }
        let coverage = stay.coverage();
        let how = "energy of mining, summed over the hours of the device";
        let sum = stay.sum(mining);
        let energy = match (&sum, stay.sum(|_| true)) {
            (Some(sum), _) => sum.energy(coverage).map(|kwh| sum.cell(kwh.to_string(), how, coverage)),
            (None, Some(all)) => Sum { energy_mj: 0, unmetered: 0, ..all }
                .energy(coverage)
                .map(|kwh| all.cell(kwh.to_string(), "no statement says mining", coverage)),
            (None, None) => Err("the device sent no statements".to_owned()),
        };
        energy.unwrap_or_else(|seen| {
            let known = if known.is_empty() { seen } else { format!("{known}; {seen}") };
            self.gap(field, &known, "meter the device, or hand in a reading of it")
        })
    }

    /// Time in which mining was seen: of each hour at most what statements cover.
    fn hours_of_stay(&self, stay: &Stay<'_>) -> Cell {
        let Some(sum) = stay.sum(mining).or_else(|| stay.sum(|_| true)) else {
            return self.gap("work.hours", "the device sent no statements", "hand in its hours of operation");
        };
        let mut hours: BTreeMap<u64, (u64, u64)> = BTreeMap::new();
        for row in stay.rows.iter().filter(|row| mining(row)) {
            let hour = hours.entry(row.from_ms).or_default();
            *hour = (hour.0.saturating_add(row.seen_ms), hour.1.max(row.coverage_ms));
        }
        let seen: u128 = hours.values().map(|(seen, covered)| u128::from(*seen.min(covered))).sum();
        let how = "time of the statements that say mining, of each hour at most what statements cover";
        sum.cell(Decimal::hours(seen).to_string(), how, stay.coverage())
    }

    fn amount_of_stay(&self, stay: &Stay<'_>) -> Cell {
        let read = stay.name.map(|name| self.read_over("work.amount", &[name], self.days_of(stay)));
        match read {
            Some(Ok(cell)) => cell,
            Some(Err(known)) => {
                self.gap("work.amount", &known, "hand in what the pool or wallet counted for it")
            }
            None => self.gap_of_stay(stay, "work.amount"),
        }
    }

    /// The algorithm that was observed; where none was, the one that was registered.
    fn algorithm_of_stay(&mut self, stay: &Stay<'_>) -> Cell {
        let field = "work.algorithm";
        let declared =
            stay.stretch.and_then(|s| said(s.entry, field)).or_else(|| self.of_clients_work(stay, field));
        let mut seen: Vec<&str> =
            stay.rows.iter().filter(|r| mining(r)).filter_map(|r| r.algorithm.as_deref()).collect();
        seen.sort_unstable();
        seen.dedup();
        let Some(sum) = stay.sum(mining).filter(|_| !seen.is_empty()) else {
            return declared.unwrap_or_else(|| self.gap_of_stay(stay, field));
        };
        let seen = seen.join("; ");
        let named = stay.name.map_or("(not registered)", Name::as_str);
        if let Some(declared) = declared.and_then(|d| d.value).filter(|d| *d != seen) {
            self.note(format!(
                "{field} of device {named}: '{seen}' was observed, '{declared}' was declared."
            ));
        }
        sum.cell(seen, "algorithms that mining statements name", stay.coverage())
    }

    /// What was declared of the work that a client's device does: work of the same owner, or the only mining work there.
    fn of_clients_work(&self, stay: &Stay<'_>, field: &str) -> Option<Cell> {
        let works: Vec<&Entry> = self
            .workloads()
            .into_iter()
            .map(|(_, entry)| entry)
            .filter(|e| e.registration.within.as_ref() == Some(stay.site))
            .filter(|e| e.registration.field("work.activity") == Some("mining"))
            .collect();
        let owner = stay.field("device.owner_id");
        let own = works.iter().find(|e| owner.is_some() && e.registration.field("device.owner_id") == owner);
        let only =
            works.first().filter(|e| works.len() == 1 && e.registration.field("device.owner_id").is_none());
        said(own.or(only)?, field)
    }

    /// Those whose equipment it is, each with the energy of each tariff.
    pub(super) fn clients(&mut self) -> Option<Table> {
        if !self.for_clients() {
            return None;
        }
        let by_tariff = self.asks("energy.kwh_by_tariff");
        let energy = if by_tariff { "energy.kwh_by_tariff" } else { "energy.kwh_mining" };
        let mut columns = vec!["device.owner_id", "party.legal_name", "party.reg_no"];
        columns.extend(["party.person", "energy.tariff"].into_iter().filter(|f| self.asks(f)));
        columns.push(energy);
        let stays = self.seen.stays.clone();
        let mut groups: BTreeMap<(String, String), Vec<&Stay<'_>>> = BTreeMap::new();
        for stay in &stays {
            let Some(owner) = stay.field("device.owner_id") else { continue };
            let tariff = if by_tariff {
                self.tariff(stay).and_then(|c| c.value).unwrap_or_default()
            } else {
                String::new()
            };
            groups.entry((owner.to_owned(), tariff)).or_default().push(stay);
        }
        if groups.is_empty() {
            return None;
        }
        let rows = groups
            .iter()
            .map(|((owner, _), stays)| columns.iter().map(|c| self.of_client(owner, stays, c)).collect())
            .collect();
        Some(self.table("clients", "Clients", &columns, rows))
    }

    fn tariff(&self, stay: &Stay<'_>) -> Option<Cell> {
        let own = stay.stretch.and_then(|s| said(s.entry, "energy.tariff"));
        let site = || self.inputs.register.on(Kind::Site, stay.site, self.period.to);
        own.or_else(|| site().and_then(|e| said(e, "energy.tariff")))
    }

    fn of_client(&self, owner: &str, stays: &[&Stay<'_>], column: &str) -> Cell {
        let typed = owner.parse::<Name>().ok().and_then(|name| self.typed(column, Some(&name)));
        let found = match column {
            _ if typed.is_some() => typed,
            "device.owner_id" => stays.iter().find_map(|s| said(s.stretch?.entry, column)),
            "energy.tariff" => stays.first().and_then(|s| self.tariff(s)),
            "energy.kwh_by_tariff" | "energy.kwh_mining" => Some(self.energy_of_client(stays, column)),
            "party.person" => self.party(owner).and_then(|e| said(e, column).or_else(|| not_asked(e))),
            _ => self.party(owner).and_then(|e| said(e, column)),
        };
        found.unwrap_or_else(|| {
            self.gap(column, "", format!("register {column}, of operator or device, for client {owner}"))
        })
    }

    fn energy_of_client(&self, stays: &[&Stay<'_>], column: &str) -> Cell {
        let covered = stays.iter().map(|s| s.covered_ms).sum();
        let coverage = permille(covered, stays.iter().map(|s| u128::from(s.span.length())).sum());
        let rows = || stays.iter().flat_map(|s| s.rows.iter().copied());
        let how = "energy of mining, summed over the devices and hours of the client";
        let energy = match (Sum::of(rows().filter(|r| mining(r))), Sum::of(rows())) {
            (Some(sum), _) => sum.energy(coverage).map(|kwh| sum.cell(kwh.to_string(), how, coverage)),
            (None, Some(all)) => Sum { energy_mj: 0, unmetered: 0, ..all }
                .energy(coverage)
                .map(|kwh| all.cell(kwh.to_string(), "no statement says mining", coverage)),
            (None, None) => Err("the client's devices sent no statements".to_owned()),
        };
        energy.unwrap_or_else(|known| {
            self.gap(column, &known, "meter the client's devices, or type what the meter says")
        })
    }

    /// The registration of a client: by its name, or by its registration number.
    pub(super) fn party(&self, owner: &str) -> Option<&registration::Entry> {
        let register = self.inputs.register;
        let to = self.period.to;
        let mut parties =
            register.names(Kind::Operator).filter_map(|name| register.on(Kind::Operator, name, to));
        parties.find(|e| {
            e.registration.id.as_str() == owner || e.registration.field("party.reg_no") == Some(owner)
        })
    }
}

/// Whoever is no natural person has no passport: the field is not asked.
fn not_asked(party: &registration::Entry) -> Option<Cell> {
    let kind = party.registration.field(OPERATOR_KIND).filter(|kind| *kind == "company")?;
    let versions = vec![super::registered::version(party, OPERATOR_KIND)];
    Some(Cell::of(format!("not asked of a {kind}"), Source::Registered { versions }))
}
