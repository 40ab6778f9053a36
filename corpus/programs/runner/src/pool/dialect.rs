//! What is said in each dialect, and how a job and its target are read from it.

use super::Job;
use serde_json::{Value, json};
use std::time::{Duration, Instant};

/// The dialect spoken with one pool, and what has been said in it so far.
pub struct Dialect {
    name: String,
    algorithm: String,
    target: u64,
    counter: u64,
    asked: Instant,
}

impl Dialect {
    /// A dialect by its name; an unknown one is spoken as Bitcoin's.
    pub fn named(name: &str, algorithm: &str) -> Self {
        let (name, algorithm) = (name.to_owned(), algorithm.to_owned());
        Self { name, algorithm, target: 0, counter: 10, asked: Instant::now() }
    }

    /// Its name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What a miner says first.
    pub fn hello(&self) -> Vec<Value> {
        let authorize = json!({"id": 2, "method": "mining.authorize", "params": ["wallet.rig", "x"]});
        let subscribe = |params: Value| json!({"id": 1, "method": "mining.subscribe", "params": params});
        match self.name.as_str() {
            "monero" => vec![json!({"id": 1, "jsonrpc": "2.0", "method": "login", "params":
                {"login": "wallet", "pass": "x", "agent": "corpus-miner/0.1", "algo": [self.algorithm]}})],
            "ethereum" => vec![
                json!({"id": 1, "jsonrpc": "2.0", "method": "eth_submitLogin", "worker": "rig", "params": ["0x00", "x"]}),
                json!({"id": 2, "jsonrpc": "2.0", "method": "eth_getWork", "params": []}),
            ],
            "ethereum-stratum" => {
                vec![subscribe(json!(["corpus-miner/0.1", "EthereumStratum/1.0.0"])), authorize]
            }
            "websocket" => vec![json!({"type": "auth", "params": {"site_key": "site", "type": "anonymous"}})],
            "getwork" | "block-template" => vec![self.ask()],
            _ => vec![subscribe(json!(["corpus-miner/0.1"])), authorize],
        }
    }

    fn ask(&self) -> Value {
        match (self.name.as_str(), self.algorithm.as_str()) {
            ("getwork", _) => json!({"id": 5, "method": "getwork", "params": []}),
            ("ethereum", _) => json!({"id": 5, "jsonrpc": "2.0", "method": "eth_getWork", "params": []}),
            (_, "randomx" | "cryptonight") => {
                json!({"id": 5, "jsonrpc": "2.0", "method": "get_block_template",
                "params": {"wallet_address": "wallet", "reserve_size": 8}})
            }
            _ => {
                json!({"id": 5, "jsonrpc": "1.0", "method": "getblocktemplate", "params": [{"rules": ["segwit"]}]})
            }
        }
    }

    /// What is said unasked: polling where the dialect polls, a sign of life where it has one.
    pub fn from_time_to_time(&mut self) -> Option<Value> {
        let wait = match self.name.as_str() {
            "getwork" | "block-template" | "ethereum" => 2,
            "monero" => 20,
            _ => return None,
        };
        if self.asked.elapsed() < Duration::from_secs(wait) {
            return None;
        }
        self.asked = Instant::now();
        Some(match self.name.as_str() {
            "monero" => json!({"id": 7, "jsonrpc": "2.0", "method": "keepalived", "params": {"id": "1"}}),
            _ => self.ask(),
        })
    }

    /// A job, where the message holds one.
    pub fn understand(&mut self, message: &Value, _answer: &mut dyn FnMut(&Value)) -> Option<Job> {
        let first = message.pointer("/params/0");
        match message["method"].as_str() {
            Some("mining.set_difficulty") => {
                let hashes = first.and_then(Value::as_f64)? * 4_294_967_296.0;
                self.target = (u64::MAX as f64 / hashes.max(1.0)) as u64;
                return None;
            }
            Some("mining.set_target") => {
                self.target = top_bits(first?.as_str()?);
                return None;
            }
            Some("mining.notify") => return self.notified(&message["params"]),
            Some("job") => return self.blob(&message["params"]),
            _ => {}
        }
        if message["type"] == "job" {
            return self.blob(&message["params"]);
        }
        let result = &message["result"];
        if result["job"].is_object() {
            return self.blob(&result["job"]);
        }
        if let Some([header, _, target]) = result.as_array().map(Vec::as_slice) {
            return Some(Job {
                id: header.as_str()?.into(),
                header: bytes(header.as_str()?),
                target: top_bits(target.as_str()?),
            });
        }
        let header = result["data"]
            .as_str()
            .or(result["previousblockhash"].as_str())
            .or(result["blockhashing_blob"].as_str())?;
        let target = match result["target"].as_str() {
            Some(target) => top_bits(target),
            None => u64::MAX / result["difficulty"].as_u64()?.max(1),
        };
        Some(Job { id: header[..8].into(), header: padded(bytes(header)), target })
    }

    fn notified(&self, params: &Value) -> Option<Job> {
        let id = params[0].as_str()?.to_owned();
        let mut header = Vec::new();
        for part in params.as_array()?.iter().skip(1) {
            match part {
                Value::String(text) => header.extend(bytes(text)),
                Value::Array(parts) => {
                    header.extend(parts.iter().filter_map(Value::as_u64).flat_map(u64::to_le_bytes));
                }
                _ => {}
            }
        }
        Some(Job { id, header: padded(header), target: self.target })
    }

    fn blob(&self, job: &Value) -> Option<Job> {
        let short = bytes(job["target"].as_str()?);
        let target = u32::from_le_bytes(short.try_into().ok()?);
        Some(Job {
            id: job["job_id"].as_str()?.into(),
            header: padded(bytes(job["blob"].as_str()?)),
            target: u64::from(target) << 32 | 0xffff_ffff,
        })
    }

    /// A share, as it is handed in.
    pub fn share(&mut self, id: &str, nonce: u64, shown: &[u8]) -> Value {
        self.counter += 1;
        let (count, hash, nonce8) = (self.counter, hex(shown), format!("{:08x}", nonce as u32));
        match self.name.as_str() {
            "monero" => json!({"id": count, "jsonrpc": "2.0", "method": "submit",
                "params": {"id": "1", "job_id": id, "nonce": nonce8, "result": hash}}),
            "websocket" => {
                json!({"type": "submit", "params": {"version": 7, "job_id": id, "nonce": nonce8, "result": hash}})
            }
            "ethereum" => json!({"id": count, "jsonrpc": "2.0", "method": "eth_submitWork",
                "params": [format!("0x{nonce:016x}"), id, format!("0x{hash}")]}),
            "ethereum-stratum" => {
                json!({"id": count, "method": "mining.submit", "params": ["wallet.rig", id, format!("{nonce:012x}")]})
            }
            "kaspa" => {
                json!({"id": count, "method": "mining.submit", "params": ["kaspa:wallet", id, format!("{nonce:016x}")]})
            }
            "zcash" => json!({"id": count, "method": "mining.submit",
                "params": ["wallet.rig", id, "0a000000", format!("{nonce:056x}"), hash.repeat(8)]}),
            "getwork" => json!({"id": count, "method": "getwork", "params": [hash.repeat(4)]}),
            "block-template" => {
                let monero = matches!(self.algorithm.as_str(), "randomx" | "cryptonight");
                json!({"id": count, "method": if monero { "submit_block" } else { "submitblock" }, "params": [hash.repeat(4)]})
            }
            _ => json!({"id": count, "method": "mining.submit",
                "params": ["wallet.rig", id, "00000001", "65a1f0c0", nonce8]}),
        }
    }
}

fn top_bits(hex_number: &str) -> u64 {
    let digits = hex_number.trim_start_matches("0x");
    u64::from_str_radix(digits.get(..16).unwrap_or("0"), 16).unwrap_or(0)
}

fn bytes(text: &str) -> Vec<u8> {
    let digits = text.trim_start_matches("0x").as_bytes();
    digits
        .chunks_exact(2)
        .filter_map(|two| u8::from_str_radix(std::str::from_utf8(two).ok()?, 16).ok())
        .collect()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|b| format!("{b:02x}")).collect()
}

/// At least the 80 bytes that a header has.
fn padded(mut header: Vec<u8>) -> Vec<u8> {
    header.resize(header.len().max(80), 0);
    header
}
