//! What is said in each dialect: the answer to a request, and a job pushed unasked. Follows what pools and nodes
//! really send, field by field, with invented values.

use crate::{Dialect, Session};
use serde_json::{Value, json};

/// The answer to a message that is not JSON.
pub(crate) fn not_understood() -> Value {
    json!({"id": null, "jsonrpc": "2.0", "error": {"code": -32700, "message": "parse error"}})
}

fn unknown_method(id: &Value) -> Vec<Value> {
    vec![
        json!({"id": id, "jsonrpc": "2.0", "result": null, "error": {"code": -32601, "message": "method not found"}}),
    ]
}

/// The answer to one request, followed by what is pushed along with it.
pub(crate) fn to(session: &mut Session, request: &Value) -> Vec<Value> {
    let id = request.get("id").cloned().unwrap_or(Value::Null);
    let method = request.get("method").or_else(|| request.get("type")).and_then(Value::as_str).unwrap_or("");
    match session.dialect {
        Dialect::Monero => monero(session, &id, method, request),
        Dialect::Bitcoin | Dialect::EthereumStratum | Dialect::Zcash | Dialect::Kaspa => {
            mining(session, &id, method)
        }
        Dialect::Ethereum => ethereum(session, &id, method),
        Dialect::WebSocket => browser(session, method),
        Dialect::Getwork => getwork(session, &id, method, request),
        Dialect::BlockTemplate => template(session, &id, method),
    }
}

/// A job that the server sends unasked.
pub(crate) fn push(session: &Session) -> Vec<Value> {
    match session.dialect {
        Dialect::Monero => vec![json!({"jsonrpc": "2.0", "method": "job", "params": monero_job(session)})],
        Dialect::Bitcoin => vec![difficulty(session), bitcoin_job(session)],
        Dialect::EthereumStratum => vec![difficulty(session), ethereum_stratum_job(session)],
        Dialect::Zcash => vec![
            json!({"id": null, "method": "mining.set_target", "params": [session.work.target()]}),
            zcash_job(session),
        ],
        Dialect::Kaspa => vec![difficulty(session), kaspa_job(session)],
        Dialect::Ethereum => vec![json!({"id": 0, "jsonrpc": "2.0", "result": ethereum_work(session)})],
        Dialect::WebSocket => vec![json!({"type": "job", "params": browser_job(session)})],
        Dialect::Getwork | Dialect::BlockTemplate => Vec::new(),
    }
}

fn monero(session: &mut Session, id: &Value, method: &str, request: &Value) -> Vec<Value> {
    let result = match method {
        "login" => {
            session.open = true;
            let asked = request.pointer("/params/algo/0").and_then(Value::as_str);
            session.algorithm = asked.filter(|name| name.len() <= 32).map(str::to_owned);
            json!({"id": "7a1c0f5e22d94b6f", "job": monero_job(session),
                "extensions": ["algo", "keepalive"], "status": "OK"})
        }
        "getjob" => monero_job(session),
        "submit" => {
            session.accept();
            json!({"status": "OK"})
        }
        "keepalived" => json!({"status": "KEEPALIVED"}),
        _ => return unknown_method(id),
    };
    vec![json!({"id": id, "jsonrpc": "2.0", "error": null, "result": result})]
}

fn monero_job(session: &Session) -> Value {
    let work = session.work;
    json!({"blob": format!("1010{}", work.hex(1, 74)), "job_id": work.id(), "target": work.short_target(),
        "height": 3_000_000 + work.number, "seed_hash": work.hex(2, 32),
        "algo": session.algorithm.as_deref().unwrap_or("rx/0")})
}

fn mining(session: &mut Session, id: &Value, method: &str) -> Vec<Value> {
    let ok = |result: Value| json!({"id": id, "result": result, "error": null});
    match method {
        "mining.subscribe" => vec![ok(subscribed(session.dialect))],
        "mining.authorize" => {
            session.open = true;
            let mut says = vec![ok(Value::Bool(true))];
            if session.dialect == Dialect::Kaspa {
                says.push(json!({"id": null, "method": "set_extranonce", "params": ["0f3a", 6]}));
            }
            says.extend(push(session));
            says
        }
        "mining.submit" => {
            session.accept();
            vec![ok(Value::Bool(true))]
        }
        "mining.extranonce.subscribe" | "mining.configure" | "mining.suggest_difficulty" => {
            vec![ok(Value::Bool(true))]
        }
        _ => unknown_method(id),
    }
}

fn subscribed(dialect: Dialect) -> Value {
    match dialect {
        Dialect::EthereumStratum => {
            json!([["mining.notify", "ae6812eb4cd7735a302a8a9dd95cf71f", "EthereumStratum/1.0.0"], "080c"])
        }
        Dialect::Zcash => json!(["f3a1", "08000002"]),
        Dialect::Kaspa => json!([true, "EthereumStratum/1.0.0"]),
        _ => json!([[["mining.set_difficulty", "b4b6693b"], ["mining.notify", "ae6812eb"]], "08000002", 4]),
    }
}

fn difficulty(session: &Session) -> Value {
    json!({"id": null, "method": "mining.set_difficulty", "params": [session.work.pool_difficulty()]})
}

fn bitcoin_job(session: &Session) -> Value {
    let work = session.work;
    let coinbase = format!("01000000010000000000000000{}", work.hex(2, 42));
    let params = json!([
        work.id(),
        work.hex(1, 32),
        coinbase,
        work.hex(3, 40),
        [work.hex(4, 32), work.hex(5, 32)],
        "20000000",
        "1d00ffff",
        format!("{:08x}", 1_700_000_000 + work.number),
        true
    ]);
    json!({"id": null, "method": "mining.notify", "params": params})
}

fn ethereum_stratum_job(session: &Session) -> Value {
    let work = session.work;
    let params = json!([work.id(), work.hex(1, 32), work.hex(2, 32), true]);
    json!({"id": null, "method": "mining.notify", "params": params})
}

fn zcash_job(session: &Session) -> Value {
    let work = session.work;
    let params = json!([
        work.id(),
        "04000000",
        work.hex(1, 32),
        work.hex(2, 32),
        work.hex(3, 32),
        work.hex(4, 4),
        "1d00ffff",
        true
    ]);
    json!({"id": null, "method": "mining.notify", "params": params})
}

fn kaspa_job(session: &Session) -> Value {
    let work = session.work;
    let part = |n: u64| work.number.wrapping_add(n).wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 1;
    let params =
        json!([work.id(), [part(1), part(2), part(3), part(4)], 1_700_000_000_000_u64 + work.number]);
    json!({"id": null, "method": "mining.notify", "params": params})
}

fn ethereum(session: &mut Session, id: &Value, method: &str) -> Vec<Value> {
    let result = match method {
        "eth_submitLogin" => {
            session.open = true;
            Value::Bool(true)
        }
        "eth_getWork" => ethereum_work(session),
        "eth_submitWork" => {
            session.accept();
            Value::Bool(true)
        }
        "eth_submitHashrate" => Value::Bool(true),
        _ => return unknown_method(id),
    };
    vec![json!({"id": id, "jsonrpc": "2.0", "result": result})]
}

fn ethereum_work(session: &Session) -> Value {
    let work = session.work;
    json!([
        format!("0x{}", work.hex(1, 32)),
        format!("0x{}", work.hex(2, 32)),
        format!("0x{}", work.target())
    ])
}

fn browser(session: &mut Session, method: &str) -> Vec<Value> {
    match method {
        "auth" => {
            session.open = true;
            let authed = json!({"type": "authed", "params": {"token": "", "hashes": 0}});
            std::iter::once(authed).chain(push(session)).collect()
        }
        "submit" => {
            session.accept();
            vec![json!({"type": "hash_accepted", "params": {"hashes": session.accepted}})]
        }
        _ => vec![json!({"type": "error", "params": {"error": "invalid_message"}})],
    }
}

fn browser_job(session: &Session) -> Value {
    let work = session.work;
    json!({"job_id": work.id(), "blob": work.hex(1, 76), "target": work.short_target()})
}

fn getwork(session: &mut Session, id: &Value, method: &str, request: &Value) -> Vec<Value> {
    if method != "getwork" {
        return unknown_method(id);
    }
    let result = if request.pointer("/params/0").is_some() {
        session.accept();
        Value::Bool(true)
    } else {
        let work = session.work;
        json!({"data": work.hex(1, 128), "target": work.target(), "midstate": work.hex(2, 32),
            "hash1": work.hex(3, 64)})
    };
    vec![json!({"id": id, "result": result, "error": null})]
}

fn template(session: &mut Session, id: &Value, method: &str) -> Vec<Value> {
    let work = session.work;
    let result = match method {
        "getblocktemplate" => {
            json!({"version": 0x2000_0000, "previousblockhash": work.hex(1, 32), "transactions": [],
            "coinbasevalue": 312_500_000, "target": work.target(), "bits": "1d00ffff", "mintime": 1_700_000_000,
            "curtime": 1_700_000_000 + work.number, "height": 900_000 + work.number, "capabilities": ["proposal"],
            "rules": ["csv", "segwit"], "mutable": ["time", "transactions", "prevblock"], "noncerange": "00000000ffffffff"})
        }
        "get_block_template" => {
            json!({"blocktemplate_blob": work.hex(1, 120), "blockhashing_blob": work.hex(2, 76),
            "difficulty": work.difficulty, "height": 3_000_000 + work.number, "prev_hash": work.hex(3, 32),
            "reserved_offset": 130, "seed_hash": work.hex(4, 32), "status": "OK"})
        }
        "submitblock" => {
            session.accept();
            Value::Null
        }
        "submit_block" => {
            session.accept();
            json!({"status": "OK"})
        }
        _ => return unknown_method(id),
    };
    vec![json!({"id": id, "jsonrpc": "2.0", "result": result, "error": null})]
}
