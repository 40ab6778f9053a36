//! Registrations as the registry's API has them.

use crate::Failure;
use crate::registry::ask::Ask;
use jiff::civil::Date;
use registration::{Entry, Register};
use serde::{Deserialize, Serialize};
use statement::{DeviceId, Kind, Name, Registration};
use std::collections::BTreeMap;

/// One version, as it is answered.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct Row {
    pub kind: String,
    pub id: String,
    pub version: u32,
    pub within: Option<String>,
    pub from: Date,
    pub until: Option<Date>,
    pub device: Option<String>,
    pub fields: BTreeMap<String, String>,
    /// Fields that are there and not shown to this token.
    #[serde(default)]
    pub withheld: Vec<String>,
    pub awaits_approval: bool,
    pub counts: bool,
    pub by: String,
    pub at_ms: u64,
    pub ordinal: u64,
    pub word: Option<serde_json::Value>,
}

#[derive(Deserialize)]
struct Page {
    registrations: Vec<Row>,
    next: Option<String>,
}

/// One registration, as it is sent.
#[derive(Serialize)]
pub struct Sent<'r> {
    kind: &'static str,
    id: &'r str,
    within: Option<&'r str>,
    from: Date,
    until: Option<Date>,
    device: Option<String>,
    fields: BTreeMap<&'r str, &'r str>,
}

impl<'r> Sent<'r> {
    /// A registration as it is sent.
    pub fn new(r: &'r Registration) -> Self {
        Self {
            kind: r.kind.word(),
            id: r.id.as_str(),
            within: r.within.as_ref().map(Name::as_str),
            from: r.from,
            until: r.until,
            device: r.device.map(|d| d.to_string()),
            fields: r.fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect(),
        }
    }
}

/// Which versions are asked for.
#[derive(Clone, Copy, Debug, Default)]
pub struct Wanted<'a> {
    pub kind: Option<Kind>,
    pub within: Option<&'a Name>,
    pub id: Option<&'a Name>,
}

/// Every version that is wanted, page by page.
pub fn rows(ask: &Ask, wanted: Wanted<'_>) -> Result<Vec<Row>, Failure> {
    let mut filter = Vec::new();
    for (key, value) in [
        ("kind", wanted.kind.map(Kind::word)),
        ("within", wanted.within.map(Name::as_str)),
        ("id", wanted.id.map(Name::as_str)),
    ] {
        filter.extend(value.map(|value| format!("{key}={value}")));
    }
    let (mut rows, mut question) = (Vec::new(), filter.join("&"));
    loop {
        let page: Page = ask.document(&format!("/api/v1/registrations?{question}"))?;
        let empty = page.registrations.is_empty();
        rows.extend(page.registrations);
        match page.next {
            // A registry that names the same page for ever would otherwise keep us here.
            Some(next) if !empty => {
                let after = format!("after={}", escaped(&next));
                question =
                    filter.iter().map(String::as_str).chain([after.as_str()]).collect::<Vec<_>>().join("&");
            }
            _ => return Ok(rows),
        }
    }
}

/// Names hold nothing that an address cannot, but for the stroke between kind and id.
fn escaped(text: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "._-".contains(c);
    text.bytes()
        .map(|b| if plain(b.into()) { char::from(b).to_string() } else { format!("%{b:02X}") })
        .collect()
}

/// Rows as a register.
pub fn register(rows: Vec<Row>) -> Result<Register, Failure> {
    let entries: Result<Vec<Entry>, Failure> = rows.into_iter().map(entry).collect();
    Ok(Register::new(entries?))
}

fn entry(row: Row) -> Result<Entry, Failure> {
    let wrong = |what: &str, why: String| {
        Failure::Usage(format!(
            "the registry answers a {what} that is none: {}",
            crate::table::printable(&why)
        ))
    };
    let name = |text: &str| text.parse::<Name>().map_err(|e| wrong("name", e.to_string()));
    let device = row.device.map(|d| d.parse::<DeviceId>().map_err(|e| wrong("device", e.to_string())));
    let registration = Registration {
        kind: Kind::named(&row.kind).ok_or_else(|| wrong("kind", row.kind.clone()))?,
        id: name(&row.id)?,
        version: row.version,
        within: row.within.as_deref().map(name).transpose()?,
        from: row.from,
        until: row.until,
        device: device.transpose()?,
        fields: row.fields.into_iter().collect(),
        awaits_approval: row.awaits_approval,
    };
    Ok(Entry { registration, ordinal: row.ordinal, at_ms: row.at_ms, by: row.by, counts: row.counts })
}

/// A fact as the registry keeps it, as text.
pub fn fact(text: &str) -> serde_json::Value {
    match text {
        "yes" | "true" => serde_json::Value::Bool(true),
        "no" | "false" => serde_json::Value::Bool(false),
        other => other.parse::<i64>().map_or_else(|_| serde_json::json!(other), |n| serde_json::json!(n)),
    }
}
