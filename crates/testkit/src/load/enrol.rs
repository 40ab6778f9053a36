//! Letting a fleet in over HTTP.

use crate::product::Web;
use registry::Command;
use serde_json::json;
use statement::Voucher;
use std::io;

/// Carries out one wish of a fleet.
pub(super) fn record(admin: &Web, wish: Command) -> io::Result<()> {
    let answer = match wish {
        Command::Operator(o) => {
            let document = json!({ "title": o.title, "kind": o.kind });
            admin.document("PUT", &format!("/api/v1/operators/{}", o.id), &document)
        }
        Command::Site(s) => {
            let document = json!({ "operator": s.operator.to_string(), "place": s.place, "facts": {} });
            admin.document("PUT", &format!("/api/v1/sites/{}", s.id), &document)
        }
        Command::Authority(a) => {
            let Voucher::Ed25519(key) = &a.key else { return Err(io::Error::other("not an Ed25519 key")) };
            let key: String = key.iter().map(|byte| format!("{byte:02x}")).collect();
            let document = json!({
                "operator": a.operator.to_string(), "algorithm": "ed25519", "key": key, "kind": a.kind, "label": a.label,
            });
            admin.document("POST", "/api/v1/authorities", &document)
        }
        Command::Enrol(request) => {
            admin.ask("POST", "/api/v1/devices", &[("content-type", "application/cose")], &request)
        }
        _ => Err(io::Error::other("a fleet wishes for nothing else")),
    };
    answer?.good().map(drop)
}
