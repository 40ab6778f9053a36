//! What filings are filled from, fetched from a registry: registrations, the rulebook of the place, and what was seen.

use crate::Failure;
use crate::register::{base, remote};
use crate::registry::ask::Ask;
use crate::registry::failed;
use crate::rules::place;
use ::filing::{Known, Row, Span};
use facts::{Activity, TokenState};
use jiff::civil::Date;
use jiff::tz::TimeZone;
use registration::Register;
use rulebook::{Rulebook, facts_of};
use serde::Deserialize;
use statement::{DeviceId, Kind, Name};
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// Longest period whose hours are asked for; longer ones are asked for by the day.
const HOURLY_DAYS: i32 = 100;
const HOUR_MS: u64 = 3_600_000;
const DAY_MS: u64 = 86_400_000;

/// What is known of a site.
pub struct Gathered {
    pub rulebook: Rulebook,
    pub register: Register,
    pub known: Known,
    site: Name,
    zone: TimeZone,
}

#[derive(Deserialize)]
struct Spells {
    spells: Vec<Spell>,
    said: Vec<Said>,
}

#[derive(Deserialize)]
struct Spell {
    step_ms: u64,
    device: String,
    site: String,
    name: String,
    activity: String,
    algorithm: Option<String>,
    token: String,
    disposition: Option<String>,
    findings: u64,
    cpu_ms: u64,
    energy_mj: Option<u64>,
    unmetered: u64,
    seen_ms: u64,
    first_ordinal: u64,
    last_ordinal: u64,
}

#[derive(Deserialize)]
struct Said {
    step_ms: u64,
    device: String,
    site: String,
    statements: u64,
    covered_ms: u64,
    first_ordinal: u64,
    last_ordinal: u64,
}

impl Gathered {
    /// Everything about a site but what was seen.
    pub fn of_site(ask: &Ask, operator: &Name, site: &Name) -> Result<Self, Failure> {
        let nowhere = || {
            Failure::Usage(format!("there is no site '{site}' of '{operator}'; `overt register` makes one"))
        };
        let record =
            base::site(ask, site)?.filter(|s| s.operator == operator.as_str()).ok_or_else(nowhere)?;
        let rulebook = place::rulebook(&record.place, None)?;
        let facts: serde_json::Map<String, serde_json::Value> =
            record.facts.iter().map(|(name, text)| (name.clone(), remote::fact(text))).collect();
        let facts = facts_of(&facts, rulebook.vocabulary()).map_err(|e| Failure::Usage(e.to_string()))?;
        let known = Known {
            operator_kind: base::operator(ask, operator)?.and_then(|o| o.kind),
            places: BTreeMap::from([(site.clone(), record.place.clone())]),
            facts,
        };
        let mut rows = Vec::new();
        for (kind, within, id) in [
            (Kind::Operator, None, Some(operator)),
            (Kind::Site, Some(operator), None),
            (Kind::Device, Some(site), None),
            (Kind::Workload, Some(site), None),
        ] {
            // With what stood here once and stands elsewhere now.
            rows.extend(remote::rows(ask, remote::Wanted { kind: Some(kind), within, id })?);
        }
        let zone = TimeZone::get(&rulebook.time_zone).unwrap_or(TimeZone::UTC);
        Ok(Self { register: remote::register(rows)?, known, site: site.clone(), zone, rulebook })
    }

    /// Today at the place.
    pub fn today(&self) -> Date {
        crate::rules::today(&self.rulebook.time_zone)
    }

    /// What was seen over days, both included: by the hour, over long periods by the day.
    pub fn observed(&self, ask: &Ask, from: Date, to: Date) -> Result<Vec<Row>, Failure> {
        let wrong = || Failure::Usage(format!("{from} to {to} is no period"));
        let span = Span::of(from, to, &self.zone).ok_or_else(wrong)?;
        let hourly = (to - from).get_days() <= HOURLY_DAYS;
        let (step_ms, origin) = if hourly { (HOUR_MS, 0) } else { (DAY_MS, span.from_ms) };
        let path = format!(
            "/api/v1/spells?site={}&from_ms={}&to_ms={}&step_s={}&origin_ms={origin}",
            self.site,
            span.from_ms,
            span.until_ms,
            step_ms / 1_000
        );
        let spells: Spells = ask.document(&path)?;
        rows(spells, step_ms).ok_or_else(|| failed("the registry", "its history names what there is not"))
    }
}

fn rows(answer: Spells, step_ms: u64) -> Option<Vec<Row>> {
    let key = |device: &str, site: &str, step: u64| (device.to_owned(), site.to_owned(), step);
    let covered: HashMap<_, u64> =
        answer.said.iter().map(|s| (key(&s.device, &s.site, s.step_ms), s.covered_ms)).collect();
    let mut spoke = BTreeSet::new();
    let mut rows = Vec::new();
    for spell in answer.spells {
        let key = key(&spell.device, &spell.site, spell.step_ms);
        spoke.insert(key.clone());
        rows.push(Row {
            site: spell.site.parse().ok()?,
            device: spell.device.parse::<DeviceId>().ok()?,
            workload: spell.name,
            activity: spell.activity.parse().ok()?,
            algorithm: spell.algorithm,
            token: token(&spell.token),
            disposition: spell.disposition,
            from_ms: spell.step_ms,
            until_ms: spell.step_ms + step_ms,
            cpu_ms: spell.cpu_ms,
            energy_mj: spell.energy_mj.filter(|_| spell.unmetered == 0),
            statements: spell.findings,
            first: spell.first_ordinal,
            last: spell.last_ordinal,
            seen_ms: spell.seen_ms,
            coverage_ms: covered.get(&key).copied().unwrap_or(spell.seen_ms),
        });
    }
    // Hours in which a device spoke and did nothing count as covered.
    for said in answer.said {
        if spoke.contains(&key(&said.device, &said.site, said.step_ms)) {
            continue;
        }
        rows.push(Row {
            site: said.site.parse().ok()?,
            device: said.device.parse::<DeviceId>().ok()?,
            workload: String::new(),
            activity: Activity::Idle,
            algorithm: None,
            token: TokenState::NotObservable,
            disposition: None,
            from_ms: said.step_ms,
            until_ms: said.step_ms + step_ms,
            cpu_ms: 0,
            energy_mj: None,
            statements: said.statements,
            first: said.first_ordinal,
            last: said.last_ordinal,
            seen_ms: said.covered_ms,
            coverage_ms: said.covered_ms,
        });
    }
    Some(rows)
}

fn token(name: &str) -> TokenState {
    let known = [TokenState::Seen, TokenState::NotSeen];
    known.into_iter().find(|t| t.name() == name).unwrap_or(TokenState::NotObservable)
}
