//! Stratum as Monero's miners speak it (`login`, `job`, `submit`), its relatives, and the dialects of browser miners.

use crate::account::Sighting;
use crate::shape::{algorithm, algorithms, cryptonote_address, hex_at, monero_address, text};
use facts::Protocol;
use serde_json::Value;

/// Hexadecimal digits of a hashing blob: a block header and a root, of 76 bytes or somewhat more.
const BLOB: std::ops::RangeInclusive<usize> = 140..=1024;

/// What a message with a method says. The names are common words, so the shape of the parameters decides.
pub(crate) fn asks(value: &Value, method: &str) -> Option<Sighting> {
    let nothing = Value::Null;
    let params = value.get("params").unwrap_or(&nothing);
    let said = match method {
        "login" => login(value, params),
        "job" => job(params).or_else(|| beam_job(value)).or_else(|| grin_job(params)),
        "submit" => submit(params),
        "getjob" if params.get("id").is_some() && params.get("algo").is_some() => Some(dialect()),
        "solution" if hex_at(value, "nonce", 16..=16) && hex_at(value, "output", 100..=1024) => {
            Some(beam().submitted())
        }
        _ => None,
    };
    said.map(|said| said.method(method))
}

fn dialect() -> Sighting {
    Sighting::new(Protocol::StratumV1, "monero login/job", 3)
}

fn beam() -> Sighting {
    Sighting::new(Protocol::StratumV1, "beam login/job", 4).chain("beam").algorithm("beamhash")
}

fn grin() -> Sighting {
    Sighting::new(Protocol::StratumV1, "grin login/job", 4).chain("grin").algorithm("cuckatoo")
}

/// A miner's login: its address, or its algorithms, or its name beside login and password. A login to any other
/// service has none of these.
fn login(value: &Value, params: &Value) -> Option<Sighting> {
    if text(value, "api_key").is_some_and(|key| key.len() > 30) && text(value, "jsonrpc").is_some() {
        return Some(beam());
    }
    let user = text(params, "login")?;
    text(params, "pass")?;
    let agent = text(params, "agent");
    let miner = agent.is_some_and(|agent| agent.contains('/') && !agent.starts_with("Mozilla"));
    let shape = cryptonote_address(user) || algorithms(params.get("algo")) || miner;
    shape.then(|| dialect().chain(monero_address(user).then_some("monero")).agent(agent))
}

/// A piece of work: a blob, a target and a number for it.
fn job(job: &Value) -> Option<Sighting> {
    let shape = hex_at(job, "blob", BLOB)
        && (hex_at(job, "target", 8..=64) || job.get("difficulty").is_some())
        && job.get("job_id").is_some();
    shape.then(|| known(dialect(), job))
}

/// Names the proof of work: from `algo`, else from the version of the block that is being built.
fn known(said: Sighting, job: &Value) -> Sighting {
    if let Some((algorithm, chain)) = text(job, "algo").and_then(algorithm) {
        return said.algorithm(algorithm).chain(chain);
    }
    if job.get("algo").is_none() && hex_at(job, "seed_hash", 64..=64) {
        return said.algorithm("randomx");
    }
    let version = text(job, "blob").and_then(|blob| u8::from_str_radix(blob.get(..2)?, 16).ok()).unwrap_or(0);
    let nothing_said = job.get("algo").is_none() && text(job, "variant").is_none();
    said.algorithm((nothing_said && (1..12).contains(&version)).then_some("cryptonight"))
}

fn submit(params: &Value) -> Option<Sighting> {
    let cuckoo = params.get("edge_bits").is_some() && params.get("pow").is_some_and(Value::is_array);
    if cuckoo && params.get("job_id").is_some() {
        return Some(grin().submitted());
    }
    let shape = params.get("job_id").is_some()
        && hex_at(params, "nonce", 8..=16)
        && hex_at(params, "result", 64..=64);
    let named = text(params, "algo").and_then(algorithm);
    shape.then(|| match named {
        Some((algorithm, chain)) => dialect().algorithm(algorithm).chain(chain).submitted(),
        None => dialect().submitted(),
    })
}

fn beam_job(value: &Value) -> Option<Sighting> {
    let shape =
        hex_at(value, "input", 64..=64) && value.get("difficulty").is_some() && value.get("height").is_some();
    shape.then(beam)
}

fn grin_job(params: &Value) -> Option<Sighting> {
    let shape = hex_at(params, "pre_pow", 100..=4096) && params.get("height").is_some();
    shape.then(grin)
}

/// The answer to a login carries the first job.
pub(crate) fn answers(value: &Value) -> Option<Sighting> {
    let result = value.get("result")?;
    let said = job(result.get("job")?).or_else(|| grin_job(result));
    said.map(|said| said.method("login (answer)"))
}

/// Browser miners name their messages by `type` (Coinhive and its heirs) or `identifier`.
pub(crate) fn browser(value: &Value) -> Option<Sighting> {
    if let Some(kind) = text(value, "type") {
        return coinhive(kind, value.get("params")?);
    }
    let kind = text(value, "identifier")?;
    let named = |said: Sighting| said.method(kind);
    match kind {
        "job" => job(value).map(|said| named(retitle(said, "browser identifier/job"))),
        "handshake" => (text(value, "login").is_some() && text(value, "pool").is_some())
            .then(|| named(Sighting::new(Protocol::StratumV1, "browser identifier/job", 4))),
        "solved" => submit(value).map(|said| named(retitle(said, "browser identifier/job"))),
        _ => None,
    }
}

fn coinhive(kind: &str, params: &Value) -> Option<Sighting> {
    let title = "coinhive auth/job";
    let said = match kind {
        "auth" => text(params, "site_key").map(|_| Sighting::new(Protocol::StratumV1, title, 4)),
        "authed" => (params.get("token").is_some() && params.get("hashes").is_some())
            .then(|| Sighting::new(Protocol::StratumV1, title, 4)),
        "job" => job(params).map(|said| retitle(said, title)),
        "submit" => submit(params).map(|said| retitle(said, title)),
        _ => None,
    };
    said.map(|said| said.method(kind))
}

fn retitle(mut said: Sighting, title: &'static str) -> Sighting {
    said.dialect = title.into();
    said.precision = 4;
    said
}
