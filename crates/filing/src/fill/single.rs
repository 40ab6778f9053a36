//! Single fields of a form, each by where its answer is looked for. Must not fill what belongs into a list.

use super::Filling;
use super::registered::said;
use crate::amount::Decimal;
use crate::form::{Cell, Source};
use statement::{Kind, Name};

/// Groups of fields that are amounts of a period: they are read, counted or observed, and true of no single day.
const AMOUNTS: [&str; 20] = [
    "energy.kwh_",
    "energy.water_",
    "energy.feed_in",
    "energy.own_generation",
    "energy.bought",
    "energy.waste_heat",
    "energy.heat_",
    "energy.fee",
    "ict.traffic_",
    "ict.data_stored",
    "co2.",
    "token.energy",
    "token.scope",
    "token.e_waste",
    "work.amount",
    "work.hours",
    "device.energy",
    "model.energy",
    "model.training_time",
    "energy.intake_temperature",
];

/// Whether a field is an amount of a period.
pub fn is_amount(field: &str) -> bool {
    AMOUNTS.iter().any(|group| field.starts_with(group))
}

impl Filling<'_> {
    /// The answer to a single field.
    pub(super) fn single(&mut self, field: &str) -> Cell {
        if let Some(cell) = self.typed(field, None) {
            return cell;
        }
        let group = field.split('.').next().unwrap_or_default();
        match (group, field) {
            ("party" | "licence", _) => self.of_operator(field),
            (_, "device.count") => self.device_count(),
            (_, "device.max_rate") => self.total_rate(),
            (_, "work.share_of_energy") => self.share_of_mining(),
            (_, "work.start" | "work.stop") => self.begin_or_end(field),
            ("kpi", _) => self.figure(field),
            (_, "energy.fee") => self.fee(),
            (_, "site.consumption_prev") => self.consumption(field),
            _ if is_amount(field) => self.amount(field),
            ("site" | "energy" | "ict", _) => self.of_sites(field),
            ("device", _) => self.of_devices(field),
            _ => self.of_any(field),
        }
    }

    fn of_operator(&mut self, field: &str) -> Cell {
        let operator = self.inputs.operator;
        self.stated(Kind::Operator, operator, field)
            .unwrap_or_else(|| self.gap(field, "", format!("register {field} of operator {operator}")))
    }

    pub(super) fn of_sites(&mut self, field: &str) -> Cell {
        let sites = self.sites.clone();
        let found = self.stated_of(Kind::Site, &sites, field);
        found.unwrap_or_else(|| self.gap(field, "", format!("register {field} of {}", names("site", &sites))))
    }

    /// Consumption of the year: what was registered, else what the meters of the site say.
    fn consumption(&mut self, field: &str) -> Cell {
        let cell = self.of_sites(field);
        if cell.value.is_some() || !self.periodic() {
            return cell;
        }
        let Ok(read) = self.read("energy.kwh_total", &self.sites.clone()) else { return cell };
        let kwh = read.value.unwrap_or_default();
        let Some(mwh) = Decimal::parse(&kwh).and_then(Decimal::per_thousand) else { return cell };
        let formula = "energy.kwh_total / 1000".to_owned();
        let citation = "readings of the meter over the year that the form covers".to_owned();
        Cell::of(
            mwh.to_string(),
            Source::Computed { formula, from: vec![("energy.kwh_total".to_owned(), kwh)], citation },
        )
    }

    fn of_devices(&mut self, field: &str) -> Cell {
        let cells = self.last_devices().filter_map(|entry| said(entry, field)).collect();
        super::registered::joined(cells)
            .unwrap_or_else(|| self.gap(field, "", format!("register {field} of the devices")))
    }

    /// What may be registered of the work, the site or the operator.
    fn of_any(&mut self, field: &str) -> Cell {
        let workloads: Vec<&Name> = self.workloads().into_iter().map(|(name, _)| name).collect();
        if let Some(cell) = self.stated_of(Kind::Workload, &workloads, field) {
            return cell;
        }
        let sites = self.sites.clone();
        if let Some(cell) = self.stated_of(Kind::Site, &sites, field) {
            return cell;
        }
        let operator = self.inputs.operator;
        self.stated(Kind::Operator, operator, field)
            .unwrap_or_else(|| self.gap(field, "", format!("register {field} of the work, site or operator")))
    }

    /// The devices that stand at the sites on the last day.
    pub(super) fn last_devices(&self) -> impl Iterator<Item = &registration::Entry> {
        let to = self.period.to;
        self.seen.stays.iter().filter_map(move |s| s.stretch.filter(|s| s.to == to).map(|s| s.entry))
    }

    fn device_count(&mut self) -> Cell {
        let count = self.last_devices().count();
        if count == 0 {
            return self.gap("device.count", "no device is registered there", "register the devices");
        }
        let formula = format!("devices registered at {} on {}", names("site", &self.sites), self.period.to);
        let citation = "what was registered".to_owned();
        Cell::of(count.to_string(), Source::Computed { formula, from: Vec::new(), citation })
    }

    /// The computing power of all devices together, if all give it in one unit.
    fn total_rate(&mut self) -> Cell {
        let field = "device.max_rate";
        let rates: Vec<(String, Option<String>)> = self
            .last_devices()
            .map(|e| (e.registration.id.to_string(), e.registration.field(field).map(str::to_owned)))
            .collect();
        let (mut sum, mut unit) = (Some(Decimal::default()), None::<String>);
        let mut from = Vec::new();
        for (id, rate) in &rates {
            let read = rate.as_deref().and_then(|r| r.split_once(' '));
            let Some((number, own)) = read.and_then(|(n, u)| Some((Decimal::parse(n)?, u.trim().to_owned())))
            else {
                let known = format!("device {id} has none that is a number with a unit");
                return self.gap(
                    field,
                    &known,
                    format!("register {field} of device {id}, for instance '104 TH/s'"),
                );
            };
            if *unit.get_or_insert_with(|| own.clone()) != own {
                return self.gap(
                    field,
                    "the devices give it in different units",
                    "register one unit for all",
                );
            }
            sum = sum.and_then(|s| s.plus(number));
            from.push((format!("{field} of {id}"), format!("{number} {own}")));
        }
        let (Some(sum), Some(unit)) = (sum, unit) else {
            return self.gap(field, "no device is registered there", "register the devices");
        };
        let formula = "sum over the devices of the last day".to_owned();
        let citation = "what was registered".to_owned();
        Cell::of(format!("{sum} {unit}"), Source::Computed { formula, from, citation })
    }
}

/// Subjects in words.
pub fn names(kind: &str, names: &[&Name]) -> String {
    let list: Vec<&str> = names.iter().map(|n| n.as_str()).collect();
    match list.as_slice() {
        [] => format!("a {kind}"),
        [one] => format!("{kind} {one}"),
        many => format!("{kind}s {}", many.join(", ")),
    }
}
