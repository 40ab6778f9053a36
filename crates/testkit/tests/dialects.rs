//! Every dialect, spoken to over a real socket the way a miner does.
#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

use serde_json::{Value, json};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use testkit::{Dialect, Server};

struct Miner {
    stream: BufReader<TcpStream>,
}

impl Miner {
    fn connect(server: &Server) -> Self {
        let stream = TcpStream::connect(server.address()).unwrap();
        stream.set_read_timeout(Some(std::time::Duration::from_secs(5))).unwrap();
        Self { stream: BufReader::new(stream) }
    }

    fn say(&mut self, message: Value) {
        self.stream.get_mut().write_all(format!("{message}\n").as_bytes()).unwrap();
    }

    fn hear(&mut self) -> Value {
        let mut line = String::new();
        self.stream.read_line(&mut line).unwrap();
        serde_json::from_str(&line).unwrap()
    }

    fn ask(&mut self, message: Value) -> Value {
        self.say(message);
        self.hear()
    }

    fn post(&mut self, message: Value) -> Value {
        let body = message.to_string();
        let head =
            format!("POST /json_rpc HTTP/1.1\r\nHost: localhost\r\nContent-Length: {}\r\n\r\n", body.len());
        self.stream.get_mut().write_all((head + &body).as_bytes()).unwrap();
        self.body()
    }

    fn body(&mut self) -> Value {
        let mut length = 0;
        loop {
            let mut line = String::new();
            self.stream.read_line(&mut line).unwrap();
            if let Some(value) = line.strip_prefix("Content-Length: ") {
                length = value.trim().parse().unwrap();
            }
            if line == "\r\n" {
                break;
            }
        }
        let mut body = vec![0; length];
        self.stream.read_exact(&mut body).unwrap();
        serde_json::from_slice(&body).unwrap()
    }
}

#[test]
fn a_monero_miner_logs_in_submits_and_keeps_alive() {
    let server = Server::start(Dialect::Monero, 0).unwrap();
    let mut miner = Miner::connect(&server);
    let login = miner.ask(json!({"id":1,"jsonrpc":"2.0","method":"login",
        "params":{"login":"wallet","pass":"x","agent":"miner/1","algo":["cn/r"]}}));
    assert_eq!(login["result"]["status"], "OK");
    assert_eq!(login["result"]["job"]["algo"], "cn/r");
    assert_eq!(login["result"]["job"]["blob"].as_str().unwrap().len(), 152);
    let share =
        json!({"id":2,"method":"submit","params":{"id":"1","job_id":"1","nonce":"00000000","result":"00"}});
    assert_eq!(miner.ask(share)["result"]["status"], "OK");
    assert_eq!(
        miner.ask(json!({"id":3,"method":"keepalived","params":{}}))["result"]["status"],
        "KEEPALIVED"
    );
    assert_eq!(server.accepted(), 1);
}

#[test]
fn a_stratum_miner_subscribes_and_is_told_its_difficulty_and_a_job() {
    let jobs = [
        (Dialect::Bitcoin, "mining.set_difficulty", 9),
        (Dialect::EthereumStratum, "mining.set_difficulty", 4),
        (Dialect::Zcash, "mining.set_target", 8),
    ];
    for (dialect, hardness, fields) in jobs {
        let server = Server::start(dialect, 0).unwrap();
        let mut miner = Miner::connect(&server);
        assert!(
            miner.ask(json!({"id":1,"method":"mining.subscribe","params":["miner/1"]}))["result"].is_array()
        );
        assert_eq!(miner.ask(json!({"id":2,"method":"mining.authorize","params":["w","x"]}))["result"], true);
        assert_eq!(miner.hear()["method"], hardness, "{dialect}");
        let job = miner.hear();
        assert_eq!(job["method"], "mining.notify");
        assert_eq!(job["params"].as_array().unwrap().len(), fields, "{dialect}");
        assert_eq!(miner.ask(json!({"id":4,"method":"mining.submit","params":["w"]}))["result"], true);
        assert_eq!(server.accepted(), 1);
    }
}

#[test]
fn a_kaspa_miner_gets_its_extranonce_and_a_hash_of_four_numbers() {
    let server = Server::start(Dialect::Kaspa, 0).unwrap();
    let mut miner = Miner::connect(&server);
    miner.ask(json!({"id":1,"method":"mining.subscribe","params":["miner/1"]}));
    miner.ask(json!({"id":2,"method":"mining.authorize","params":["kaspa:q","x"]}));
    assert_eq!(miner.hear()["method"], "set_extranonce");
    assert_eq!(miner.hear()["method"], "mining.set_difficulty");
    assert_eq!(miner.hear()["params"][1].as_array().unwrap().len(), 4);
}

#[test]
fn an_ethereum_miner_logs_in_and_asks_for_work() {
    let server = Server::start(Dialect::Ethereum, 0).unwrap();
    let mut miner = Miner::connect(&server);
    assert_eq!(miner.ask(json!({"id":1,"method":"eth_submitLogin","params":["0x0"]}))["result"], true);
    let work = miner.ask(json!({"id":2,"method":"eth_getWork","params":[]}));
    assert!(work["result"][2].as_str().unwrap().starts_with("0x"));
    assert_eq!(miner.ask(json!({"id":3,"method":"eth_submitWork","params":["0x1"]}))["result"], true);
}

#[test]
fn a_miner_asks_for_work_and_templates_over_http_on_one_connection() {
    let server = Server::start(Dialect::Getwork, 0).unwrap();
    let mut miner = Miner::connect(&server);
    let work = miner.post(json!({"id":1,"method":"getwork","params":[]}));
    assert_eq!(work["result"]["data"].as_str().unwrap().len(), 256);
    assert_eq!(miner.post(json!({"id":2,"method":"getwork","params":["00"]}))["result"], true);
    let server = Server::start(Dialect::BlockTemplate, 0).unwrap();
    let mut miner = Miner::connect(&server);
    assert!(miner.post(json!({"id":1,"method":"getblocktemplate"}))["result"]["height"].is_u64());
    let monero = miner.post(json!({"id":2,"method":"get_block_template","params":{"reserve_size":8}}));
    assert_eq!(monero["result"]["status"], "OK");
    assert_eq!(miner.post(json!({"id":3,"method":"submitblock","params":["00"]}))["result"], Value::Null);
    assert_eq!(server.accepted(), 1);
}

#[test]
fn a_browser_miner_is_authed_over_websocket() {
    let server = Server::start(Dialect::WebSocket, 0).unwrap();
    let mut miner = Miner::connect(&server);
    let hello = "GET /proxy HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
        Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n";
    miner.stream.get_mut().write_all(hello.as_bytes()).unwrap();
    let mut line = String::new();
    while line != "\r\n" {
        line.clear();
        miner.stream.read_line(&mut line).unwrap();
    }
    let text = br#"{"type":"auth","params":{"site_key":"x","type":"anonymous"}}"#;
    let mut frame = vec![0x81, 0x80 | text.len() as u8, 0, 0, 0, 0];
    frame.extend_from_slice(text);
    miner.stream.get_mut().write_all(&frame).unwrap();
    let mut head = [0; 2];
    miner.stream.read_exact(&mut head).unwrap();
    let mut body = vec![0; usize::from(head[1])];
    miner.stream.read_exact(&mut body).unwrap();
    assert_eq!(serde_json::from_slice::<Value>(&body).unwrap()["type"], "authed");
}
