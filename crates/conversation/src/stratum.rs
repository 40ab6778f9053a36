//! Stratum V1 with `mining.*` methods: Bitcoin's shape and the dialects that grew from it.

use crate::account::Sighting;
use crate::shape::{algorithm, hex, hex_at, hex_item, item, zcash_address};
use facts::Protocol;
use serde_json::Value;

/// Methods that only pools and miners use.
const METHODS: [&str; 24] = [
    "mining.subscribe",
    "mining.authorize",
    "mining.configure",
    "mining.notify",
    "mining.set_difficulty",
    "mining.set_target",
    "mining.set_extranonce",
    "mining.set_version_mask",
    "mining.set_goal",
    "mining.set",
    "mining.submit",
    "mining.submit_hashrate",
    "mining.submitHashrate",
    "mining.extranonce.subscribe",
    "mining.suggest_difficulty",
    "mining.suggest_target",
    "mining.get_transactions",
    "mining.get_job",
    "mining.multi_version",
    "mining.hello",
    "mining.noop",
    "mining.bye",
    "mining.ping",
    "mining.print",
];

/// What a message with a method says in this vocabulary. Parameters must be there: the words alone prove nothing.
pub(crate) fn asks(value: &Value, method: &str) -> Option<Sighting> {
    if !METHODS.contains(&method) {
        return None;
    }
    let params = value.get("params").or_else(|| value.get("body"))?;
    let said = match params {
        Value::Array(list) => listed(method, list),
        Value::Object(_) => named(method, params),
        Value::Null => generic(),
        _ => return None,
    };
    let said = said.method(method);
    Some(if method == "mining.submit" { said.submitted() } else { said })
}

fn generic() -> Sighting {
    Sighting::new(Protocol::StratumV1, "mining.*", 1)
}

fn dialect(name: &'static str) -> Sighting {
    Sighting::new(Protocol::StratumV1, name, 4)
}

fn listed(method: &str, list: &[Value]) -> Sighting {
    match method {
        "mining.notify" => notify(list),
        "mining.submit" => submit(list),
        "mining.subscribe" => subscribe(list),
        "mining.authorize" => authorize(list),
        "mining.configure" => configure(list),
        _ => generic(),
    }
}

/// Version rolling exists for one thing: a block header of SHA-256d.
fn configure(list: &[Value]) -> Sighting {
    let rolls = list
        .first()
        .and_then(Value::as_array)
        .is_some_and(|names| names.iter().any(|n| n == "version-rolling"));
    Sighting::new(Protocol::StratumV1, "bitcoin mining.*", 3).algorithm(rolls.then_some("sha256d"))
}

fn subscribe(list: &[Value]) -> Sighting {
    let agent = item(list, 0);
    let said = match item(list, 1) {
        Some("EthereumStratum/1.0.0") => Sighting::new(Protocol::StratumV1, "EthereumStratum/1.0.0", 3),
        _ if list.len() >= 4 && item(list, 2).is_some() => {
            Sighting::new(Protocol::StratumV1, "zcash mining.*", 2)
        }
        _ => generic(),
    };
    let mut said = said.agent(agent);
    said.host = item(list, 2).map(str::to_owned);
    said
}

/// The address is looked at for the chain it belongs to, and dropped.
fn authorize(list: &[Value]) -> Sighting {
    let user = item(list, 0).unwrap_or_default();
    if user.starts_with("kaspa:q") {
        return dialect("kaspa mining.*").chain("kaspa").algorithm("kheavyhash");
    }
    generic().chain(zcash_address(user).then_some("zcash"))
}

fn submit(list: &[Value]) -> Sighting {
    let proof = item(list, 4).map_or(0, str::len);
    if matches!(proof, 2694 | 202 | 806) && hex_item(list, 4, 202..=2694) {
        // Verus carries its own proof of work in a solution of the same 1,344 bytes and three for the length (VerusCoin,
        // solutiondata.h), so that only its jobs tell the two apart; 144,5 and 192,7 have other lengths.
        return dialect("zcash mining.*").algorithm((proof != 2694).then_some("equihash"));
    }
    if list.len() == 5
        && hex_item(list, 2, 16..=16)
        && hex_item(list, 3, 64..=64)
        && hex_item(list, 4, 64..=64)
    {
        return dialect("kawpow mining.*").algorithm("kawpow");
    }
    if matches!(list.len(), 5 | 6) && hex_item(list, 3, 8..=8) && hex_item(list, 4, 8..=8) {
        let rolls = list.len() == 6 && hex_item(list, 5, 8..=8);
        return Sighting::new(Protocol::StratumV1, "bitcoin mining.*", 2)
            .algorithm(rolls.then_some("sha256d"));
    }
    generic()
}

fn notify(list: &[Value]) -> Sighting {
    bitcoin(list)
        .or_else(|| zcash(list))
        .or_else(|| kawpow(list))
        .or_else(|| kaspa(list))
        .or_else(|| ergo(list))
        .or_else(|| ethereum(list))
        .or_else(|| others(list))
        .unwrap_or_else(generic)
}

/// Job, previous hash, two halves of the coinbase, branches, version, bits, time. Shared by many proofs of work.
fn bitcoin(list: &[Value]) -> Option<Sighting> {
    let shape = hex_item(list, 1, 64..=64) && hex_item(list, 2, 2..=16_384) && list.get(4)?.is_array();
    shape.then(|| Sighting::new(Protocol::StratumV1, "bitcoin mining.*", 2))
}

/// Job, version, three hashes, time, bits; Verus adds a solution.
fn zcash(list: &[Value]) -> Option<Sighting> {
    let hashes = (2..=4).all(|index| hex_item(list, index, 64..=64));
    let shape = list.len() >= 8 && hex_item(list, 1, 8..=8) && hashes && hex_item(list, 5, 8..=8);
    let verus = hex_item(list, 8, 100..=4096);
    let said = if verus {
        dialect("verus mining.*").chain("verus").algorithm("verushash")
    } else {
        dialect("zcash mining.*").algorithm("equihash")
    };
    shape.then_some(said)
}

/// Job, header hash, seed hash, target, clean, height, bits.
fn kawpow(list: &[Value]) -> Option<Sighting> {
    let hashes = (1..=3).all(|index| hex_item(list, index, 64..=64));
    let shape = list.len() >= 6 && hashes && list.get(5)?.is_number();
    shape.then(|| dialect("kawpow mining.*").algorithm("kawpow"))
}

/// Job, four words of the header's hash, time; or job and the same as one text of 80 digits.
fn kaspa(list: &[Value]) -> Option<Sighting> {
    let words =
        list.get(1)?.as_array().is_some_and(|words| words.len() == 4 && words.iter().all(Value::is_u64));
    let shape = words && list.get(2)?.is_u64() || list.len() == 2 && hex_item(list, 1, 80..=80);
    shape.then(|| dialect("kaspa mining.*").chain("kaspa").algorithm("kheavyhash"))
}

/// Job, height, message, two blanks, version, bound in decimal digits.
fn ergo(list: &[Value]) -> Option<Sighting> {
    let bound = item(list, 6)?;
    let digits = bound.len() > 20 && bound.bytes().all(|byte| byte.is_ascii_digit());
    let shape = list.get(1)?.is_u64() && hex_item(list, 2, 64..=64) && digits;
    shape.then(|| dialect("ergo mining.*").chain("ergo").algorithm("autolykos2"))
}

/// Job, seed hash, header hash, clean.
fn ethereum(list: &[Value]) -> Option<Sighting> {
    let shape = list.len() == 4
        && hex_item(list, 1, 64..=64)
        && hex_item(list, 2, 64..=64)
        && list.get(3)?.is_boolean();
    shape.then(|| dialect("EthereumStratum/1.0.0").algorithm("ethash"))
}

fn others(list: &[Value]) -> Option<Sighting> {
    let first = list.first()?;
    if hex_at(first, "headerBlob", 64..=8192) && first.get("fromGroup").is_some() {
        return Some(dialect("alephium mining.*").chain("alephium").algorithm("blake3"));
    }
    if list.len() == 5 && hex_item(list, 1, 64..=64) && list.get(2)?.is_u64() && hex_item(list, 3, 64..=64) {
        return Some(dialect("nervos mining.*").chain("nervos").algorithm("eaglesong"));
    }
    let named = list.iter().take(8).filter_map(Value::as_str).find_map(algorithm);
    named.map(|(algorithm, chain)| dialect("mining.*").chain(chain).algorithm(algorithm))
}

/// Dialects whose parameters have names: EthereumStratum/2.0.0, Iron Fish.
fn named(method: &str, params: &Value) -> Sighting {
    let agent = params.get("agent").or_else(|| params.get("name")).and_then(Value::as_str);
    let proto = params.get("proto").and_then(Value::as_str).unwrap_or_default();
    let algo = params.get("algo").and_then(Value::as_str).and_then(algorithm);
    let said = if method == "mining.hello" || method == "mining.set" || proto.starts_with("EthereumStratum/2")
    {
        dialect("EthereumStratum/2.0.0").algorithm(Some("ethash").filter(|_| algo.is_none()))
    } else if params.get("publicAddress").is_some() || params.get("miningRequestId").is_some() {
        dialect("ironfish mining.*").chain("ironfish")
    } else {
        generic()
    };
    let said = said.agent(agent);
    match algo {
        Some((algorithm, chain)) => said.algorithm(algorithm).chain(chain),
        None => said,
    }
}

/// The answer to `mining.subscribe`: it names the notifications that it promises.
pub(crate) fn answers(value: &Value) -> Option<Sighting> {
    let result = value.get("result")?.as_array()?;
    let promised = result.first()?;
    let names = |name: &Value| matches!(name.as_str(), Some("mining.notify" | "mining.set_difficulty"));
    let nested =
        |entry: &Value| names(entry) || entry.as_array().is_some_and(|pair| pair.first().is_some_and(names));
    let promises = promised.as_array().is_some_and(|list| list.iter().take(8).any(nested));
    if !promises {
        return None;
    }
    let nicehash = promised.get(2).and_then(Value::as_str) == Some("EthereumStratum/1.0.0");
    let extranonce = item(result, 1).is_some_and(|nonce| hex(nonce, 0..=32));
    let said = match (nicehash, extranonce && result.get(2).is_some_and(Value::is_u64)) {
        (true, _) => dialect("EthereumStratum/1.0.0"),
        (false, true) => Sighting::new(Protocol::StratumV1, "bitcoin mining.*", 2),
        (false, false) => generic(),
    };
    Some(said.method("mining.subscribe (answer)"))
}
