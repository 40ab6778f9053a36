//! Figures that are worked out from others, such as power usage effectiveness, as the rulebook defines them.

use crate::grade::Grade;
use jiff::civil::Date;
use serde::Serialize;
use std::collections::BTreeMap;

/// A ratio of measured figures.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Formula {
    /// Its short name, for instance `pue`.
    pub id: String,
    /// Its name.
    pub title: String,
    /// The field that it fills.
    pub field: String,
    /// Fields whose sum is divided.
    pub numerator: Vec<String>,
    /// The field to divide by.
    pub denominator: String,
    /// What the ratio is multiplied by, for instance 1000 for m³ a MWh from kWh.
    pub scale: f64,
    /// The least value that makes sense.
    pub least: f64,
    /// The greatest value that makes sense, where there is one.
    pub most: Option<f64>,
    /// Position of its instrument.
    pub instrument: usize,
    /// The article or standard.
    pub article: String,
    /// How well it is known.
    pub grade: Grade,
    /// The first day on which it counts.
    pub from: Date,
    /// The last day on which it counts.
    pub until: Option<Date>,
    /// Whether its instrument is only proposed.
    pub proposed: bool,
}

/// Why a figure cannot be worked out.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum FormulaError {
    /// A figure is not given.
    #[error("{0} is not given")]
    Missing(String),
    /// A figure is negative or no number.
    #[error("{field} = {value}; expected zero or more")]
    Value {
        /// The field.
        field: String,
        /// What was found.
        value: f64,
    },
    /// Nothing to divide by.
    #[error("{0} is zero")]
    Zero(String),
    /// The result makes no sense.
    #[error("{id} would be {value:.4}; expected {least} or more{}: look at {fields}", .most.map_or_else(String::new, |m| format!(" and at most {m}")))]
    Range {
        /// The formula.
        id: String,
        /// The result.
        value: f64,
        /// The least that makes sense.
        least: f64,
        /// The greatest that makes sense.
        most: Option<f64>,
        /// The fields that it was worked out from.
        fields: String,
    },
}

impl Formula {
    /// The value from figures by field.
    ///
    /// # Errors
    ///
    /// [`FormulaError`] if a figure is missing or makes no sense, or the result does not.
    pub fn value(&self, figures: &BTreeMap<String, f64>) -> Result<f64, FormulaError> {
        let figure = |field: &String| match figures.get(field) {
            None => Err(FormulaError::Missing(field.clone())),
            Some(value) if value.is_finite() && *value >= 0.0 => Ok(*value),
            Some(value) => Err(FormulaError::Value { field: field.clone(), value: *value }),
        };
        let parts: Result<Vec<f64>, FormulaError> = self.numerator.iter().map(figure).collect();
        let whole = figure(&self.denominator)?;
        if whole == 0.0 {
            return Err(FormulaError::Zero(self.denominator.clone()));
        }
        let value = parts?.iter().sum::<f64>() / whole * self.scale;
        if value < self.least || self.most.is_some_and(|most| value > most) {
            let fields =
                self.numerator.iter().chain([&self.denominator]).cloned().collect::<Vec<_>>().join(", ");
            return Err(FormulaError::Range {
                id: self.id.clone(),
                value,
                least: self.least,
                most: self.most,
                fields,
            });
        }
        Ok(value)
    }

    /// Whether it counts on a day.
    #[must_use]
    pub fn in_force(&self, date: Date) -> bool {
        !self.proposed && self.from <= date && self.until.is_none_or(|u| date <= u)
    }

    /// The formula as people write it.
    #[must_use]
    pub fn text(&self) -> String {
        let sum = self.numerator.join(" + ");
        let sum = if self.numerator.len() > 1 { format!("({sum})") } else { sum };
        let scale = if self.scale == 1.0 { String::new() } else { format!(" × {}", self.scale) };
        format!("{} = {sum} / {}{scale}", self.id.to_uppercase(), self.denominator)
    }
}
