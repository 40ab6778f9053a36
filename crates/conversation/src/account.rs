//! What has been understood of a conversation so far, and how a stronger sighting replaces a weaker one.

use facts::{Direction, Protocol, Recognised};
use std::borrow::Cow;

/// Names kept of methods, commands or messages.
const MAX_METHODS: usize = 16;

/// Characters kept of a method name or an agent.
const MAX_NAME: usize = 64;

/// One message understood.
#[derive(Clone, Debug)]
pub(crate) struct Sighting {
    pub protocol: Protocol,
    pub dialect: Cow<'static, str>,
    /// How telling the dialect is: a higher one replaces a lower one.
    pub precision: u8,
    pub chain: Option<&'static str>,
    pub algorithm: Option<&'static str>,
    pub methods: Vec<String>,
    pub host: Option<String>,
    pub agent: Option<String>,
    pub submitted: bool,
}

impl Sighting {
    pub fn new(protocol: Protocol, dialect: impl Into<Cow<'static, str>>, precision: u8) -> Self {
        Self {
            protocol,
            dialect: dialect.into(),
            precision,
            chain: None,
            algorithm: None,
            methods: Vec::new(),
            host: None,
            agent: None,
            submitted: false,
        }
    }

    pub fn method(mut self, name: impl Into<String>) -> Self {
        self.methods.push(name.into());
        self
    }

    pub fn chain(mut self, chain: impl Into<Option<&'static str>>) -> Self {
        self.chain = chain.into();
        self
    }

    pub fn algorithm(mut self, algorithm: impl Into<Option<&'static str>>) -> Self {
        self.algorithm = algorithm.into();
        self
    }

    pub fn agent(mut self, agent: Option<&str>) -> Self {
        self.agent = agent.map(str::to_owned);
        self
    }

    pub fn submitted(mut self) -> Self {
        self.submitted = true;
        self
    }
}

/// The account of one conversation.
#[derive(Clone, Debug, Default)]
pub(crate) struct Account {
    best: Option<(Protocol, Cow<'static, str>, u8)>,
    chain: Option<&'static str>,
    algorithm: Option<&'static str>,
    methods: Vec<String>,
    host: Option<String>,
    agent: Option<String>,
    submitted: bool,
    /// The messages are wrapped in WebSocket frames.
    pub websocket: bool,
    /// An HTTP `CONNECT` was asked for: what follows the answer is another protocol.
    pub tunnel: bool,
}

impl Account {
    pub fn protocol(&self) -> Option<Protocol> {
        self.best.as_ref().map(|best| best.0)
    }

    /// Whether a miner's work is already recognised and a submission seen.
    pub fn complete(&self) -> bool {
        self.protocol().is_some_and(Protocol::gives_work)
            && self.submitted
            && self.chain.is_some()
            && self.algorithm.is_some()
    }

    /// Takes one more sighting in.
    pub fn hear(&mut self, sighting: Sighting) {
        let stands = self.best.as_ref().map_or(0, |best| rank(best.0));
        let brings = rank(sighting.protocol);
        if brings > stands {
            self.best = Some((sighting.protocol, sighting.dialect, sighting.precision));
            self.chain = None;
            self.algorithm = None;
        } else if let Some(best) = self.best.as_mut().filter(|best| best.0 == sighting.protocol)
            && sighting.precision > best.2
        {
            best.1 = sighting.dialect;
            best.2 = sighting.precision;
        }
        if brings >= stands {
            self.chain = self.chain.or(sighting.chain);
            self.algorithm = self.algorithm.or(sighting.algorithm);
        }
        self.submitted |= sighting.submitted;
        for method in &sighting.methods {
            self.note(method);
        }
        self.name(sighting.host, sighting.agent);
    }

    fn note(&mut self, method: &str) {
        let name = plain(method);
        if !name.is_empty() && self.methods.len() < MAX_METHODS && !self.methods.contains(&name) {
            self.methods.push(name);
        }
    }

    fn name(&mut self, host: Option<String>, agent: Option<String>) {
        let keep = |text: String| Some(plain(&text)).filter(|text| !text.is_empty());
        if self.host.is_none() {
            self.host = host.and_then(keep);
        }
        if self.agent.is_none() {
            self.agent = agent.and_then(keep);
        }
    }

    /// The account in the words that every room shares.
    pub fn shown(&self, decided_by: Direction, decided_at: u32) -> Option<Recognised> {
        let (protocol, dialect, _) = self.best.as_ref()?;
        let wrapped = self.websocket && *protocol != Protocol::Http;
        Some(Recognised {
            protocol: *protocol,
            dialect: if wrapped { format!("{dialect} over websocket") } else { dialect.to_string() },
            chain: self.chain.map(str::to_owned),
            algorithm: self.algorithm.map(str::to_owned),
            methods: self.methods.clone(),
            host: self.host.clone(),
            agent: self.agent.clone(),
            decided_by,
            decided_at,
            submitted: self.submitted && protocol.gives_work(),
        })
    }
}

/// Which protocol replaces which: work for a miner over chain RPC over plain JSON-RPC over plain HTTP.
fn rank(protocol: Protocol) -> u8 {
    match protocol {
        Protocol::Http => 1,
        Protocol::JsonRpc => 2,
        Protocol::ChainRpc | Protocol::BeaconApi => 4,
        Protocol::Getwork => 5,
        Protocol::BlockTemplate => 6,
        Protocol::StratumV1 | Protocol::StratumV2 => 7,
        _ => 3,
    }
}

/// A name as it may be shown: printable ASCII, at most [`MAX_NAME`] characters.
fn plain(text: &str) -> String {
    text.chars().filter(|c| c.is_ascii_graphic() || *c == ' ').take(MAX_NAME).collect()
}
