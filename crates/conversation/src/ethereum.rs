//! Ethereum's ways of giving work: `eth_getWork` over TCP or HTTP, with `eth_submitLogin` before it at pools.

use crate::account::Sighting;
use crate::shape::{hex, hex_item, text};
use facts::Protocol;
use serde_json::Value;

/// What a message with a method says. `http` when it came as an HTTP request.
pub(crate) fn asks(value: &Value, method: &str, http: bool) -> Option<Sighting> {
    let params = value.get("params").and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
    let shape = match method {
        "eth_submitLogin" | "eth_login" => params.first().is_some_and(Value::is_string),
        "eth_getWork" => params.len() <= 2,
        "eth_submitHashrate" => hex_item(params, 0, 1..=64),
        "eth_submitWork" => {
            hex_item(params, 0, 1..=16) && hex_item(params, 1, 64..=64) && hex_item(params, 2, 64..=64)
        }
        _ => false,
    };
    if !shape {
        return None;
    }
    let said = work(http).method(method).agent(text(value, "agent"));
    Some(if method == "eth_submitWork" { said.submitted() } else { said })
}

fn work(http: bool) -> Sighting {
    let protocol = if http { Protocol::Getwork } else { Protocol::StratumV1 };
    Sighting::new(protocol, "ethereum eth_getWork", 4).algorithm("ethash")
}

/// Work pushed or answered over a bare connection: header hash, seed hash, target, all with `0x`.
pub(crate) fn answers(value: &Value) -> Option<Sighting> {
    let result = value.get("result")?.as_array()?;
    let hashes = result.iter().take(3).filter_map(Value::as_str);
    let count = hashes.filter(|text| text.starts_with("0x") && hex(text, 60..=64)).count();
    (count == 3 && matches!(result.len(), 3..=6)).then(|| work(false).method("eth_getWork (answer)"))
}
