//! What is compared, fetched from a registry: registrations, statements of the period, contested findings.

use super::WhatArgs;
use crate::Failure;
use crate::filing::inputs::Gathered;
use crate::registry::ask::Ask;
use crate::registry::bundle::fetch;
use crate::registry::leaves::Leaves;
use discrepancy::{Comparison, Contest, Input, Period, Reliability, Said, Thresholds, compare};
use jiff::tz::TimeZone;
use registration::Register;
use serde::Deserialize;
use server::service::now_ms;
use statement::{DeviceId, Envelope, Kept, Manifest, Name, Outcome, Statement};
use std::collections::BTreeMap;

/// Devices of one page of a registry's answer.
const PAGE: usize = 1_000;
/// Most statements that are held in memory.
const MAX_SAID: usize = 2_000_000;

/// Everything about one site over a period.
pub struct Fetched {
    register: Register,
    said: Vec<Said>,
    period: Period,
    contests: Vec<Contest>,
}

#[derive(Deserialize)]
struct Device {
    device: String,
    site: String,
}

#[derive(Deserialize)]
struct Matter {
    id: String,
    device: String,
    workload: Option<String>,
    first: u64,
    last: u64,
    state: String,
}

impl Fetched {
    /// Fetches it.
    pub fn of(args: &WhatArgs) -> Result<Self, Failure> {
        let ask = args.ask.open()?;
        let gathered = Gathered::of_site(&ask, &args.operator, &args.site)?;
        let zone = TimeZone::get(&gathered.rulebook.time_zone).unwrap_or(TimeZone::UTC);
        let to_ms = now_ms();
        let last = u64::try_from(args.last.as_millis()).unwrap_or(u64::MAX);
        let period = Period { from_ms: to_ms.saturating_sub(last), to_ms, zone };
        let devices = devices(&ask, &args.site)?;
        let said = said(&ask, &devices, &period)?;
        Ok(Self { register: gathered.register, said, period, contests: contests(&ask)? })
    }

    /// Holds one against the other.
    pub fn compare(&self, thresholds: &Thresholds) -> Comparison {
        compare(&Input {
            register: &self.register,
            said: &self.said,
            period: &self.period,
            contests: &self.contests,
            limits: &[],
            thresholds,
            reliability: &Reliability::shipped(),
        })
    }
}

fn devices(ask: &Ask, site: &Name) -> Result<BTreeMap<DeviceId, Name>, Failure> {
    let (mut all, mut after) = (BTreeMap::new(), String::new());
    loop {
        let page: Vec<Device> = ask.document(&format!("/api/v1/devices?site={site}{after}"))?;
        let (full, last) = (page.len() >= PAGE, page.last().map(|d| d.device.clone()));
        let read = |d: Device| Some((d.device.parse().ok()?, d.site.parse().ok()?));
        all.extend(page.into_iter().filter_map(read));
        match last {
            Some(last) if full => after = format!("&after={last}"),
            _ => return Ok(all),
        }
    }
}

/// The statements of the period. They are admitted after they are made, so older leaves hold none of them.
fn said(ask: &Ask, devices: &BTreeMap<DeviceId, Name>, period: &Period) -> Result<Vec<Said>, Failure> {
    let leaves = Leaves::open(ask)?;
    let first = leaves.first_until(period.from_ms)?;
    let mut all = Vec::new();
    if first >= leaves.size() {
        return Ok(all);
    }
    fetch(ask, &leaves, first, leaves.size(), |sheaf| {
        let manifest = Manifest::from_cbor(&sheaf.manifest).map_err(|e| Failure::Usage(e.to_string()))?;
        for (ordinal, entry) in (manifest.first..).zip(&sheaf.entries) {
            let Kept::Statement(bytes) = entry else { continue };
            let statement = Envelope::parse(bytes).ok().and_then(|e| Statement::from_cbor(e.payload).ok());
            let Some(statement) = statement else { continue };
            let inside = (period.from_ms..period.to_ms).contains(&statement.from_ms);
            if let Some(site) = devices.get(&statement.device).filter(|_| inside) {
                all.push(Said::of(&statement, site.clone(), ordinal, |_| None));
            }
        }
        if all.len() > MAX_SAID {
            let why = format!("more than {MAX_SAID} statements; ask for a shorter span with --last");
            return Err(Failure::Usage(why));
        }
        Ok(())
    })?;
    Ok(all)
}

fn contests(ask: &Ask) -> Result<Vec<Contest>, Failure> {
    let read = |matter: serde_json::Value| {
        let m: Matter = serde_json::from_value(matter).ok()?;
        Some(Contest {
            id: m.id.parse().ok()?,
            device: m.device.parse().ok()?,
            workload: m.workload.map(|w| w.parse()).transpose().ok()?,
            first: m.first,
            last: m.last,
            outcome: Outcome::named(&m.state),
        })
    };
    Ok(crate::contest::matters(ask, None)?.into_iter().filter_map(read).collect())
}
