//! The fleet of the measurement: enrolled over the API, and all it will say, signed beforehand.

use super::Result;
use super::served::Served;
use registry::Command as Wish;
use std::fs;
use std::path::Path;
use testkit::Fleet;

/// Devices of one request.
const BATCH: usize = 4_096;

/// Records operator, site and authority with the administrator's token, and all devices in batches.
pub fn enrol(served: &Served, fleet: &Fleet, folder: &Path) -> Result<()> {
    let token = fs::read_to_string(folder.join("registry/admin.token"))?;
    let mut requests = Vec::new();
    for wish in fleet.enrolments() {
        let (method, path, body) = match wish {
            Wish::Enrol(request) => {
                requests.push(request);
                continue;
            }
            Wish::Operator(o) => {
                ("PUT", format!("/api/v1/operators/{}", o.id), serde_json::json!({ "title": o.title }))
            }
            Wish::Site(s) => {
                let body = serde_json::json!({ "operator": s.operator.as_str(), "place": s.place });
                ("PUT", format!("/api/v1/sites/{}", s.id), body)
            }
            Wish::Authority(a) => {
                let key: String = a.key.bytes().iter().map(|b| format!("{b:02x}")).collect();
                let body = serde_json::json!({
                    "operator": a.operator.as_str(), "algorithm": "ed25519", "key": key, "kind": a.kind, "label": a.label,
                });
                ("POST", "/api/v1/authorities".to_owned(), body)
            }
            _ => continue,
        };
        served.send(method, &path, Some(token.trim()), body.to_string().as_bytes())?;
    }
    for batch in requests.chunks(BATCH) {
        let answer = served.send("POST", "/api/v1/devices/batch", None, &batch.concat())?;
        let answers: Vec<serde_json::Value> = serde_json::from_slice(&answer)?;
        if let Some(refused) =
            answers.iter().find_map(|a| a.get("refused").and_then(serde_json::Value::as_str))
        {
            return Err(format!("a device was not enrolled: {refused}").into());
        }
    }
    Ok(())
}

/// All statements, signed, in bodies in the order in which devices say them.
pub fn speak(fleet: &mut Fleet, minutes: usize, request: usize) -> Vec<Vec<u8>> {
    let mut bodies = Vec::new();
    for _ in 0..minutes {
        let said: Vec<Vec<u8>> = fleet.minute().collect();
        bodies.extend(said.chunks(request).map(<[Vec<u8>]>::concat));
    }
    bodies
}
