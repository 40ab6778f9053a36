//! A notification as a CloudEvents 1.0 event in JSON, for a webhook.
//!
//! `specversion`, `id`, `source`, `type`, `subject`, `time`, `datacontenttype`, `data` as the specification names them. Must
//! not put names where a header could be made of them: everything is a JSON string.

use crate::alert::state::{Alert, Notification};
use jiff::Timestamp;
use serde_json::{Value, json};

/// The event. `source` is the URI of the registry; with `id` it is unique, so that a receiver may drop what comes twice.
#[must_use]
pub fn cloud_event(notification: &Notification, source: &str) -> Value {
    let n = notification;
    json!({
        "specversion": "1.0",
        "id": format!("{}-{}", n.at_ms, n.number),
        "source": source,
        "type": format!("org.overt.alert.{}", n.change.word()),
        "subject": format!("{}/{}", n.site, n.kind),
        "time": time(n.at_ms),
        "datacontenttype": "application/json",
        "data": {
            "change": n.change.word(),
            "kind": n.kind,
            "site": n.site,
            "alerts": n.alerts.iter().map(alert).collect::<Vec<_>>(),
        },
    })
}

fn alert(alert: &Alert) -> Value {
    let s = &alert.signal;
    json!({
        "key": s.key,
        "device": s.device,
        "size": s.size,
        "weight": s.weight,
        "strength": s.strength().map(facts::Strength::words),
        "prohibited": s.prohibited,
        "contested": s.contested,
        "opened": alert.opened_ms.map(time),
        "acknowledged": alert.acknowledged.as_ref().map(|a| json!({"by": a.by, "note": a.note, "until": time(a.until_ms)})),
        "sentence": {"en": s.en, "zh": s.zh},
    })
}

/// RFC 3339, UTC.
pub(crate) fn time(ms: u64) -> String {
    let at = i64::try_from(ms).ok().and_then(|ms| Timestamp::from_millisecond(ms).ok());
    at.unwrap_or_default().to_string()
}
