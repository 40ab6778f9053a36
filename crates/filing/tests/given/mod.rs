//! Inputs of filings as TOML: registrations, a recorded month of observed rows, readings, what a person typed.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, dead_code)]

use filing::{Filing, FillError, Inputs, Known, Period, Reading, Row, Typed, fill};
use jiff::Timestamp;
use jiff::civil::Date;
use registration::{Entry, Register};
use rulebook::Rulebook;
use serde::Deserialize;
use statement::{DeviceId, Kind, Name, Registration};
use std::collections::BTreeMap;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Given {
    pub rulebook: String,
    pub obligation: String,
    pub period: String,
    pub today: Date,
    pub operator: String,
    pub site: Option<String>,
    #[serde(default)]
    registered: Vec<Registered>,
    #[serde(default)]
    observed: Vec<Observed>,
    #[serde(default)]
    read: Vec<Read>,
    #[serde(default)]
    typed: Vec<TypedBy>,
    #[serde(skip)]
    pub earlier: Vec<Filing>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Registered {
    kind: String,
    id: String,
    #[serde(default = "one")]
    version: u32,
    within: Option<String>,
    from: Date,
    until: Option<Date>,
    device: Option<u8>,
    ordinal: u64,
    fields: BTreeMap<String, String>,
}

/// Rows that repeat by the hour or day.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Observed {
    site: String,
    device: u8,
    #[serde(default)]
    workload: String,
    activity: facts::Activity,
    algorithm: Option<String>,
    #[serde(default = "not_observable")]
    token: facts::TokenState,
    from: Timestamp,
    until: Timestamp,
    each: String,
    cpu_ms: u64,
    energy_mj: Option<u64>,
    statements: u64,
    seen_ms: u64,
    coverage_ms: u64,
    first: u64,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Read {
    subject: String,
    field: String,
    from: Date,
    to: Date,
    value: String,
    meter: String,
    by: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct TypedBy {
    field: String,
    value: String,
    by: String,
}

const fn one() -> u32 {
    1
}

const fn not_observable() -> facts::TokenState {
    facts::TokenState::NotObservable
}

pub fn name(text: &str) -> Name {
    text.parse().unwrap()
}

pub fn device(number: u8) -> DeviceId {
    DeviceId([number; 16])
}

pub fn book(code: &str) -> Rulebook {
    rulebook::shipped(code).unwrap().0.unwrap()
}

impl Given {
    pub fn parse(text: &str) -> Self {
        toml::from_str(text).unwrap_or_else(|e| panic!("{e}"))
    }

    pub fn register(&self) -> Register {
        Register::new(self.registered.iter().map(|r| Entry {
            registration: Registration {
                kind: Kind::named(&r.kind).unwrap(),
                id: name(&r.id),
                version: r.version,
                within: r.within.as_deref().map(name),
                from: r.from,
                until: r.until,
                device: r.device.map(device),
                fields: r.fields.clone().into_iter().collect(),
                awaits_approval: false,
            },
            ordinal: r.ordinal,
            at_ms: r.ordinal * 1000,
            by: "ann".to_owned(),
            counts: true,
        }))
    }

    pub fn rows(&self) -> Vec<Row> {
        self.observed.iter().flat_map(Observed::rows).collect()
    }

    pub fn readings(&self) -> Vec<Reading> {
        let reading = |r: &Read| Reading {
            subject: name(&r.subject),
            field: r.field.clone(),
            from: r.from,
            to: r.to,
            value: r.value.clone(),
            meter: r.meter.clone(),
            by: r.by.clone(),
        };
        self.read.iter().map(reading).collect()
    }

    pub fn fill(&self) -> Result<Filing, FillError> {
        self.fill_by(&book(&self.rulebook))
    }

    pub fn fill_by(&self, rulebook: &Rulebook) -> Result<Filing, FillError> {
        let (register, rows, readings) = (self.register(), self.rows(), self.readings());
        let typed: Vec<Typed> = self
            .typed
            .iter()
            .map(|t| Typed { field: t.field.clone(), value: t.value.clone(), by: t.by.clone() })
            .collect();
        let (operator, site) = (name(&self.operator), self.site.as_deref().map(name));
        let inputs = Inputs {
            register: &register,
            rulebook,
            operator: &operator,
            site: site.as_ref(),
            observed: &rows,
            readings: &readings,
            typed: &typed,
            known: &Known::default(),
            earlier: &self.earlier,
            today: self.today,
        };
        let period = match rulebook.obligation(&self.obligation) {
            Some(obligation) => Period::read(&self.period, rulebook, obligation)?,
            None => Period { from: self.today, to: self.today },
        };
        fill(&inputs, &self.obligation, period)
    }
}

impl Observed {
    fn rows(&self) -> Vec<Row> {
        let step = match self.each.as_str() {
            "hour" => 3_600_000,
            "day" => 86_400_000,
            other => panic!("each = {other}"),
        };
        let ms = |t: Timestamp| u64::try_from(t.as_millisecond()).unwrap();
        let starts = (ms(self.from)..ms(self.until)).step_by(step);
        starts
            .zip(0_u64..)
            .map(|(from_ms, i)| Row {
                site: name(&self.site),
                device: device(self.device),
                workload: self.workload.clone(),
                activity: self.activity,
                algorithm: self.algorithm.clone(),
                token: self.token,
                disposition: None,
                from_ms,
                until_ms: from_ms + step as u64,
                cpu_ms: self.cpu_ms,
                energy_mj: self.energy_mj,
                statements: self.statements,
                first: self.first + i * self.statements,
                last: self.first + i * self.statements + self.statements - 1,
                seen_ms: self.seen_ms,
                coverage_ms: self.coverage_ms,
            })
            .collect()
    }
}

/// An operator with one site in a place, and one device there.
pub fn site(rulebook: &str, place: &str, obligation: &str, period: &str, today: &str) -> String {
    format!(
        r#"
rulebook = "{rulebook}"
obligation = "{obligation}"
period = "{period}"
today = "{today}"
operator = "acme"
[[registered]]
kind = "operator"
id = "acme"
from = "2020-01-01"
ordinal = 1
fields = {{ "party.legal_name" = "Acme", "party.reg_no" = "1" }}
[[registered]]
kind = "site"
id = "hall"
within = "acme"
from = "2020-01-01"
ordinal = 2
fields = {{ "site.place" = "{place}", "site.name" = "Hall" }}
[[registered]]
kind = "device"
id = "d1"
within = "hall"
from = "2020-01-01"
device = 1
ordinal = 3
fields = {{ "device.serial" = "S-1" }}
"#
    )
}

/// Rows of training, one kWh each, of which the whole time is covered.
pub fn rows(device: u8, from: &str, until: &str, each: &str) -> String {
    let ms = if each == "hour" { 3_600_000 } else { 86_400_000 };
    format!(
        r#"
[[observed]]
site = "hall"
device = {device}
activity = "training"
from = "{from}"
until = "{until}"
each = "{each}"
cpu_ms = {ms}
energy_mj = 3600000000
statements = 60
seen_ms = {ms}
coverage_ms = {ms}
first = 1
"#
    )
}
