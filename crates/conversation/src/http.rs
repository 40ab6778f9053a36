//! HTTP/1: heads of requests and answers, bodies that may hold JSON-RPC, and the node APIs that paths name.
//!
//! Pages are not read: only bodies of requests, and of answers the two shapes of work.

use crate::account::{Account, Sighting};
use crate::json;
use crate::speech::{self, Via};
use facts::Protocol;

/// How far one message of a connection has been read.
#[derive(Clone, Debug, Default)]
pub(crate) enum Http {
    /// Waiting for a head.
    #[default]
    Head,
    /// Within a body.
    Body(Body),
    /// Within an answer that ends when the connection does.
    Endless,
}

/// A body that is being read.
#[derive(Clone, Debug)]
pub(crate) struct Body {
    left: u64,
    chunked: bool,
    json: Option<Via>,
    text: Vec<u8>,
}

/// What reading made of the bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Step {
    /// This many bytes were used.
    Took(usize),
    /// More are needed.
    More,
    /// This is not what it seemed.
    Lost,
    /// This many bytes were used; WebSocket frames follow.
    Frames(usize),
    /// This many bytes were used; another protocol follows.
    Tunnel(usize),
}

const METHODS: [&str; 9] =
    ["GET ", "POST ", "PUT ", "HEAD ", "OPTIONS ", "DELETE ", "PATCH ", "CONNECT ", "PRI * HTTP/2.0"];

/// Whether bytes begin an HTTP message; `None` when too few are there.
pub(crate) fn begins(bytes: &[u8]) -> Option<bool> {
    let starts = |word: &str| bytes.starts_with(word.as_bytes());
    if METHODS.iter().any(|word| starts(word)) || starts("HTTP/1.") {
        return Some(true);
    }
    let may = |word: &str| word.as_bytes().starts_with(bytes);
    if bytes == b"\r" {
        return None;
    }
    if METHODS.iter().any(|word| may(word)) || may("HTTP/1.") { None } else { Some(false) }
}

impl Http {
    /// Reads on. `full` says that the bytes will not become more before some are used.
    pub fn step(&mut self, bytes: &[u8], full: bool, account: &mut Account) -> Step {
        match self {
            Self::Head if bytes.starts_with(b"\r\n") => Step::Took(2),
            Self::Head => self.head(bytes, full, account),
            Self::Body(body) => {
                let step = body.step(bytes);
                if step == Step::Took(0) {
                    body.hear(account, json::whole);
                    *self = Self::Head;
                }
                step
            }
            Self::Endless if bytes.is_empty() => Step::More,
            Self::Endless => Step::Took(bytes.len()),
        }
    }

    /// Reads what is there of a message that was broken off.
    pub fn partial(&self, bytes: &[u8], account: &mut Account) {
        match self {
            Self::Head if begins(bytes) == Some(true) => account.hear(Head::read(bytes).sighting()),
            Self::Body(body) if !body.text.is_empty() => body.hear(account, json::partial),
            _ => {}
        }
    }

    fn head(&mut self, bytes: &[u8], full: bool, account: &mut Account) -> Step {
        let Some(end) = bytes.windows(4).position(|four| four == b"\r\n\r\n").map(|at| at + 4) else {
            return match begins(bytes) {
                Some(false) => Step::Lost,
                _ if full => {
                    account.hear(Head::read(bytes).sighting());
                    *self = Self::Endless;
                    Step::Took(bytes.len())
                }
                _ => Step::More,
            };
        };
        let head = Head::read(bytes.get(..end).unwrap_or_default());
        if begins(bytes) != Some(true) {
            return Step::Lost;
        }
        account.hear(head.sighting());
        if head.websocket() {
            account.websocket |= head.answer;
            return Step::Frames(end);
        }
        if head.tunnel(account) {
            return Step::Tunnel(end);
        }
        *self = head.body();
        Step::Took(end)
    }
}

impl Body {
    /// Uses bytes of the body; `Took(0)` says that it is complete.
    fn step(&mut self, bytes: &[u8]) -> Step {
        if self.left > 0 {
            let take = usize::try_from(self.left).unwrap_or(usize::MAX).min(bytes.len());
            if take == 0 {
                return Step::More;
            }
            let room = crate::KEPT_BYTES.saturating_sub(self.text.len()).min(take);
            if self.json.is_some() {
                self.text.extend_from_slice(bytes.get(..room).unwrap_or_default());
            }
            self.left -= take as u64;
            return Step::Took(take);
        }
        if self.chunked { self.chunk(bytes) } else { Step::Took(0) }
    }

    /// Reads the line that says how long the next chunk is.
    fn chunk(&mut self, bytes: &[u8]) -> Step {
        let blank = if bytes.starts_with(b"\r\n") { 2 } else { 0 };
        let rest = bytes.get(blank..).unwrap_or_default();
        let Some(end) = rest.windows(2).take(64).position(|two| two == b"\r\n") else {
            return if rest.len() > 64 { Step::Lost } else { Step::More };
        };
        let line = std::str::from_utf8(rest.get(..end).unwrap_or_default()).unwrap_or_default();
        let size = line.split(';').next().unwrap_or_default().trim();
        match u64::from_str_radix(size, 16) {
            Ok(0) => {
                self.chunked = false;
                Step::Took(blank + end + 2)
            }
            Ok(size) => {
                self.left = size;
                Step::Took(blank + end + 2)
            }
            Err(_) => Step::Lost,
        }
    }

    fn hear(&self, account: &mut Account, read: fn(&[u8]) -> Option<serde_json::Value>) {
        let Some(via) = self.json else { return };
        let value = read(&self.text).or_else(|| json::partial(&self.text));
        for sighting in value.iter().flat_map(|value| speech::hear(value, via)) {
            account.hear(sighting);
        }
    }
}

/// The first line and the header fields that matter.
#[derive(Debug, Default)]
struct Head<'a> {
    answer: bool,
    verb: &'a str,
    path: &'a str,
    status: &'a str,
    host: Option<&'a str>,
    agent: Option<&'a str>,
    length: Option<u64>,
    chunked: bool,
    upgrade: bool,
    page: bool,
    miner: bool,
}

impl<'a> Head<'a> {
    fn read(bytes: &'a [u8]) -> Self {
        let readable = match std::str::from_utf8(bytes) {
            Ok(text) => text,
            Err(error) => {
                std::str::from_utf8(bytes.get(..error.valid_up_to()).unwrap_or_default()).unwrap_or_default()
            }
        };
        let mut lines = readable.split("\r\n");
        let mut words = lines.next().unwrap_or_default().split(' ');
        let (first, second) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
        let answer = first.starts_with("HTTP/1.");
        let mut head = Self { answer, ..Self::default() };
        (head.verb, head.path, head.status) = if answer { ("", "", second) } else { (first, second, "") };
        lines
            .filter_map(|line| line.split_once(':'))
            .for_each(|(name, value)| head.field(name, value.trim()));
        head
    }

    fn field(&mut self, name: &str, value: &'a str) {
        match name.to_ascii_lowercase().as_str() {
            "host" => self.host = Some(value),
            "user-agent" | "server" => self.agent = Some(value),
            "content-length" => self.length = value.parse().ok(),
            "transfer-encoding" => self.chunked = value.eq_ignore_ascii_case("chunked"),
            "upgrade" => self.upgrade = value.eq_ignore_ascii_case("websocket"),
            "content-type" => self.page = value.starts_with("text/html"),
            "x-mining-extensions" | "x-mining-hashrate" => self.miner = true,
            _ => {}
        }
    }

    fn websocket(&self) -> bool {
        self.upgrade && (!self.answer || self.status == "101")
    }

    fn tunnel(&self, account: &mut Account) -> bool {
        if self.verb == "CONNECT" {
            account.tunnel = true;
            return true;
        }
        self.answer && self.status == "200" && account.tunnel
    }

    fn sighting(&self) -> Sighting {
        let mut said = beacon(self.path).or_else(|| node_path(self.path)).unwrap_or_else(|| {
            Sighting::new(Protocol::Http, if self.answer { "http" } else { "http request" }, 1)
        });
        said.host = self.host.map(str::to_owned);
        if !self.answer {
            said.agent = self.agent.map(str::to_owned);
        }
        said
    }

    fn body(&self) -> Http {
        let json = if self.answer {
            (!self.page && self.length.is_some_and(|length| length <= 4096)).then_some(Via::Answer)
        } else {
            let node = matches!(self.path, "/json_rpc" | "/json_rpc/");
            (!self.page).then_some(Via::Request { miner: self.miner, node })
        };
        let none = matches!(self.status, "204" | "304") || self.status.starts_with('1');
        match (self.length, self.chunked) {
            (Some(left), false) => Http::Body(Body { left, chunked: false, json, text: Vec::new() }),
            (_, true) => Http::Body(Body { left: 0, chunked: true, json, text: Vec::new() }),
            (None, false) if self.answer && !none => Http::Endless,
            (None, false) => Http::Head,
        }
    }
}

/// The beacon API of Ethereum's consensus nodes: `/eth/v1/…`, without the numbers and hashes in it.
fn beacon(path: &str) -> Option<Sighting> {
    const ROOMS: [&str; 8] =
        ["beacon", "validator", "config", "node", "events", "debug", "keystores", "builder"];
    let route = path.split('?').next()?;
    let rest = ["/eth/v1/", "/eth/v2/", "/eth/v3/"].iter().find_map(|prefix| route.strip_prefix(prefix))?;
    let mut parts = rest.split('/');
    if !ROOMS.contains(&parts.clone().next()?) {
        return None;
    }
    let word = |part: &&str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_lowercase() || b == b'_');
    let name = parts.by_ref().take(5).filter(word).collect::<Vec<_>>().join("/");
    let duty = name.starts_with("validator/") || name.starts_with("beacon/pool/attestations");
    let title = if duty { "beacon api, validator duties" } else { "beacon api" };
    Some(Sighting::new(Protocol::BeaconApi, title, 1 + u8::from(duty)).method(name))
}

/// Paths that only Monero's nodes and their heirs serve.
fn node_path(path: &str) -> Option<Sighting> {
    const PATHS: [&str; 16] = [
        "/get_height",
        "/getheight",
        "/get_blocks.bin",
        "/getblocks.bin",
        "/get_blocks_by_height.bin",
        "/get_hashes.bin",
        "/get_o_indexes.bin",
        "/get_outs.bin",
        "/get_outs",
        "/send_raw_transaction",
        "/sendrawtransaction",
        "/is_key_image_spent",
        "/get_transaction_pool",
        "/start_mining",
        "/stop_mining",
        "/mining_status",
    ];
    let route = path.split('?').next()?;
    let name = PATHS.iter().find(|known| **known == route)?;
    Some(Sighting::new(Protocol::ChainRpc, "monero node rpc", 2).method(name.trim_start_matches('/')))
}
