//! The files of a dossier that follow from its entries: the same entries always give the same bytes, which is how a changed
//! table or page is noticed.

use crate::gather::Gather;
use crate::sum::{Heading, Sum, Written};
use crate::{document, page, words};
use documents::Document;
use facts::{Activity, TokenState};
use registry::disposition;
use serde_json::{Value, json};
use statement::{DeviceId, Filed, Name};
use std::collections::{BTreeMap, BTreeSet};

/// One file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct File {
    /// Its name within the dossier.
    pub name: String,
    /// Its content.
    pub content: Vec<u8>,
}

/// Every file of text that follows from the entries, in the order of the dossier. `made_by` names the program that made it,
/// `with_pdf` says whether documents were set as well.
#[must_use]
pub fn tell(gather: &Gather<'_>, made_by: &str, with_pdf: bool) -> Vec<File> {
    let mut files = vec![
        file("README.txt", readme(gather, made_by, with_pdf)),
        file("summary.html", page::summary(gather)),
        file("summary.json", summary_json(gather)),
        file("observed.csv", observed(gather)),
        file("judgements.json", text(&judgements(gather))),
        file("registrations.json", text(&registrations(gather))),
        file("contested.json", text(&contested(gather))),
    ];
    files.extend(filings(gather));
    files
}

fn file(name: &str, content: String) -> File {
    File { name: name.to_owned(), content: content.into_bytes() }
}

fn text(value: &Value) -> String {
    // Values made of strings and numbers: this cannot fail.
    serde_json::to_string_pretty(value).unwrap_or_default() + "\n"
}

fn readme(gather: &Gather<'_>, made_by: &str, with_pdf: bool) -> String {
    let limits: String = words::LIMITS.iter().map(|(english, _)| format!("  - {english}\n")).collect();
    let pdf = if with_pdf {
        "summary.pdf         the same page to print and hand over; filings/ holds each filing as PDF\n"
    } else {
        ""
    };
    format!(
        "Dossier of {} from {} to {} ({}), made by overt {made_by}\n\n\
         summary.html        one page for people, English and Chinese\n{pdf}\
         summary.json        the same figures\n\
         observed.csv        what was seen, by day, device and activity, with the statements that say so\n\
         judgements.json     what the rulebook says of it, with provisions and articles\n\
         registrations.json  what was registered, every version\n\
         filings/            filings as they were signed, with signatures of persons where there are any\n\
         contested.json      contested findings and their answers\n\
         log.overt           statements and records with their proofs: everything above follows from it\n\
         trust.policy        whose log it is: hold it against the policy that you know\n\n\
         To check all of it offline: overt verify THIS-FILE --policy YOUR-POLICY\n\n\
         It does not prove:\n{limits}",
        gather.scope.operator, gather.scope.from, gather.scope.to, gather.scope.zone
    )
}

/// Sums by what a key makes of a heading.
pub fn by<K: Ord>(gather: &Gather<'_>, key: impl Fn(&Heading) -> K) -> BTreeMap<K, Sum> {
    let mut sums: BTreeMap<K, Sum> = BTreeMap::new();
    for (heading, sum) in &gather.sums {
        let into = sums.entry(key(heading)).or_insert(Sum { first: sum.first, ..Sum::default() });
        into.findings += sum.findings;
        into.cpu_ms = into.cpu_ms.saturating_add(sum.cpu_ms);
        into.unmetered += sum.unmetered;
        into.energy_mj = match (into.energy_mj, sum.energy_mj) {
            (Some(a), Some(b)) => Some(a.saturating_add(b)),
            (a, b) => a.or(b),
        };
        (into.first, into.last) = (into.first.min(sum.first), into.last.max(sum.last));
    }
    sums
}

/// The name of an activity by its place in the list.
pub fn activity_of(place: usize) -> Activity {
    Activity::ALL.get(place).copied().unwrap_or(Activity::Undetermined)
}

/// The figures of the first page.
pub fn summary_json(gather: &Gather<'_>) -> String {
    text(&summary(gather))
}

fn summary(gather: &Gather<'_>) -> Value {
    let activities: Vec<Value> = by(gather, |h| h.activity)
        .iter()
        .map(|(place, sum)| summed(json!({ "activity": activity_of(*place).name() }), sum))
        .collect();
    let dispositions: Vec<Value> = by(gather, |h| h.disposition)
        .iter()
        .map(|(code, sum)| summed(json!({ "disposition": disposition(*code).map(|d| d.name()) }), sum))
        .collect();
    let devices: Vec<Value> = gather
        .devices
        .iter()
        .map(|(id, seen)| {
            json!({
                "device": id.to_string(), "label": seen.label, "site": seen.site.as_ref().map(Name::to_string),
                "statements": seen.statements, "covered_ms": seen.covered_ms, "energy_mj": seen.energy_mj,
            })
        })
        .collect();
    json!({
        "schema": "overt.dossier-summary/1",
        "operator": gather.scope.operator,
        "title": gather.operators.last().map(|o| o.body.title.clone()),
        "from": gather.scope.from, "to": gather.scope.to, "zone": gather.scope.zone,
        "statements": gather.statements,
        "statements_of_other_times": gather.outside,
        "entries_that_stand_as_hash": gather.hidden,
        "rulebooks": gather.rulebooks.iter().map(ToString::to_string).collect::<Vec<_>>(),
        "activities": activities,
        "dispositions": dispositions,
        "devices": devices,
        "filings": gather.filings.len(),
        "contested": gather.contested.len(),
    })
}

fn summed(mut value: Value, sum: &Sum) -> Value {
    if let Some(map) = value.as_object_mut() {
        map.insert("findings".to_owned(), json!(sum.findings));
        map.insert("cpu_ms".to_owned(), json!(sum.cpu_ms));
        map.insert("energy_mj".to_owned(), json!(sum.energy_mj));
        map.insert("unmetered".to_owned(), json!(sum.unmetered));
    }
    value
}

fn observed(gather: &Gather<'_>) -> String {
    let head = "day,device,site,activity,algorithm,token_link,disposition,findings,cpu_ms,energy_mj,unmetered,first_ordinal,last_ordinal";
    let mut rows = vec![head.split(',').map(str::to_owned).collect::<Vec<String>>()];
    for (heading, sum) in &gather.sums {
        let site = gather.devices.get(&heading.device).and_then(|d| d.site.as_ref());
        rows.push(vec![
            heading.day.to_string(),
            heading.device.to_string(),
            site.map(Name::to_string).unwrap_or_default(),
            activity_of(heading.activity).name().to_owned(),
            heading.algorithm.clone().unwrap_or_default(),
            heading.token.to_owned(),
            disposition(heading.disposition).map(|d| d.name().to_owned()).unwrap_or_default(),
            sum.findings.to_string(),
            sum.cpu_ms.to_string(),
            sum.energy_mj.map(|e| e.to_string()).unwrap_or_default(),
            sum.unmetered.to_string(),
            sum.first.to_string(),
            sum.last.to_string(),
        ]);
    }
    filing::sheet(&rows)
}

/// What the rulebook says of each activity that was seen at each site, with its reasons, on the first day that it was seen.
fn judgements(gather: &Gather<'_>) -> Value {
    let mut asked: BTreeSet<(Name, usize, &'static str)> = BTreeSet::new();
    let mut all = Vec::new();
    for heading in gather.sums.keys() {
        let Some(site) = gather.devices.get(&heading.device).and_then(|d| d.site.clone()) else { continue };
        if !asked.insert((site.clone(), heading.activity, heading.token)) {
            continue;
        }
        let Some(judgement) = gather.explain(&site, heading) else { continue };
        all.push(json!({
            "site": site.to_string(), "day": heading.day, "activity": activity_of(heading.activity).name(),
            "token_link": heading.token, "judgement": judgement,
        }));
    }
    Value::Array(all)
}

fn registrations(gather: &Gather<'_>) -> Value {
    let all = gather.registrations.iter().map(|entry| {
        let r = &entry.registration;
        let fields: BTreeMap<&String, &String> = r.fields.iter().map(|(name, value)| (name, value)).collect();
        json!({
            "kind": r.kind.word(), "id": r.id.to_string(), "version": r.version, "within": r.within.as_ref().map(Name::to_string),
            "from": r.from, "until": r.until, "device": r.device.map(|d| d.to_string()), "fields": fields,
            "counts": entry.counts, "by": entry.by, "at_ms": entry.at_ms, "ordinal": entry.ordinal,
        })
    });
    Value::Array(all.collect())
}

fn contested(gather: &Gather<'_>) -> Value {
    let all = gather.contested.iter().map(|matter| {
        let c = &matter.body;
        let answers = gather.answered.iter().filter(|a| a.body.id == c.id).map(|a| {
            json!({
                "outcome": a.body.outcome.word(), "reasons": a.body.reasons, "by": a.by, "at_ms": a.at_ms, "ordinal": a.ordinal,
            })
        });
        let material: BTreeMap<&String, String> = c.material.iter().map(|(n, d)| (n, d.to_string())).collect();
        json!({
            "id": c.id.to_string(), "device": c.device.to_string(), "workload": c.workload.map(|w| w.to_string()),
            "first": c.first, "last": c.last, "grounds": c.grounds, "material": material, "by": matter.by,
            "at_ms": matter.at_ms, "due_ms": c.due_ms, "ordinal": matter.ordinal, "answers": answers.collect::<Vec<_>>(),
        })
    });
    Value::Array(all.collect())
}

/// The name of a filing's files, without their ending.
fn filing_name(filing: &Written<Filed>) -> String {
    let f = &filing.body;
    let name = format!("filings/{}-{}-v{}", f.obligation, f.from, f.version);
    let name: String =
        name.chars().map(|c| if c.is_ascii_alphanumeric() || "./-_".contains(c) { c } else { '_' }).collect();
    format!("{}-{}", name.replace("..", "_"), filing.ordinal)
}

/// Each filing as it was signed, and as a page where this program can read it.
fn filings(gather: &Gather<'_>) -> Vec<File> {
    let mut files = Vec::new();
    for filing in &gather.filings {
        let (name, f) = (filing_name(filing), &filing.body);
        files.push(file(&format!("{name}.json"), f.document.clone()));
        files.extend(f.signature.as_ref().map(|s| file(&format!("{name}.json.sig"), s.clone())));
        if let Ok(read) = filing::Filing::from_json(&f.document) {
            files.push(file(&format!("{name}.html"), filing::html(&read)));
        }
    }
    files
}

/// Name of the first page as PDF.
pub const SUMMARY_PDF: &str = "summary.pdf";

/// Every document that follows from the entries with the name of its file: the first page, and each filing that this program
/// can read.
pub fn papers(gather: &Gather<'_>) -> Vec<(String, Document)> {
    let mut all = vec![(SUMMARY_PDF.to_owned(), document::summary(gather))];
    for filing in &gather.filings {
        let f = &filing.body;
        if let Ok(read) = filing::Filing::from_json(&f.document) {
            let checked =
                filing::Checked { by: f.checked_by.clone(), version: Some(f.version), why: f.why.clone() };
            all.push((format!("{}.pdf", filing_name(filing)), filing::document(&read, &checked)));
        }
    }
    all
}

/// The state of a token link of that name.
pub fn token_of(name: &str) -> TokenState {
    [TokenState::Seen, TokenState::NotSeen]
        .into_iter()
        .find(|t| t.name() == name)
        .unwrap_or(TokenState::NotObservable)
}

/// A device as people call it.
pub fn label(gather: &Gather<'_>, device: DeviceId) -> String {
    let seen = gather.devices.get(&device).map(|d| d.label.clone()).filter(|label| !label.is_empty());
    seen.unwrap_or_else(|| device.to_string())
}
