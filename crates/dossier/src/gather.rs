//! Goes through the entries of a log and keeps what belongs to one operator and period: sums of what was seen, and what was
//! registered, filed and contested. The same fold makes a dossier and checks one.

use crate::check::CheckError;
use crate::contents::{ContentsError, Scope};
use crate::read::Read;
use crate::sum::{DeviceSeen, Heading, Sum, Written};
use facts::{Activity, TokenState};
use jiff::civil::Date;
use registration::Entry;
use registry::{Ground, Rules, UNJUDGED};
use statement::{
    Answered, Body, Contested, DeviceId, Digest, Filed, Kept, Kind, Manifest, Name, Operator, Record, Sheaf,
    Site, Statement,
};
use std::collections::{BTreeMap, BTreeSet};
use verify::ReadError;

/// All of it.
pub struct Gather<'r> {
    /// What it is about.
    pub scope: Scope,
    pub(crate) operator: Name,
    days: Vec<(Date, u64)>,
    rules: &'r Rules,
    grounds: BTreeMap<Name, Option<Ground>>,
    /// Sums of findings.
    pub sums: BTreeMap<Heading, Sum>,
    /// Devices that spoke, or were enrolled at a site of the operator.
    pub devices: BTreeMap<DeviceId, DeviceSeen>,
    /// Versions of the operator.
    pub operators: Vec<Written<Operator>>,
    /// Versions of its sites.
    pub sites: Vec<Written<Site>>,
    /// Registrations.
    pub registrations: Vec<Entry>,
    /// Filings with their documents.
    pub filings: Vec<Written<Filed>>,
    /// Contested findings.
    pub contested: Vec<Written<Contested>>,
    /// Answers to them.
    pub answered: Vec<Written<Answered>>,
    /// Digests of the rulebooks that the batches name.
    pub rulebooks: BTreeSet<Digest>,
    /// Statements within the period.
    pub statements: u64,
    /// Statements of another time, which are not summed up.
    pub outside: u64,
    /// Entries that stand as their hash.
    pub hidden: u64,
    /// The checkpoint to which all proofs lead, as it was signed; set by whoever has it.
    pub checkpoint: String,
}

impl<'r> Gather<'r> {
    /// Nothing yet.
    ///
    /// # Errors
    ///
    /// [`ContentsError::Scope`].
    pub fn new(scope: Scope, rules: &'r Rules) -> Result<Self, ContentsError> {
        Ok(Self {
            operator: scope.operator()?,
            days: scope.days()?,
            scope,
            rules,
            grounds: BTreeMap::new(),
            sums: BTreeMap::new(),
            devices: BTreeMap::new(),
            operators: Vec::new(),
            sites: Vec::new(),
            registrations: Vec::new(),
            filings: Vec::new(),
            contested: Vec::new(),
            answered: Vec::new(),
            rulebooks: BTreeSet::new(),
            statements: 0,
            outside: 0,
            hidden: 0,
            checkpoint: String::new(),
        })
    }

    /// Whether an entry belongs into this dossier; others stand as their hash in it.
    fn wants(&self, read: &Read) -> bool {
        match read {
            Read::Nothing | Read::Hidden => false,
            Read::Statement(s) => self.day(s.from_ms).is_some() && self.devices.contains_key(&s.device),
            Read::Record(record) => self.concerns(&record.body),
        }
    }

    fn concerns(&self, body: &Body) -> bool {
        let own = |site: &Name| self.is_own(site);
        match body {
            Body::Operator(operator) => operator.id == self.operator,
            Body::Site(site) => site.operator == self.operator,
            Body::Enrolled(enrolled) => own(&enrolled.site),
            Body::Rotated(rotated) => self.devices.contains_key(&rotated.device),
            Body::Revoked(revoked) => self.devices.contains_key(&revoked.device),
            Body::Registered(versions) => versions.iter().all(|v| match v.kind {
                Kind::Operator => v.id == self.operator,
                Kind::Site => own(&v.id),
                Kind::Device | Kind::Workload => v.within.as_ref().is_some_and(own),
            }),
            Body::Approved(a) => {
                self.registrations.iter().any(|e| e.registration.kind == a.kind && e.registration.id == a.id)
            }
            Body::Filed(filed) => filed.operator == self.operator,
            Body::Contested(contested) => self.devices.contains_key(&contested.device),
            Body::Answered(answered) => self.contested.iter().any(|c| c.body.id == answered.id),
            _ => false,
        }
    }

    fn is_own(&self, site: &Name) -> bool {
        self.sites.iter().any(|s| s.body.id == *site)
    }

    /// Takes a whole batch in, as it stands.
    ///
    /// # Errors
    ///
    /// [`CheckError::Log`]: its manifest is in another form.
    pub fn take(&mut self, sheaf: &Sheaf) -> Result<(), CheckError> {
        let manifest = manifest(sheaf)?;
        self.rulebooks.extend(manifest.rulebooks.iter().copied());
        (manifest.first..)
            .zip(&sheaf.entries)
            .for_each(|(ordinal, entry)| self.entry(ordinal, Read::of(entry)));
        Ok(())
    }

    /// Takes of a batch what belongs into the dossier and is not dropped; the rest stands as its hash. None if nothing is left.
    ///
    /// # Errors
    ///
    /// [`CheckError::Log`]: its manifest is in another form.
    pub fn narrow(
        &mut self,
        mut sheaf: Sheaf,
        drop: &dyn Fn(u64, &Kept) -> bool,
    ) -> Result<Option<Sheaf>, CheckError> {
        let manifest = manifest(&sheaf)?;
        let (mut kept, mut hidden) = (0, 0);
        for (ordinal, entry) in (manifest.first..).zip(&mut sheaf.entries) {
            let read = Read::of(entry);
            if self.wants(&read) && !drop(ordinal, entry) {
                self.entry(ordinal, read);
                kept += 1;
            } else {
                *entry = Kept::Hash(entry.leaf());
                hidden += 1;
            }
        }
        if kept == 0 {
            return Ok(None);
        }
        self.hidden += hidden;
        self.rulebooks.extend(manifest.rulebooks);
        Ok(Some(sheaf))
    }

    /// Takes an entry in.
    fn entry(&mut self, ordinal: u64, read: Read) {
        match read {
            Read::Nothing => {}
            Read::Hidden => self.hidden += 1,
            Read::Record(record) => self.record(ordinal, *record),
            Read::Statement(statement) => self.statement(ordinal, &statement),
        }
    }

    fn record(&mut self, ordinal: u64, record: Record) {
        let (by, at_ms) = (record.by, record.at_ms);
        match record.body {
            Body::Operator(body) if body.id == self.operator => {
                self.grounds.clear();
                self.operators.push(Written { body, by, at_ms, ordinal });
            }
            Body::Site(body) if body.operator == self.operator => {
                self.grounds.clear();
                self.sites.push(Written { body, by, at_ms, ordinal });
            }
            Body::Enrolled(enrolled) if self.is_own(&enrolled.site) => {
                let seen = self.devices.entry(enrolled.device).or_default();
                (seen.label, seen.site) = (enrolled.label, Some(enrolled.site));
            }
            Body::Registered(versions) => {
                self.registrations.extend(versions.into_iter().map(|registration| Entry {
                    counts: !registration.awaits_approval,
                    registration,
                    ordinal,
                    at_ms,
                    by: by.clone(),
                }));
            }
            Body::Approved(a) => {
                let meant =
                    |r: &statement::Registration| r.kind == a.kind && r.id == a.id && r.version == a.version;
                if let Some(entry) = self.registrations.iter_mut().find(|e| meant(&e.registration)) {
                    entry.counts = a.approved;
                }
            }
            Body::Filed(body) => self.filings.push(Written { body, by, at_ms, ordinal }),
            Body::Contested(body) => self.contested.push(Written { body, by, at_ms, ordinal }),
            Body::Answered(body) => self.answered.push(Written { body, by, at_ms, ordinal }),
            _ => {}
        }
    }

    /// The day of a moment, if it is within the period.
    fn day(&self, ms: u64) -> Option<Date> {
        let after = self.days.partition_point(|(_, start)| *start <= ms);
        // The last one is the day after the period.
        let at = after.checked_sub(1).filter(|at| at + 1 < self.days.len())?;
        self.days.get(at).map(|(day, _)| *day)
    }

    fn statement(&mut self, ordinal: u64, statement: &Statement) {
        let Some(day) = self.day(statement.from_ms) else {
            self.outside += 1;
            return;
        };
        self.statements += 1;
        let seen = self.devices.entry(statement.device).or_default();
        seen.statements += 1;
        seen.covered_ms += u64::from(statement.duration_ms);
        if let Some(energy) = &statement.energy {
            seen.energy_mj = Some(seen.energy_mj.unwrap_or(0).saturating_add(energy.millijoules));
        }
        let site = seen.site.clone();
        let codes = self.judge(site.as_ref(), statement);
        for (finding, disposition) in statement.findings.iter().zip(codes) {
            for part in finding.parts() {
                let of = |whole: u64| whole.saturating_mul(u64::from(part.share_permille)) / 1_000;
                let heading = Heading {
                    day,
                    device: statement.device,
                    activity: Activity::ALL.iter().position(|a| *a == part.activity).unwrap_or_default(),
                    algorithm: finding.algorithm.clone(),
                    token: TokenState::name(finding.token),
                    disposition,
                };
                let sum = self.sums.entry(heading).or_insert(Sum { first: ordinal, ..Sum::default() });
                sum.add(ordinal, of(finding.cpu_ms), finding.energy_mj.map(of));
            }
        }
    }

    /// What the rulebook says of what stands under a heading, with its reasons.
    #[must_use]
    pub fn explain(&self, site: &Name, heading: &Heading) -> Option<rulebook::Judgement> {
        let ground = self.grounds.get(site)?.as_ref()?;
        let at_ms = self.days.iter().find(|(day, _)| *day == heading.day)?.1;
        let activity = Activity::ALL.get(heading.activity).copied()?;
        self.rules.explain(ground, at_ms, activity, crate::tell::token_of(heading.token))
    }

    /// What the rulebook of its site says of each finding, by the registry's own rules.
    fn judge(&mut self, site: Option<&Name>, statement: &Statement) -> Vec<u8> {
        let unjudged = || vec![UNJUDGED; statement.findings.len()];
        let Some(site) = site else { return unjudged() };
        if !self.grounds.contains_key(site) {
            let found = self.sites.iter().rev().find(|s| s.body.id == *site);
            let kind = self.operators.last().and_then(|o| o.body.kind.clone());
            let ground = found.and_then(|s| self.rules.ground(&s.body, kind.as_deref()).ok());
            self.grounds.insert(site.clone(), ground);
        }
        let ground = self.grounds.get(site).and_then(Option::as_ref);
        ground.map_or_else(unjudged, |g| self.rules.judge(g, statement.from_ms, &statement.findings))
    }
}

fn manifest(sheaf: &Sheaf) -> Result<Manifest, CheckError> {
    let wrong = |error| ReadError::Manifest { piece: sheaf.index, error };
    Ok(Manifest::from_cbor(&sheaf.manifest).map_err(wrong)?)
}
