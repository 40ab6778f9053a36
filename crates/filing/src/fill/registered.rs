//! Values that were registered, as they were true in the period. Must not use what is true only later without saying so.

use super::Filling;
use crate::amount::Decimal;
use crate::form::{Cell, Registered, Source};
use jiff::civil::Date;
use registration::{Entry, Stretch};
use rulebook::FieldType;
use statement::{Kind, Name};

/// One version as a source.
pub fn version(entry: &Entry, field: &str) -> Registered {
    let r = &entry.registration;
    Registered {
        subject: r.kind.word().to_owned(),
        id: r.id.to_string(),
        version: r.version,
        ordinal: entry.ordinal,
        field: field.to_owned(),
    }
}

/// A value that one version says.
pub fn said(entry: &Entry, field: &str) -> Option<Cell> {
    let value = entry.registration.field(field).map(str::trim).filter(|value| !value.is_empty())?;
    Some(Cell::of(value, Source::Registered { versions: vec![version(entry, field)] }))
}

impl<'a> Filling<'a> {
    /// The version of a subject that a form is filled from: the one of the last day on which it was registered within the period.
    /// A form that is not for a period may be filled from what begins later.
    pub(super) fn entry(&mut self, kind: Kind, id: &Name) -> Option<&'a Entry> {
        let register = self.inputs.register;
        let (from, to) = (self.period.from, self.period.to);
        if let Some(last) = register.over(kind, id, from, to).last().copied() {
            if last.to < to {
                self.note(format!(
                    "What was registered of {} {id} ended on {}; after that day nothing is registered, and the form gives what was true until then.",
                    kind.word(),
                    last.to
                ));
            }
            return Some(last.entry);
        }
        let later = register.versions(kind, id).iter().find(|e| e.counts && e.registration.from > to)?;
        let begins = later.registration.from;
        if self.periodic() {
            self.note(format!(
                "{} {id} is registered from {begins} on, after the period: it was not used.",
                kind.word()
            ));
            return None;
        }
        self.note(format!(
            "{} {id} is registered from {begins} on: the form gives what is planned.",
            kind.word()
        ));
        Some(later)
    }

    /// A field of a subject, in the form that the field asks for.
    pub(super) fn stated(&mut self, kind: Kind, id: &Name, field: &str) -> Option<Cell> {
        let entry = self.entry(kind, id)?;
        let cell = said(entry, field)?;
        self.note_changes(kind, id, field);
        Some(self.suited(field, cell, entry))
    }

    /// A registered value in the form of its field; a gap where it has another form.
    pub(super) fn suited(&mut self, field: &str, cell: Cell, entry: &Entry) -> Cell {
        let value = cell.value.clone().unwrap_or_default();
        match self.field(field).map(|f| f.kind) {
            Some(FieldType::Number) if Decimal::parse(&value).is_none() => {
                let r = &entry.registration;
                let known =
                    format!("what was registered is no plain number: '{}'", crate::json::short(&value));
                self.gap(field, &known, format!("register {field} of {} {} as a number", r.kind.word(), r.id))
            }
            Some(FieldType::Date) => match value.parse::<Date>() {
                Ok(day) if day > self.inputs.today => {
                    self.note(format!("{field} is {day}, a day in the future: it is what is planned."));
                    cell
                }
                Ok(_) => cell,
                Err(_) => {
                    let known = format!("what was registered is no day: '{}'", crate::json::short(&value));
                    self.gap(field, &known, format!("register {field} as YYYY-MM-DD"))
                }
            },
            _ => cell,
        }
    }

    /// Says where a field changed within the period.
    fn note_changes(&mut self, kind: Kind, id: &Name, field: &str) {
        let stretches = self.inputs.register.over(kind, id, self.period.from, self.period.to);
        let value = |s: &Stretch<'_>| s.entry.registration.field(field).unwrap_or("(nothing)").to_owned();
        for pair in stretches.windows(2) {
            if let [before, after] = pair
                && value(before) != value(after)
            {
                self.note(format!(
                    "{field} of {} {id} changed on {}: '{}' before, '{}' after; the form gives what was true last.",
                    kind.word(),
                    after.from,
                    value(before),
                    value(after)
                ));
            }
        }
    }

    /// A field of several subjects: one value, or all of them joined.
    pub(super) fn stated_of(&mut self, kind: Kind, ids: &[&Name], field: &str) -> Option<Cell> {
        let cells: Vec<Cell> = ids.iter().filter_map(|id| self.stated(kind, id, field)).collect();
        joined(cells)
    }

    /// The declared workloads of the sites that are true in the period.
    pub(super) fn workloads(&self) -> Vec<(&'a Name, &'a Entry)> {
        let (from, to) = (self.period.from, self.period.to);
        let mut found: Vec<(&Name, &Entry)> = Vec::new();
        for site in &self.sites {
            for (name, stretches) in self.inputs.register.within(Kind::Workload, site, from, to) {
                found.extend(stretches.last().map(|s| (name, s.entry)));
            }
        }
        found
    }
}

/// Several registered values as one: each value once.
pub fn joined(cells: Vec<Cell>) -> Option<Cell> {
    let mut values: Vec<String> = Vec::new();
    let mut all: Vec<Registered> = Vec::new();
    let mut first = None;
    for cell in cells {
        if let (Some(value), Source::Registered { versions }) = (&cell.value, &cell.source) {
            if !values.contains(value) {
                values.push(value.clone());
            }
            all.extend(versions.iter().cloned());
        } else {
            first.get_or_insert(cell);
        }
    }
    if values.is_empty() {
        return first;
    }
    Some(Cell::of(values.join("; "), Source::Registered { versions: all }))
}
