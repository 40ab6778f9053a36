//! What is no work for a miner is never taken for it, and named where it can be.

mod talk;

use facts::{Protocol, Transport};
use talk::*;

#[test]
fn common_words_as_methods_are_plain_json_rpc() {
    for text in [
        r#"{"id":1,"method":"login","params":{"login":"bob","pass":"secret"}}"#,
        r#"{"id":1,"method":"login","params":["bob","secret"]}"#,
        r#"{"id":1,"method":"login","params":{"login":"bob","pass":"x","agent":"Mozilla/5.0 (X11)"}}"#,
        r#"{"id":1,"method":"submit","params":{"job_id":"7","form":"tax"}}"#,
        r#"{"id":1,"method":"job","params":{"id":7,"queue":"mail"}}"#,
        r#"{"id":1,"method":"getwork","params":[]}"#,
        r#"{"id":1,"method":"keepalived","params":{"id":"x"}}"#,
        r#"{"id":1,"method":"mining.report","params":["pit 4"]}"#,
        r#"{"id":1,"method":"mining.subscribe"}"#,
        r#"{"jsonrpc":"2.0","id":1,"method":"text","params":["mining.subscribe stratum+tcp://pool"]}"#,
    ] {
        assert_eq!(protocol(&line(text)), Some(Protocol::JsonRpc), "{text}");
    }
}

#[test]
fn asking_a_node_about_mining_is_chain_rpc() {
    for method in [
        "getmininginfo",
        "getnetworkhashps",
        "generateblocks",
        "getminerdata",
        "eth_blockNumber",
        "engine_newPayloadV3",
    ] {
        let body = format!(r#"{{"id":1,"method":"{method}","params":[]}}"#);
        assert_eq!(protocol(&vec![say(OUT, post("/", "", &body))]), Some(Protocol::ChainRpc), "{method}");
    }
    let status = "GET /mining_status HTTP/1.1\r\nHost: n\r\n\r\n";
    assert_eq!(protocol(&vec![say(OUT, status)]), Some(Protocol::ChainRpc));
}

#[test]
fn a_template_in_an_answer_alone_is_no_work_asked_for() {
    let body = r#"{"id":0,"method":"getblocktemplate","result":{"previousblockhash":"00"}}"#;
    let answer = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{body}", body.len());
    assert_eq!(protocol(&vec![say(IN, answer)]), Some(Protocol::Http));
}

#[test]
fn a_page_full_of_miners_words_is_a_page() {
    let page = r#"<pre>{"id":1,"method":"mining.subscribe","params":[]}</pre> stratum+tcp://pool:3333 xmrig"#;
    let asks = say(OUT, "GET /docs HTTP/1.1\r\nHost: docs\r\n\r\n");
    let answer =
        format!("HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: {}\r\n\r\n{page}", page.len());
    assert_eq!(protocol(&vec![asks, say(IN, answer)]), Some(Protocol::Http));
}

#[test]
fn a_transfer_of_blocklists_rules_and_documents_is_not_mining() {
    let message = r#"{"id":1,"method":"mining.subscribe","params":["x"]}"#;
    for text in [
        format!("# how a miner talks\n\n    {message}\n\nand so on\n"),
        format!("```json\n{message}\n```\n"),
        "pool.example.org\nstratum+tcp://pool:3333\nmining.subscribe\n".to_owned(),
        r#"alert tcp any any -> any any (content:"|22|method|22|: |22|mining.subscribe|22|"; sid:1;)"#
            .to_owned()
            + "\n",
        format!(r#"{{"patterns":["mining.subscribe","mining.notify",{message}]}}"#),
    ] {
        let found = protocol(&vec![say(IN, &text)]);
        assert!(!found.is_some_and(Protocol::gives_work), "{found:?} for {text}");
    }
}

#[test]
fn nodes_talking_to_nodes_name_their_chain_and_give_no_work() {
    let mainnet = bitcoin_message([0xf9, 0xbe, 0xb4, 0xd9], "version", &[0; 90]);
    let seen = hear(&vec![say(OUT, mainnet)]).expect("recognised");
    assert_eq!((seen.protocol, seen.chain.as_deref()), (Protocol::BitcoinPeer, Some("bitcoin")));
    let unknown = bitcoin_message([1, 2, 3, 4], "version", &[0; 90]);
    let seen = hear(&vec![say(OUT, unknown)]).expect("recognised");
    assert_eq!((seen.protocol, seen.chain), (Protocol::BitcoinPeer, None));
}

#[test]
fn a_monero_handshake_names_its_network() {
    let id = [0x12, 0x30, 0xf1, 0x71, 0x61, 0x04, 0x41, 0x61, 0x17, 0x31, 0x00, 0x82, 0x16, 0xa1, 0xa1, 0x12];
    let payload = [&b"\x01\x11\x01\x01\x01\x01\x02\x01\x01\x08\x0anetwork_id\x0a\x40"[..], &id].concat();
    let seen = hear(&vec![say(OUT, levin_message(1001, &payload))]).expect("recognised");
    assert_eq!((seen.protocol, seen.chain.as_deref()), (Protocol::MoneroPeer, Some("monero")));
    assert_eq!(seen.dialect, "monero peer (levin), stagenet");
}

#[test]
fn a_peer_joined_in_the_middle_of_a_block_is_recognised_at_the_next_message() {
    let mut bytes = noise(700, 5);
    bytes.extend(bitcoin_message([0xf9, 0xbe, 0xb4, 0xd9], "inv", &[0; 37]));
    assert_eq!(protocol(&vec![say(IN, bytes)]), Some(Protocol::BitcoinPeer));
}

#[test]
fn the_beacon_api_names_duties_without_their_numbers() {
    let asks = "POST /eth/v1/validator/duties/attester/1234?x=1 HTTP/1.1\r\nHost: beacon\r\nContent-Length: 2\r\n\r\n[]";
    let seen = hear(&vec![say(OUT, asks)]).expect("recognised");
    assert_eq!(seen.protocol, Protocol::BeaconApi);
    assert_eq!(seen.methods, ["validator/duties/attester"]);
}

#[test]
fn a_tls_hello_longer_than_a_segment_gives_its_server_name() {
    let seen = hear(&vec![say(OUT, client_hello("pool.example.org", 2000))]).expect("recognised");
    assert_eq!((seen.protocol, seen.host.as_deref()), (Protocol::Tls, Some("pool.example.org")));
    assert_eq!(seen.dialect, "tls, asks for h2");
}

#[test]
fn ordinary_services_are_named() {
    let startup = b"\x00\x00\x00\x12\x00\x03\x00\x00user\x00bob\x00\x00";
    for (bytes, expected) in [
        (&b"SSH-2.0-OpenSSH_9.2p1 Debian\r\n"[..], Protocol::Ssh),
        (startup, Protocol::Postgres),
        (b"\x00\x00\x00\x08\x04\xd2\x16\x2f", Protocol::Postgres),
        (b"*1\r\n$4\r\nPING\r\n", Protocol::Redis),
        (b"\x13/multistream/1.0.0\n", Protocol::Libp2p),
        (b"GET / HTTP/1.1\r\nHost: x\r\n\r\n", Protocol::Http),
    ] {
        assert_eq!(protocol(&vec![say(OUT, bytes)]), Some(expected));
    }
}

#[test]
fn a_dns_question_is_named_and_its_name_is_not_kept() {
    let mut recogniser = conversation::Recogniser::new(Transport::Udp);
    recogniser
        .feed(OUT, b"\x12\x34\x01\x00\x00\x01\x00\x00\x00\x00\x00\x00\x04pool\x03org\x00\x00\x01\x00\x01");
    let seen = recogniser.recognised().expect("recognised");
    assert_eq!((seen.protocol, &seen.host), (Protocol::Dns, &None));
}

#[test]
fn noise_is_not_recognised() {
    for seed in 0..200 {
        let talk =
            vec![say(OUT, noise(200, seed)), say(IN, noise(300, seed + 1)), say(OUT, noise(80, seed + 2))];
        assert_eq!(protocol(&talk), None, "seed {seed}");
    }
}
