//! What the fleet registers.

use super::draw::Device;
use registration::{Entry, Register};
use statement::{Kind, Name, Registration};
use std::error::Error;

/// The register of a fleet, true since a month before.
pub(super) fn of(devices: &[Device], nominal: u64) -> Result<Register, Box<dyn Error>> {
    let mut entries = Vec::new();
    for device in devices {
        let fields = vec![("device.power_nominal".to_owned(), nominal.to_string())];
        let mut own = entry(Kind::Device, device.name.clone(), device, fields);
        own.registration.device = Some(device.id);
        entries.push(own);
        let id: Name = format!("work-{}", device.name).parse()?;
        entries.push(entry(Kind::Workload, id, device, work(device)));
    }
    Ok(Register::new(entries))
}

fn work(device: &Device) -> Vec<(String, String)> {
    let mut fields = vec![
        ("work.activity".to_owned(), device.activity.to_string()),
        ("work.devices".to_owned(), device.name.to_string()),
    ];
    let mut add = |name: &str, value: Option<&str>| {
        fields.extend(value.map(|value| (name.to_owned(), value.to_owned())));
    };
    add("work.algorithm", device.algorithm.as_deref());
    add("work.schedule", device.schedule);
    add("work.token_link", device.token.then_some("seen"));
    fields.sort();
    fields
}

fn entry(kind: Kind, id: Name, device: &Device, fields: Vec<(String, String)>) -> Entry {
    let registration = Registration {
        kind,
        id,
        version: 1,
        within: Some(device.site.clone()),
        from: jiff::civil::date(2026, 2, 1),
        until: None,
        device: None,
        fields,
        awaits_approval: false,
    };
    Entry { registration, ordinal: 0, at_ms: 0, by: "acme".to_owned(), counts: true }
}
