//! Work for a miner is recognised in every dialect, and named no further than its bytes tell.
#![allow(clippy::expect_used, clippy::panic)] // What the tests share may fail as the tests do.

mod talk;

use facts::Protocol;
use talk::*;

fn seen(talk: &Talk) -> facts::Recognised {
    hear(talk).expect("recognised")
}

#[test]
fn a_bitcoin_subscription_names_the_miner_but_no_algorithm() {
    let seen = seen(&line(r#"{"id": 0, "method": "mining.subscribe", "params": ["bfgminer/5.2.0"]}"#));
    assert_eq!(seen.protocol, Protocol::StratumV1);
    assert_eq!(seen.agent.as_deref(), Some("bfgminer/5.2.0"));
    assert_eq!((seen.algorithm, seen.chain, seen.submitted), (None, None, false));
}

#[test]
fn the_answer_to_a_subscription_is_enough() {
    let seen = seen(&vec![say(
        IN,
        r#"{"result":[[["mining.notify","1"],["mining.set_difficulty","2"]],"00b61738",4],"error":null,"id":0}"#,
    )]);
    assert_eq!(seen.protocol, Protocol::StratumV1);
    assert_eq!(seen.dialect, "bitcoin mining.*");
}

#[test]
fn version_rolling_tells_sha256d() {
    let text = r#"{"id":1,"method":"mining.configure","params":[["version-rolling"],{"version-rolling.mask":"1fffe000"}]}"#;
    assert_eq!(seen(&line(text)).algorithm.as_deref(), Some("sha256d"));
}

#[test]
fn a_bitcoin_job_is_shared_by_many_algorithms_so_none_is_named() {
    let seen = seen(&vec![say(IN, bitcoin_notify())]);
    assert_eq!((seen.dialect.as_str(), seen.algorithm), ("bitcoin mining.*", None));
}

#[test]
fn a_submission_counts_as_submitted() {
    let text = r#"{"id":4,"method":"mining.submit","params":["w","1","00000000","65000000","deadbeef"]}"#;
    assert!(seen(&line(text)).submitted);
}

#[test]
fn a_zcash_job_tells_equihash() {
    let hash = hex(64);
    let job = format!(
        r#"{{"id":null,"method":"mining.notify","params":["a","04000000","{hash}","{hash}","{hash}","5a5a5a5a","1d00ffff",true]}}"#
    );
    let seen = seen(&vec![say(IN, job + "\n")]);
    assert_eq!((seen.dialect.as_str(), seen.algorithm.as_deref()), ("zcash mining.*", Some("equihash")));
}

#[test]
fn a_kawpow_job_tells_kawpow() {
    let hash = hex(64);
    let job = format!(
        r#"{{"id":null,"method":"mining.notify","params":["a","{hash}","{hash}","{hash}",true,3000000,"1b00ffff"]}}"#
    );
    assert_eq!(seen(&vec![say(IN, job + "\n")]).algorithm.as_deref(), Some("kawpow"));
}

#[test]
fn a_kaspa_job_tells_the_chain() {
    let job =
        r#"{"id":null,"method":"mining.notify","params":["7",[1,2,3,18446744073709551615],1690000000000]}"#;
    let seen = seen(&vec![say(IN, format!("{job}\n"))]);
    assert_eq!((seen.chain.as_deref(), seen.algorithm.as_deref()), (Some("kaspa"), Some("kheavyhash")));
}

#[test]
fn an_ergo_job_tells_autolykos() {
    let (hash, bound) = (hex(64), "1".repeat(60));
    let job = format!(
        r#"{{"id":null,"method":"mining.notify","params":["9",900000,"{hash}","","","00000002","{bound}","",true]}}"#
    );
    let seen = seen(&vec![say(IN, job + "\n")]);
    assert_eq!((seen.chain.as_deref(), seen.algorithm.as_deref()), (Some("ergo"), Some("autolykos2")));
}

#[test]
fn a_monero_login_and_job_tell_randomx_and_the_chain() {
    let login = r#"{"id":1,"jsonrpc":"2.0","method":"login","params":{"login":"x","pass":"x","agent":"XMRig/6.21","algo":["rx/0","cn/r"]}}"#;
    let talk = [line(login), vec![say(IN, monero_job())]].concat();
    let seen = seen(&talk);
    assert_eq!(seen.dialect, "monero login/job");
    assert_eq!((seen.chain.as_deref(), seen.algorithm.as_deref()), (Some("monero"), Some("randomx")));
    assert_eq!(seen.methods, ["login", "login (answer)"]);
}

#[test]
fn a_login_that_could_be_anyones_is_decided_by_the_job_in_the_answer() {
    let login = line(r#"{"id":1,"method":"login","params":{"login":"bob","pass":"secret"}}"#);
    assert_eq!(protocol(&login), Some(Protocol::JsonRpc));
    assert_eq!(protocol(&[login, vec![say(IN, monero_job())]].concat()), Some(Protocol::StratumV1));
}

#[test]
fn a_monero_submission_in_the_middle_of_a_session_is_recognised() {
    let text = format!(
        r#"{{"id":9,"method":"submit","params":{{"id":"a","job_id":"j","nonce":"d0030040","result":"{}"}}}}"#,
        hex(64)
    );
    let seen = seen(&line(&text));
    assert!(seen.submitted && seen.protocol == Protocol::StratumV1);
}

#[test]
fn an_ethereum_login_is_recognised_and_says_nothing_of_the_chain() {
    let seen = seen(&line(r#"{"id":1,"worker":"r","method":"eth_submitLogin","params":["0xabc"]}"#));
    assert_eq!((seen.protocol, seen.algorithm.as_deref()), (Protocol::StratumV1, Some("ethash")));
    assert_eq!(seen.chain, None);
}

#[test]
fn ethereum_work_over_http_is_getwork() {
    let seen = seen(&vec![say(OUT, post("/", "", r#"{"id":1,"method":"eth_getWork","params":[]}"#))]);
    assert_eq!(seen.protocol, Protocol::Getwork);
}

#[test]
fn ethereum_stratum_is_told_apart_by_its_name() {
    let one =
        line(r#"{"id":1,"method":"mining.subscribe","params":["ethminer/0.19","EthereumStratum/1.0.0"]}"#);
    assert_eq!(seen(&one).dialect, "EthereumStratum/1.0.0");
    let two = line(
        r#"{"id":0,"method":"mining.hello","params":{"agent":"ethminer/0.19","proto":"EthereumStratum/2.0.0"}}"#,
    );
    assert_eq!(seen(&two).dialect, "EthereumStratum/2.0.0");
}

#[test]
fn getwork_needs_a_miners_header_fields_or_a_block_header() {
    let asks = r#"{"method": "getwork", "params": [], "id":0}"#;
    let miner = post("/", "X-Mining-Extensions: longpoll midstate\r\n", asks);
    assert_eq!(protocol(&vec![say(OUT, miner)]), Some(Protocol::Getwork));
    let anyone = vec![say(OUT, post("/", "", asks))];
    assert_eq!(protocol(&anyone), Some(Protocol::JsonRpc));
    let body = format!(r#"{{"id":0,"result":{{"data":"{}","target":"{}"}}}}"#, hex(256), hex(64));
    let answer = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{body}", body.len());
    assert_eq!(protocol(&[anyone, vec![say(IN, answer)]].concat()), Some(Protocol::Getwork));
}

#[test]
fn solo_mining_against_a_monero_node_is_a_block_template() {
    let asks = post(
        "/json_rpc",
        "",
        r#"{"method":"get_block_template","params":{"wallet_address":"4","reserve_size":8}}"#,
    );
    let hands = post(
        "/json_rpc",
        "",
        r#"{"method":"submit_block","params":["0707e6bdfedc053771512f1bc27c62731ae9e8f2"]}"#,
    );
    let asked = seen(&vec![say(OUT, &asks)]);
    assert_eq!((asked.protocol, asked.submitted), (Protocol::BlockTemplate, false));
    assert!(seen(&vec![say(OUT, asks), say(OUT, hands)]).submitted);
}

#[test]
fn a_chunked_request_is_read_too() {
    let body = r#"{"id":1,"method":"getblocktemplate","params":[{"rules":["segwit"]}]}"#;
    let request = format!(
        "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n{:x}\r\n{body}\r\n0\r\n\r\n",
        body.len()
    );
    assert_eq!(protocol(&vec![say(OUT, request)]), Some(Protocol::BlockTemplate));
}

#[test]
fn stratum_inside_websocket_is_recognised_masked_and_unmasked_with_and_without_the_upgrade() {
    let auth = r#"{"type":"auth","params":{"site_key":"abc","type":"anonymous"}}"#;
    let job = format!(
        r#"{{"type":"job","params":{{"job_id":"1","blob":"0707{}","target":"ffffff00"}}}}"#,
        hex(148)
    );
    let upgrade = say(OUT, "GET /proxy HTTP/1.1\r\nHost: ws1\r\nUpgrade: websocket\r\n\r\n");
    let agreed = say(IN, "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n\r\n");
    let frames = vec![say(OUT, frame(auth, true)), say(IN, frame(&job, false))];
    for talk in [[vec![upgrade, agreed], frames.clone()].concat(), frames] {
        let seen = seen(&talk);
        assert_eq!(seen.dialect, "coinhive auth/job over websocket");
        assert_eq!((seen.protocol, seen.algorithm.as_deref()), (Protocol::StratumV1, Some("cryptonight")));
    }
}

#[test]
fn stratum_behind_an_http_proxy_is_recognised() {
    let subscribe = r#"{"id":1,"method":"mining.subscribe","params":[]}"#;
    let talk = vec![
        say(OUT, "CONNECT pool:3333 HTTP/1.1\r\nHost: pool:3333\r\n\r\n"),
        say(IN, "HTTP/1.1 200 Connection established\r\n\r\n"),
        say(OUT, format!("{subscribe}\n")),
    ];
    assert_eq!(protocol(&talk), Some(Protocol::StratumV1));
}

#[test]
fn stratum_behind_a_socks_proxy_is_recognised() {
    let talk = vec![
        say(OUT, [5, 1, 0]),
        say(IN, [5, 0]),
        say(OUT, b"\x05\x01\x00\x03\x04pool\x0d\x05"),
        say(IN, [5, 0, 0, 1, 10, 0, 0, 2, 13, 5]),
        say(OUT, "{\"id\":1,\"method\":\"mining.subscribe\",\"params\":[]}\n"),
        say(IN, bitcoin_notify()),
    ];
    let seen = seen(&talk);
    assert_eq!((seen.protocol, seen.methods.len()), (Protocol::StratumV1, 2));
    assert_eq!(placeless(in_pieces(&talk, 1)), placeless(Some(seen)));
}

#[test]
fn a_session_joined_in_the_middle_of_a_line_is_recognised_at_the_next_line() {
    let talk = vec![say(IN, format!("00ffff\",\"65000000\",true]}}\n{}", bitcoin_notify()))];
    assert_eq!(protocol(&talk), Some(Protocol::StratumV1));
}

#[test]
fn a_message_cut_short_by_the_capture_is_recognised_as_far_as_it_goes() {
    let talk = vec![say(OUT, r#"{"id":1,"method":"mining.authorize","params":["wallet.work"#)];
    assert_eq!(protocol(&talk), Some(Protocol::StratumV1));
}

#[test]
fn the_direction_is_no_evidence() {
    for talk in all() {
        let turned: Talk =
            talk.iter().map(|(d, bytes)| (if *d == OUT { IN } else { OUT }, bytes.clone())).collect();
        assert_eq!(placeless(hear(&turned)), placeless(hear(&talk)));
    }
}

#[test]
fn a_stratum_v2_handshake_is_recognised_by_its_shape() {
    let talk = vec![say(OUT, noise(64, 1)), say(IN, noise(234, 2)), say(OUT, noise(140, 3))];
    assert_eq!(protocol(&talk), Some(Protocol::StratumV2));
    let longer = vec![say(OUT, noise(64, 1)), say(IN, noise(300, 2)), say(OUT, noise(140, 3))];
    assert_eq!(protocol(&longer), None);
}

#[test]
fn a_clear_stratum_v2_setup_names_its_host_and_vendor() {
    let mut payload = vec![0, 2, 0, 2, 0, 0, 0, 0, 0, 4];
    payload.extend(b"pool\x5d\x8e\x04Acme\x02S9\x031.0\x00");
    let mut bytes = vec![0, 0, 0, payload.len() as u8, 0, 0];
    bytes.extend(payload);
    let seen = seen(&vec![say(OUT, bytes)]);
    assert_eq!(seen.protocol, Protocol::StratumV2);
    assert_eq!((seen.host.as_deref(), seen.agent.as_deref()), (Some("pool"), Some("Acme")));
}
