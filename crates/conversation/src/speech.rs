//! What one JSON message says: work for a miner, node RPC, or the RPC of some other service.

use crate::account::Sighting;
use crate::{ethereum, monero, rpc, stratum};
use facts::Protocol;
use serde_json::Value;

/// How a message came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Via {
    /// Bare on the connection.
    Plain,
    /// In a WebSocket frame.
    WebSocket,
    /// The body of an HTTP request; `miner` when its header fields are a miner's, `node` when its path is a
    /// node's own RPC path.
    Request { miner: bool, node: bool },
    /// The body of an HTTP answer.
    Answer,
}

/// Messages of one batch that are read.
const MAX_BATCH: usize = 32;

/// What a message, or a batch of them, says.
pub(crate) fn hear(value: &Value, via: Via) -> Vec<Sighting> {
    match value {
        Value::Array(batch) => batch.iter().take(MAX_BATCH).filter_map(|one| single(one, via)).collect(),
        one => single(one, via).into_iter().collect(),
    }
}

fn single(value: &Value, via: Via) -> Option<Sighting> {
    value.as_object()?;
    match value.get("method").and_then(Value::as_str) {
        Some(_) if via == Via::Answer => None,
        Some(method) => Some(asks(value, method, via)),
        None => answers(value, via),
    }
}

/// A request or notification with a method name.
fn asks(value: &Value, method: &str, via: Via) -> Sighting {
    let http = matches!(via, Via::Request { .. });
    let bare = if http { None } else { stratum::asks(value, method).or_else(|| monero::asks(value, method)) };
    bare.or_else(|| ethereum::asks(value, method, http))
        .or_else(|| rpc::asks(value, method, via))
        .unwrap_or_else(|| Sighting::new(Protocol::JsonRpc, "json-rpc", 1).method(method))
}

/// An answer, or a message of a dialect that names its messages otherwise.
fn answers(value: &Value, via: Via) -> Option<Sighting> {
    let work = rpc::answers(value);
    if matches!(via, Via::Answer | Via::Request { .. }) {
        return work;
    }
    work.or_else(|| stratum::answers(value))
        .or_else(|| monero::answers(value))
        .or_else(|| ethereum::answers(value))
        .or_else(|| monero::browser(value))
        .or_else(|| plain(value))
}

/// A JSON-RPC answer that tells nothing but that it is one.
fn plain(value: &Value) -> Option<Sighting> {
    let answer = value.get("id").is_some() && (value.get("result").is_some() || value.get("error").is_some());
    answer.then(|| Sighting::new(Protocol::JsonRpc, "json-rpc", 0))
}
