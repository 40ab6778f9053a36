//! Figures that are worked out from others: by the rulebook's formula in force on the last day, or by the standard's definition
//! where the rulebook has none. Must not work out a figure from what is missing.

use super::Filling;
use crate::amount::Decimal;
use crate::form::{Cell, Source};
use jiff::civil::Date;
use rulebook::{Formula, Grade};
use std::collections::BTreeMap;

/// Places after the decimal point of a ratio.
const PLACES: usize = 4;

/// A definition by a standard: short name, field, numerator, denominator, scale, least, most, standard.
type Definition =
    (&'static str, &'static str, &'static [&'static str], &'static str, f64, f64, Option<f64>, &'static str);

/// Definitions of the standards, for rulebooks that ask for a figure and define none.
const DEFINITIONS: [Definition; 4] = [
    ("pue", "kpi.pue", &["energy.kwh_total"], "energy.kwh_it", 1.0, 1.0, None, "ISO/IEC 30134-2"),
    ("wue", "kpi.wue", &["energy.water_in"], "energy.kwh_it", 1000.0, 0.0, None, "ISO/IEC 30134-9"),
    ("erf", "kpi.erf", &["energy.kwh_reuse"], "energy.kwh_total", 1.0, 0.0, Some(1.0), "EN 50600-4-6"),
    (
        "ref",
        "kpi.ref",
        &["energy.kwh_renewable_goo", "energy.kwh_renewable_ppa", "energy.kwh_renewable_onsite"],
        "energy.kwh_total",
        1.0,
        0.0,
        Some(1.0),
        "ISO/IEC 30134-3",
    ),
];

impl Filling<'_> {
    pub(super) fn figure(&mut self, field: &str) -> Cell {
        let Some((formula, citation)) = self.formula(field) else {
            return self
                .read_or_registered(field)
                .unwrap_or_else(|known| self.gap(field, &known, format!("hand in a reading of {field}")));
        };
        let inputs: Vec<String> = formula.numerator.iter().chain([&formula.denominator]).cloned().collect();
        let mut figures = BTreeMap::new();
        let mut from = Vec::new();
        for input in inputs {
            let cell = self.typed(&input, None).unwrap_or_else(|| self.amount(&input));
            if let Some(value) = cell.value.as_deref().and_then(Decimal::parse) {
                figures.insert(input.clone(), value.as_f64());
                from.push((input, value.to_string()));
            }
        }
        let value = formula.value(&figures).map_err(|error| error.to_string());
        let value =
            value.and_then(|v| Decimal::rounded(v, PLACES).ok_or_else(|| format!("{v} is no number")));
        match value {
            Ok(value) => {
                let formula = formula.text();
                Cell::of(value.to_string(), Source::Computed { formula, from, citation })
            }
            Err(why) => {
                let known = format!("{} cannot be worked out: {why}", formula.text());
                self.gap(field, &known, "give what the formula needs")
            }
        }
    }

    fn formula(&self, field: &str) -> Option<(Formula, String)> {
        let rulebook = self.inputs.rulebook;
        let own = rulebook.formulas.iter().find(|f| f.field == field && f.in_force(self.period.to));
        if let Some(formula) = own {
            let instrument = rulebook.instruments.get(formula.instrument).map_or("", |i| i.title.as_str());
            return Some((formula.clone(), format!("{instrument}, {}", formula.article)));
        }
        let (id, field, numerator, denominator, scale, least, most, standard) =
            DEFINITIONS.into_iter().find(|(_, f, ..)| *f == field)?;
        let formula = Formula {
            id: id.to_owned(),
            title: id.to_owned(),
            field: field.to_owned(),
            numerator: numerator.iter().map(|n| (*n).to_owned()).collect(),
            denominator: denominator.to_owned(),
            scale,
            least,
            most,
            instrument: usize::MAX,
            article: standard.to_owned(),
            grade: Grade::Secondary,
            from: Date::MIN,
            until: None,
            proposed: false,
        };
        Some((formula, standard.to_owned()))
    }
}
