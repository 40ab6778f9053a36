//! What a filing is filled from. Plain data; must not fetch any of it.

use crate::form::Filing;
use crate::observed::Row;
use jiff::civil::Date;
use registration::Register;
use rulebook::{Rulebook, Value};
use statement::Name;
use std::collections::BTreeMap;

/// What a filing is filled from.
#[derive(Clone, Copy, Debug)]
pub struct Inputs<'a> {
    /// What was registered.
    pub register: &'a Register,
    /// The rulebook of the place.
    pub rulebook: &'a Rulebook,
    /// Whose filing it is.
    pub operator: &'a Name,
    /// For which site; may be left out where the operator has one in this place, or the form is the operator's.
    pub site: Option<&'a Name>,
    /// What was observed, rows of any time.
    pub observed: &'a [Row],
    /// Readings of meters and counts, of any time.
    pub readings: &'a [Reading],
    /// What a person typed for this filing.
    pub typed: &'a [Typed],
    /// What is known of sites and operator beside their registrations.
    pub known: &'a Known,
    /// Filings that were made before; a claim is held against them.
    pub earlier: &'a [Filing],
    /// Today, by the calendar of the place.
    pub today: Date,
}

/// Facts that do not stand in registrations: the place of each site, the kind of operator, facts of the vocabulary.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Known {
    /// Kind of the operator by the vocabulary.
    pub operator_kind: Option<String>,
    /// Code of the place of each site; a registered field `site.place` outranks it.
    pub places: BTreeMap<Name, String>,
    /// Facts by the vocabulary, of all sites.
    pub facts: BTreeMap<String, Value>,
}

/// An amount over days that was read off a meter or counted: energy, water, coins.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reading {
    /// The site, workload or device that it is of.
    pub subject: Name,
    /// The field, for instance `energy.kwh_total`.
    pub field: String,
    /// First day, by the calendar of the place.
    pub from: Date,
    /// Last day.
    pub to: Date,
    /// The amount in the field's unit, a decimal.
    pub value: String,
    /// The meter or count.
    pub meter: String,
    /// Who handed it in.
    pub by: String,
}

/// What a person typed for this filing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Typed {
    /// The field.
    pub field: String,
    /// The value.
    pub value: String,
    /// Who typed it.
    pub by: String,
}
