//! Fills the form of an obligation for a period. Must not guess: what is not known is a gap with what to do about it.

mod amounts;
mod equipment;
mod fee;
mod figures;
mod notes;
mod registered;
mod single;
mod voucher;
mod work;

use crate::attribution::Attribution;
use crate::error::FillError;
use crate::form::{Cell, Column, Filing, FilledField, Form, Law, SCHEMA, Source, Table};
use crate::ground;
use crate::inputs::Inputs;
use crate::json::{MAX_CELLS, short};
use crate::label;
use crate::period::Period;
use jiff::tz::TimeZone;
use rulebook::{Due, Field, FieldType, Grade, Obligation};
use statement::{Kind, Name};

/// Fills the form of an obligation for a period.
///
/// # Errors
///
/// [`FillError`] if the obligation, operator, site or period does not suit, the period has not ended, a typed value does not
/// suit its field, or a claim was made before.
pub fn fill(inputs: &Inputs<'_>, obligation: &str, period: Period) -> Result<Filing, FillError> {
    let rulebook = inputs.rulebook;
    let obligation = rulebook.obligation(obligation).ok_or_else(|| no_obligation(inputs, obligation))?;
    period.check(rulebook, obligation)?;
    if period.to > inputs.today {
        return Err(FillError::Future { to: period.to, today: inputs.today });
    }
    let mut filling = Filling::new(inputs, obligation, period)?;
    filling.check_typed()?;
    filling.note_what_changed();
    let tables = filling.tables()?;
    let listed = |name: &String| tables.iter().any(|t| t.columns.iter().any(|c| c.name == *name));
    let own = ["party.legal_name", "party.reg_no"];
    let single = |name: &&String| own.contains(&name.as_str()) || !listed(name);
    let names: Vec<String> = obligation.fields.iter().filter(single).cloned().collect();
    let fields: Vec<FilledField> = names
        .iter()
        .map(|name| FilledField { column: filling.column(name), cell: filling.single(name) })
        .collect();
    filling.note_observation();
    let mut filing = filling.filing(fields, tables);
    filing.list_gaps();
    Ok(filing)
}

fn no_obligation(inputs: &Inputs<'_>, found: &str) -> FillError {
    let tail = found.rsplit('.').next().unwrap_or(found);
    let shared = |id: &str| id.chars().zip(found.chars()).take_while(|(a, b)| a == b).count();
    let obligations = inputs.rulebook.obligations.iter();
    let near = obligations.max_by_key(|o| (o.id.contains(tail), shared(&o.id))).map(|o| o.id.clone());
    FillError::Obligation {
        rulebook: inputs.rulebook.jurisdiction.clone(),
        found: short(found),
        near: near.unwrap_or_default(),
    }
}

/// A form that is being filled.
struct Filling<'a> {
    inputs: &'a Inputs<'a>,
    obligation: &'a Obligation,
    period: Period,
    /// The sites that it is for.
    sites: Vec<&'a Name>,
    seen: Attribution<'a>,
    zone: TimeZone,
    notes: Vec<String>,
}

impl<'a> Filling<'a> {
    fn new(inputs: &'a Inputs<'a>, obligation: &'a Obligation, period: Period) -> Result<Self, FillError> {
        let rulebook = inputs.rulebook;
        let zone = TimeZone::get(&rulebook.time_zone).map_err(|_| FillError::Zone {
            rulebook: rulebook.jurisdiction.clone(),
            zone: rulebook.time_zone.clone(),
        })?;
        if inputs.register.versions(Kind::Operator, inputs.operator).is_empty() {
            return Err(FillError::Operator { found: inputs.operator.to_string(), day: period.to });
        }
        let sites = sites(inputs, obligation, period)?;
        let days = (period.from, period.to);
        let seen = Attribution::new(inputs.register, &sites, days, &zone, inputs.observed);
        Ok(Self { inputs, obligation, period, sites, seen, zone, notes: Vec::new() })
    }

    fn note(&mut self, note: String) {
        if !self.notes.contains(&note) {
            self.notes.push(note);
        }
    }

    /// Whether the form is for a period, not for the day as of which it is filled.
    fn periodic(&self) -> bool {
        matches!(self.obligation.due, Due::Every { .. }) || self.period.from < self.period.to
    }

    fn asks(&self, field: &str) -> bool {
        self.obligation.fields.iter().any(|f| f == field)
    }

    fn field(&self, name: &str) -> Option<&'a Field> {
        self.inputs.rulebook.vocabulary().field(name)
    }

    fn column(&self, name: &str) -> Column {
        let field = self.field(name);
        let currency = matches!(name, "energy.fee" | "energy.price" | "contract.amount");
        let unit = field.map(|f| f.unit.clone()).unwrap_or_default();
        Column {
            name: name.to_owned(),
            label: field.map_or_else(|| label::extra(name).0.to_owned(), |f| f.label.clone()),
            zh: field.map_or_else(|| label::extra(name).1.to_owned(), |f| f.zh.clone()),
            own: label::own(&self.inputs.rulebook.jurisdiction, name).to_owned(),
            unit: if currency { format!("{}{unit}", self.inputs.rulebook.currency) } else { unit },
            sensitive: field.is_some_and(|f| f.sensitive),
        }
    }

    fn tables(&mut self) -> Result<Vec<Table>, FillError> {
        let mut tables = Vec::new();
        tables.extend(self.voucher()?);
        tables.extend(self.miners());
        tables.extend(self.clients());
        tables.extend(self.equipment());
        tables.extend(self.work_list());
        tables.extend(self.by_activity());
        let cells = tables.iter().map(|t| t.rows.len() * t.columns.len()).sum();
        if cells > MAX_CELLS {
            return Err(FillError::TooLarge { found: cells, most: MAX_CELLS });
        }
        Ok(tables)
    }

    /// A table of these columns.
    fn table(&self, id: &str, title: &str, columns: &[&str], rows: Vec<Vec<Cell>>) -> Table {
        let columns = columns.iter().map(|name| self.column(name)).collect();
        Table { id: id.to_owned(), title: title.to_owned(), columns, rows }
    }

    /// The law that asks: instrument, article and grade of the best known provision that imposes the obligation on the last day,
    /// of the obligation itself where none is in force.
    fn law(&self) -> (&'a str, &'a str, Grade) {
        let rulebook = self.inputs.rulebook;
        let to = self.period.to;
        let imposing = self.provisions().into_iter().filter(|p| !p.obliges.is_empty() && p.in_force(to));
        let best = imposing.max_by_key(|p| p.grade);
        let (instrument, article) = best
            .map_or((self.obligation.instrument, &self.obligation.article), |p| (p.instrument, &p.article));
        let title = rulebook.instruments.get(instrument).map_or("the rulebook", |i| i.title.as_str());
        let grade = best.map_or(self.obligation.grade, |p| p.grade.min(self.obligation.grade));
        (title, article, grade)
    }

    /// Why a field is asked.
    fn why(&self, field: &str) -> String {
        let (title, article, _) = self.law();
        let label = self.column(field).label;
        format!("{label}: asked for by {title}, {article}")
    }

    fn gap(&self, field: &str, known: &str, todo: impl Into<String>) -> Cell {
        let why = self.why(field);
        Cell::missing(if known.is_empty() { why } else { format!("{why}; {known}") }, todo)
    }

    /// What a person typed for a field, or for a row of a list as `FIELD@SUBJECT`.
    fn typed(&self, field: &str, subject: Option<&Name>) -> Option<Cell> {
        let wanted = subject.map_or_else(|| field.to_owned(), |subject| format!("{field}@{subject}"));
        let typed = self.inputs.typed.iter().rev().find(|t| t.field == wanted)?;
        Some(Cell::of(typed.value.clone(), Source::Person { name: typed.by.clone() }))
    }

    fn check_typed(&self) -> Result<(), FillError> {
        for typed in self.inputs.typed {
            let name = typed.field.split('@').next().unwrap_or_default();
            let wrong = |expected: &str| FillError::Typed {
                field: short(&typed.field),
                found: short(&typed.value),
                expected: expected.to_owned(),
            };
            let Some(field) = self.field(name) else {
                if label::extra(name).0.is_empty() {
                    return Err(wrong("a field of the form"));
                }
                continue;
            };
            let suits = match field.kind {
                FieldType::Number => crate::Decimal::parse(&typed.value).is_some(),
                FieldType::Date => typed.value.parse::<jiff::civil::Date>().is_ok(),
                FieldType::YesNo => matches!(typed.value.as_str(), "yes" | "no"),
                FieldType::Text | FieldType::List | FieldType::File => !typed.value.trim().is_empty(),
            };
            if !suits || typed.by.trim().is_empty() {
                return Err(wrong("a value that suits the field, and who typed it"));
            }
        }
        Ok(())
    }

    fn filing(self, fields: Vec<FilledField>, tables: Vec<Table>) -> Filing {
        let Inputs { rulebook, operator, .. } = *self.inputs;
        let obligation = self.obligation;
        let (instrument, article, grade) = self.law();
        let site =
            if ground::per_site(obligation) { self.sites.first().map(ToString::to_string) } else { None };
        Filing {
            schema: SCHEMA.to_owned(),
            form: Form {
                obligation: obligation.id.clone(),
                title: obligation.title.clone(),
                original: obligation.original.clone(),
                who: obligation.who.clone(),
                to: obligation.to.clone(),
                form: obligation.form.clone(),
                penalty: obligation.penalty.clone(),
                layout: label::layout(&obligation.id).to_owned(),
            },
            law: Law {
                rulebook: rulebook.jurisdiction.clone(),
                digest: rulebook.digest.clone(),
                language: rulebook.language.clone(),
                time_zone: rulebook.time_zone.clone(),
                as_of: self.period.to,
                instrument: instrument.to_owned(),
                article: article.to_owned(),
                grade: grade.mark().to_owned(),
            },
            from: self.period.from,
            to: self.period.to,
            operator: operator.to_string(),
            site,
            fields,
            tables,
            gaps: Vec::new(),
            notes: self.notes,
        }
    }
}

/// The sites that a filing is for: the named one, or those of the operator in the place of the rulebook.
fn sites<'a>(
    inputs: &Inputs<'a>,
    obligation: &Obligation,
    Period { from, to }: Period,
) -> Result<Vec<&'a Name>, FillError> {
    let Inputs { register, rulebook, operator, known, today, .. } = *inputs;
    let place = |site: &Name| ground::place(register, known, site, to).and_then(|p| rulebook.place(&p));
    // A registration form may be for a site that is planned.
    let last = if from == to { jiff::civil::Date::MAX } else { to.max(from).min(today) };
    let theirs: Vec<&Name> =
        register.within(Kind::Site, operator, from, last).into_iter().map(|(s, _)| s).collect();
    let here: Vec<&Name> = theirs.iter().copied().filter(|site| place(site).is_some()).collect();
    let wrong = |found: &str| {
        let names: Vec<&str> = here.iter().map(|s| s.as_str()).collect();
        FillError::Site {
            found: found.to_owned(),
            operator: operator.to_string(),
            from,
            to,
            expected: if names.is_empty() {
                "none, for none is in this place".to_owned()
            } else {
                names.join(", ")
            },
        }
    };
    match inputs.site {
        Some(site) => match here.iter().find(|s| **s == site) {
            Some(site) => Ok(vec![site]),
            None => Err(wrong(site.as_str())),
        },
        None if ground::per_site(obligation) && here.len() != 1 => Err(wrong("(no site named)")),
        None => Ok(here),
    }
}
