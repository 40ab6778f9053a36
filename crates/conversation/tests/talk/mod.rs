//! Conversations to try the recogniser on.
#![allow(dead_code)] // Each test file uses its part.

use conversation::Recogniser;
use facts::{Direction, Protocol, Recognised, Transport};

pub const OUT: Direction = Direction::ToServer;
pub const IN: Direction = Direction::ToClient;

/// What was said, by whom.
pub type Talk = Vec<(Direction, Vec<u8>)>;

pub fn say(direction: Direction, bytes: impl AsRef<[u8]>) -> (Direction, Vec<u8>) {
    (direction, bytes.as_ref().to_vec())
}

/// One line of a client.
pub fn line(text: &str) -> Talk {
    vec![say(OUT, format!("{text}\n"))]
}

pub fn hear(talk: &Talk) -> Option<Recognised> {
    in_pieces(talk, usize::MAX)
}

/// Recognises a talk whose parts come in pieces of a length.
pub fn in_pieces(talk: &Talk, length: usize) -> Option<Recognised> {
    let mut recogniser = Recogniser::new(Transport::Tcp);
    for (direction, bytes) in talk {
        for piece in bytes.chunks(length.min(bytes.len()).max(1)) {
            recogniser.feed(*direction, piece);
        }
    }
    recogniser.recognised().cloned()
}

/// Recognises a talk whose part of an index is cut at a place.
pub fn cut_at(talk: &Talk, part: usize, place: usize) -> Option<Recognised> {
    let mut recogniser = Recogniser::new(Transport::Tcp);
    for (index, (direction, bytes)) in talk.iter().enumerate() {
        let (head, tail) = if index == part { bytes.split_at(place) } else { (bytes.as_slice(), &[][..]) };
        recogniser.feed(*direction, head);
        recogniser.feed(*direction, tail);
    }
    recogniser.recognised().cloned()
}

pub fn protocol(talk: &Talk) -> Option<Protocol> {
    hear(talk).map(|seen| seen.protocol)
}

/// The same without the place that decided, which depends on the segments.
pub fn placeless(seen: Option<Recognised>) -> Option<Recognised> {
    seen.map(|seen| Recognised { decided_at: 0, decided_by: OUT, ..seen })
}

pub fn hex(digits: usize) -> String {
    "0123456789abcdef".chars().cycle().take(digits).collect()
}

pub fn post(path: &str, fields: &str, body: &str) -> String {
    let length = body.len();
    format!("POST {path} HTTP/1.1\r\nHost: node:8332\r\n{fields}Content-Length: {length}\r\n\r\n{body}")
}

pub fn frame(text: &str, masked: bool) -> Vec<u8> {
    let mut bytes = vec![0x81];
    let mark = if masked { 0x80 } else { 0 };
    match u16::try_from(text.len()) {
        Ok(short) if short < 126 => bytes.push(mark | short as u8),
        Ok(long) => {
            bytes.push(mark | 126);
            bytes.extend(long.to_be_bytes());
        }
        Err(_) => unreachable!("test texts are short"),
    }
    let mask = if masked { [0x37, 0xfa, 0x21, 0x3d] } else { [0; 4] };
    if masked {
        bytes.extend(mask);
    }
    bytes.extend(text.bytes().zip(mask.iter().cycle()).map(|(byte, key)| byte ^ key));
    bytes
}

/// Bytes that look random, the same at each run.
pub fn noise(count: usize, mut seed: u64) -> Vec<u8> {
    (0..count)
        .map(|_| {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (seed >> 56) as u8
        })
        .collect()
}

pub fn bitcoin_message(magic: [u8; 4], command: &str, payload: &[u8]) -> Vec<u8> {
    let mut bytes = magic.to_vec();
    bytes.extend(command.bytes().chain(std::iter::repeat(0)).take(12));
    bytes.extend((payload.len() as u32).to_le_bytes());
    bytes.extend([0xde, 0xad, 0xbe, 0xef]);
    bytes.extend(payload);
    bytes
}

pub fn levin_message(command: u32, payload: &[u8]) -> Vec<u8> {
    let mut bytes = vec![0x01, 0x21, 0x01, 0x01, 0x01, 0x01, 0x01, 0x01];
    bytes.extend((payload.len() as u64).to_le_bytes());
    bytes.push(1);
    bytes.extend(command.to_le_bytes());
    bytes.extend([0; 4]);
    bytes.extend([1, 0, 0, 0, 1, 0, 0, 0]);
    bytes.extend(payload);
    bytes
}

pub fn client_hello(name: &str, padding: usize) -> Vec<u8> {
    let vector = |width: usize, bytes: Vec<u8>| -> Vec<u8> {
        let length = (bytes.len() as u32).to_be_bytes();
        length.iter().skip(4 - width).copied().chain(bytes).collect()
    };
    let host = vector(2, [vec![0], vector(2, name.into())].concat());
    let alpn = vector(2, vector(1, b"h2".to_vec()));
    let share = [vec![0, 51], vector(2, vec![7; padding])].concat();
    let extensions = [share, vec![0, 0], vector(2, host), vec![0, 16], vector(2, alpn)].concat();
    let body = [
        vec![3, 3],
        vec![9; 32],
        vector(1, vec![]),
        vector(2, vec![0x13, 0x01]),
        vector(1, vec![0]),
        vector(2, extensions),
    ]
    .concat();
    [vec![0x16, 3, 1], vector(2, [vec![1], vector(3, body)].concat())].concat()
}

/// Talks of every kind, for properties that hold for all.
pub fn all() -> Vec<Talk> {
    let monero = [
        line(r#"{"id":1,"method":"login","params":{"login":"x","pass":"x","agent":"xmrig/6","algo":["rx/0"]}}"#),
        vec![say(IN, monero_job())],
    ]
    .concat();
    let magic = [0xf9, 0xbe, 0xb4, 0xd9];
    let peer = [bitcoin_message(magic, "version", &[1; 90]), bitcoin_message(magic, "verack", &[])].concat();
    vec![
        line(r#"{"id":1,"method":"mining.subscribe","params":["cgminer/4.9",null]}"#),
        [line(r#"{"id":2,"method":"mining.authorize","params":["a","b"]}"#), vec![say(IN, bitcoin_notify())]]
            .concat(),
        monero,
        line(r#"{"id":1,"method":"getBalance","params":{"login":"x"}}"#),
        vec![say(OUT, post("/json_rpc", "", r#"{"id":"0","method":"get_info"}"#))],
        vec![say(OUT, post("/", "", r#"{"id":0,"method":"getblocktemplate","params":[]}"#).repeat(3))],
        vec![say(OUT, frame(r#"{"type":"auth","params":{"site_key":"k"}}"#, true))],
        vec![say(OUT, peer)],
        vec![say(IN, levin_message(1007, b"abc")), say(OUT, levin_message(1003, b""))],
        vec![say(OUT, client_hello("pool.example.org", 1800))],
        vec![say(OUT, "SSH-2.0-OpenSSH_9.2\r\n")],
        vec![say(OUT, "*2\r\n$3\r\nGET\r\n$1\r\na\r\n")],
        vec![say(OUT, "\x13/multistream/1.0.0\n\x07/noise\n"), say(IN, "\x13/multistream/1.0.0\n")],
        vec![say(OUT, noise(64, 1)), say(IN, noise(234, 2)), say(OUT, noise(140, 3))],
        vec![say(OUT, "GET /eth/v1/beacon/genesis HTTP/1.1\r\nHost: n\r\n\r\n")],
    ]
}

pub fn monero_job() -> String {
    let (blob, seed) = (format!("1010{}", hex(148)), hex(64));
    format!(
        r#"{{"id":1,"jsonrpc":"2.0","result":{{"id":"a","job":{{"blob":"{blob}","job_id":"j","target":"b88d0600","algo":"rx/0","height":3,"seed_hash":"{seed}"}},"status":"OK"}}}}"#
    ) + "\n"
}

pub fn bitcoin_notify() -> String {
    let (hash, coin) = (hex(64), hex(120));
    format!(
        r#"{{"id":null,"method":"mining.notify","params":["1","{hash}","{coin}","{coin}",[],"20000000","1700ffff","65000000",true]}}"#
    ) + "\n"
}
